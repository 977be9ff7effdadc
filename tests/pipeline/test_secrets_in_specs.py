"""A secret in a spec is told at its line, before anything is asked; nothing shows it."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from promptc.config import Project, load
from promptc.diagnostics import Diagnostic
from promptc.errors import UsageError
from promptc.pipeline.accept import accept, reject
from promptc.pipeline.check import check
from promptc.pipeline.compile import compile_requests
from promptc.pipeline.listing import listing
from promptc.pipeline.pending import pending
from promptc.pipeline.rot import rotten_files
from promptc.pipeline.run import run
from promptc.pipeline.secrets import secrets_around, secrets_of
from promptc.pipeline.selection import select
from promptc.pipeline.trial import try_spec
from promptc.replay.modes import RecordMode
from promptc.report.full import full
from promptc.report.style import Style
from tests.workshop import BUTTERFLY, Workshop

CANARY = "canary-0123456789-abcdef"
VALUE = "the request holds the value of `COMETAPI_KEY`"
HELP = (
    "keys belong into the environment, and promptc sends them in a header; "
    "take this one out, and replace it where it was issued"
)
HEAD = 'model = "gemini-3.1-flash-image"\n'


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMETAPI_KEY", "GEMINI_API_KEY", "ACME_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COMETAPI_KEY", CANARY)


def found(shop: Workshop) -> list[Diagnostic]:
    return [diagnostic for diagnostic in check(shop.project).diagnostics if diagnostic.code == "P508"]


def told(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(shop.root)
    return full(found(shop), Style())


def test_the_message_points_at_the_secret_and_masks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop.make(tmp_path, {"moth": f'{HEAD}\n[[turns]]\ntext = "A moth, {CANARY}, on bark"\n'})
    assert told(shop, monkeypatch) == (
        f"error[P508]: {VALUE}\n"
        "  --> specs/moth.toml:4:17\n"
        "  |\n"
        '4 | text = "A moth, ************************, on bark"\n'
        "  |                 ^^^^^^^^^^^^^^^^^^^^^^^^\n"
        f"   = help: {HELP}\n"
    )


def split(key: str) -> str:
    return "\n    ".join([key[:9], key[9:]])


SPECS: dict[str, tuple[str, tuple[int, int]]] = {
    "in a text": (f'{HEAD}[[turns]]\ntext = "{CANARY}"\n', (3, 9)),
    "in the system instruction": (f'{HEAD}system = "{CANARY}"\n[[turns]]\ntext = "A moth"\n', (2, 11)),
    "in a part": (f'{HEAD}[[turns]]\nparts = [{{ text = "A" }}, {{ text = "a {CANARY}" }}]\n', (3, 38)),
    "in a model's turn": (
        f'{HEAD}[[turns]]\ntext = "A"\n[[turns]]\nrole = "model"\ntext = "{CANARY}"\n[[turns]]\ntext = "B"\n',
        (6, 9),
    ),
    "before a reply": (f'{HEAD}[[turns]]\ntext = "{CANARY}"\n[[turns]]\nreply = true\n[[turns]]\ntext = "B"\n', (3, 9)),
    "after a reply": (f'{HEAD}[[turns]]\ntext = "A"\n[[turns]]\nreply = true\n[[turns]]\ntext = "{CANARY}"\n', (7, 9)),
    "in lines": (f'{HEAD}[[turns]]\ntext = """\nA moth\n{split(CANARY)}\n"""\n', (5, 1)),
    "in escapes": (f'{HEAD}[[turns]]\ntext = "\\u0063{CANARY[1:]}"\n', (3, 9)),
    "in base64": (f'{HEAD}[[turns]]\ntext = "{base64.b64encode(CANARY.encode()).decode()}"\n', (3, 9)),
    "in a default": (f'{HEAD}[variables.name]\ndefault = "{CANARY}"\n[[turns]]\ntext = "A {{{{ name }}}}"\n', (3, 12)),
    "in a case": (
        (
            f'{HEAD}[variables.name]\ntype = "string"\n[[turns]]\ntext = "A {{{{ name }}}}"\n'
            f'[[cases]]\nname = "luna"\nvariables = {{ name = "{CANARY}" }}\n'
        ),
        (8, 23),
    ),
    "put together by a template": (
        f"{HEAD}[[turns]]\ntext = \"{CANARY[:9]}{{{{ '{CANARY[9:]}' }}}}\"\n",
        (3, 8),
    ),
    "over two parts": (
        f'{HEAD}[[turns]]\nparts = [{{ text = "{CANARY[:9]}" }}, {{ text = "{CANARY[9:]}" }}]\n',
        (2, 1),
    ),
    "in a function's name": (
        f'{HEAD}[[turns]]\ntext = "A"\n[[tools]]\nfunctionDeclarations = [{{ name = "{CANARY}", description = "d" }}]\n',
        (5, 35),
    ),
    "in a key": (
        (
            f'{HEAD}[[turns]]\ntext = "A"\n[generationConfig]\nresponseMimeType = "application/json"\n'
            f'responseJsonSchema = {{ type = "object", properties = {{ {CANARY} = {{ type = "string" }} }} }}\n'
        ),
        (6, 56),
    ),
    "in unchecked fields": (f'{HEAD}[[turns]]\ntext = "A"\n[unchecked]\nserviceTier = "{CANARY}"\n', (5, 16)),
}


@pytest.mark.parametrize("place", SPECS)
def test_a_secret_is_found_wherever_a_spec_holds_it(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, (line, column) = SPECS[place]
    shop = Workshop.make(tmp_path, {"moth": text})
    (diagnostic,) = found(shop)
    assert (diagnostic.message, diagnostic.help) == (VALUE, HELP)
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.column) == (line, column)
    assert CANARY not in diagnostic.span.source.text
    assert CANARY not in told(shop, monkeypatch)


def jinja(shop: Workshop) -> None:
    (shop.root / "specs/moth.j2").write_text(f"+++\n{HEAD}+++\n{{% user %}}\nA moth\nand {CANARY}\n{{% enduser %}}\n")


def included(shop: Workshop) -> None:
    (shop.root / "specs/_part.j2").write_text(f"a\n  {CANARY}\n")
    (shop.root / "specs/moth.toml").write_text(f"{HEAD}[[turns]]\ntext = \"{{% include '_part.j2' %}}\"\n")


def extended(shop: Workshop) -> None:
    (shop.root / "specs/_base.toml").write_text(f'{HEAD}system = "{CANARY}"\n')
    (shop.root / "specs/moth.toml").write_text('extends = "_base.toml"\n[[turns]]\ntext = "A moth"\n')


def text_file(shop: Workshop) -> None:
    (shop.root / "specs/notes.txt").write_text(f"COMETAPI_KEY={CANARY}\n")
    (shop.root / "specs/moth.toml").write_text(
        'model = "gemini-3-flash-preview"\n[[turns]]\nparts = [{ text = "A" }, { file = "notes.txt", mimeType = "text/plain" }]\n'
    )


def picture(shop: Workshop) -> None:
    comment = PngInfo()
    comment.add_text("Comment", f"made with {CANARY}")
    Image.new("RGB", (8, 8)).save(shop.root / "specs/moth.png", pnginfo=comment)
    (shop.root / "specs/moth.toml").write_text(
        f'{HEAD}[[turns]]\nparts = [{{ text = "A" }}, {{ image = "moth.png" }}]\n'
    )


def data_uri(shop: Workshop) -> None:
    picture(shop)
    encoded = base64.b64encode((shop.root / "specs/moth.png").read_bytes()).decode()
    (shop.root / "specs/moth.toml").write_text(
        f'{HEAD}[[turns]]\nparts = [{{ text = "A" }}, {{ image = "data:image/png;base64,{encoded}" }}]\n'
    )


FILES: dict[Callable[[Workshop], None], str] = {
    jinja: f"{VALUE}\n  --> specs/moth.j2:6:5",
    included: f"{VALUE}\n  --> specs/moth.toml:3:8",
    extended: f"{VALUE}\n  --> specs/_base.toml:2:11",
    text_file: "`specs/notes.txt` holds the value of `COMETAPI_KEY`\n  --> specs/moth.toml:3:35",
    picture: "`specs/moth.png` holds the value of `COMETAPI_KEY`\n  --> specs/moth.toml:3:36",
    data_uri: "a file in the request holds the value of `COMETAPI_KEY`\n  --> specs/moth.toml:3:138",
}


@pytest.mark.parametrize("make", FILES, ids=lambda make: make.__name__)
def test_a_secret_is_found_in_whatever_files_a_spec_is_made_of(
    make: Callable[[Workshop], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop.make(tmp_path, {})
    make(shop)
    text = told(shop, monkeypatch)
    assert text.startswith(f"error[P508]: {FILES[make]}\n")
    assert CANARY not in text


def test_names_go_into_file_names_so_they_hold_no_secrets_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop.make(tmp_path, {CANARY: BUTTERFLY, "moth": f'{BUTTERFLY}\n[[cases]]\nname = "{CANARY}"\n'})
    named = "the name of the case holds the value of `COMETAPI_KEY`"
    assert [diagnostic.message for diagnostic in found(shop)] == [named, named]
    assert [diagnostic.span.line for diagnostic in found(shop) if diagnostic.span] == [3, 11]
    monkeypatch.chdir(shop.root)
    assert CANARY not in secrets_of(shop.project).redact(told(shop, monkeypatch))


def test_many_cases_with_one_secret_are_told_once(tmp_path: Path) -> None:
    spec = f'{HEAD}[[turns]]\ntext = "{{{{ n }}}}"\n[variables.n]\ntype = "integer"\n[matrix]\nn = [1, 2, 3]\n'
    texts = {
        "all": spec.replace("{{ n }}", f"{{{{ n }}}} {CANARY}"),
        "one": spec.replace("{{ n }}", f"{{% if n == 2 %}}{CANARY}{{% endif %}}{{{{ n }}}}"),
    }
    for_all, for_one = found(Workshop.make(tmp_path, texts))
    assert (for_all.message, for_all.subject, for_all.details) == (VALUE, None, ())
    assert (for_one.message, for_one.subject, for_one.details) == (
        VALUE,
        "one::default-2",
        ("in the case `default-2`",),
    )


def test_what_the_command_line_sets_is_searched_too(tmp_path: Path) -> None:
    spec = f'{HEAD}[variables.name]\ndefault = "Luna"\n[[turns]]\ntext = "A {{{{ name }}}} moth"\n'
    shop = Workshop.make(tmp_path, {"moth": spec})
    values = tmp_path / "values.toml"
    values.write_text(f'name = "{CANARY}"\n')
    for result in (
        compile_requests(shop.project, variables={"name": CANARY}),
        compile_requests(shop.project, values=values),
        try_spec(shop.project, "moth", variables={"name": CANARY}, target="emulator"),
    ):
        (diagnostic,) = result.diagnostics
        assert (diagnostic.code, diagnostic.message) == ("P508", VALUE)
        assert diagnostic.span is not None
        assert (diagnostic.span.line, diagnostic.span.column) == (5, 8)


@pytest.mark.parametrize(
    ("secrets", "text", "message"),
    [
        ('env = ["ACME_TOKEN"]', "acme-token-value", "the request holds the value of `ACME_TOKEN`"),
        (
            'patterns = ["x{9}", "acme-[0-9]{8}"]',
            "acme-01234567",
            "the request holds what pattern 2 of `[secrets]` matches",
        ),
        ("", "sk-not-a-real-key-0123456789", "the request holds what looks like an API key"),
        ("", "AKIA0123456789ABCDEF", "the request holds what looks like an AWS access key id"),
        ("", "google-key-0123456789", "the request holds the value of `GEMINI_API_KEY`"),
        ("", "own-key-0123456789", "the request holds the value of `OWN_KEY`"),
    ],
)
def test_what_is_secret_is_the_projects_decision(
    secrets: str, text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_TOKEN", "  acme-token-value\n")
    monkeypatch.setenv("GEMINI_API_KEY", "google-key-0123456789")
    monkeypatch.setenv("OWN_KEY", "own-key-0123456789")
    shop = Workshop.make(tmp_path, {"moth": f'{HEAD}[[turns]]\ntext = "A moth, {text}"\n'})
    with (tmp_path / "promptc.toml").open("a") as file:
        file.write('[targets.own]\nbase_url = "https://own.example"\nkey_env = "OWN_KEY"\n')
        file.write(f"[secrets]\n{secrets}\n")
    (diagnostic,) = found(shop)
    assert diagnostic.message == message
    patterned = "take it out, or let `[secrets]` in promptc.toml say something else"
    assert diagnostic.help == (patterned if "pattern" in message else HELP)
    monkeypatch.delenv("ACME_TOKEN")
    monkeypatch.delenv("GEMINI_API_KEY")
    monkeypatch.delenv("OWN_KEY")
    assert bool(found(shop)) == ("value" not in message)


def test_short_values_are_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMETAPI_KEY", "moth")
    assert not found(Workshop.make(tmp_path, {"moth": f'{HEAD}[[turns]]\ntext = "A moth"\n'}))


MOTH = ("moth",)
OPERATIONS: dict[str, Callable[[Project], tuple[Diagnostic, ...]]] = {
    "check": lambda project: check(project, MOTH).diagnostics,
    "compile": lambda project: compile_requests(project, MOTH).diagnostics,
    "run": lambda project: run(project, MOTH, output=project.output).diagnostics,
    "record": lambda project: run(project, MOTH, mode=RecordMode.ALL).diagnostics,
    "ls": lambda project: listing(project, MOTH).diagnostics,
    "pending": lambda project: pending(project, MOTH).diagnostics,
    "accept": lambda project: accept(project, MOTH).diagnostics,
    "reject": lambda project: reject(project, MOTH).diagnostics,
    "try": lambda project: try_spec(project, "moth", output=project.output).diagnostics,
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_operation_goes_on_with_such_a_case_and_the_others_are_not_touched(operation: str, tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "moth": BUTTERFLY.replace("Monarch", CANARY)})
    project = replace(shop.project, target="emulator")
    assert [(found.code, found.message) for found in OPERATIONS[operation](project)] == [("P508", VALUE)]
    assert not (tmp_path / "cassettes").exists()
    assert not (tmp_path / "out").exists()
    assert run(project, ("butterfly",), mode=RecordMode.ALL).good


def test_a_case_that_is_left_out_for_its_secret_keeps_its_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = f'{BUTTERFLY}\n[[cases]]\nname = "a"\n[[cases]]\nname = "b"\nvariables = {{ who = "{CANARY}" }}\n'
    spec = spec.replace("A Monarch", "A {{ who }}") + '[variables.who]\ndefault = "Monarch"\n'
    shop = Workshop.make(tmp_path, {"moth": spec})
    monkeypatch.delenv("COMETAPI_KEY")
    assert shop.record().good
    monkeypatch.setenv("COMETAPI_KEY", CANARY)
    assert not list(rotten_files(select(shop.project)))


def test_the_secrets_of_a_project_are_what_its_variables_hold(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {})
    (tmp_path / "promptc.toml").write_text('version = 1\n[secrets]\nenv = ["A", "B", "C"]\npatterns = ["acme"]\n')
    secrets = secrets_of(shop.project, {"A": " first \n", "B": "", "GEMINI_API_KEY": "second", "PATH": "third"})
    assert (secrets.values, secrets.names, secrets.patterns) == (
        ("second", "first"),
        ("GEMINI_API_KEY", "A"),
        ("acme",),
    )
    assert secrets_around(tmp_path, {"A": "first"}) == secrets_of(shop.project, {"A": "first"})


@pytest.mark.parametrize(
    "text", ['version = 1\nx = "A"\n', "key_env = 'A'\n[", 'version = 1\n[secrets]\nenv = ["A", 1]\n']
)
def test_a_project_file_with_mistakes_still_names_its_secrets(tmp_path: Path, text: str) -> None:
    (tmp_path / "promptc.toml").write_text(text)
    secrets = secrets_around(tmp_path, {"A": "first", "COMETAPI_KEY": "second", "PATH": "third"})
    assert dict(zip(secrets.names, secrets.values, strict=True)) == {"A": "first", "COMETAPI_KEY": "second"}


def test_outside_of_a_project_the_built_in_targets_have_secrets(tmp_path: Path) -> None:
    assert secrets_around(tmp_path, {"COMETAPI_KEY": "first", "PATH": "second"}).values == ("first",)


def test_an_address_with_a_key_in_it_is_asked_nothing(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"moth": BUTTERFLY})
    with (tmp_path / "promptc.toml").open("a") as file:
        file.write(f'[targets.own]\nbase_url = "https://own.example/{CANARY}"\nauth = "none"\n')
    with pytest.raises(UsageError) as caught:
        run(load(tmp_path), mode=RecordMode.ALL, target="own")
    assert str(caught.value) == (
        "the address of the target `own` holds the value of `COMETAPI_KEY`; promptc sends keys in a header; nothing was asked"
    )
    assert not shop.cassette("moth").exists()
