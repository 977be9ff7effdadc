"""Many findings, and what is left of them for a reader."""

from promptc.diagnostics import Diagnostic, Severity
from promptc.report.full import full
from promptc.report.grouped import grouped, mistakes_whole
from promptc.report.style import Style


def found(code: str, count: int, file: str | None = None, severity: Severity = Severity.ERROR) -> list[Diagnostic]:
    """Return findings of one code, each in a file of its own or all in one."""
    return [
        Diagnostic(code=code, message=f"m{i:02}", file=file or f"{code}-{i:02}.toml", severity=severity)
        for i in range(count)
    ]


def test_few_findings_are_shown_as_they_are() -> None:
    few = [*found("P201", 6), *found("P205", 19, "a", Severity.WARNING)]

    assert grouped(few, Style()) == full(few, Style())
    assert grouped([], Style()) == ""


def test_up_to_25_of_one_file_are_shown_without_counts() -> None:
    all_of_them = found("P401", 25, "a.json")

    assert grouped(all_of_them, Style()) == full(all_of_them, Style())


def test_a_dozen_errors_of_several_files_are_counted() -> None:
    dozen = [*found("P401", 10), *found("P201", 1), *found("P205", 2, severity=Severity.WARNING)]

    assert grouped(dozen, Style()) == full(dozen, Style()) + (
        "\n"
        "error    P201 undefined-variable   1  in 1 file\n"
        "error    P401 unknown-field       10  in 10 files\n"
        "warning  P205 unused-variable      2  in 2 files\n"
    )


def test_of_many_the_first_of_each_code_are_shown() -> None:
    warnings, errors, few = (
        found("P409", 20, "b.toml", Severity.WARNING),
        found("P409", 7),
        found("P201", 3, "c.toml"),
    )

    shown = [*warnings[:5], *errors[:5], *few]
    assert grouped([*warnings, *errors, *few], Style()) == full(shown, Style()) + (
        "\n"
        "… and 2 more P409 model-name in 2 files; `--format concise` lists all\n"
        "… and 15 more P409 model-name in b.toml; `--format concise` lists all\n"
        "\n"
        "error    P201 undefined-variable   3  in 1 file\n"
        "error    P409 model-name           7  in 7 files\n"
        "warning  P409 model-name          20  in 1 file\n"
    )


def test_findings_without_a_file_are_counted_too() -> None:
    nowhere = [Diagnostic(code="P409", message=f"m{i}") for i in range(26)]

    assert grouped(nowhere, Style()).splitlines()[-3:] == [
        "… and 21 more P409 model-name; `--format concise` lists all",
        "",
        "error  P409 model-name  26",
    ]


def test_a_files_name_stays_on_its_line() -> None:
    (line,) = [text for text in grouped(found("P401", 26, "a\n\x1b"), Style()).splitlines() if text.startswith("…")]

    assert line == "… and 21 more P401 unknown-field in a\\n\\u001b; `--format concise` lists all"


def test_the_order_of_findings_does_not_move_the_counts() -> None:
    many = [*found("P201", 20), *found("P401", 20), *found("P107", 20, severity=Severity.NOTE)]

    def tail(diagnostics: list[Diagnostic]) -> list[str]:
        return grouped(diagnostics, Style()).splitlines()[-7:]

    assert tail(many) == tail([*many[20:], *many[:20]])


def test_where_nothing_else_lists_mistakes_all_of_them_are_shown() -> None:
    errors, warnings = found("P401", 30), found("P409", 30, severity=Severity.WARNING)

    assert mistakes_whole([*warnings, *errors], Style()) == full([*errors, *warnings[:5]], Style()) + (
        "\n"
        "… and 25 more P409 model-name in 25 files; `promptc check --format concise` lists all\n"
        "\n"
        "warning  P409 model-name  30  in 30 files\n"
    )


def test_few_warnings_stay_in_their_places_among_mistakes() -> None:
    mixed = [*found("P409", 25, severity=Severity.WARNING), *found("P401", 30)]

    assert mistakes_whole(mixed, Style()) == full(mixed, Style())
