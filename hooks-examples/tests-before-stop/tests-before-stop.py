#!/usr/bin/env python3
"""Stop: runs the tests when files have changed, and sends the agent back while they fail.

SessionStart: notes how the files are, so that a session in which nothing is
changed never has to wait for the tests.

Settings, all of them environment variables:
  TEST_COMMAND   what to run; without it, what the project's files suggest
  TEST_ROUNDS    how often one turn is sent back before it may stop (3)
  TEST_SECONDS   how long the tests may take (300)
  TEST_STATE     a folder for what is remembered (below the temporary folder)
"""

import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile

LONGEST_REPORT = 6000  # characters of the tests' output that the model is given


def number(name, default):
    try:
        return max(0, int(os.environ.get(name, default)))
    except ValueError:
        return default


ROUNDS = number("TEST_ROUNDS", 3)
SECONDS = number("TEST_SECONDS", 300)

# ---- What to run -------------------------------------------------------------


def text_of(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return ""


def npm_script(root):
    try:
        script = json.loads(text_of(root, "package.json") or "{}").get("scripts", {}).get("test", "")
    except (ValueError, AttributeError):
        return None
    if not isinstance(script, str) or not script.strip() or "no test specified" in script:
        return None
    for lock, manager in (
        ("pnpm-lock.yaml", "pnpm"),
        ("yarn.lock", "yarn"),
        ("bun.lock", "bun"),
        ("bun.lockb", "bun"),
    ):
        if os.path.exists(os.path.join(root, lock)):
            return [manager, "run", "test"]
    return ["npm", "test", "--silent"]


def test_command(root):
    """The words of a command, or None where nothing suggests one."""
    if os.environ.get("TEST_COMMAND"):
        return shlex.split(os.environ["TEST_COMMAND"])
    script = npm_script(root)
    if script:
        return script

    def has(*names):
        return any(os.path.exists(os.path.join(root, name)) for name in names)

    if has("pytest.ini", "conftest.py", "tests/conftest.py") or "[tool.pytest" in text_of(root, "pyproject.toml"):
        return ["python3", "-m", "pytest", "-q", "-x"]
    if has("go.mod"):
        return ["go", "test", "./..."]
    if has("Cargo.toml"):
        return ["cargo", "test", "--quiet"]
    if re.search(r"^test\s*:", text_of(root, "Makefile"), re.MULTILINE):
        return ["make", "test"]
    return None


def run_tests(command, root):
    """(passed, what they said). Whatever the tests have started ends with them."""
    env = {**os.environ, "CI": "1", "NO_COLOR": "1"}
    try:
        process = subprocess.Popen(
            command, cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )
    except OSError as error:
        return False, f"{command[0]} could not be started: {error.strerror}"
    try:
        output, _ = process.communicate(timeout=SECONDS or None)
        late = ""
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        late = f"\nThey did not end within {SECONDS} seconds."
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.decode("utf-8", "replace")).strip()
    if len(text) > LONGEST_REPORT:
        # The end holds the summary, the beginning often the first cause.
        text = f"{text[:LONGEST_REPORT // 3]}\n…\n{text[-LONGEST_REPORT * 2 // 3:]}"
    return process.returncode == 0 and not late, text + late


# ---- What has changed --------------------------------------------------------


def fingerprint(root):
    """Changes when a file that git would know is changed, added or removed; None without git."""
    list_files = ["git", "-c", "core.fsmonitor=false", "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    try:
        listed = subprocess.run(list_files, cwd=root, capture_output=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    seen = hashlib.sha256()
    for name in sorted(set(listed.split(b"\0"))):
        try:
            facts = os.lstat(os.path.join(os.fsencode(root), name)) if name else None
        except OSError:
            continue
        if facts:
            seen.update(b"%s\0%d\0%d\0" % (name, facts.st_size, facts.st_mtime_ns))
    return seen.hexdigest()


# ---- What is remembered ------------------------------------------------------


class Memory:
    """A few lines per session and folder, in a folder that nobody else may enter."""

    def __init__(self, root, session):
        uid = os.getuid() if hasattr(os, "getuid") else 0
        folder = os.environ.get("TEST_STATE") or os.path.join(tempfile.gettempdir(), f"tests-before-stop-{uid}")
        name = hashlib.sha256(f"{session}\0{root}".encode()).hexdigest()[:32]
        self.file = os.path.join(folder, f"{name}.json")
        self.values = {}
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            facts = os.lstat(folder)
            self.usable = not hasattr(os, "getuid") or facts.st_uid == uid
        except OSError:
            self.usable = False
        if self.usable:
            try:
                values = json.loads(text_of(self.file))
                self.values = values if isinstance(values, dict) else {}
            except ValueError:
                pass

    def keep(self, **values):
        """False where nothing can be kept."""
        self.values.update(values)
        if not self.usable:
            return False
        try:
            scratch = f"{self.file}.{os.getpid()}"
            with open(scratch, "w", encoding="utf-8") as file:
                json.dump(self.values, file)
            os.replace(scratch, self.file)
            return True
        except OSError:
            return False


# ---- The answer --------------------------------------------------------------


def answer(**fields):
    print(json.dumps(fields))


def on_stop(event, root, memory):
    command = test_command(root)
    now = fingerprint(root)
    if not command or (now is not None and now == memory.values.get("fine")):
        return
    passed, output = run_tests(command, root)
    shown = shlex.join(command)
    if passed:
        # Tests may write files of their own.
        memory.keep(fine=fingerprint(root), turn=None, rounds=0)
        return
    turn = str(event.get("turn_id") or event.get("prompt_id") or "")
    is_again = event.get("stop_hook_active") is True
    rounds = memory.values.get("rounds", 0) if is_again and memory.values.get("turn") == turn else 0
    # Sent back, and nothing was changed: the agent has said what it has to say.
    gave_up = is_again and now is not None and now == memory.values.get("failed")
    kept = memory.keep(turn=turn, rounds=rounds + 1, failed=fingerprint(root))
    # Whoever cannot count the rounds must not send anybody back twice.
    if rounds >= ROUNDS or gave_up or (is_again and not kept):
        # Known by now: a turn that changes nothing more is not bothered with it.
        memory.keep(fine=fingerprint(root))
        answer(systemMessage=f"The tests still fail ({shown}).")
        return
    answer(
        decision="block",
        reason=(
            f"`{shown}` fails, so the work is not done. Correct the cause; do not skip, delete or "
            "weaken tests to make it pass. If the failure has nothing to do with your changes, "
            f"say so and stop.\n\n{output or 'It said nothing.'}"
        ),
    )


def main():
    event = json.load(sys.stdin)
    root = os.path.realpath(event.get("cwd") or os.getcwd())
    memory = Memory(root, event.get("session_id"))
    if event.get("hook_event_name") == "SessionStart":
        memory.keep(fine=fingerprint(root))
    else:
        on_stop(event, root, memory)


if __name__ == "__main__":
    main()
