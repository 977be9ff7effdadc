"""Recordings as plain cassettes: stock vcrpy replays them without a socket, and they come back as they went."""

import json
from pathlib import Path

import pytest
import yaml

from promptc.diagnostics import Diagnostic
from promptc.errors import SecretFoundError, UsageError
from promptc.pipeline.answers import answers
from promptc.pipeline.export_cassette import ExportResult, export_cassettes
from promptc.pipeline.import_cassette import import_cassettes
from promptc.pipeline.run import run
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay import plain_writer
from promptc.replay.modes import RecordMode
from promptc.replay.plain_writer import write_plain
from promptc.replay.recording import Recording
from promptc.replay.secrets import Secrets
from promptc.request import Request
from tests.replay import stock
from tests.replay.made import RawServer, answer, drawn, encoded, http, image, interaction, provenance, request
from tests.workshop import BUTTERFLY, CHAT, Workshop

SPECS = {
    "butterfly": BUTTERFLY,
    "deep/chat": CHAT,
    "stream": 'model = "gemini-3.1-flash-image"\nstream = true\n[[turns]]\ntext = "A moth"\n',
    "error": 'model = "gemini-3.1-flash-image"\n[[turns]]\ntext = "No"\n[expect]\nerror = { status = 400 }\n',
    "odd": 'model = "gemini-3.1-flash-image"\n[[turns]]\ntext = "Öd 🦋"\n',
    "pictures": 'model = "gemini-3.1-flash-image"\n[[turns]]\n'
    'parts = [{ text = "Which?" }, { image = "images/a.png" }, { image = "images/b.png" }]\n',
}
STEPS = [answer({"text": f"step {n}"}, image(drawn(n), thoughtSignature=encoded(b"s" * 900))) for n in (1, 2, 3)]
ANSWERS: dict[str, list[tuple[str, bytes, str]]] = {
    "butterfly": [("200 OK", answer({"text": "A picture\u2028"}, image(drawn(9))), "application/json")],
    "deep/chat": [("200 OK", step, "application/json") for step in STEPS],
    "error": [("400 Bad Request", b'{"error": {"code": 400, "message": "no"}}\n', "application/json; charset=UTF-8")],
    "odd": [("200 OK", answer({"text": "odd"}).replace(b"odd", b"\xff\xfe"), "application/json")],
    "pictures": [("200 OK", answer({"text": "The second.\r\n"}), "application/json")],
    "stream": [("200 OK", b"data: %b\r\n\r\n" % answer({"text": "A moth"}) * 2, "text/event-stream")],
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.chdir(tmp_path)
    return Workshop.make(tmp_path, {"butterfly": BUTTERFLY})


def exported(shop: Workshop, *specs: str, to: str = "plain", force: bool = False) -> ExportResult:
    return export_cassettes(shop.project, specs, shop.root / to, force=force)


def sent(shop: Workshop) -> dict[str, list[Request]]:
    """Return every case's requests, with the answers before them."""
    project, found = shop.project, {}
    with reached(project, project.find_target(None), ask=False) as endpoint:
        for case in select(project).cases:
            unit = Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE)
            with unit.session(unit.store.load(unit.store.accepted), unit.store.accepted, RecordMode.NONE) as session:
                found[case.spec] = [asked for asked, _ in answers(unit, session)]
    return found


def test_stock_vcrpy_replays_every_kind_of_recording_and_it_comes_back_the_same(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "one", SPECS)
    (shop.root / "specs" / "images").mkdir()
    for number, name in enumerate("ab"):
        (shop.root / "specs" / "images" / f"{name}.png").write_bytes(drawn(number))
    acts = [
        http(body, status, Content_Type=kind, x_request_id="r-1")
        for _, rows in sorted(ANSWERS.items())
        for status, body, kind in rows
    ]
    with RawServer(*acts) as server:
        settings = (shop.root / "promptc.toml").read_text()
        target = f'[targets.served]\nbase_url = "{server.base_url}"\nauth = "none"\n'
        (shop.root / "promptc.toml").write_text(settings + target)
        recorded = run(shop.project, mode=RecordMode.NEW_EPISODES, target="served", jobs=1)
        url = server.base_url
    assert [result.kept for result in recorded.results] == ["accepted"] * 6, recorded.results

    result = exported(shop)

    assert result.good
    names = {f"{spec}/default.yaml" for spec in SPECS}
    assert set(shop.files("plain")) == names
    plan = [
        (shop.root / "plain" / spec / "default.yaml", [(url + one.path("v1beta"), one.wire_body()) for one in requests])
        for spec, requests in sorted(sent(shop).items())
    ]
    expected = [
        (int(status[:3]), body) for _, rows in sorted(ANSWERS.items()) for _ in range(2) for status, body, _ in rows
    ]
    assert stock.replay(plan) == expected

    texts = b"".join(shop.files("plain").values())
    assert b"promptc" not in texts
    assert b"sha256:" not in texts
    assert b"!!python" not in texts
    other = Workshop.make(tmp_path / "two", SPECS)
    (shop.root / "specs" / "images").rename(other.root / "specs" / "images")
    back = import_cassettes(other.project, [shop.root / "plain" / name for name in sorted(names)])
    assert sorted(case.word for case in back.cases) == ["accepted"] * 6
    mine, theirs = shop.files(), other.files()
    assert {n: b for n, b in mine.items() if ".yaml" not in n} == {n: b for n, b in theirs.items() if ".yaml" not in n}
    for name in names:
        first, second = yaml.safe_load(mine[name]), yaml.safe_load(theirs[name])
        assert first["interactions"] == second["interactions"]


