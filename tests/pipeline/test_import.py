"""Plain cassettes become recordings: what stock vcrpy has recorded replays byte for byte, and nothing passes silently."""

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from promptc.codes import CODES
from promptc.diagnostics import Diagnostic, Severity
from promptc.emulator.server import Emulator
from promptc.pipeline.accept import accept, reject
from promptc.pipeline.check import check
from promptc.pipeline.filter import Filter
from promptc.pipeline.import_cassette import ImportResult, import_cassettes
from promptc.pipeline.results import Status
from promptc.pipeline.run import run
from promptc.pipeline.selection import select
from promptc.pipeline.unit import TOOL, store_of
from promptc.replay.modes import RecordMode
from promptc.replay.store import Store
from promptc.request import Case
from tests.replay import stock
from tests.replay.made import RawServer, answer, drawn, encoded, http, image, replayed
from tests.workshop import BUTTERFLY, CHAT, Workshop

GOOGLE = "https://generativelanguage.googleapis.com/v1beta/models"
TEXT = 'model = "gemini-3.1-flash-image"\n[[turns]]\ntext = "{}"\n'
JSON = {"Content_Type": "application/json; charset=UTF-8", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.chdir(tmp_path)
    return Workshop.make(tmp_path, {"butterfly": BUTTERFLY})


def case_of(shop: Workshop, spec: str = "butterfly") -> Case:
    (found,) = (case for case in select(shop.project).cases if case.spec == spec)
    return found


def store(shop: Workshop, spec: str = "butterfly") -> Store:
    return store_of(shop.project, spec, "default")


def brought(shop: Workshop, *names: str, **options: Any) -> ImportResult:
    return import_cassettes(shop.project, [shop.root / name for name in names or ("stock.yaml",)], **options)


def words(result: ImportResult) -> dict[str, str]:
    return {case.result.id: case.word for case in result.cases}


def said(result: ImportResult) -> list[tuple[str, str]]:
    return [(found.severity.value, found.message) for found in result.diagnostics]


def sentence(text: str, seed: int = 1) -> bytes:
    return answer({"text": text}, image(drawn(seed), thoughtSignature=encoded(b"s" * 700)))


def talk(shop: Workshop, spec: str, bodies: Sequence[bytes]) -> list[bytes]:
    """Return what a client sends that gives each answer back as it came."""
    replies = [json.loads(body)["candidates"][0]["content"] for body in bodies]
    return [request.bind(replies).wire_body() for request in case_of(shop, spec).requests]


def pair(
    asked: Any, body: bytes | str, *, route: str = "gemini-3.1-flash-image:generateContent", code: int = 200
) -> Any:
    """Return an interaction as vcrpy writes it."""
    return {
        "request": {"method": "POST", "uri": f"{GOOGLE}/{route}?key=not-kept", "body": asked, "headers": {}},
        "response": {
            "status": {"code": code, "message": ""},
            "headers": {"Content-Type": ["application/json"]},
            "body": {"string": body.decode() if isinstance(body, bytes) else body},
        },
    }


def write(shop: Workshop, *pairs: Any, name: str = "stock.yaml") -> Path:
    path = shop.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "interactions": pairs}))
    return path


# round trips


BODY = sentence("A Monarch 🦋\u2028 on parchment")
EVENTS = b"".join(b"data: %b\r\n\r\n" % answer({"text": text}) for text in ("A Mon", "arch"))


def chunked(body: bytes, kind: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    parts = [body[start : start + 1000] for start in range(0, len(body), 1000)]
    return head.encode() + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])


WIRES: dict[str, tuple[bytes, bytes]] = {
    "plain": (http(BODY, **JSON), BODY),
    "gzip": (http(gzip.compress(BODY), Content_Encoding="gzip", **JSON), BODY),
    "deflate": (http(zlib.compress(BODY), Content_Encoding="deflate", **JSON), BODY),
    "chunked": (chunked(BODY, "application/json"), BODY),
    "an indented answer": (http(json.dumps(json.loads(BODY), indent=2).encode(), **JSON), json.dumps(json.loads(BODY), indent=2).encode()),
}  # fmt: skip
RECORDERS: dict[str, Callable[[Path, str, Any], None]] = {
    "stock.yaml": lambda path, url, body: stock.record(path, [(url, body)]),
    "stock.json": lambda path, url, body: stock.record(path, [(url, body)], decode_compressed_response=True),
    "raw.yaml": stock.record_raw,
}


