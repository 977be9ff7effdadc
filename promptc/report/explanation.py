"""An explanation of a code for a terminal or a script, and the list of all codes."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from promptc.codes import CODES, group_of
from promptc.diagnostics import Severity
from promptc.explanation import DEFAULT_COMMAND, Block, Explanation
from promptc.report.full import SEVERITY_COLOURS
from promptc.report.style import Style

_INDENT = "    "
_COLOURS = {"-": "red", "+": "green"}
_HEAD = re.compile(r"^(error|warning|note)\[P\d+\]", re.MULTILINE)


def explanation_text(told: Explanation, style: Style) -> str:
    """Return meaning, reasons and examples as plain text."""
    return "\n".join(_paragraphs(told, style))


def explanation_json(told: Explanation) -> str:
    """Return the same for a script."""
    return _dumped(
        {
            **_row(told.code),
            "why": told.why or None,
            "bad": [_block(block) for block in told.bad],
            "output": told.message or None,
            "mended": [_block(block) for block in told.mended],
        }
    )


def codes_text(style: Style) -> str:
    """Return every code with its name, in groups."""
    lines: list[str] = []
    group = ""
    for code, entry in CODES.items():
        if group_of(code) != group:
            group = group_of(code)
            lines += [*([""] if lines else []), style.paint(group, "bold")]
        lines.append(f"  {code}  {entry.name}")
    return "".join(f"{line}\n" for line in [*lines, "", "`promptc explain CODE` says more."])


def codes_json() -> str:
    """Return every code with its meaning, for a script."""
    return _dumped({"codes": [_row(code) for code in CODES]})


def _dumped(value: object) -> str:
    """Do as `as_json.dumped`, which would bring everything that knows recordings along."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _paragraphs(told: Explanation, style: Style) -> Iterator[str]:
    yield style.paint(f"{told.code} {told.entry.name}", "bold") + "\n"
    yield f"{told.entry.meaning}\n"
    yield f"{told.why}\n"
    if told.message:
        yield from _example(told.bad, style)
        if not any(block.kind == "commands" for block in told.bad):
            yield _indented(f"$ {DEFAULT_COMMAND}\n")
        yield _indented(_painted_head(told.message, style))
    yield style.paint("To mend it:", "bold") + f" {told.entry.remedy[:1].lower()}{told.entry.remedy[1:]}\n"
    yield from _example(told.mended, style)


def _example(blocks: Iterable[Block], style: Style) -> Iterator[str]:
    for block in blocks:
        if block.kind == "commands":
            yield _indented(block.text)
        else:
            encoding = "" if block.encoding == "utf-8" else f", saved as {block.encoding}"
            text = _painted_edit(block.text, style) if block.kind == "edit" else block.text
            yield f"{style.paint(f'{block.file}{encoding}:', 'dim')}\n{_indented(text)}"


def _painted_edit(text: str, style: Style) -> str:
    return "".join(
        f"{style.paint(line, _COLOURS[line[0]]) if line[:1] in _COLOURS else line}\n" for line in text.splitlines()
    )


def _painted_head(message: str, style: Style) -> str:
    """Paint the severities as the command does that tells them."""
    return _HEAD.sub(lambda head: style.paint(head[0], SEVERITY_COLOURS[Severity(head[1])], "bold"), message)


def _indented(text: str) -> str:
    return "".join(f"{_INDENT}{line}".rstrip() + "\n" for line in text.splitlines())


def _row(code: str) -> Mapping[str, str]:
    entry = CODES[code]
    return {"code": code, "name": entry.name, "group": group_of(code), "meaning": entry.meaning, "remedy": entry.remedy}


def _block(block: Block) -> Mapping[str, str | None]:
    return {"kind": block.kind, "file": block.file, "encoding": block.encoding, "text": block.text}
