#!/bin/sh
# Interrupt: keeps all files, new ones too, as a commit under refs/interrupted/last.
# Neither the working tree nor the index nor a branch is changed. Before the last one there is refs/interrupted/before.
set -u
command -v git >/dev/null 2>&1 || exit 0
top=$(git rev-parse --show-toplevel 2>/dev/null) || exit 0
cd "$top" || exit 0

# An index of our own, so that the real one stays as it is; a copy of it saves reading every file.
own=$(mktemp -d) || exit 0
trap 'rm -f "$own/index" "$own/index.lock"; rmdir "$own"' EXIT
real=$(git rev-parse --git-path index)
[ ! -f "$real" ] || cp "$real" "$own/index"
GIT_INDEX_FILE=$own/index
export GIT_INDEX_FILE

git -c core.fsmonitor=false add --all >/dev/null 2>&1 || exit 0
tree=$(git write-tree) || exit 0
head=$(git rev-parse --quiet --verify HEAD)
last=$(git rev-parse --quiet --verify refs/interrupted/last)
# Nothing to keep: all is committed, or kept already.
for known in $head $last; do
  [ "$tree" != "$(git rev-parse "$known^{tree}")" ] || exit 0
done

: "${GIT_AUTHOR_NAME:=interrupt-snapshot}" "${GIT_AUTHOR_EMAIL:=interrupt-snapshot@localhost}"
: "${GIT_COMMITTER_NAME:=$GIT_AUTHOR_NAME}" "${GIT_COMMITTER_EMAIL:=$GIT_AUTHOR_EMAIL}"
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
commit=$(git commit-tree ${head:+-p "$head"} -m 'Files when the turn was interrupted' "$tree") || exit 0

[ -z "$last" ] || git update-ref refs/interrupted/before "$last"
git update-ref refs/interrupted/last "$commit"

# The answer to this event is JSON or nothing; a hash needs no quoting.
printf '{"systemMessage": "Your files are kept as %s (refs/interrupted/last)."}\n' "$(printf '%.12s' "$commit")"
