#!/bin/sh
# Compares the change with its base: a comment, a page, and figures for other steps.
set -eu

short=$(git rev-parse --short=12 "$BASE") # the comment names it

# Each format's exit code is the same, and all of them leave their file.
status=0
compare() {
    promptc diff --format "$@" "$short..HEAD" || status=$?
}

mkdir -p "$FOLDER/report"
compare json -o "$FOLDER/diff.json"
if [ "$status" -le 1 ]; then
    compare markdown --link-base "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/raw/{rev}" -o "$FOLDER/report/comment.md"
    compare html -o "$FOLDER/report/diff.html"
    python "$GITHUB_ACTION_PATH/action/figures.py" "$FOLDER/diff.json" >>"$GITHUB_OUTPUT"
    # A comment takes 65,536 characters, and promptc may have used them all.
    if [ -n "$REPORT" ] && [ "$(wc -c <"$FOLDER/report/comment.md")" -lt 65000 ]; then
        run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
        # shellcheck disable=SC2016 # Markdown's backticks
        printf '\nSide by side: the pages in the artifact `%s` of [this run](%s).\n' "$REPORT" "$run" >>"$FOLDER/report/comment.md"
    fi
    echo "$NUMBER" >"$FOLDER/report/pull-request" # for a workflow that may comment where this one may not
    echo "comment=$FOLDER/report/comment.md" >>"$GITHUB_OUTPUT"
fi
echo "diff=$status" >>"$GITHUB_OUTPUT"
