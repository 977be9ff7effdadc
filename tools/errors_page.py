"""Writes `docs/errors.md`: every diagnostic code, with an example from the tests where there is one."""

import re
from pathlib import Path

from promptc.codes import CODES

REPO = Path(__file__).parent.parent
PAGE = REPO / "docs" / "errors.md"
CASES = REPO / "tests" / "cases"
HEAD = """\
# Every error

This page is written by `make docs` from `promptc/codes.py` and the tests' examples. Each code is
stable: scripts may rely on it.
"""


def page() -> str:
    """Return the page's text."""
    examples = _examples()
    sections = [
        "\n".join(
            [
                f"\n## {code} {entry.name}\n",
                entry.meaning,
                f"\n**To mend it:** {entry.remedy[0].lower()}{entry.remedy[1:]}\n",
                *([f"```text\n{examples[code]}```\n"] if code in examples else []),
            ]
        )
        for code, entry in CODES.items()
    ]
    return HEAD + "".join(sections)


def _examples() -> dict[str, str]:
    """Return the shortest message of each code among the expected outputs."""
    found: dict[str, str] = {}
    for path in sorted(CASES.glob("b*/*/expected.txt")):
        for message in re.split(r"\n(?=(?:error|warning|note)\[)", path.read_text(encoding="utf-8")):
            code = re.match(r"\w+\[(P\d+)\]", message)
            text = message.rstrip("\n") + "\n"
            if code and len(text) < len(found.get(code.group(1), text + " ")):
                found[code.group(1)] = text
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="")
