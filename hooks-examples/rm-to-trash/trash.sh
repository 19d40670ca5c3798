#!/bin/sh
# Takes the place of rm: moves what it is given to .trash/<time>/ below the working folder.
# The words of rm are understood; those that only ask or report are passed over.
set -u

force=no
options=yes
trash=
status=0

fail() {
  printf 'trash: %s\n' "$1" >&2
  status=1
}

# The folder is made when it is first needed, and git is told to look away.
open_trash() {
  [ -z "$trash" ] || return 0
  mkdir -p .trash && { [ -e .trash/.gitignore ] || printf '*\n' >.trash/.gitignore; }
  trash=$(mktemp -d ".trash/$(date +%Y%m%d-%H%M%S)-XXXXXX") || exit 1
}

move() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    [ "$force" = yes ] || fail "$1: there is no such file"
    return
  fi
  case $1 in
    . | .. | */. | */.. | / | .trash | .trash/ | ./.trash | ./.trash/) fail "$1: is left where it is"; return ;;
    .trash/* | ./.trash/*) fail "$1: has been removed already"; return ;;
  esac
  open_trash
  path=${1%/}
  name=${path##*/}
  # Two files of one name, from different folders.
  n=1
  target=$trash/$name
  while [ -e "$target" ] || [ -L "$target" ]; do
    n=$((n + 1))
    target=$trash/$name.$n
  done
  # "./" so that a name that begins with a dash is no option.
  case $path in /*) ;; *) path=./$path ;; esac
  if mv "$path" "$target"; then
    printf 'moved %s to %s\n' "$1" "$target" >&2
  else
    status=1
  fi
}

for word in "$@"; do
  case $options$word in
    yes--) options=no ;;
    yes--force) force=yes ;;
    yes--*) ;;
    yes-) move - ;;
    yes-*f*) force=yes ;;
    yes-*) ;;
    *) move "$word" ;;
  esac
done
exit "$status"
