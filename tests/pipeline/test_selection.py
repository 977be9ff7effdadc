"""Which cases are selected, by arguments, names, tags and expressions, and what is refused."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from promptc.compiler import driver
from promptc.compiler.cases import expand
from promptc.compiler.images import ImageStore
from promptc.compiler.spec import CaseSpec, Spec
from promptc.config import Project
from promptc.diagnostics import Diagnostic
from promptc.errors import UsageError
from promptc.pipeline.accept import accept, reject
from promptc.pipeline.check import check
from promptc.pipeline.compile import compile_requests
from promptc.pipeline.expression import parse_expression
from promptc.pipeline.filter import Filter, quoted
from promptc.pipeline.listing import listing
from promptc.pipeline.pending import pending
from promptc.pipeline.run import run
from promptc.pipeline.selection import select
from promptc.pipeline.trial import try_spec
from promptc.replay.modes import RecordMode
from promptc.report.as_json import listing_json
from promptc.report.style import Style
from promptc.report.summary import listing_table
from tests.workshop import BUTTERFLY, Workshop

SPEC = """\
model = "gemini-3.1-flash-image"

[variables.species]
type = "string"

[[turns]]
text = "A {{ species }}"

[generationConfig]
responseModalities = ["TEXT"]
"""
TAGS = {"green": ("slow", "night"), "pale": ("night",), "dark": ("v1.2",), "owl": ()}
"""Tags by case: the compiler passes them on, wherever it has read them."""

ALL = ["butterfly::default", "moths/luna::green", "moths/luna::pale", "moths/rare/atlas::dark", "owls::owl"]


def with_cases(*names: str) -> str:
    return SPEC + "".join(f'\n[[cases]]\nname = "{name}"\nvariables = {{ species = "{name}" }}\n' for name in names)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    def tagged(spec: Spec, images: ImageStore) -> tuple[tuple[CaseSpec, ...], tuple[Diagnostic, ...]]:
        cases, found = expand(spec, images)
        return tuple(replace(case, tags=TAGS.get(case.name, ())) for case in cases), found

    monkeypatch.setattr(driver, "expand", tagged)
    specs = {"moths/luna": with_cases("green", "pale"), "moths/rare/atlas": with_cases("dark")}
    shop = Workshop.make(tmp_path, {**specs, "owls": with_cases("owl"), "butterfly": BUTTERFLY})
    monkeypatch.chdir(tmp_path)
    return shop


def only(*, k: str | None = None, **given: Any) -> Filter:
    return Filter(**given, expression=parse_expression(k) if k else None)


def selected(shop: Workshop, *arguments: str, **given: Any) -> list[str]:
    return [case.id for case in select(shop.project, arguments, only=only(**given)).cases]


def refused(shop: Workshop, *arguments: str, **given: Any) -> str:
    with pytest.raises(UsageError) as caught:
        select(shop.project, arguments, only=only(**given))
    return str(caught.value)


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        ("moths/*", ALL[1:4]),  # a folder stands for the specs below it, as it does behind a shell
        ("moths/*a", ALL[1:3]),
        ("m*/r*/*", ALL[3:4]),
        ("**/atlas", ALL[3:4]),
        ("specs/*.toml", [ALL[0], ALL[4]]),
        ("specs/moths/*.toml", ALL[1:3]),
        ("specs/**/*.toml", ALL),
        ("specs/[mo]*", ALL[1:]),
        ("cassettes/../specs/o?ls.toml", ALL[4:]),
        ("{root}/specs/moths/l*.toml", ALL[1:3]),
        ("*::*e*", ALL[:3]),
        ("moths/*::dark", ALL[3:4]),
        ("specs/moths::pale", ALL[2:3]),
    ],
)
def test_specs_are_selected_by_globs_over_their_names_and_paths(
    shop: Workshop, argument: str, found: list[str]
) -> None:
    assert selected(shop, argument.format(root=shop.root)) == found


def test_globs_start_from_the_working_directory(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.root / "specs" / "moths")

    assert selected(shop, "*.toml") == ALL[1:3]
    assert selected(shop, "../o*.toml") == ALL[4:]


def test_brackets_in_a_folders_name_are_no_glob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop.make(tmp_path / "[a]*", {"butterfly": BUTTERFLY})
    monkeypatch.chdir(shop.root)

    assert selected(shop, "specs/*.toml") == ALL[:1]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"cases": ("pale",)}, ALL[2:3]),
        ({"cases": ("pale", "o*")}, [ALL[2], ALL[4]]),
        ({"tags": ("night",)}, ALL[1:3]),
        ({"tags": ("slow", "v1.2")}, [ALL[1], ALL[3]]),
        ({"tags": ("night",), "cases": ("p*", "d*")}, ALL[2:3]),
        ({"tags": ("night",), "k": "not slow"}, ALL[2:3]),
        ({"tags": ("night",), "cases": ("*e*",), "k": "GREEN"}, ALL[1:2]),
        ({"k": "luna"}, ALL[1:3]),
        ({"k": "una::gre"}, ALL[1:2]),
        ({"k": "Night"}, ALL[1:3]),
        ({"k": "nigh or owl"}, ALL[4:]),  # a tag is meant as a whole
        ({"k": "nigh*"}, ALL[1:3]),
        ({"k": "p?le"}, ALL[2:3]),
        ({"k": "moths/*"}, ALL[1:4]),
        ({"k": "*L*"}, ALL),
        ({"k": "not (moths or owls)"}, ALL[:1]),
    ],
)
def test_options_narrow_what_is_selected_and_hold_together(
    shop: Workshop, given: Mapping[str, Any], found: list[str]
) -> None:
    assert selected(shop, **given) == found


def test_arguments_and_options_hold_together(shop: Workshop) -> None:
    assert selected(shop, "moths/*::p*", "owls", tags=("night",)) == ALL[2:3]


def test_only_a_selection_without_arguments_and_options_is_everything(shop: Workshop) -> None:
    assert select(shop.project).everything
    assert not select(shop.project, ["specs"]).everything
    assert not select(shop.project, only=only(cases=("*",))).everything
    assert not select(shop.project, only=only(tags=("slow",))).everything
    assert not select(shop.project, only=only(k="not slow")).everything


@pytest.mark.parametrize(
    ("arguments", "given", "message"),
    [
        (["moth/*"], {}, "there is no spec `moth/*`; did you mean `moths/luna`?"),
        (["x*"], {}, "there is no spec `x*`; `promptc ls` lists the specs in specs"),
        (["specs/*::owls"], {}, "`specs/*` has no case `owls`; did you mean `owl`?"),
        (["owls", "moths/luna::x"], {}, "`moths/luna` has no case `x`; there are `green` and `pale`"),
        ([], {"cases": ("owl", "gren")}, "no spec has a case `gren`; did you mean `green`?"),
        (["owls"], {"cases": ("pale",)}, "`owls` has no case `pale`; there is only `owl`"),
        (
            ["owls", "moths/luna"],
            {"cases": ("x",)},
            "none of `owls` and `moths/luna` has a case `x`; there are `owl`, `green` and `pale`",
        ),
        (
            [],
            {"cases": ("owls::owl",)},
            "--case takes the name behind `::`; to name the spec too, write `owls::owl` without --case",
        ),
        ([], {"cases": ("",)}, "no spec has a case ``; there are `default`, `green`, `pale`, `dark` and `owl`"),
        ([], {"tags": ("slow", "nihgt")}, "no spec has a case with the tag `nihgt`; did you mean `night`?"),
        ([], {"tags": ("x",)}, "no spec has a case with the tag `x`; there are `night`, `slow` and `v1.2`"),
        (["owls"], {"tags": ("slow",)}, "`owls` has no case with the tag `slow`; there are no tags at all"),
        (
            [],
            {"k": "gren  and\nluna"},
            "no spec has a case that -k `gren and luna` takes; `gren` fits no name and no tag; did you mean `green`?",
        ),
        (
            ["owls"],
            {"k": "x*"},
            "`owls` has no case that -k `x*` takes; `x*` fits no name and no tag; there is only `owls::owl`",
        ),
        (["moths/lun"], {"k": "x"}, "there is no spec `moths/lun`; did you mean `moths/luna`?"),
        (
            ["specs/moths"],
            {"k": "luna and dark"},
            "`specs/moths` has no case that -k `luna and dark` takes; there are `moths/luna::green`, `moths/luna::pale` and `moths/rare/atlas::dark`",
        ),
        (
            [],
            {"cases": ("owl",), "tags": ("night",), "k": "dark"},
            "no spec has a case that --case, --tag and -k take together: --case takes `owls::owl`; --tag takes `moths/luna::green` and `moths/luna::pale`; -k takes `moths/rare/atlas::dark`",
        ),
    ],
)
def test_what_selects_nothing_is_refused_and_told_what_there_is(
    shop: Workshop, arguments: list[str], given: Mapping[str, Any], message: str
) -> None:
    assert refused(shop, *arguments, **given) == message


def test_long_lists_are_shortened() -> None:
    assert quoted("abcdef") == "`a`, `b`, `c`, `d`, `e` and `f`"
    assert quoted("abcdefg") == "`a`, `b`, `c`, `d`, `e` and 2 more"


def test_the_specs_mistakes_come_before_a_selection_of_nothing(shop: Workshop) -> None:
    shop.edit("owls", "species }}", "specis }}")

    selection = select(shop.project, only=only(cases=("owl",), tags=("sloow",), k="x"))

    assert selection.cases == ()
    assert [found.code for found in selection.diagnostics] == ["P201"]


def test_a_spec_that_cannot_be_read_is_told_before_its_cases_are_looked_for(shop: Workshop) -> None:
    (shop.root / "specs" / "old.j2").write_text("")

    assert [found.code for found in select(shop.project, ["old::x"]).diagnostics] == ["P109"]


OPERATIONS: dict[str, Callable[[Project, Filter], list[str]]] = {
    "check": lambda project, only: [case.id for case in check(project, only=only).cases],
    "compile": lambda project, only: [f"{r.spec}::{r.case}" for r in compile_requests(project, only=only).requests],
    "run": lambda project, only: [case.id for case in run(project, only=only).results],
    "try": lambda project, only: [case.id for case in try_spec(project, "specs", only=only, target="emulator").results],
    "ls": lambda project, only: [case.id for case, _ in listing(project, only=only).rows],
    "pending": lambda project, only: [waiting.id for waiting in pending(project, only=only).waiting],
    "accept": lambda project, only: list(accept(project, only=only).cases),
    "reject": lambda project, only: list(reject(project, only=only).cases),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_takes_the_selected_cases_alone(shop: Workshop, operation: str) -> None:
    record = partial(run, shop.project, mode=RecordMode.ALL, target="emulator")
    record()
    record()  # now an answer waits for every case

    assert OPERATIONS[operation](shop.project, only(tags=("night",), k="not slow")) == ["moths/luna::pale"]


def test_a_part_of_the_cases_makes_no_orphans_of_the_others(shop: Workshop) -> None:
    run(shop.project, mode=RecordMode.ALL, target="emulator")
    shop.spec("owls").unlink()

    assert [found.code for found in check(shop.project).diagnostics] == ["P506"]
    assert check(shop.project, only=only(tags=("slow",))).diagnostics == ()
    assert run(shop.project, only=only(k="pale")).good


def test_ls_shows_tags_where_there_are_any(shop: Workshop) -> None:
    with_tags = listing(shop.project, ["moths/luna", "owls"])
    without = listing(shop.project, ["owls"])

    assert listing_table(with_tags, Style()) == (
        "case               model                   steps  recording  from  answered by  recorded  tags\n"
        "moths/luna::green  gemini-3.1-flash-image  1      missing    -     -            -         slow, night\n"
        "moths/luna::pale   gemini-3.1-flash-image  1      missing    -     -            -         night\n"
        "owls::owl          gemini-3.1-flash-image  1      missing    -     -            -         -\n"
    )
    assert listing_table(without, Style()) == (
        "case       model                   steps  recording  from  answered by  recorded\n"
        "owls::owl  gemini-3.1-flash-image  1      missing    -     -            -\n"
    )
    assert '"case": "green",\n      "tags": [\n        "slow",\n        "night"\n      ],\n' in listing_json(with_tags)
    assert '"case": "owl",\n      "tags": [],\n' in listing_json(without)


def test_a_folder_of_specs_is_named_as_their_names_begin(shop: Workshop) -> None:
    assert {case.spec for case in select(shop.project, ["moths"]).cases} == {"moths/luna", "moths/rare/atlas"}
