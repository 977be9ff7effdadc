#!/bin/sh
# Posts the comparison as one comment, and brings that comment up to date later on. Where it can't be
# posted, as for a pull request from a fork, it goes into the job's summary: that is no failure.
set -eu

summary() {
    [ -z "$1" ] || echo "::notice title=promptc::$1; the comparison is in the summary of the job"
    cat "$COMMENT" >>"$GITHUB_STEP_SUMMARY"
    exit 0
}

refused() {
    summary "the comment could not be posted ($(head -n 1 "$said" | tr '\r%' '  '))"
}

# Both files may come from another workflow's artifact, made by whoever opened the pull request.
beside=$(dirname "$COMMENT")/pull-request
if [ -L "$COMMENT" ] || [ -L "$beside" ] || [ ! -f "$COMMENT" ]; then
    echo "::error title=promptc::there is no comment to post"
    exit 1
fi
number=$(cat "$beside")
[ "${POST:-true}" = true ] || summary ''
case $number in
'') summary '' ;;
*[!0-9]*) summary 'there is no pull request of that number' ;;
esac

said=$(mktemp)
marker="<!-- promptc diff${NAME:+ $NAME} -->"
posted=$(mktemp)
{
    printf '%s\n' "$marker"
    sed '1{/^<!-- promptc diff -->$/d;}' "$COMMENT" # it names no folder of prompts
} >"$posted"

if [ -n "${HEAD:-}" ]; then
    head=$(gh api "repos/$GITHUB_REPOSITORY/pulls/$number" --jq .head.sha 2>"$said") || refused
    [ "$head" = "$HEAD" ] || summary 'the pull request has another head by now'
fi

# What merely looks like our comment is somebody else's: only what this token has posted is changed.
# shellcheck disable=SC2016 # these are GraphQL's variables
query='query($owner: String!, $name: String!, $number: Int!, $endCursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $endCursor) {
        nodes { databaseId viewerDidAuthor body }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}'
first='.data.repository.pullRequest.comments.nodes[] | select(.viewerDidAuthor)
  | "\(.databaseId) \(.body | split("\n")[0] | rtrimstr("\r"))"'
comments=$(gh api graphql --paginate -f owner="${GITHUB_REPOSITORY%%/*}" -f name="${GITHUB_REPOSITORY#*/}" \
    -F number="$number" -f query="$query" --jq "$first" 2>"$said") || refused
id=$(printf '%s\n' "$comments" | while read -r each line; do
    [ "$line" != "$marker" ] || echo "$each"
done | head -n 1)

if [ -n "$id" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F body=@"$posted" 2>"$said" || refused
elif [ "${CHANGED:-true}" = true ]; then
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" -F body=@"$posted" 2>"$said" || refused
else
    summary '' # most changes of a repository touch no prompt: nobody wants to be told by mail
fi
