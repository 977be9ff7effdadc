"""Whole runs in this process: many cases, chats, modes, and what is kept of what comes."""

import base64
import hashlib
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from promptc.config import Target, load
from promptc.emulator.server import Emulator
from promptc.pipeline.case_run import run_case
from promptc.pipeline.check import check
from promptc.pipeline.compile import compile_requests
from promptc.pipeline.results import Status
from promptc.pipeline.run import run
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.session import Endpoint
from tests.workshop import BUTTERFLY, CHAT, Workshop

MANY = """\
model = "gemini-3.1-flash-image"

[variables.number]
type = "integer"

[[turns]]
text = "Butterfly number {{ number }}"

[generationConfig]
responseModalities = ["TEXT", "IMAGE"]
imageConfig = { aspectRatio = "1:1", imageSize = "512" }

[matrix]
number = [%s]
"""
COUNT = 200

COUNTING_REPLAY = """\
import json, sys
from pathlib import Path
from promptc.config import Target, load
from promptc.emulator.server import Emulator
from promptc.pipeline.case_run import run_case
from promptc.pipeline.check import check
from promptc.pipeline.run import run

events = []
watched = ("socket.", "urllib", "http.client")
sys.addaudithook(lambda name, arguments: events.append(name) if name.startswith(watched) else None)
root = Path(sys.argv[1])
result = run(load(root), jobs=8, output=root / "out")
print(json.dumps([len(result.results), result.good, events]))
"""


