"""Words of messages that hang on a number."""


def plural(count: int, noun: str) -> str:
    """Return `1 case`, `1,200 cases`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
