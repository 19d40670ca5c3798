#!/bin/sh
# SessionStart: lines written to CLAUDE_ENV_FILE are set for every command of the session.
# Programs that the project has installed come first; what asks questions or opens pagers is told not to.
set -u
[ -n "${CLAUDE_ENV_FILE:-}" ] || exit 0
project=${CLAUDE_PROJECT_DIR:-$PWD}

# In single quotes, whatever the path holds.
quote() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

path=
for folder in node_modules/.bin .venv/bin venv/bin bin; do
  [ ! -d "$project/$folder" ] || path=$path$(quote "$project/$folder"):
done

{
  # shellcheck disable=SC2016 # $PATH is for whoever reads the file
  [ -z "$path" ] || printf 'export PATH=%s"$PATH"\n' "$path"
  [ ! -d "$project/.venv" ] || printf 'export VIRTUAL_ENV=%s\n' "$(quote "$project/.venv")"
  printf 'export PAGER=cat GIT_PAGER=cat GIT_EDITOR=true CI=1\n'
} >>"$CLAUDE_ENV_FILE"