@pytest.mark.parametrize("name", RECORDERS)
@pytest.mark.parametrize(("wire", "body"), WIRES.values(), ids=WIRES)
def test_what_stock_vcrpy_records_runs_offline_byte_for_byte(
    shop: Workshop, name: str, wire: bytes, body: bytes
) -> None:
    asked = {
        "contents": {"parts": {"text": "A Monarch butterfly on textured parchment"}},
        "generation_config": {
            "response_modalities": ["text", "image"],
            "image_config": {"aspect_ratio": "1:1", "image_size": "512"},
        },
    }
    with RawServer(wire) as server:
        url = f"{server.base_url}/v1beta/models/gemini-3.1-flash-image:generateContent?key=not-kept"
        RECORDERS[name](shop.root / name, url, asked)

    result = brought(shop, name)

    assert (words(result), result.good, said(result)) == ({"butterfly::default": "accepted"}, True, [])
    assert replayed(store(shop)) == [body]
    ran = shop.replay()
    assert (ran.good, ran.results[0].asked, len(ran.results[0].steps[0].images)) == (True, 0, 1)
    assert b"not-kept" not in b"".join(shop.files().values())


@pytest.mark.parametrize("name", RECORDERS)
@pytest.mark.parametrize("packed", [False, True])
def test_event_streams_come_over_with_every_line_end(shop: Workshop, name: str, *, packed: bool) -> None:
    shop.spec("butterfly").write_text("stream = true\n" + TEXT.format("A moth"))
    wire = gzip.compress(EVENTS) if packed else EVENTS
    encoding = {"Content_Encoding": "gzip"} if packed else {}
    with RawServer(http(wire, Content_Type="text/event-stream", **encoding)) as server:
        url = f"{server.base_url}/v1beta/models/gemini-3.1-flash-image:streamGenerateContent?alt=sse"
        RECORDERS[name](shop.root / name, url, {"contents": [{"parts": [{"text": "A moth"}]}]})

    assert brought(shop, name).good
    assert replayed(store(shop)) == [EVENTS]
    assert shop.replay().results[0].steps[0].text == "A Monarch"


@pytest.mark.parametrize("name", ["stock.yaml", "stock.json"])
def test_a_chat_comes_over_whole_each_answer_in_the_next_request(shop: Workshop, name: str) -> None:
    shop.spec("chat").write_text(CHAT)
    bodies = [sentence(f"step {n}", n) for n in (1, 2, 3)]
    with RawServer(*(http(body, **JSON) for body in bodies)) as server:
        url = f"{server.base_url}/v1beta/models/gemini-3.1-flash-image:generateContent"
        stock.record(shop.root / name, [(url, sent) for sent in talk(shop, "chat", bodies)])

    result = brought(shop, name)

    assert words(result) == {"chat::default": "accepted"}
    assert [one.number for one in result.cases[0].interactions] == [1, 2, 3]
    assert replayed(store(shop, "chat")) == bodies
    ran = shop.replay("chat").results[0]
    assert (ran.status, [step.text for step in ran.steps]) == (Status.PASSED, ["step 1", "step 2", "step 3"])


def test_what_the_emulator_answered_is_a_stand_in_here_too(shop: Workshop) -> None:
    with Emulator() as emulator:
        url = f"{emulator.base_url}/v1beta/models/gemini-3.1-flash-image:generateContent"
        stock.record(shop.root / "stock.yaml", [(url, case_of(shop).requests[0].wire_body())])

    result = brought(shop)
    accepted = result.cases[0].result
    assert (accepted.target, accepted.emulator, accepted.kept) == ("emulator", True, "accepted")
    assert b"127.0.0.1" not in b"".join(shop.files().values())
    assert shop.replay().good
    recorded = shop.record()
    assert recorded.results[0].asked == 0
    (shop.root / "promptc.toml").write_text("version = 1\n")
    assert shop.replay().results[0].status is Status.MISSING


