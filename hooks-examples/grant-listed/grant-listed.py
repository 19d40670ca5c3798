#!/usr/bin/env python3
"""PermissionRequest: answers for you where grant-listed.txt does; where it does not, you are asked.

A grant is given only for a command that is one plain command: no quotes, no
pipes, no variables, nothing that a shell would make something else of.
"""

import json
import os
import re
import sys

LIST = os.path.splitext(os.path.abspath(__file__))[0] + ".txt"
PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,= -]+")


def read_list():
    """([words to grant], [(words to refuse, reason)])"""
    granted, refused = [], []
    with open(LIST, encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line.startswith("!"):
                words, _, reason = line[1:].partition(":")
                refused.append((words.split(), reason.strip() or "this is never granted"))
            elif line:
                granted.append(line.split())
    return granted, refused


def is_granted(words, pattern):
    if pattern[-1] != "...":
        return words == pattern
    start = pattern[:-1]
    rest = words[len(start):]
    return words[: len(start)] == start and all(not word.startswith("-") for word in rest)


def reason_against(command, refused):
    """Looks at every part of the command: a refusal may be wider than a grant."""
    for part in re.split(r"[;&|\n(){}`]+|\$\(", command):
        words = [word for word in part.split() if not re.match(r"\w+=", word)]
        for pattern, reason in refused:
            if words[: len(pattern)] == pattern:
                return reason
    return None


def decide(command):
    granted, refused = read_list()
    reason = reason_against(command, refused)
    if reason:
        return {"behavior": "deny", "message": reason}
    if PLAIN.fullmatch(command) and any(is_granted(command.split(), pattern) for pattern in granted):
        return {"behavior": "allow"}
    return None


def main():
    given = json.load(sys.stdin).get("tool_input")
    command = given.get("command") if isinstance(given, dict) else None
    decision = decide(command.strip()) if isinstance(command, str) else None
    if decision:
        print(json.dumps({"hookSpecificOutput": {"hookEventName": "PermissionRequest", "decision": decision}}))


if __name__ == "__main__":
    main()
