#!/usr/bin/env python3
"""A compaction makes a summary of the conversation, and a summary loses words.

UserPromptSubmit: keeps the prompt. PreCompact: keeps which files are changed.
SessionStart, after a compaction: tells the model both again.

KEEP_FOLDER is where notes are kept; without it, a folder below the temporary one.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time

MOST_PROMPTS = 20
LONGEST_PROMPT = 2000  # characters
MOST_FILES = 50
OLD = 7 * 24 * 60 * 60  # seconds after which nobody comes back for notes


def notes_file(session):
    """In a folder that nobody else may enter."""
    folder = os.environ.get("KEEP_FOLDER")
    if not folder:
        uid = os.getuid() if hasattr(os, "getuid") else 0
        folder = os.path.join(tempfile.gettempdir(), f"keep-through-compaction-{uid}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and os.lstat(folder).st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return os.path.join(folder, hashlib.sha256(session.encode()).hexdigest()[:32] + ".json")


def read(file):
    try:
        with open(file, encoding="utf-8") as notes:
            return json.load(notes)
    except (FileNotFoundError, ValueError):
        return {"prompts": [], "files": []}


def write(file, notes):
    scratch = f"{file}.{os.getpid()}"
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(notes, out)
    os.replace(scratch, file)


def remove_old(folder):
    for entry in os.scandir(folder):
        if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < time.time() - OLD:
            os.unlink(entry.path)


def shortened(prompt):
    return prompt if len(prompt) <= LONGEST_PROMPT else prompt[:LONGEST_PROMPT] + " … (cut)"


def changed_files(cwd):
    status = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain"]
    try:
        done = subprocess.run(status, cwd=cwd, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.splitlines()[:MOST_FILES]


def story(notes):
    parts = []
    if notes["prompts"]:
        asked = "\n\n".join(f"{number}. {prompt}" for number, prompt in enumerate(notes["prompts"], 1))
        parts.append(f"What the user has asked for in this session, word for word:\n\n{asked}")
    if notes["files"]:
        parts.append("Files that were changed before the compaction:\n\n" + "\n".join(notes["files"]))
    return "\n\n".join(parts)


def main():
    event = json.load(sys.stdin)
    file = notes_file(str(event.get("session_id")))
    notes = read(file)
    name = event.get("hook_event_name")
    if name == "UserPromptSubmit":
        remove_old(os.path.dirname(file))
        notes["prompts"] = [*notes["prompts"], shortened(str(event.get("prompt", "")))][-MOST_PROMPTS:]
        write(file, notes)
    elif name == "PreCompact":
        notes["files"] = changed_files(event.get("cwd"))
        write(file, notes)
    elif name == "SessionStart":
        told = story(notes)
        if told:
            answer = {"hookEventName": "SessionStart", "additionalContext": told}
            print(json.dumps({"hookSpecificOutput": answer}))


if __name__ == "__main__":
    main()