def test_a_recording_tells_where_it_comes_from_and_when_each_answer_was_given(shop: Workshop) -> None:
    body = (
        b'{"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}], "modelVersion": "gemini-9"}'
    )
    targets = {"proxy": "https://proxy.example/gemini", "wide": "https://proxy.example"}
    tables = "".join(f'[targets.{name}]\nbase_url = "{url}"\nauth = "none"\n' for name, url in targets.items())
    (shop.root / "promptc.toml").write_text(f"version = 1\n{tables}")
    expected = {}
    for number, (base_url, target) in enumerate(
        {
            "https://api.cometapi.com": "cometapi",
            "https://generativelanguage.googleapis.com": "google",
            "https://proxy.example/gemini": "proxy",
            "https://proxy.example/geminis": "wide",
            "https://other.example:8443/a": "other.example",
        }.items()
    ):
        shop.spec(f"s{number}").write_text(TEXT.format(number))
        one = pair(json.dumps({"contents": [{"parts": [{"text": str(number)}]}]}), body)
        one["request"]["uri"] = f"{base_url}/v1/models/gemini-3.1-flash-image:generateContent?key=not-kept"
        if number % 2:
            one["response"]["headers"]["date"] = ["Sun, 06 Nov 1994 08:49:37 GMT"]
        write(shop, one, name=f"{number}.yaml")
        expected[f"s{number}"] = (target, f"{base_url}/v1/models/gemini-3.1-flash-image:generateContent")

    assert brought(shop, *(f"{number}.yaml" for number in range(5))).good

    for number, (spec, (target, uri)) in enumerate(expected.items()):
        found = store(shop, spec).load(store(shop, spec).accepted)
        assert found
        assert (found.provenance.target, found.requests[0].uri) == (target, uri)
        assert (found.provenance.tool, found.provenance.model_versions) == (f"{TOOL}, imported", ("gemini-9",))
        assert found.provenance.recorded_at == ("1994-11-06T08:49:37Z" if number % 2 else None)
        assert found.responses[0]["headers"] == {"content-type": ["application/json"]}


# the rules of `record`


def plain(shop: Workshop, *bodies: bytes, name: str = "stock.yaml", spec: str = "butterfly") -> Path:
    """Write answers to a spec's first request, all of them the same request."""
    asked = case_of(shop, spec).requests[0].wire_body().decode()
    return write(shop, *(pair(asked, body) for body in bodies), name=name)


def test_the_first_recording_is_accepted_a_later_one_waits_and_the_same_changes_nothing(shop: Workshop) -> None:
    plain(shop, sentence("one"), name="1.yaml")
    plain(shop, sentence("two"), name="2.yaml")

    assert words(brought(shop, "1.yaml")) == {"butterfly::default": "accepted"}
    before = shop.files()
    again = brought(shop, "1.yaml")
    assert (words(again), again.good, shop.files()) == ({"butterfly::default": "unchanged"}, True, before)

    later = brought(shop, "2.yaml")
    assert (words(later), later.good) == ({"butterfly::default": "pending"}, False)
    assert [found.code for found in later.diagnostics] == ["P505"]
    assert {name: data for name, data in shop.files().items() if ".new." not in name} == before
    waiting = shop.files()
    once_more = brought(shop, "2.yaml")
    assert (words(once_more), shop.files()) == ({"butterfly::default": "unchanged"}, waiting)

    assert accept(shop.project).cases == ("butterfly::default",)
    assert replayed(store(shop)) == [sentence("two")]
    at_once = brought(shop, "1.yaml", accept=True)
    assert (words(at_once), at_once.good) == ({"butterfly::default": "accepted"}, True)
    assert replayed(store(shop)) == [sentence("one")]
    assert not [name for name in shop.files() if ".new." in name]


