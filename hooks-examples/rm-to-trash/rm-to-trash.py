#!/usr/bin/env python3
"""PreToolUse: puts trash.sh in the place of every `rm` that stands where a command begins.

Only the word itself is exchanged; quotes, patterns and variables after it are
left for the shell. An `rm` in other places (after sudo, xargs, find -exec, in
the text of another shell) is not touched: no-hard-delete.js decides about those.
"""

import json
import os
import re
import shlex
import sys

TRASH = os.environ.get("RM_TO_TRASH") or shlex.quote(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "trash.sh")
)

PIECE = re.compile(
    r"""
    (?P<heredoc><<-?\s*(?:'(?P<quoted>[^'\n]+)'|"(?P<doubled>[^"\n]+)"|\\?(?P<bare>[\w.-]+)))
  | (?P<blank>[ \t]+|\\\n)
  | (?P<comment>(?<![^\s;&|()])\#[^\n]*)
  | (?P<begin>\n|;;?|&&?|\|\|?|\(|\)|`)
  | (?P<redirect>\d*(?:>>?\|?|<>?|[<>]&|&>>?))
  | (?P<word>(?:[^\s;&|()<>'"\\`]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# After these words another command begins.
KEYWORDS = {"then", "do", "else", "elif", "if", "while", "until", "!", "{", "time"}
RM = re.compile(r"\\?rm|(?:/usr)?/bin/rm")


def rewrite(command):
    """The command with every `rm` that begins a simple command exchanged."""
    out, at, begins, after_redirect, waiting = [], 0, True, False, []
    while at < len(command):
        match = PIECE.match(command, at)
        kind, text = match.lastgroup, match.group()
        # The groups inside of a here-document's mark are the last ones of their own.
        if match.group("heredoc"):
            kind = "heredoc"
            waiting.append(match.group("quoted") or match.group("doubled") or match.group("bare"))
        at = match.end()
        if kind == "word":
            if after_redirect:
                after_redirect = False
            elif begins and RM.fullmatch(text):
                text, begins = TRASH, False
            elif begins and not re.match(r"[A-Za-z_]\w*\+?=", text):
                begins = text in KEYWORDS
        elif kind == "begin":
            begins, after_redirect = True, False
        elif kind == "redirect":
            after_redirect = True
        out.append(text)
        if text == "\n" and waiting:
            body = length_of_bodies(command[at:], waiting)
            out.append(command[at : at + body])
            at, waiting = at + body, []
    return "".join(out)


def length_of_bodies(text, marks):
    """How far the here-documents reach that begin here, one after the other."""
    total = 0
    for mark in marks:
        for line in text[total:].splitlines(keepends=True):
            total += len(line)
            if line.strip() == mark:
                break
    return total


def main():
    call = json.load(sys.stdin)
    given = call.get("tool_input")
    command = given.get("command") if isinstance(given, dict) else None
    if not isinstance(command, str) or "rm" not in command:
        return
    changed = rewrite(command)
    if changed == command:
        return
    answer = {
        "hookEventName": "PreToolUse",
        "permissionDecision": "allow",
        "updatedInput": {**given, "command": changed},
    }
    print(json.dumps({"hookSpecificOutput": answer}))


if __name__ == "__main__":
    main()