def test_what_is_not_fresh_is_told_and_the_rest_is_written(shop: Workshop) -> None:
    shop.spec("gone").write_text(BUTTERFLY.replace("Monarch", "Luna"))
    shop.spec("stale").write_text(BUTTERFLY.replace("Monarch", "Atlas"))
    shop.spec("skipped").write_text(BUTTERFLY + '[[cases]]\nname = "default"\nskip = "later"\n')
    shop.record()
    shop.spec("missing").write_text(BUTTERFLY.replace("Monarch", "Emperor"))
    shop.edit("stale", "parchment", "vellum")
    shop.cassette("gone/default.1.1.png").unlink()

    result = exported(shop)

    assert set(shop.files("plain")) == {"butterfly/default.yaml"}
    assert [(case.state.id, case.file is not None) for case in result.cases] == [
        ("butterfly::default", True),
        ("gone::default", False),
        ("missing::default", False),
        ("skipped::default", False),
        ("stale::default", False),
    ]
    assert [(found.code, found.subject) for found in result.diagnostics] == [
        ("P512", "gone::default"),
        ("P502", "missing::default"),
        ("P501", "stale::default"),
    ]
    assert not result.good
    assert exported(shop, "butterfly", to="again").good


def test_a_newer_answer_that_waits_is_told_and_the_one_that_counts_is_written(shop: Workshop) -> None:
    shop.record()
    shop.record(mode=RecordMode.ALL)

    result = exported(shop)

    assert (result.good, [(found.code, found.severity) for found in result.diagnostics]) == (
        True,
        [("P505", "warning")],
    )
    assert set(shop.files("plain")) == {"butterfly/default.yaml"}


def test_a_file_that_is_there_is_replaced_only_by_force(shop: Workshop) -> None:
    shop.record()
    path = shop.root / "plain" / "butterfly" / "default.yaml"
    path.parent.mkdir(parents=True)
    (shop.root / "elsewhere").write_text("somebody's")
    for make in (lambda: path.write_text("somebody's"), lambda: path.symlink_to("../../nowhere")):
        make()
        refused = exported(shop)
        assert refused.diagnostics == (
            Diagnostic(
                code="P509",
                message="`butterfly::default` was not written: there is a file in its place",
                file="plain/butterfly/default.yaml",
                subject="butterfly::default",
                help="`--force` replaces it",
            ),
        )
        assert path.is_symlink() or path.read_text() == "somebody's"
        assert exported(shop, force=True).good
        assert path.read_text().startswith("interactions:\n")
        path.unlink()
    assert not (shop.root / "nowhere").exists()
    assert [entry.name for entry in path.parent.iterdir()] == []


@pytest.mark.parametrize("output", ["specs", "specs/plain", "cassettes", "cassettes/butterfly", "link", "."])
def test_specs_and_recordings_are_no_place_to_write_to(shop: Workshop, output: str) -> None:
    shop.spec("cassettes/moth").parent.mkdir()
    shop.spec("cassettes/moth").write_text(BUTTERFLY)
    shop.record()
    (shop.root / "link").symlink_to("cassettes")
    before = shop.files(".")
    with pytest.raises(UsageError, match="can't take output: it lies in"):
        export_cassettes(shop.project, (), (shop.root / output).resolve(), force=True)
    assert shop.files(".") == before


def test_a_disk_that_refuses_leaves_nothing_half_and_the_old_file_as_it_was(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.record()
    exported(shop)
    before = shop.files("plain")

    def full(_: Path, __: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plain_writer, "write_new", full)
    (found,) = exported(shop, force=True).diagnostics
    assert (found.code, found.message) == (
        "P509",
        "`plain/butterfly/default.yaml` was not written: No space left on device",
    )
    assert shop.files("plain") == before

    monkeypatch.undo()
    monkeypatch.chdir(shop.root)
    (shop.root / "other").mkdir()
    (shop.root / "other" / "butterfly").write_text("a file in a folder's place")
    (found,) = exported(shop, to="other").diagnostics
    assert (found.code, found.message) == ("P509", "`other/butterfly` was not written: File exists")


@pytest.mark.parametrize(
    ("secret", "where"),
    [
        ("A Monarch", "the request"),
        ("words of the answer", "the answer"),
        ("r-secret", "the header `x-request-id` of the answer"),
        ("xxxxxxsecret", "`x.1.1.bin`"),
        ("monarch.example", "the request"),
    ],
)
def test_nothing_secret_is_written(tmp_path: Path, secret: str, where: str) -> None:
    asked = request()
    body = answer({"text": "words of "}, {"text": "the answer"}, {"thoughtSignature": encoded(b"x" * 600 + b"secret")})
    stored, response = interaction(asked, body, x_request_id="r-secret")
    stored.uri = stored.uri.replace("api.cometapi.com", "monarch.example")
    recording = Recording(requests=[stored], responses=[response], provenance=provenance([asked]))
    path = tmp_path / "out" / "x.yaml"

    with pytest.raises(SecretFoundError) as caught:
        write_plain(path, recording, [asked], [(stored, response)], Secrets(values=(secret,)))
    assert str(caught.value) == f"{where} holds the API key; {path.as_posix()} was not written"
    assert not path.exists()
    write_plain(path, recording, [asked], [(stored, response)], Secrets())
    assert json.loads(yaml.safe_load(path.read_text())["interactions"][0]["request"]["body"]) == asked.body


def test_the_same_recording_gives_the_same_file(shop: Workshop) -> None:
    shop.record()
    exported(shop)
    before = shop.files("plain")
    exported(shop, force=True)
    assert shop.files("plain") == before