def test_an_answer_that_waits_already_is_accepted_by_the_import_that_says_so(shop: Workshop) -> None:
    plain(shop, sentence("one"), name="1.yaml")
    plain(shop, sentence("two"), name="2.yaml")
    brought(shop, "1.yaml")
    brought(shop, "2.yaml")

    assert words(brought(shop, "2.yaml", accept=True)) == {"butterfly::default": "accepted"}
    assert replayed(store(shop)) == [sentence("two")]
    assert shop.replay().good


def test_a_stand_in_gives_way_to_an_answer_of_the_api(shop: Workshop) -> None:
    shop.record()
    (shop.root / "promptc.toml").write_text("version = 1\n")
    plain(shop, sentence("real"))

    assert words(brought(shop)) == {"butterfly::default": "accepted"}
    assert replayed(store(shop)) == [sentence("real")]


def test_an_expectation_that_is_not_met_is_told_and_the_answer_kept(shop: Workshop) -> None:
    plain(shop, answer({"text": "no picture"}))
    result = brought(shop)
    assert (words(result), result.good) == ({"butterfly::default": "accepted"}, False)
    assert {found.code for found in result.diagnostics} == {"P601"}


def test_a_damaged_recording_is_replaced_only_by_an_import_that_accepts(shop: Workshop) -> None:
    plain(shop, sentence("one"))
    brought(shop)
    damages: dict[str, Callable[[], object]] = {
        "P512": lambda: shop.cassette("butterfly/default.1.1.png").unlink(),
        "P503": lambda: store(shop).accepted.write_text(store(shop).accepted.read_text().replace("one", "two")),
    }
    for code, damage in damages.items():
        damage()
        before = shop.files()
        refused = brought(shop)
        assert (words(refused), [found.code for found in refused.diagnostics]) == (
            {"butterfly::default": "refused"},
            [code],
        )
        assert shop.files() == before
        assert words(brought(shop, accept=True)) == {"butterfly::default": "accepted"}
        assert replayed(store(shop)) == [sentence("one")]


def test_a_key_in_an_answer_is_refused_and_its_place_is_told(shop: Workshop) -> None:
    plain(shop, sentence("AIza" + "x" * 35))

    result = brought(shop)

    assert result.diagnostics == (
        Diagnostic(
            code="P508",
            message="the answer holds what looks like a Google API key; cassettes/butterfly/default.yaml was not written",
            span=case_of(shop).span,
            subject="butterfly::default",
            details=("it comes from stock.yaml, interaction 1",),
            help="nothing was written; the old recording, if there was one, is untouched",
        ),
    )
    assert (words(result), shop.files()) == ({"butterfly::default": "refused"}, {})


# which answer is taken


def test_of_equal_requests_the_first_good_answer_is_taken_and_the_others_are_told(shop: Workshop) -> None:
    asked = case_of(shop).requests[0].wire_body().decode()
    busy = '{"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}'
    write(shop, pair(asked, busy, code=503), pair(asked, sentence("one")), pair(asked, sentence("two")))

    result = brought(shop)

    assert (words(result), result.good) == ({"butterfly::default": "accepted"}, True)
    assert replayed(store(shop)) == [sentence("one")]
    assert said(result) == [
        ("warning", "no case takes interaction 1: its answer can't be kept: `butterfly::default`: the API refused: 503 UNAVAILABLE: overloaded"),
        ("warning", "no case takes interaction 3: the same was asked before, and the answer was taken from interaction 2"),
    ]  # fmt: skip


def test_an_error_that_a_case_expects_is_taken(shop: Workshop) -> None:
    shop.spec("butterfly").write_text(TEXT.format("A moth") + "[expect]\nerror = { status = 400 }\n")
    asked = case_of(shop).requests[0].wire_body().decode()
    refusal = '{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}'
    write(shop, pair(asked, refusal, code=400))

    assert words(brought(shop)) == {"butterfly::default": "accepted"}
    assert shop.replay().good
    assert replayed(store(shop)) == [refusal.encode()]


