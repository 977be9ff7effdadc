#!/bin/sh
# shellcheck disable=SC2016 # what stands in backticks is meant for readers
# Finds the commit that the change starts from, and leaves it in the output `base`.
set -eu

commit() {
    git rev-parse --verify --quiet --end-of-options "$1^{commit}"
}

refuse() {
    echo "::error title=promptc::$1"
    exit 1
}

shallow() {
    [ "$(git rev-parse --is-shallow-repository)" = true ]
}

if [ -n "$BASE" ]; then
    from=$(commit "$BASE" || commit "refs/remotes/origin/$BASE") ||
        refuse 'the commit that `base` names is not in the checkout: check out with `fetch-depth: 0`'
elif [ -z "${GITHUB_BASE_REF:-}" ]; then
    echo 'no pull request, and no `base`: nothing is compared'
    exit 0
else
    # A pull request is checked out as what merging it would give: its first parent is the branch it
    # goes into. That the event names another one, which may be older, is no matter then.
    if shallow; then
        git fetch --quiet --no-tags --depth=2 origin "$GITHUB_SHA" || true
    fi
    if [ "$(commit HEAD)" = "$GITHUB_SHA" ] && commit 'HEAD^2' >/dev/null; then
        from=$(commit 'HEAD^1')
    else
        git fetch --quiet --no-tags origin "+refs/heads/$GITHUB_BASE_REF:refs/remotes/origin/$GITHUB_BASE_REF" || true
        from=$(commit "refs/remotes/origin/$GITHUB_BASE_REF") ||
            refuse 'the branch that the pull request goes into is not in the checkout: check out with `fetch-depth: 0`'
    fi
fi

base=$(git merge-base "$from" HEAD) ||
    refuse 'the checkout is too shallow to see where the change starts: check out with `fetch-depth: 0`'

if [ "$LFS" = true ]; then
    git lfs fetch origin "$base"
fi
echo "base=$base" >>"$GITHUB_OUTPUT"
