#!/bin/sh
# Checks the prompts: annotations for the pull request, SARIF for code scanning.
set -eu

status=0
promptc check --format github || status=$?
echo "check=$status" >>"$GITHUB_OUTPUT"

if [ "$SARIF" = true ]; then
    promptc check --format sarif >"$FOLDER/promptc.sarif" || true # its exit code is known by now
fi
