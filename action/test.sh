#!/bin/sh
# Replays and judges the recorded answers. A model's words are in the log then: none of them is a command.
set -eu

stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
status=0
echo "::stop-commands::$stop"
promptc test || status=$?
echo "::$stop::"
echo "test=$status" >>"$GITHUB_OUTPUT"
