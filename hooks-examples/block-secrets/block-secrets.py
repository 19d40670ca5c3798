#!/usr/bin/env python3
"""PreToolUse: refuses commands, patches and MCP calls that hold a secret.

A secret in a command ends up in the model's history, in logs and in `ps`; one
in a patch ends up in the repository. Of a patch only the lines it adds count,
so a secret that is being removed does not stand in the way.
"""

import hashlib
import json
import math
import os
import re
import sys
from collections import Counter

LONGEST = 2_000_000  # characters that are looked at
MOST_FINDINGS = 5
ALLOWED_FILE = os.path.splitext(os.path.abspath(__file__))[0] + ".allow"

# ---- What a secret looks like ------------------------------------------------

# Formats that issuers chose so that they can be told apart: (what, expression).
# Group 1 is the secret. They are found wherever they stand.
KNOWN = [
    ("an AWS access key id", r"\b((?:AKIA|ASIA)[A-Z2-7]{16})\b"),
    ("an AWS secret key", r"(?i)aws_?secret_?(?:access_?)?key[\"']?\s*[:=]\s*[\"']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"),
    ("a GitHub token", r"\b(gh[pousr]_[A-Za-z0-9]{36,255})\b"),
    ("a GitHub token", r"\b(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"),
    ("a GitLab token", r"\b(gl(?:pat|ptt|rt|dt|soat|cbt)-[A-Za-z0-9_-]{20,64})(?![A-Za-z0-9_-])"),
    ("an OpenAI key", r"\b(sk-[A-Za-z0-9_-]{0,120}T3BlbkFJ[A-Za-z0-9_-]{16,200})"),
    ("an Anthropic key", r"\b(sk-ant-[a-z]+\d\d-[A-Za-z0-9_-]{80,120})"),
    ("a Google API key", r"\b(AIza[A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])"),
    ("a Google OAuth secret", r"\b(GOCSPX-[A-Za-z0-9_-]{28})(?![A-Za-z0-9_-])"),
    ("a Slack token", r"\b(xox[abeoprs]-(?:\d+-){1,3}[A-Za-z0-9-]{16,})"),
    ("a Slack webhook", r"(https://hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{8,}/[A-Z0-9]{8,}/[A-Za-z0-9]{20,})"),
    ("a Stripe live key", r"\b([sr]k_live_[A-Za-z0-9]{20,250})\b"),
    ("an npm token", r"\b(npm_[A-Za-z0-9]{36})\b"),
    ("a PyPI token", r"\b(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,})"),
    ("a Hugging Face token", r"\b(hf_[A-Za-z0-9]{34,40})\b"),
    ("a SendGrid key", r"\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])"),
    ("a DigitalOcean token", r"\b(do[opr]_v1_[0-9a-f]{64})\b"),
    ("a Telegram bot token", r"\b(\d{8,10}:AA[A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])"),
    ("an Azure storage key", r"(?i)AccountKey=([A-Za-z0-9+/]{86}==)"),
    ("an age secret key", r"\b(AGE-SECRET-KEY-1[0-9A-Z]{58})\b"),
    # The header alone is text about keys; with lines of base64 after it, it is a key.
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----((?:\\n|\\r|[\s\"'+,>|]){1,40}(?:[A-Za-z-]{1,40}: [^\n]{0,200}\n\s{0,40}){0,6}[A-Za-z0-9+/=]{40,})"),
]

# Values that only their place gives away. They must also look random.
TOKEN_IN_HEADER = re.compile(
    r"(?i)\b(?:authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|token|basic)|(?:x-)?api-key[\"']?\s*[:=])\s+([A-Za-z0-9._~+/=-]{20,})"
)
NAME = r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]{0,60}?(?:api_?key|apikey|secret|token|passw(?:or)?d|passphrase|private_?key|access_?key|credentials?)[A-Za-z0-9_]{0,40}"
QUOTED_VALUE = re.compile(rf"(?i)({NAME})[\"']?\s*(?::=|=>|[:=])\s*[\"'`]([^\s\"'`]{{16,200}})[\"'`]")
BARE_VALUE = re.compile(rf"(?im)(?:^|[\s;&])(?:export\s+|set\s+)?({NAME})=([^\s\"'`;&|<>()$]{{16,200}})(?=$|[\s;&|])")
PASSWORD_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://([^\s/:@\"'`<>{}$]*):([^\s/@\"'`<>{}$*]{6,200})@([A-Za-z0-9.-]+)")

# Names that end so hold something about a secret, not the secret.
ABOUT_IT = re.compile(
    r"(?i)(?:name|id|ids|path|file|dir|url|uri|endpoint|type|kind|count|length|limit|size|ttl|expiry|expires|expiration|"
    r"header|field|prefix|suffix|hash|digest|ref|arn|regex|pattern|policy|manager|store|provider|class|label|hint|"
    r"izer|placeholder|env|var|variable|sha|sha1|sha256|checksum|public|s)$"
)
PLACEHOLDER = re.compile(
    r"(?i)example|placeholder|change.?me|your[-_. ]|dummy|sample|fake|redact|insert|replace|todo|"
    r"x{5,}|\*{3,}|\.{3}|0{8,}|012345678|123456789|abcdefgh|(.)\1{7,}|deadbeef"
)
# A value that is worked out elsewhere: ${NAME}, $(…), {{ … }}, %NAME%, <name>, vault paths.
REFERENCE = re.compile(r"\$[{(A-Za-z_]|\{\{|%[A-Za-z_]+%|^<.*>$|^(?:vault|op|arn|projects|secret|sops|env|file):?[/:]")
LOCAL_HOST = re.compile(r"(?i)^(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|[a-z0-9-]+$|.*\.(?:local|localhost|internal|test|invalid|example)$|(?:.*\.)?example\.(?:com|org|net)$)")


def bits_per_sign(text):
    """Shannon entropy: words have about 3, random letters and digits 4 and more."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values())


def is_pronounceable(run):
    return re.search(r"(?i)[aeiou]", run) and not re.search(r"(?i)[^aeiouy]{5}", run)


def is_made_of_words(text):
    """my-app.secretName2 is made of words, kJ8s0Qz1LmX is not."""
    runs = re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", text)
    letters = [run for run in runs if not run.isdigit()]
    if not letters:
        return False
    total = sum(map(len, letters))
    in_words = sum(len(run) for run in letters if len(run) > 2 and is_pronounceable(run))
    return total / len(runs) >= 3 and in_words * 2 >= total


def looks_random(value):
    if PLACEHOLDER.search(value) or REFERENCE.search(value):
        return False
    # At least two of capitals, small letters and digits.
    if sum(1 for kind in ("[A-Z]", "[a-z]", r"\d") if re.search(kind, value)) < 2:
        return False
    # Code rather than a value: calls, paths, subscripts.
    if re.search(r"[()\[\]{}<>]|://|^[./~]|\\", value) or value.count("/") > 3:
        return False
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        return False
    # Short hexadecimal numbers are commits, colours and ids; dates are dates.
    if re.fullmatch(r"[0-9a-fA-F]{1,23}|\d{4}-\d\d-\d\d.*", value):
        return False
    wanted = 3.0 if re.fullmatch(r"[0-9a-fA-F]+", value) else 3.3
    return bits_per_sign(value) >= wanted and not is_made_of_words(value)


def find_secrets(text):
    """Yields (what it is, the secret) in the order of the detectors."""
    for what, expression in KNOWN:
        for match in re.finditer(expression, text):
            secret = match.group(1)
            if not PLACEHOLDER.search(secret) and bits_per_sign(secret) >= 2.5:
                yield what, secret
    for match in TOKEN_IN_HEADER.finditer(text):
        if looks_random(match.group(1)):
            yield "a token in a header", match.group(1)
    for expression in (QUOTED_VALUE, BARE_VALUE):
        for match in expression.finditer(text):
            name, value = match.groups()
            if not ABOUT_IT.search(name) and looks_random(value):
                yield f"a value for {name}", value
    for match in PASSWORD_IN_URL.finditer(text):
        user, password, host = match.groups()
        is_known = password.lower() in (user.lower(), "password", "secret", "postgres", "passwd")
        if not is_known and not LOCAL_HOST.search(host) and not PLACEHOLDER.search(password):
            if not REFERENCE.search(password):
                yield "a password in an address", password


# ---- Where to look -----------------------------------------------------------


def strings_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        # As `name: "value"`, so that names count for MCP calls, too.
        for name, inner in value.items():
            if isinstance(inner, str):
                yield f'{name}: "{inner}"' if "\n" not in inner and '"' not in inner else inner
            else:
                yield from strings_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner)


def added_by_patch(patch):
    """Yields (file, the lines that the patch adds to it)."""
    file, lines = "the patch", []
    for line in patch.splitlines():
        header = re.match(r"\*\*\* (?:Add|Update|Delete) File: (.*)", line)
        if header:
            yield file, "\n".join(lines)
            file, lines = header.group(1).strip(), []
        elif line.startswith("+"):
            lines.append(line[1:])
    yield file, "\n".join(lines)


def texts_of(tool_name, tool_input):
    """Yields (where, text) for everything the call would write down or send."""
    if not isinstance(tool_input, dict):
        tool_input = {"input": tool_input}
    command = tool_input.get("command")
    if isinstance(command, str) and "*** Begin Patch" in command:
        yield from added_by_patch(command)
        if tool_name != "apply_patch":
            yield "the command", command.partition("*** Begin Patch")[0]
    elif isinstance(command, str):
        yield "the command", command
    elif tool_name in ("Edit", "Write", "MultiEdit", "NotebookEdit"):
        where = str(tool_input.get("file_path") or tool_input.get("notebook_path") or "the file")
        edits = tool_input.get("edits") if isinstance(tool_input.get("edits"), list) else []
        for part in [tool_input, *edits]:
            if isinstance(part, dict):
                for field in ("new_string", "content", "new_source"):
                    if isinstance(part.get(field), str):
                        yield where, part[field]
    else:
        for text in strings_of(tool_input):
            yield "the call", text


# ---- The answer --------------------------------------------------------------


def fingerprint(secret):
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def allowed_fingerprints():
    try:
        with open(ALLOWED_FILE, encoding="utf-8") as file:
            return {line.split("#")[0].strip() for line in file}
    except OSError:
        return set()


def findings_in(call):
    allowed, seen = allowed_fingerprints(), set()
    for where, text in texts_of(call.get("tool_name"), call.get("tool_input")):
        for what, secret in find_secrets(text[:LONGEST]):
            mark = fingerprint(secret)
            if mark not in seen and mark not in allowed:
                seen.add(mark)
                # Never the secret itself: the reason is told to the model and kept in logs.
                yield f"{what} in {where} ({len(secret)} characters, fingerprint {mark})"


def main():
    findings = list(findings_in(json.load(sys.stdin)))
    if not findings:
        return
    more = len(findings) - MOST_FINDINGS
    listed = "; ".join(findings[:MOST_FINDINGS]) + (f"; and {more} more" if more > 0 else "")
    reason = (
        f"This would write a secret down: {listed}. Refer to it by the name of an environment "
        "variable or a secret store instead, and do not spell it in another way. If it is no "
        f"secret, ask the user to add the fingerprint to {os.path.basename(ALLOWED_FILE)}."
    )
    answer = {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    }
    print(json.dumps({"hookSpecificOutput": answer}))


if __name__ == "__main__":
    main()
