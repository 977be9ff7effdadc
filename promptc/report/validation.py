"""What `validate` found: findings, then a line a file that says what it was read as."""

import json
from collections import Counter
from collections.abc import Iterable

from promptc.diagnostics import Diagnostic, Severity
from promptc.pipeline.validate import Purpose, Validated, Validation
from promptc.report.as_json import diagnostics, dumped
from promptc.report.concise import concise
from promptc.report.full import full
from promptc.report.style import Style, line, plural

_MOST = 20
_LONGEST = 60


def validation_text(result: Validation, form: str, style: Style) -> str:
    """Return the findings in full or concise form, and the files."""
    shown, more = _first(result.diagnostics)
    found = concise(shown) if form == "concise" else full(shown, style)
    found += "".join(f"… and {count} more {code} in {line(name)}\n" for (name, code), count in more.items())
    files = "".join(f"{_line(file, style)}\n" for file in result.files)
    return found + ("\n" if found and form == "full" else "") + files


def validation_json(result: Validation, purpose: Purpose) -> str:
    """Return files and findings; the canonical forms only where they are asked for."""
    rows = [_row(file) | ({"canonical": file.canonical} if purpose == "canonical" else {}) for file in result.files]
    return dumped({"good": result.good, "files": rows, "diagnostics": diagnostics(result.diagnostics)})


def validation_data(result: Validation, purpose: Purpose) -> str:
    """Return each good file's canonical form or fingerprint, as the purpose is.

    Canonical forms have sorted keys, so they are equal for bodies that mean the same; fingerprints
    bear the file's name where there are several files.
    """
    good = [file for file in result.files if file.good]
    if purpose == "canonical":
        texts = (json.dumps(file.canonical, ensure_ascii=False, indent=2, sort_keys=True) for file in good)
    elif purpose == "fingerprint":
        several = len(result.files) > 1
        texts = (f"{file.fingerprint}{f'  {file.name}' if several else ''}" for file in good)
    else:
        return ""
    return "".join(f"{text}\n" for text in texts)


def _row(file: Validated) -> dict[str, object]:
    return {
        "file": file.name,
        "kind": file.kind,
        "shape": file.shape,
        "count": file.count,
        "model": file.model,
        "good": file.good,
        "fingerprint": file.fingerprint,
    }


def _line(file: Validated, style: Style) -> str:
    counts = [
        plural(sum(found.severity is severity for found in file.diagnostics), severity.value) for severity in Severity
    ]
    told = [count for count in counts if not count.startswith("0 ")]
    verdict = style.paint("ok", "green") if file.good else style.paint(told.pop(0), "red")
    return f"{line(file.name)}: {_read_as(file)} — {', '.join([verdict, *told])}"


def _first(diagnostics: Iterable[Diagnostic]) -> tuple[list[Diagnostic], Counter[tuple[str, str]]]:
    """Return the first of each code in each file, and how many more there are: one habit can fill a terminal."""
    seen: Counter[tuple[str, str]] = Counter()
    more: Counter[tuple[str, str]] = Counter()
    shown = []
    for diagnostic in diagnostics:
        key = (diagnostic.span.source.name if diagnostic.span else diagnostic.file or "", diagnostic.code)
        seen[key] += 1
        if seen[key] <= _MOST:
            shown.append(diagnostic)
        else:
            more[key] += 1
    return shown, more


def _read_as(file: Validated) -> str:
    if file.kind is None:
        return "could not be read"
    several = {"list": f", a list of {file.count}", "stream": f", a stream of {plural(file.count, 'event')}"}
    model = ""
    if file.kind == "request":
        model = f" for `{line(file.model[:_LONGEST])}`" if file.model else ", no model named"
    return f"{file.kind}{several.get(file.shape, '')}{model}"
