"""One way to a screen: whatever a command shows has no secrets, and no command has another way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import promptc
from promptc.cli import sink
from promptc.cli.main import main
from promptc.config import Target
from promptc.errors import SecretFoundError
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.secrets import Secrets
from promptc.replay.session import Endpoint
from promptc.report.as_json import dumped
from tests.replay.made import case, endpoint, project, request, session, store
from tests.workshop import BUTTERFLY, Workshop

KEY = "canary/NOT+a=real&key'0123456789"
PACKAGE = Path(promptc.__file__).parent
WAYS = {
    "cli/sink.py": {"click.echo", "sys.stdout"},
    "cli/asking.py": {"sys.stderr"},  # whether somebody sees a question
    "cli/faces.py": {"click.echo", "sys.stdout", "sys.stderr"},  # a counter of cases, and whether there is colour
    "cli/main.py": {"sys.stderr"},  # closes it
    "cli/prune_command.py": {"sys.stdout"},  # whether somebody sees a question
    "cli/review_command.py": {"sys.stdout", "sys.stderr"},  # whether somebody sees a question; what checks print
    "cli/stopping.py": {"sys.stdout", "sys.stderr"},  # empties them before it leaves
    "report/style.py": {"sys.stdout"},
}
"""Who may touch a stream."""


def streams(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "print":
            yield "print"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            if name in {"click.echo", "click.secho", "sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}:
                yield name


def test_nothing_but_the_sink_prints() -> None:
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        assert set(streams(ast.parse(path.read_text(encoding="utf-8")))) <= WAYS.get(name, set()), name


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMETAPI_KEY", KEY)
    monkeypatch.chdir(Workshop.make(tmp_path, {"butterfly": BUTTERFLY}).root)
    with Path("promptc.toml").open("a") as file:  # nothing is asked here, and if it were, then not of anybody
        file.write('[targets.cometapi]\nbase_url = "http://127.0.0.1:9"\nkey_env = "COMETAPI_KEY"\n')
    sink.known.cache_clear()
    return tmp_path


@pytest.mark.usefixtures("here")
def test_what_is_shown_has_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    sink.show(f"out {KEY}\n")
    sink.show(f"err {KEY}\n", err=True)
    sink.show(dumped({"text": KEY}))
    sink.show("no secret\n", exact=True)
    sink.show(f"{KEY[:20]}…\n")
    assert capsys.readouterr() == ('out ***\n{\n  "text": "***"\n}\nno secret\n***…\n', "err ***\n")


@pytest.mark.usefixtures("here")
def test_what_programs_read_is_whole_or_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SecretFoundError) as caught:
        sink.show(f'{{"body": "{KEY}"}}\n', exact=True)
    assert str(caught.value) == "what was to be printed holds the value of `COMETAPI_KEY`; it was not printed"
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("here")
def test_what_is_secret_is_looked_up_for_each_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ("first-secret-value", "second-secret-value"):
        monkeypatch.setenv("COMETAPI_KEY", value)
        with pytest.raises(SystemExit):
            main(["check", value])
        told = "error: there is no spec `***`; `promptc ls` lists the specs in specs\n"
        assert capsys.readouterr() == ("", told)


@pytest.mark.usefixtures("here")
def test_the_examples_of_the_explanations_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["explain", "P508"])
    assert "sk-not-a-real-key-0123456789" in capsys.readouterr().out


@pytest.mark.parametrize("value", [f"{KEY} {KEY}", f"{KEY}é", f"{KEY}\n{KEY}", f"{KEY}\u2028{KEY}"])
@pytest.mark.usefixtures("here")
def test_a_key_with_odd_characters_is_not_shown(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMETAPI_KEY", value)
    with pytest.raises(SystemExit):
        main(["record"])
    assert capsys.readouterr() == (
        "",
        (
            "error: the environment variable COMETAPI_KEY holds characters that no key has (a space, a line break, "
            "a letter outside ASCII); copy the key again\n"
        ),
    )


def test_no_object_shows_a_key(tmp_path: Path) -> None:
    known = Secrets(values=(KEY,), names=("COMETAPI_KEY",), patterns=("acme-[0-9]+",))
    to = Endpoint(target=Target(name="own", base_url="https://own.example"), base_url="", key=KEY, known=known)
    unit = Unit(project=project(tmp_path), case=case(request()), endpoint=to, mode=RecordMode.NONE)
    with session(store(tmp_path), endpoint("https://own.example", key=KEY)) as talk:
        call = talk._call(request())
        assert call.headers["Authorization"] == f"Bearer {KEY}"
        for shown in map(repr, (to, to.secrets, unit, call, talk, talk.adapter, talk.http, talk.cassette)):
            assert KEY not in shown
            assert "acme" not in shown