def test_two_hundred_cases_on_eight_threads_are_recorded_and_replayed_byte_for_byte(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"many": MANY % ", ".join(map(str, range(COUNT)))})

    recorded = run(shop.project, mode=RecordMode.NEW_EPISODES, target="emulator", jobs=8, output=tmp_path / "live")
    counted = subprocess.run(
        [sys.executable, "-c", COUNTING_REPLAY, str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert recorded.good
    assert sum(case.asked for case in recorded.results) == COUNT
    assert len(list((tmp_path / "cassettes" / "many").glob("*.yaml"))) == COUNT
    assert json.loads(counted.stdout) == [COUNT, True, []]
    live, replayed = shop.files("live"), shop.files("out")
    pictures = {name for name in live if name.endswith(".png")}
    assert len(pictures) == COUNT
    assert len({hashlib.sha256(live[name]).digest() for name in pictures}) == COUNT
    assert {name: data for name, data in live.items() if not name.endswith(".json")} == {
        name: data for name, data in replayed.items() if not name.endswith(".json")
    }


def test_later_requests_of_a_chat_carry_the_models_turn_whole(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    recorded = shop.record()

    requests = compile_requests(shop.project).requests

    assert recorded.good
    assert [request.fingerprint for request in requests] == [step.fingerprint for step in recorded.results[0].steps]
    body = json.loads(requests[2].wire_body())
    for position, step in ((1, 1), (3, 2)):
        text, picture = body["contents"][position]["parts"]
        assert text["text"] == recorded.results[0].steps[step - 1].text
        assert picture["thoughtSignature"]
        data = shop.cassette(f"chat/default.{step}.1.png").read_bytes()
        assert picture["inlineData"]["data"] == base64.b64encode(data).decode()


def test_the_emulator_refuses_a_chat_whose_signature_is_taken_out(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    shop.record()
    body = json.loads(compile_requests(shop.project).requests[1].wire_body())
    del body["contents"][1]["parts"][1]["thoughtSignature"]
    parts = json.dumps(body["contents"][1]["parts"])
    shop.spec("unsigned").write_text(
        'model = "gemini-3.1-flash-image"\n'
        '[generationConfig]\nresponseModalities = ["IMAGE"]\n'
        '[[contents]]\nrole = "user"\nparts = [{ text = "A Monarch butterfly" }]\n'
        f'[[contents]]\nrole = "model"\nparts = {_inline(parts)}\n'
        '[[contents]]\nrole = "user"\nparts = [{ text = "Now open the wings." }]\n'
    )

    result = shop.record("unsigned").results[0]

    assert result.status is Status.ERROR
    assert result.diagnostics[0].message.startswith(
        "`unsigned::default`: the API refused: 400 INVALID_ARGUMENT: "
        "Image part is missing a thought_signature in content position 2, part position 2. (request id "
    )
    assert not shop.cassette("unsigned").exists()


def _inline(parts: str) -> str:
    """Return JSON parts as TOML inline tables."""
    rows = []
    for part in json.loads(parts):
        if "text" in part:
            rows.append(f"{{ text = {json.dumps(part['text'])} }}")
        else:
            blob = part["inlineData"]
            rows.append(f'{{ inlineData = {{ mimeType = "{blob["mimeType"]}", data = "{blob["data"]}" }} }}')
    return f"[{', '.join(rows)}]"


def test_a_refused_answer_is_not_kept_and_harms_nothing(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    before = shop.files()
    shop.edit("butterfly", "parchment", "parchment [block]")

    result = shop.record(accept=True).results[0]

    assert result.status is Status.FAILED
    assert [(d.code, d.message, d.help) for d in result.diagnostics] == [
        (
            "P603",
            "`butterfly::default`: the prompt was blocked: PROHIBITED_CONTENT",
            (
                "nothing was kept: a block is kept only where it is expected: say `refused = true` or `promptFeedback` in "
                "`[expect]`, or change the prompt"
            ),
        )
    ]
    assert shop.files() == before


def test_a_block_that_is_expected_is_kept_and_replayed(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY.replace("parchment", "parchment [block]")})
    with shop.spec("butterfly").open("a") as file:
        file.write('\n[expect]\npromptFeedback = { blockReason = "PROHIBITED_CONTENT" }\n')

    assert shop.record().good
    replayed = shop.replay()

    assert replayed.good
    assert [(v.expectation, v.passed) for v in replayed.results[0].steps[0].verdicts] == [("promptFeedback", True)]


def test_an_error_that_is_expected_is_kept_and_replayed(tmp_path: Path) -> None:
    spec = BUTTERFLY + '\n[unchecked]\nsurprise = true\n[expect]\nerror = { status = 400, contains = "surprise" }\n'
    shop = Workshop.make(tmp_path, {"butterfly": spec})

    assert shop.record().good
    assert shop.replay().good


def test_a_chat_that_is_blocked_names_the_step(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT.replace("Now open the wings.", "Now [no-image] open.")})

    result = shop.record().results[0]

    assert result.status is Status.FAILED
    assert [d.message for d in result.diagnostics] == ["`chat::default` is blocked at step 2: NO_IMAGE"]


def test_an_unmet_expectation_points_at_its_line(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": f"{BUTTERFLY}\n[expect]\nimages = {{ count = 2 }}\n"})
    shop.record()

    result = shop.replay().results[0]

    assert result.status is Status.FAILED
    (found,) = result.diagnostics
    assert found.message == "`butterfly::default`: the answer has 1 image, expected 2"
    assert found.place.endswith("specs/butterfly.toml:11:20")


@pytest.mark.parametrize(
    ("text", "status"),
    [("Monarch", Status.XPASSED), ("Luna", Status.XFAILED)],
)
def test_a_case_that_is_expected_to_fail(tmp_path: Path, text: str, status: Status) -> None:
    spec = f'{BUTTERFLY}\n[expect]\ntext = {{ contains = "{text}" }}\n[[cases]]\nname = "a"\nxfail = "known"\n'
    shop = Workshop.make(tmp_path, {"butterfly": spec})
    shop.record()

    replayed = shop.replay()

    assert replayed.results[0].status is status
    assert replayed.good is (status is Status.XFAILED)


def test_a_skipped_case_is_neither_asked_nor_run(tmp_path: Path) -> None:
    spec = f'{BUTTERFLY}\n[[cases]]\nname = "a"\nskip = "later"\n'
    shop = Workshop.make(tmp_path, {"butterfly": spec})

    recorded = shop.record()

    assert recorded.good
    assert (recorded.results[0].status, recorded.results[0].asked) == (Status.SKIPPED, 0)


def test_a_stand_in_does_not_count_unless_the_project_says_so(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY}, stand_ins=False)
    shop.record()

    replayed = shop.replay().results[0]
    as_emulator = run(shop.project, target="emulator")

    assert replayed.status is Status.MISSING
    assert replayed.diagnostics[0].code == "P507"
    assert as_emulator.good


def test_a_recording_says_that_the_emulator_made_it(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})

    recorded = shop.record().results[0]

    assert recorded.emulator
    assert recorded.steps[0].model_version == "promptc-emulator/gemini-3.1-flash-image"
    assert "    emulator: true\n" in shop.cassette("butterfly/default.yaml").read_text()


def test_a_spec_with_a_mistake_fails_the_run_and_the_others_still_run(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    shop.spec("bad").write_text('model = "m"\ntrns = 1\n')

    result = shop.replay()

    assert not result.good
    assert [case.status for case in result.results] == [Status.PASSED]
    assert [d.code for d in result.diagnostics] == ["P003"]


def test_a_unit_of_work_can_be_sent_to_another_process(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    project = shop.project
    (case,) = select(project).cases
    with reached(project, project.find_target("emulator"), ask=False) as endpoint:
        unit = Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE)

        assert pickle.loads(pickle.dumps(unit)) == unit


def test_a_damaged_recording_is_never_empty(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    cassette = shop.cassette("butterfly/default.yaml")
    cassette.write_text(cassette.read_text()[:200])
    damaged = shop.files()

    recorded = shop.record(accept=True).results[0]
    again = shop.record(mode=RecordMode.ALL, accept=True)

    assert recorded.status is Status.ERROR
    assert [d.code for d in recorded.diagnostics] == ["P503"]
    assert recorded.asked == 0
    assert again.good
    assert shop.files() != damaged
    assert shop.replay().good


def test_streamed_answers_are_recorded_and_replayed(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": f"stream = true\n{BUTTERFLY}"})

    assert shop.record().good
    replayed = shop.replay()

    assert replayed.good
    assert "streamGenerateContent?alt=sse" in shop.cassette("butterfly/default.yaml").read_text()
    assert replayed.results[0].steps[0].text


def test_the_project_is_found_from_a_folder_below_it(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"deep/er/butterfly": BUTTERFLY})

    assert load(shop.root / "specs" / "deep").root == tmp_path
    assert [case.id for case in select(shop.project).cases] == ["deep/er/butterfly::default"]


def test_signatures_of_real_size_come_back_byte_for_byte_from_the_cassette(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    project = shop.project
    (case,) = select(project).cases
    with Emulator(signature_bytes=2_175_000) as emulator:
        endpoint = Endpoint(target=project.targets["emulator"], base_url=emulator.base_url)
        recorded = run_case(Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NEW_EPISODES))
        asked = emulator.requests

    requests = compile_requests(project).requests

    assert (recorded.status, asked) == (Status.PASSED, 3)
    for step, request in enumerate(requests[1:], start=1):
        picture = json.loads(request.wire_body())["contents"][2 * step - 1]["parts"][1]
        signature = picture["thoughtSignature"]
        assert len(signature) == 2_900_000
        assert base64.b64decode(signature) == shop.cassette(f"chat/default.{step}.1.bin").read_bytes()
    assert [request.fingerprint for request in requests] == [step.fingerprint for step in recorded.steps]
    assert shop.cassette("chat/default.yaml").stat().st_size < 20_000
    assert shop.replay().good


def test_a_spec_with_a_mistake_keeps_its_recordings(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "moth": BUTTERFLY})
    shop.record()
    shop.edit("moth", "[[turns]]", "[[trns]]")

    found = check(shop.project).diagnostics

    assert {d.code for d in found} == {"P003"}


def test_a_key_in_an_answer_is_shown_in_no_verdict(tmp_path: Path) -> None:
    key = "fake-0123456789-key"
    spec = f"{BUTTERFLY.replace('Monarch', key)}\n[expect]\ntext = {{ equals = 'another text' }}\n"
    shop = Workshop.make(tmp_path, {"butterfly": spec})
    project = shop.project
    (case,) = select(project).cases
    with Emulator() as emulator:
        endpoint = Endpoint(target=project.targets["emulator"], base_url=emulator.base_url, key=key)
        result = run_case(Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NEW_EPISODES))

    assert "P508" in {d.code for d in result.diagnostics}
    assert key not in repr(result.diagnostics).replace(spec, "")
    assert key not in repr(result.steps[0].verdicts)
    assert not shop.cassette("butterfly/default.yaml").exists()


def test_a_recording_has_one_target(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    shop.record()
    shop.edit("chat", "Now make them blue.", "Now make them green.")
    project = shop.project
    (case,) = select(project).cases
    with Emulator() as emulator:
        elsewhere = Target(name="elsewhere", base_url=emulator.base_url, auth="none")
        endpoint = Endpoint(target=elsewhere, base_url=emulator.base_url)
        unit = Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NEW_EPISODES, accept=True)
        result = run_case(unit)

    assert result.asked == 3
    assert result.target == "elsewhere"
    assert shop.cassette("chat/default.yaml").read_text().count("emulator.invalid") == 0


def test_a_shortened_chat_has_answers_left_over_until_it_is_recorded_again(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    shop.record()
    shop.edit("chat", '[[turns]]\nreply = true\n\n[[turns]]\ntext = "Now make them blue."\n', "")

    stale = shop.replay().results[0]
    checked = check(shop.project)
    recorded = shop.record(accept=True)

    message = "the recording of `chat::default` is stale: it holds an answer that no request asks for any more"
    assert (stale.status, [d.message for d in stale.diagnostics]) == (Status.STALE, [message])
    assert [d.message for d in checked.diagnostics] == [message]
    assert "`promptc record --accept --target emulator " in (checked.diagnostics[0].help or "")
    assert (recorded.good, recorded.results[0].asked) == (True, 0)
    assert shop.replay().good
    assert check(shop.project).good
    assert not list(shop.cassette("chat").glob("default.3.*"))


def test_an_unreadable_recording_is_not_replaced_unless_somebody_says_so(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    cassette = shop.cassette("butterfly/default.yaml")
    cassette.write_text(cassette.read_text().replace("    format: 1\n", "    format: 2\n"))
    foreign = cassette.read_bytes()

    waits = shop.record(mode=RecordMode.ALL).results[0]

    assert waits.kept == "pending"
    assert cassette.read_bytes() == foreign
    assert shop.record(mode=RecordMode.ALL, accept=True).good


def test_an_answer_is_recorded_even_where_the_output_cannot_be_written(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "butterfly").write_text("in the way")

    result = run(shop.project, mode=RecordMode.NEW_EPISODES, target="emulator", output=tmp_path / "out")

    assert not result.good
    assert [d.code for d in result.results[0].diagnostics] == ["P509"]
    assert shop.replay().good


def test_a_case_with_a_mistake_keeps_its_recording(tmp_path: Path) -> None:
    spec = (
        f"{BUTTERFLY}\n[variables.photo]\ntype = 'image'\ndefault = 'images/a.png'\n"
        '[[cases]]\nname = "good"\n[[cases]]\nname = "bad"\nvariables = { photo = "images/b.png" }\n'
    ).replace(
        'text = "A Monarch butterfly on textured parchment"', 'parts = [{ text = "x" }, { image = "{{ photo }}" }]'
    )
    shop = Workshop.make(tmp_path, {"butterfly": spec})
    (tmp_path / "specs" / "images").mkdir()
    for name, colour in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (8, 8), colour).save(tmp_path / "specs" / "images" / f"{name}.png")
    shop.record()
    (tmp_path / "specs" / "images" / "b.png").unlink()

    assert [d.code for d in check(shop.project).diagnostics] == ["P301"]


def test_no_part_of_a_key_reaches_the_screen_or_the_output(tmp_path: Path) -> None:
    key = "fake-0123456789-abcdefghij-key"
    padding = "z" * (300 - len(key) // 2)
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY.replace("Monarch", f"{padding}{key} Monarch")})
    project = shop.project
    (case,) = select(project).cases
    with Emulator(faults="ok") as emulator:
        endpoint = Endpoint(target=project.targets["emulator"], base_url=emulator.base_url, key=key)
        unit = Unit(
            project=project, case=case, endpoint=endpoint, mode=RecordMode.NEW_EPISODES, output=tmp_path / "out"
        )
        result = run_case(unit)

    shown = repr([d.message for d in result.diagnostics]) + "".join(
        path.read_text() for path in (tmp_path / "out").rglob("*") if path.suffix in {".txt", ".json"}
    )
    assert "P508" in {d.code for d in result.diagnostics}
    assert not any(key[i : i + 8] in shown for i in range(len(key) - 8))


def test_a_key_never_goes_to_a_proxy_in_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    project = shop.project
    (case,) = select(project).cases
    with Emulator() as emulator, Emulator() as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.base_url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        target = Target(name="mine", base_url=emulator.base_url)
        endpoint = Endpoint(target=target, base_url=emulator.base_url, key="fake-0123456789-key")
        result = run_case(Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NEW_EPISODES))
        seen = (emulator.requests, proxy.requests)

    assert result.good
    assert seen == (1, 0)


def test_a_picture_that_came_as_a_thought_goes_back_as_it_came(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    project = shop.project
    (case,) = select(project).cases
    with Emulator(faults="only-thoughts,ok,ok") as emulator:
        endpoint = Endpoint(target=project.targets["emulator"], base_url=emulator.base_url)
        recorded = run_case(Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NEW_EPISODES))

    requests = compile_requests(project).requests
    thoughts = [part for part in json.loads(requests[2].wire_body())["contents"][1]["parts"] if "inlineData" in part]

    assert recorded.status is Status.PASSED
    assert {d.code for d in recorded.diagnostics} == {"P604"}
    assert [part["thought"] for part in thoughts] == [True]
    assert base64.b64decode(thoughts[0]["inlineData"]["data"]) == shop.cassette("chat/default.1.1.png").read_bytes()
    assert [request.fingerprint for request in requests] == [step.fingerprint for step in recorded.steps]
    assert shop.replay().good
