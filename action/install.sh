#!/bin/sh
# Installs promptc, and makes the folder that the other steps write into.
set -eu

case $PROMPTC in
none) ;;
'') python -m pip install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH" ;;
*) python -m pip install --quiet --disable-pip-version-check -- "$PROMPTC" ;;
esac

promptc --version
echo "folder=$(mktemp -d "$RUNNER_TEMP/promptc.XXXXXX")" >>"$GITHUB_OUTPUT"
