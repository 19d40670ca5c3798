#!/bin/sh
# Notification, Stop: shows a message on the desktop.
# NOTIFY_FILE=path adds the message to a file instead: for a status bar, or where there is no desktop.
set -u
event=$(cat)

# One field of the event, as text on one line. A shell cannot read JSON by itself.
field() {
  if command -v jq >/dev/null 2>&1; then
    printf '%s' "$event" | jq -r --arg name "$1" '.[$name] // "" | tostring'
  elif command -v python3 >/dev/null 2>&1; then
    printf '%s' "$event" | python3 -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1]) or "")' "$1"
  elif command -v node >/dev/null 2>&1; then
    printf '%s' "$event" | node -e 'let s = ""; process.stdin.on("data", (d) => (s += d)).on("end", () => console.log(JSON.parse(s)[process.argv[1]] ?? ""))' "$1"
  fi | tr -s '[:cntrl:]' ' ' | cut -c 1-200 | sed 's/[[:space:]]*$//'
}

title=$(field title)
[ -n "$title" ] || title=hookline
case $(field hook_event_name) in
  Stop)
    last=$(field last_assistant_message)
    message=Done${last:+: $last}
    ;;
  *) message=$(field message) ;;
esac
[ -n "$message" ] || exit 0

# Titles and messages are passed as arguments, so nothing in them is ever run.
if [ -n "${NOTIFY_FILE:-}" ]; then
  printf '%s: %s\n' "$title" "$message" >>"$NOTIFY_FILE"
elif command -v notify-send >/dev/null 2>&1; then
  notify-send -- "$title" "$message"
elif command -v osascript >/dev/null 2>&1; then
  osascript -e 'on run argv' -e 'display notification (item 2 of argv) with title (item 1 of argv)' -e 'end run' -- "$title" "$message"
fi >/dev/null 2>&1
# A desktop that cannot be reached is no reason to fail.
exit 0
