#!/usr/bin/env python3
"""PreToolUse: counts the commands of a turn, and refuses those beyond the budget.
PostToolBatch: tells the model how many are left, once most of them are used.

COMMAND_BUDGET is the number of commands (60). The count is the size of a file,
one byte a command, in COMMAND_BUDGET_STATE or below the temporary folder.
"""

import hashlib
import json
import os
import sys
import tempfile
import time

WARN_FROM = 0.8  # of the budget
OLD = 24 * 60 * 60  # seconds after which a count is of no use to anybody


def budget():
    try:
        return max(1, int(os.environ.get("COMMAND_BUDGET", 60)))
    except ValueError:
        return 60


def counter_of(event):
    """The file of a turn, in a folder that nobody else may enter."""
    folder = os.environ.get("COMMAND_BUDGET_STATE")
    if not folder:
        uid = os.getuid() if hasattr(os, "getuid") else 0
        folder = os.path.join(tempfile.gettempdir(), f"command-budget-{uid}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and os.lstat(folder).st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    # A subagent has a turn, and so a budget, of its own.
    turn = event.get("turn_id") or event.get("prompt_id") or ""
    name = hashlib.sha256(f"{event.get('session_id')}\0{turn}".encode()).hexdigest()[:32]
    return os.path.join(folder, name)


def remove_old(folder):
    for entry in os.scandir(folder):
        if entry.stat(follow_symlinks=False).st_mtime < time.time() - OLD:
            os.unlink(entry.path)


def count_one(file):
    """Adds one and returns the count. Exact also where two calls come at once: each sees the end of its own byte."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, b".")
        return os.lseek(handle, 0, os.SEEK_CUR)
    finally:
        os.close(handle)


def count_of(file):
    try:
        return os.stat(file).st_size
    except FileNotFoundError:
        return 0


def answer(event, **fields):
    print(json.dumps({"hookSpecificOutput": {"hookEventName": event["hook_event_name"], **fields}}))


def before_call(event, file):
    used = count_one(file)
    if used == 1:
        remove_old(os.path.dirname(file))
    if used > budget():
        reason = (
            f"This turn has used its {budget()} commands. Say what you have found out and what is "
            "left to do, and let the user decide how to go on."
        )
        answer(event, permissionDecision="deny", permissionDecisionReason=reason)


def after_batch(event, file):
    names = [call.get("tool_name") for call in event.get("tool_calls") or [] if isinstance(call, dict)]
    used = count_of(file)
    if "Bash" in names and WARN_FROM * budget() <= used <= budget():
        left = budget() - used
        answer(event, additionalContext=f"{used} of the {budget()} commands of this turn are used, {left} are left.")


def main():
    event = json.load(sys.stdin)
    file = counter_of(event)
    if event.get("hook_event_name") == "PostToolBatch":
        after_batch(event, file)
    else:
        before_call(event, file)


if __name__ == "__main__":
    main()