def test_talks_with_one_beginning_find_the_answer_that_theirs_went_on_from(shop: Workshop) -> None:
    shop.spec("chat").write_text(CHAT)
    first, second, other = sentence("one"), sentence("two"), sentence("another beginning")
    bodies = [first, second, sentence("three")]
    sent = talk(shop, "chat", bodies)
    pairs = [pair(sent[0].decode(), other)]
    pairs += [pair(one.decode(), body) for one, body in zip(reversed(sent), reversed(bodies), strict=True)]
    write(shop, *pairs)

    result = brought(shop)

    assert [one.number for one in result.cases[0].interactions] == [4, 3, 2]
    assert replayed(store(shop, "chat")) == bodies
    assert said(result) == [
        ("warning", "no case takes interaction 1: `chat::default` asks it at step 1, but nothing answers step 2")
    ]  # fmt: skip


def test_a_talk_that_lacks_a_step_is_not_taken_and_the_step_is_told(shop: Workshop) -> None:
    shop.spec("chat").write_text(CHAT)
    bodies = [sentence(f"step {n}") for n in (1, 2, 3)]
    write(
        shop,
        *(pair(one.decode(), body) for one, body in zip(talk(shop, "chat", bodies)[:2], bodies, strict=False)),
    )

    result = brought(shop)

    assert (words(result), result.good, shop.files()) == ({}, False, {})
    assert said(result) == [
        ("error", "no case takes interaction 1: `chat::default` asks it at step 1, but nothing answers step 3"),
        ("error", "no case takes interaction 2: `chat::default` asks it at step 2, but nothing answers step 3"),
    ]  # fmt: skip


def test_the_steps_of_a_talk_come_from_one_place(shop: Workshop) -> None:
    shop.spec("chat").write_text(
        CHAT.replace('[[turns]]\nreply = true\n\n[[turns]]\ntext = "Now make them blue."\n', "")
    )
    bodies = [sentence("one"), sentence("two")]
    pairs = [pair(one.decode(), body) for one, body in zip(talk(shop, "chat", bodies), bodies, strict=True)]
    pairs[1]["request"]["uri"] = pairs[1]["request"]["uri"].replace(
        "generativelanguage.googleapis.com", "other.example"
    )
    write(shop, *pairs)

    assert said(brought(shop)) == [
        ("error", "no case takes interaction 1: `chat::default` asks it at step 1, but nothing answers step 2"),
        ("error", "no case takes interaction 2: `chat::default` took its first step from elsewhere: generativelanguage.googleapis.com"),
    ]  # fmt: skip


def test_many_answers_to_every_step_of_a_talk_are_searched_in_no_time(shop: Workshop) -> None:
    turns = "".join(f'[[turns]]\nreply = true\n[[turns]]\ntext = "turn {n}"\n' for n in range(2, 9))
    shop.spec("chat").write_text(TEXT.format("turn 1") + turns)
    bodies = [answer({"text": "the same"})] * 8
    sent = talk(shop, "chat", bodies)[:-1]
    write(shop, *(pair(one.decode(), body) for one, body in zip(sent, bodies, strict=False) for _ in range(8)))

    result = brought(shop)

    assert len(result.diagnostics) == 7 * 8
    assert {found.message.partition(": ")[2] for found in result.diagnostics} == {
        f"`chat::default` asks it at step {step}, but nothing answers step 8" for step in range(1, 8)
    }


def test_cases_with_one_request_share_its_answer(shop: Workshop) -> None:
    shop.spec("twin").write_text(BUTTERFLY)
    plain(shop, sentence("one"), sentence("two"))

    result = brought(shop)

    assert words(result) == {"butterfly::default": "accepted", "twin::default": "accepted"}
    assert replayed(store(shop)) == replayed(store(shop, "twin")) == [sentence("one")]
    assert result.files[0].rows[0][1] == ("butterfly::default", "twin::default")


