#!/usr/bin/env python3
"""PostToolUseFailure: looks for known causes in the error of a call, and tells the model what helps."""

import json
import re
import sys

# What the error says, and what to tell. The first two that fit are told.
HINTS = [
    (r"(?:^|: )(\S+): (?:command )?not found|'(\S+)' is not recognized", r"The program is not installed, or not on the PATH. Look for it in node_modules/.bin, .venv/bin or the project's scripts before you install anything."),
    (r"Cannot find module '([^'.][^']*)'|No module named '?([\w.]+)", r"A dependency is missing: install what the lock file says (npm ci, uv sync, pip install -r requirements.txt) rather than the one package."),
    (r"EADDRINUSE.*?:(\d+)|[Aa]ddress already in use", r"Another process has the port, perhaps one of your own from before. Find it (lsof -i), or use another port; do not end processes you did not start."),
    (r"ENOSPC|No space left on device", "The disk is full. Say so; do not remove files to make room."),
    (r"Read-only file system|EROFS|Operation not permitted|EPERM|bwrap:|Permission denied|EACCES", "This is probably the sandbox: only the workspace can be written. Stay within it, or ask for the permission; do not try another way round."),
    (r"Could not resolve host|ENOTFOUND|EAI_AGAIN|Temporary failure in name resolution|Network is unreachable", "There is no network here. Trying again will not help: ask for the permission, or do without."),
    (r"index\.lock.*File exists", "Another git is running, or one has died. Wait a moment; remove .git/index.lock only if no git is running."),
    (r"CONFLICT \(|Automatic merge failed", "There are conflicts: git status lists them. Resolve each by reading both sides; do not take one side for all files."),
    (r"JavaScript heap out of memory|MemoryError|Killed\s*$|exit code 137", "It ran out of memory. Run less at once (one test file, fewer workers) instead of trying again."),
    (r"(?:timed out|timeout) after|exit code 124", "It took too long. If it waits for input or serves requests, run it in the background, or with a flag that makes it end."),
    (r"Failed to find expected lines|patch (?:does not apply|failed)|String to replace not found", "The file is not as you remember it. Read the part again, and patch what stands there."),
]


def hints_for(error):
    return [hint for expression, hint in HINTS if re.search(expression, error, re.MULTILINE)][:2]


def main():
    event = json.load(sys.stdin)
    error = event.get("error")
    # Whoever interrupts a call does not want advice about it.
    if not isinstance(error, str) or event.get("is_interrupt") is True:
        return
    # Where a command failed is at the end of what it printed.
    hints = hints_for(error[-20_000:])
    if hints:
        answer = {"hookEventName": "PostToolUseFailure", "additionalContext": " ".join(hints)}
        print(json.dumps({"hookSpecificOutput": answer}))


if __name__ == "__main__":
    main()
