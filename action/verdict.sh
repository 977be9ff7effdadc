#!/bin/sh
# Fails the job where something is not green that it should fail on, or could not be carried out at all.
set -eu

failed=

# 1 says that something is not good; more, or no word at all, says that nothing is known.
for status in "check ${CHECK:-70}" "test ${TEST:-0}" "diff ${DIFF:-0}"; do
    if [ "${status#* }" -gt 1 ]; then
        failed="$failed \`promptc ${status% *}\` ended with ${status#* }."
    fi
done

# shellcheck disable=SC2086 # words
set -- $FAIL_ON
for what in "${@:-nothing}"; do
    case $what in
    check) [ "${CHECK:-}" != 1 ] || failed="$failed The check has findings." ;;
    test) [ "${TEST:-}" != 1 ] || failed="$failed Recorded answers are not good." ;;
    changes) [ "${CHANGED:-}" != true ] || failed="$failed Requests, expectations or recordings have changed." ;;
    none) ;;
    *) failed="$failed \`fail-on\` takes check, test, changes and none." ;;
    esac
done

if [ -n "$failed" ]; then
    echo "::error title=promptc::${failed# }"
    exit 1
fi
