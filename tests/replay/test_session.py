"""A case's talk: recorded, replayed without any socket, matched by what the API would see."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from promptc.blob import Blob
from promptc.config import Auth, Target
from promptc.emulator.server import Emulator
from promptc.errors import UsageError, WireError
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.recording import Recording
from promptc.replay.session import key_of
from promptc.replay.store import Store
from promptc.replay.transport import MissError
from promptc.request import Request
from promptc.response import Response
from promptc.tree import Tree
from tests.conftest import REPO
from tests.replay.made import (
    MODEL,
    RawServer,
    answer,
    endpoint,
    files,
    http,
    image,
    picture,
    replayed,
    request,
    session,
    store,
)

NOWHERE = "http://nowhere.invalid"
KEY = "a-key/that+nobody=has"
BODY = answer({"text": "Here it is."}, image(picture(1)))


@pytest.fixture
def at(tmp_path: Path) -> Store:
    return store(tmp_path)


def loaded(at: Store) -> Recording:
    found = at.load(at.accepted)
    assert found is not None
    return found


def record(at: Store, base_url: str, *requests: Request) -> list[Response]:
    with session(at, endpoint(base_url)) as talk:
        made = [talk.ask(one) for one in requests]
        assert talk.asked == len(requests)
        talk.save(accept=True)
    return made


def replay(at: Store, *requests: Request, mode: RecordMode = RecordMode.NONE) -> list[Response]:
    with offline(), session(at, endpoint(NOWHERE), mode, loaded(at)) as talk:
        made = [talk.ask(one) for one in requests]
        assert talk.asked == 0
    return made


def test_a_replayed_answer_is_the_recorded_one(at: Store) -> None:
    with Emulator() as emulator:
        made = record(at, emulator.base_url, request(), request("A Luna moth"))
    assert replay(at, request(), request("A Luna moth")) == made
    assert [one.images[0].media_type for one in made] == ["image/png"] * 2
    provenance = loaded(at).provenance
    assert (provenance.target, provenance.emulator, provenance.tool) == ("cometapi", True, "promptc 0")
    assert [step.fingerprint for step in provenance.steps] == [
        request().fingerprint,
        request("A Luna moth").fingerprint,
    ]
    assert {step.model_version for step in provenance.steps} == {f"promptc-emulator/{MODEL}"}


def test_a_streamed_answer_comes_back_byte_for_byte(at: Store) -> None:
    asked = request(method="streamGenerateContent")
    with Emulator() as emulator:
        made = record(at, emulator.base_url, asked)
    body = replayed(at)[0]
    assert body.startswith(b"data: {")
    assert body.endswith(b"\r\n\r\n")
    assert replay(at, asked) == made
    with pytest.raises(MissError):
        replay(at, request())


REPLAY = """
import sys
from pathlib import Path
from promptc.replay.modes import RecordMode
from tests.replay.made import endpoint, request, session, store

at = store(Path(sys.argv[1]))
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith(("socket.", "subprocess.")) else None)
for _ in range(3):
    with session(at, endpoint("http://nowhere.invalid"), RecordMode.NONE, at.load(at.accepted)) as talk:
        print(talk.ask(request()).text)
