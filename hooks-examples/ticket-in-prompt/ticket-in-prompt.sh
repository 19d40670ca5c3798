#!/bin/sh
# UserPromptSubmit: finds the ticket in the name of the branch (feature/SHOP-12-cart) and tells the model.
# What is printed comes after the prompt; without a ticket nothing is printed.
branch=$(git symbolic-ref --quiet --short HEAD 2>/dev/null) || exit 0

# The ticket stands at the beginning of the name, or after a slash.
ticket=$(printf '%s\n' "$branch" | sed -n 's#^\(.*/\)\{0,1\}\([A-Z][A-Z0-9]\{1,\}-[0-9]\{1,\}\).*#\2#p')
[ -n "$ticket" ] || exit 0

printf 'This work belongs to ticket %s. Begin commit messages with "%s: ".\n' "$ticket" "$ticket"
