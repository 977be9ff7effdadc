"""The projects here are what the tests compile, and no tests themselves, though promptc's plugin would collect them."""

collect_ignore_glob = ["bad/*", "bodies/*", "good/*"]