print(seen)
"""


def test_a_replay_makes_not_even_a_socket(tmp_path: Path, at: Store) -> None:
    with RawServer(http(BODY)) as server:
        record(at, server.base_url, request())
    done = subprocess.run(
        [sys.executable, "-c", REPLAY, str(tmp_path)], cwd=REPO, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("Here it is.\n" * 3 + "[]\n", "")


def test_mode_none_has_no_way_to_a_socket_even_where_nothing_refuses_it(at: Store) -> None:
    with RawServer(http(BODY)) as server:
        with session(at, endpoint(server.base_url), RecordMode.NONE) as talk, pytest.raises(MissError):
            talk.ask(request())
        assert server.seen == []


@pytest.mark.parametrize(
    ("mode", "recorded", "text", "asked"),
    [
        (RecordMode.NONE, True, "A Monarch butterfly", 0),
        (RecordMode.NONE, True, "another", None),
        (RecordMode.NONE, False, "A Monarch butterfly", None),
        (RecordMode.ONCE, True, "A Monarch butterfly", 0),
        (RecordMode.ONCE, True, "another", None),
        (RecordMode.ONCE, False, "A Monarch butterfly", 1),
        (RecordMode.NEW_EPISODES, True, "A Monarch butterfly", 0),
        (RecordMode.NEW_EPISODES, True, "another", 1),
        (RecordMode.NEW_EPISODES, False, "A Monarch butterfly", 1),
        (RecordMode.ALL, True, "A Monarch butterfly", 1),
        (RecordMode.ALL, True, "another", 1),
        (RecordMode.ALL, False, "A Monarch butterfly", 1),
    ],
)
def test_record_modes_mean_what_vcrpy_means(
    at: Store, mode: RecordMode, text: str, asked: int | None, *, recorded: bool
) -> None:
    with RawServer(http(BODY)) as server:
        if recorded:
            record(at, server.base_url, request())
            server.seen.clear()
        with session(at, endpoint(server.base_url), mode, loaded(at) if recorded else None) as talk:
            if asked is None:
                with pytest.raises(MissError):
                    talk.ask(request(text))
            else:
                assert talk.ask(request(text)).text == "Here it is."
            assert talk.asked == (asked or 0)
    assert len(server.seen) == (asked or 0)


def test_equal_requests_get_their_answers_in_order_and_none_twice(at: Store) -> None:
    bodies = [answer({"text": word}) for word in ("one", "two")]
    with (
        RawServer(*map(http, bodies)) as server,
        session(at, endpoint(server.base_url), RecordMode.ALL) as talk,
    ):
        assert [talk.ask(request()).text for _ in bodies] == ["one", "two"]
        talk.save(accept=True)
    assert [made.text for made in replay(at, request(), request())] == ["one", "two"]
    with pytest.raises(MissError):
        replay(at, request(), request(), request())


RESPELT: dict[str, Callable[[], Request]] = {
    "snake case": lambda: request(generation_config={"image_config": {"image_size": "512"}}),
    "null for absent": lambda: request(generationConfig={"imageConfig": {"imageSize": "512"}, "seed": None}),
}


@pytest.mark.parametrize("respelt", RESPELT.values(), ids=RESPELT.keys())
def test_a_request_that_the_api_cannot_tell_apart_replays(at: Store, respelt: Callable[[], Request]) -> None:
    with RawServer(http(BODY)) as server:
        record(at, server.base_url, request())
    assert replay(at, respelt())[0].text == "Here it is."


CHANGED: dict[str, Callable[[], Request]] = {
    "a word": lambda: request("A Monarch moth"),
    "a space": lambda: request("A Monarch butterfly "),
    "a look-alike letter": lambda: request("A M\u043enarch butterfly"),
    "the model": lambda: request(model="gemini-3-pro-image"),
    "the method": lambda: request(method="streamGenerateContent"),
    "a number": lambda: request(generationConfig={"imageConfig": {"imageSize": "1K"}}),
    "a field more": lambda: request(generationConfig={"imageConfig": {"imageSize": "512"}, "seed": 1}),
    "a field less": lambda: request(generationConfig={"seed": 1}),
}


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED.keys())
def test_a_request_that_changed_in_anything_never_gets_the_old_answer(
    at: Store, changed: Callable[[], Request]
) -> None:
    with RawServer(http(BODY)) as server:
        record(at, server.base_url, request())
    with pytest.raises(MissError):
        replay(at, changed())


def with_picture(blob: Blob) -> Request:
    part: Tree = {"inlineData": {"mimeType": "image/png", "data": blob}}
    return replace(request(), contents=({"role": "user", "parts": [part]},))


def test_pictures_are_sent_as_base64_and_stored_as_digests(tmp_path: Path, at: Store) -> None:
    path = tmp_path / "wing.png"
    path.write_bytes(picture(5))
    blob = Blob.of_bytes(picture(5), "image/png")
    on_disk = Blob(media_type="image/png", size=blob.size, sha256=blob.sha256, path=path)
    with RawServer(http(BODY)) as server:
        record(at, server.base_url, with_picture(on_disk))
    sent = json.loads(server.seen[0].partition(b"\r\n\r\n")[2])
    assert sent["contents"][0]["parts"] == [image(picture(5))]
    text = at.accepted.read_text()
    assert blob.digest in text
    assert sent["contents"][0]["parts"][0]["inlineData"]["data"] not in text
    path.unlink()
    assert replay(at, with_picture(on_disk))[0].text == "Here it is."
    with pytest.raises(MissError):
        replay(at, with_picture(Blob.of_bytes(picture(6), "image/png")))


def test_a_picture_that_vanished_or_changed_since_it_was_compiled_is_not_sent(tmp_path: Path, at: Store) -> None:
    path = tmp_path / "wing.png"
    blob = Blob(media_type="image/png", size=3, sha256=Blob.of_bytes(b"old", "image/png").sha256, path=path)
    with RawServer(http(BODY)) as server, session(at, endpoint(server.base_url)) as talk:
        with pytest.raises(WireError) as caught:
            talk.ask(with_picture(blob))
        assert str(caught.value) == (
            f"`{path.as_posix()}` can't be read any more: No such file or directory; nothing was asked"
        )
        path.write_bytes(b"new")
        with pytest.raises(WireError, match=r"^wing\.png changed while promptc ran; run the command again$"):
            talk.ask(with_picture(blob))
        assert talk.asked == 0
    assert server.seen == []


# keys


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("bearer", {"authorization": f"Bearer {KEY}"}),
        ("x-goog-api-key", {"x-goog-api-key": KEY}),
        ("raw", {"authorization": KEY}),
        ("none", {}),
    ],
)
def test_the_key_is_sent_as_the_target_wants_it_and_never_written(
    at: Store, auth: Auth, header: dict[str, str]
) -> None:
    with (
        RawServer(http(BODY, Set_Cookie="session=secret-cookie", Content_Type="application/json")) as server,
        session(at, endpoint(server.base_url, key=KEY, auth=auth)) as talk,
    ):
        talk.ask(request())
        talk.ask(request("A Luna moth"))
        talk.save(accept=True)
        host = server.base_url.removeprefix("http://")
    for index in (0, 1):
        length = len(server.seen[index].partition(b"\r\n\r\n")[2])
        sent = server.headers(index)
        sent.pop("user-agent")
        assert sent == {
            "host": host,
            "accept": "application/json",
            "accept-encoding": "gzip",
            "content-type": "application/json",
            "content-length": str(length),
            **header,
        }
    written = b"".join((at.folder / name).read_bytes() for name in files(at))
    for word in (KEY, "Bearer", "uthorization", "x-goog", "cookie"):
        assert word.encode() not in written


@pytest.mark.parametrize("key", [None, KEY])
def test_a_netrc_changes_nothing(tmp_path: Path, at: Store, monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login moth password s3cret\ndefault login a password b\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with RawServer(http(BODY)) as server, session(at, endpoint(server.base_url, key=key)) as talk:
        talk.ask(request())
    assert server.headers().get("authorization") == (f"Bearer {key}" if key else None)


@pytest.mark.parametrize(
    "key", ["two\nlines-of-key", "sp ace-key", "zero\u200bwidth-key", "sch\u00f6ne-key", "k\udcffey-key"]
)
def test_a_key_that_no_header_carries_is_refused_without_being_shown(at: Store, key: str) -> None:
    with (
        RawServer(http(BODY)) as server,
        session(at, endpoint(server.base_url, key=key)) as talk,
        pytest.raises(WireError) as caught,
    ):
        talk.ask(request())
    assert str(caught.value) == "the key of the target `cometapi` holds characters that no key has; nothing was asked"
    assert server.seen == []
    target = Target(name="cometapi", base_url=NOWHERE, key_env="COMETAPI_KEY")
    with pytest.raises(UsageError) as told:
        key_of(target, {"COMETAPI_KEY": key})
    assert str(told.value) == (
        "the environment variable COMETAPI_KEY holds characters that no key has (a space, a line break, "
        "a letter outside ASCII); copy the key again"
    )


def test_a_key_comes_from_the_environment_without_the_white_space_around_it() -> None:
    target = Target(name="cometapi", base_url=NOWHERE, key_env="COMETAPI_KEY")
    assert key_of(target, {"COMETAPI_KEY": f" {KEY}\n"}) == KEY
    assert key_of(Target(name="emulator", base_url=NOWHERE, auth="none"), {}) is None
    for environment in ({}, {"COMETAPI_KEY": ""}, {"COMETAPI_KEY": " \n"}):
        with pytest.raises(UsageError) as caught:
            key_of(target, environment)
        assert str(caught.value) == (
            "the target `cometapi` needs a key: the environment variable COMETAPI_KEY is not set; "
            "nothing was asked (to try without a key: --target emulator)"
        )


def test_an_endpoint_does_not_show_its_key() -> None:
    assert KEY not in repr(endpoint(NOWHERE, key=KEY))
