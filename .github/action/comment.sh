#!/usr/bin/env bash
# Writes $RESULTS/comment.md as a comment of the pull request, in the place of the one of the same $NAME.
# A comment of a person is never touched, whatever it begins with.
set -euo pipefail
# The name is compared as a value of the environment, never as a part of the program.
export MARKER="<!-- ttsopt:$NAME -->"
mine='.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id'
found="$(gh api --paginate "repos/$REPOSITORY/issues/$NUMBER/comments" --jq "$mine" | tail -n 1)"
if [ -n "$found" ]; then
  gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$found" -F body=@"$RESULTS/comment.md"
else
  gh api --silent --method POST "repos/$REPOSITORY/issues/$NUMBER/comments" -F body=@"$RESULTS/comment.md"
fi
