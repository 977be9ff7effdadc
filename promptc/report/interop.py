"""What an import and an export came to, for people and for scripts."""

from collections import Counter
from collections.abc import Iterator

from promptc.pipeline.export_cassette import Exported, ExportResult
from promptc.pipeline.import_cassette import Imported, ImportedFile, ImportResult
from promptc.pipeline.output import origin
from promptc.report.as_json import diagnostics, dumped, recording_word
from promptc.report.full import full
from promptc.report.style import Style, line
from promptc.report.summary import counted, stand_ins
from promptc.source import shown
from promptc.wording import plural

_COLOURS = {"accepted": "green", "pending": "yellow", "unchanged": "dim", "refused": "red"}


def import_summary(result: ImportResult, style: Style) -> str:
    """Return what each case took, what is wrong or left, then a line a file and the totals."""
    cases = "".join(f"{_case(case, style)}\n" for case in result.cases)
    files = "".join(f"{_file(file)}\n" for file in result.files)
    parts = [cases, full(result.diagnostics, style), f"{files}{_totals(result, style)}\n"]
    return "\n".join(part for part in parts if part)


def import_json(result: ImportResult) -> str:
    """Return each case with what it took, and each interaction with who took it."""
    return dumped(
        {
            "good": result.good,
            "cases": [
                {
                    "spec": case.result.spec,
                    "case": case.result.case,
                    "state": case.word,
                    **origin(case.result.provenance),
                    "interactions": [{"file": one.file, "number": one.number} for one in case.interactions],
                }
                for case in result.cases
            ],
            "files": [
                {
                    "file": file.name,
                    "interactions": [
                        {"number": one.number, "line": one.line, "cases": list(cases)} for one, cases in file.rows
                    ],
                }
                for file in result.files
            ],
            "diagnostics": diagnostics(result.diagnostics),
        }
    )


def export_summary(result: ExportResult, style: Style) -> str:
    """Return the files that were written, what was not and why, then the totals."""
    cases = "".join(f"{_exported(case, style)}\n" for case in result.cases)
    parts = [cases, full(result.diagnostics, style), f"{_written(result, style)}\n"]
    return "\n".join(part for part in parts if part)


def export_json(result: ExportResult) -> str:
    """Return each case with the file that was written."""
    rows = [
        {
            "spec": case.state.spec,
            "case": case.state.case,
            "recording": recording_word(case.state.status.value),
            "target": case.state.target,
            "emulator": case.state.emulator,
            "file": shown(case.file) if case.file else None,
        }
        for case in result.cases
    ]
    return dumped({"good": result.good, "cases": rows, "diagnostics": diagnostics(result.diagnostics)})


def _case(case: Imported, style: Style) -> str:
    word = style.paint(f"{case.word:9}", _COLOURS[case.word])
    return f"{word} {case.result.id}: {', '.join(_places(case))}"


def _places(case: Imported) -> Iterator[str]:
    numbers: dict[str, list[str]] = {}
    for one in case.interactions:
        numbers.setdefault(one.file, []).append(str(one.number))
    for file, found in numbers.items():
        yield f"interaction{'s' * (len(found) > 1)} {', '.join(found)} of {line(file)}"


def _file(file: ImportedFile) -> str:
    return f"{line(file.name)}: {plural(len(file.rows), 'interaction')}, {file.taken} taken"


def _totals(result: ImportResult, style: Style) -> str:
    counts = Counter(case.word for case in result.cases)
    words = ", ".join(f"{counts[word]} {word}" for word in _COLOURS if counts[word]) or "no case took anything"
    return f"{words}{stand_ins(case.result for case in result.cases)} — {_verdict(result, style)}"


def _exported(case: Exported, style: Style) -> str:
    if case.file:
        return f"{style.paint('written  ', 'green')} {case.state.id}: {line(shown(case.file))}"
    word = recording_word(case.state.status.value)
    word = "refused" if word in {"fresh", "pending"} else word
    return f"{style.paint(f'{word:9}', 'dim' if word == 'skipped' else 'red')} {case.state.id}"


def _written(result: ExportResult, style: Style) -> str:
    written = [case.state for case in result.cases if case.file]
    left = len(result.cases) - len(written)
    rest = f", {left} not" if left else ""
    return f"{plural(len(written), 'case')} written{rest}{stand_ins(written)} — {_verdict(result, style)}"


def _verdict(result: ImportResult | ExportResult, style: Style) -> str:
    verdict = style.paint("ok", "green") if result.good else style.paint("not ok", "red")
    return verdict + counted(result.diagnostics, "error", "warning")
