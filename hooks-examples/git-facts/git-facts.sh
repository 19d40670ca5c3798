#!/bin/sh
# SessionStart: what is printed here is told to the model. Outside of a repository nothing is.
set -u
command -v git >/dev/null 2>&1 || exit 0

# Looks only: takes no locks, and starts no program that the repository names.
look() { GIT_OPTIONAL_LOCKS=0 LC_ALL=C git --no-pager -c core.fsmonitor=false "$@" 2>/dev/null; }

look rev-parse --is-inside-work-tree >/dev/null || exit 0

printf 'The git repository at the start of this session:\n'
look status --porcelain=v2 --branch | awk '
  $1 == "#" && $2 == "branch.head" { branch = $3 }
  $1 == "#" && $2 == "branch.upstream" { upstream = $3 }
  $1 == "#" && $2 == "branch.ab" { ahead = substr($3, 2); behind = substr($4, 2) }
  $1 == "1" || $1 == "2" {
    if (substr($2, 1, 1) != ".") staged++
    if (substr($2, 2, 1) != ".") changed++
  }
  $1 == "u" { conflicts++ }
  $1 == "?" { untracked++ }
  END {
    printf "- branch: %s", branch
    if (upstream != "") printf " (%d ahead of %s, %d behind)", ahead, upstream, behind
    printf "\n- files: %d staged, %d changed, %d untracked", staged, changed, untracked
    if (conflicts > 0) printf ", %d with conflicts", conflicts
    printf "\n"
  }'

commits=$(look log -5 --no-show-signature --format='  %h %<(90,trunc)%s' | sed 's/[[:space:]]*$//')
[ -z "$commits" ] || printf -- '- last commits:\n%s\n' "$commits"

stashes=$(look stash list | wc -l)
[ "$stashes" -eq 0 ] || printf -- '- stashes: %d\n' "$stashes"
exit 0