def test_a_file_that_is_named_twice_is_read_once(shop: Workshop) -> None:
    plain(shop, sentence("one"))
    (shop.root / "link.yaml").symlink_to("stock.yaml")
    result = brought(shop, "stock.yaml", "stock.yaml", "link.yaml")
    assert (len(result.files), result.diagnostics) == (1, ())


# what no case takes


def test_an_interaction_that_no_spec_asks_names_the_closest_case_and_what_differs(shop: Workshop) -> None:
    shop.spec("other").write_text(TEXT.format("Something else entirely, and at length"))
    asked = json.loads(case_of(shop).requests[0].wire_body())
    asked["contents"][0]["parts"][0]["text"] = "A Monarch butterfly on textured vellum"
    del asked["generationConfig"]["imageConfig"]["imageSize"]
    write(shop, pair(json.dumps(asked), sentence("one")))

    (found,) = brought(shop).diagnostics

    span = case_of(shop).requests[0].places["/contents/0/parts/0/text"].span
    place = span.source.span(span.start + 33, span.start + 42)
    assert place.text == "parchment"
    assert (found.code, found.severity, found.file) == ("P517", Severity.ERROR, "stock.yaml")
    assert found.message == "no case takes interaction 1: no spec compiles to its request"
    assert found.details == (
        "the closest is `butterfly::default`:",
        'contents.0.parts.0.text: "…butterfly on textured vellum" → "…butterfly on textured parchment"',
        'generationConfig.imageConfig.imageSize: "512" was added',
    )
    assert found.help == "write a spec that asks it, or let this one ask what was asked then"
    assert [(related.message, related.span) for related in found.related] == [("what differs stands here", place)]


def test_every_interaction_is_accounted_for(shop: Workshop) -> None:
    shop.spec("skipped").write_text(TEXT.format("skip me") + '[[cases]]\nname = "default"\nskip = "not now"\n')
    asked = case_of(shop).requests[0].wire_body().decode()
    listing = pair("", "{}")
    listing["request"] |= {"method": "GET", "uri": f"{GOOGLE}?key=not-kept", "body": None}
    skipped = pair(json.dumps({"contents": [{"parts": [{"text": "skip me"}]}]}), sentence("x"))
    write(shop, listing, pair("no JSON", "{}"), skipped, pair(asked, "cut sho"), pair(asked, sentence("one")))

    result = brought(shop)

    assert (words(result), result.good) == ({"butterfly::default": "accepted"}, True)
    assert [(one.number, cases) for one, cases in result.files[0].rows] == [
        (1, ()), (2, ()), (3, ()), (4, ()), (5, ("butterfly::default",))
    ]  # fmt: skip
    assert said(result) == [
        ("warning", "no case takes interaction 1: it is no request to generateContent or streamGenerateContent (`GET /v1beta/models`)"),
        ("warning", "no case takes interaction 2: its request's body is no JSON object"),
        ("warning", "no case takes interaction 3: `skipped::default` asks it, but is skipped: not now"),
        ("warning", "no case takes interaction 4: its answer can't be kept: `butterfly::default`: the answer is cut short or no JSON: Expecting value"),
    ]  # fmt: skip


def test_a_file_that_gives_nothing_is_an_error_beside_one_that_does(shop: Workshop) -> None:
    plain(shop, sentence("one"))
    write(shop, pair("{}", "{}"), name="other.yaml")
    (shop.root / "bad.yaml").write_text("")

    result = brought(shop, "stock.yaml", "other.yaml", "bad.yaml", "none.yaml")

    assert words(result) == {"butterfly::default": "accepted"}
    assert not result.good
    assert [(found.code, found.severity, found.file) for found in result.diagnostics] == [
        ("P516", Severity.ERROR, "bad.yaml"),
        ("P516", Severity.ERROR, "none.yaml"),
        ("P517", Severity.ERROR, "other.yaml"),
    ]
    assert CODES["P517"].name == "unmatched-interaction"


