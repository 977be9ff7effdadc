"""Writes `docs/errors.md`: every diagnostic code as `promptc explain` tells it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from promptc.codes import CODES
from promptc.explanation import DEFAULT_COMMAND, Block, Explanation, explanation

REPO = Path(__file__).parent.parent
PAGE = REPO / "docs" / "errors.md"
HEAD = f"""\
# Every error

This page is written by `make docs` from `promptc/codes.py` and the pages of `promptc/explained/`;
`promptc explain P201` prints the same on a terminal. Each code is stable: scripts may rely on it.

Every example is run by the tests. The message is what `{DEFAULT_COMMAND}` says, or the last of the
commands that are shown; `specs/images/` holds the pictures `wing.png`, `leaf.webp` and
`parchment.jpg`.
"""


def page() -> str:
    """Return the page's text."""
    return HEAD + "".join(f"\n{paragraph}" for code in CODES for paragraph in _section(explanation(code)))


def _section(told: Explanation) -> Iterator[str]:
    remedy = told.entry.remedy
    yield f"## {told.code} {told.entry.name}\n"
    yield f"{told.entry.meaning}\n"
    yield f"{told.why}\n"
    if told.message:
        yield from _example(told.bad)
        yield f"```text\n{told.message}```\n"
    yield f"**To mend it:** {remedy[0].lower()}{remedy[1:]}\n"
    yield from _example(told.mended)


def _example(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if block.file:
            encoding = "" if block.encoding == "utf-8" else f", saved as {block.encoding}"
            yield f"`{block.file}`{encoding}:\n"
        yield f"```{block.language}\n{block.text}```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="")