def test_only_the_selected_cases_take_anything(shop: Workshop) -> None:
    shop.spec("other").write_text(TEXT.format("Something else") + 'tags = ["chosen"]\n')
    shop.spec("other").write_text('tags = ["chosen"]\n' + TEXT.format("Something else"))
    asked = json.dumps({"contents": [{"parts": [{"text": "Something else"}]}]})
    write(shop, pair(asked, sentence("x")), name="other.yaml")
    plain(shop, sentence("one"))

    result = brought(shop, "stock.yaml", "other.yaml", only=Filter(tags=("chosen",)))

    assert words(result) == {"other::default": "accepted"}
    assert [message for _, message in said(result)] == [
        "no case takes interaction 1: none of the selected cases compiles to its request"
    ]


def test_many_that_match_nothing_are_told_in_no_time(shop: Workshop) -> None:
    for number in range(30):
        shop.spec(f"s{number}").write_text(TEXT.format(f"moth {number}"))
    asked = [json.dumps({"contents": [{"parts": [{"text": f"bee {number}"}]}]}) for number in range(200)]
    write(shop, *(pair(one, "{}") for one in asked))

    result = brought(shop)

    assert len(result.diagnostics) == 200
    assert {found.message.partition(": ")[2] for found in result.diagnostics} == {"no spec compiles to its request"}
    assert result.diagnostics[0].details[0].startswith("the closest is `")
    assert not result.diagnostics[-1].details  # so many are compared, and no more


# a plain cassette in a recording's place


def test_a_plain_cassette_in_a_recordings_place_goes_only_where_somebody_says_so(shop: Workshop) -> None:
    stands = "cassettes/butterfly/default.yaml"
    plain(shop, sentence("one"), name=stands)
    (shop.root / "cassettes/butterfly/default.1.1.png").write_bytes(b"somebody's")
    before = shop.files()

    def untouched(code: str, found: Sequence[Diagnostic]) -> None:
        assert code in [diagnostic.code for diagnostic in found]
        assert {name: data for name, data in shop.files().items() if ".new." not in name} == before

    untouched("P504", check(shop.project).diagnostics)
    for mode in (RecordMode.NONE, RecordMode.ONCE, RecordMode.NEW_EPISODES):
        for accepts in (False, True):
            untouched("P504", run(shop.project, mode=mode, target="emulator", accept=accepts).results[0].diagnostics)
    untouched("P504", brought(shop, stands).diagnostics)
    assert shop.files() == before
    untouched("P505", shop.record(mode=RecordMode.ALL).results[0].diagnostics)
    untouched("P504", accept(shop.project).diagnostics)
    waiting = [name for name in shop.files() if ".new." in name]
    assert waiting, "the answer that was paid for waits still"
    assert reject(shop.project).cases == ("butterfly::default",)
    untouched("P504", check(shop.project).diagnostics)

    assert words(brought(shop, stands, accept=True)) == {"butterfly::default": "accepted"}
    assert replayed(store(shop)) == [sentence("one")]
    assert shop.replay().good


def test_record_all_accept_replaces_a_plain_cassette_too(shop: Workshop) -> None:
    plain(shop, sentence("one"), name="cassettes/butterfly/default.yaml")
    assert shop.record(mode=RecordMode.ALL, accept=True).good
    assert shop.replay().good


def test_accept_names_what_is_in_the_way_and_two_ways_out(shop: Workshop) -> None:
    path = plain(shop, sentence("one"), name="cassettes/butterfly/default.yaml")
    shop.record(mode=RecordMode.ALL)

    assert accept(shop.project).diagnostics == (
        Diagnostic(
            code="P504",
            message="the new answer of `butterfly::default` waits still: the file in its place was not written by this promptc",
            file="cassettes/butterfly/default.yaml",
            subject="butterfly::default",
            help="move the file away and accept again; "
            "`promptc record --all --accept specs/butterfly.toml::default` replaces it with another answer",
        ),
    )
    path.rename(shop.root / "away.yaml")
    assert accept(shop.project).cases == ("butterfly::default",)
    assert shop.replay().good
