"""The commands as a shell sees them: output, exit codes, errors."""

import json
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from promptc import __version__
from promptc.cli.main import COMMANDS
from tests.workshop import BUTTERFLY, CHAT, Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop.make(tmp_path, {"butterfly": BUTTERFLY})


def test_version(shop: Workshop) -> None:
    assert shop.command("--version").stdout == f"promptc {__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from promptc.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'vcr', 'requests', 'jsonschema', 'jinja2', 'PIL', 'yaml', 'http.server'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(shop: Workshop, command: str) -> None:
    done = shop.command(command, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: promptc {command} ")


def test_a_misspelt_command_gets_a_suggestion(shop: Workshop) -> None:
    done = shop.command("chekc")

    assert done.returncode == 2
    assert "there is no command `chekc`; did you mean `check`?" in done.stderr


def test_a_misspelt_spec_gets_a_suggestion(shop: Workshop) -> None:
    done = shop.command("run", "buterfly")

    assert done.returncode == 2
    assert done.stderr == "error: there is no spec `buterfly`; did you mean `butterfly`?\n"


def test_a_misspelt_case_gets_a_suggestion(shop: Workshop) -> None:
    done = shop.command("check", "butterfly::defalt")

    assert done.returncode == 2
    assert done.stderr == "error: `butterfly` has no case `defalt`; did you mean `default`?\n"


def test_outside_a_project_the_message_says_what_makes_one(tmp_path: Path) -> None:
    done = Workshop(tmp_path).command("check")

    assert done.returncode == 2
    assert done.stderr == (
        "error: no promptc project here: neither . nor a folder above it has `promptc.toml` or `specs/`\n"
    )


@pytest.mark.parametrize(("target", "variable"), [("cometapi", "COMETAPI_KEY"), ("google", "GEMINI_API_KEY")])
def test_without_a_key_nothing_is_touched(shop: Workshop, target: str, variable: str) -> None:
    before = shop.files(".")

    done = shop.command("record", "--target", target)

    assert done.returncode == 2
    assert done.stderr == (
        f"error: the target `{target}` needs a key: the environment variable {variable} is not set; "
        "nothing was asked (to try without a key: --target emulator)\n"
    )
    assert not done.stdout
    assert shop.files(".") == before


def test_an_unknown_target_gets_a_suggestion(shop: Workshop) -> None:
    done = shop.command("record", "--target", "gogle")

    assert (done.returncode, done.stderr) == (2, "error: there is no target `gogle`; did you mean `google`?\n")


def test_a_mistake_in_the_project_file_is_shown_with_its_line(shop: Workshop) -> None:
    (shop.root / "promptc.toml").write_text("version = 1\nalow_emulator = true\n")

    done = shop.command("check")

    assert done.returncode == 2
    assert done.stderr == (
        "error[P003]: unknown key `alow_emulator`\n"
        "  --> promptc.toml:2:1\n"
        "  |\n"
        "2 | alow_emulator = true\n"
        "  | ^^^^^^^^^^^^^\n"
        "   = expected: one of `version`, `allow_emulator`, `max_age`, `paths`, `run`, `limits`, `secrets`, "
        "`targets`, `models`\n"
        "   = help: did you mean `allow_emulator`?\n"
    )


def test_check_before_anything_is_recorded(shop: Workshop) -> None:
    done = shop.command("check")

    assert done.returncode == 1
    assert done.stdout == (
        "error[P502]: `butterfly::default` has no recording\n"
        "  --> specs/butterfly.toml:3:3\n"
        "  |\n"
        "3 | [[turns]]\n"
        "  |   ^^^^^\n"
        "   = expected: cassettes/butterfly/default.yaml\n"
        "   = help: `promptc record specs/butterfly.toml::default` asks for it; "
        "`--target emulator` asks a stand-in instead\n"
        "\n"
        "1 spec, 1 case: 1 missing — 1 error\n"
    )


def test_check_in_its_other_formats(shop: Workshop) -> None:
    concise = shop.command("check", "--format", "concise")
    table = shop.json("check", "--format", "json")

    assert concise.stdout == "specs/butterfly.toml:3:3: P502 `butterfly::default` has no recording\n"
    assert concise.returncode == 1
    assert table["good"] is False
    assert table["cases"] == [
        {
            "spec": "butterfly",
            "case": "default",
            "recording": "missing",
            "target": None,
            "emulator": False,
            "recordedAt": None,
            "modelVersions": [],
            "pending": False,
        }
    ]
    assert [(d["code"], d["name"], d["file"], d["range"]["start"]) for d in table["diagnostics"]] == [
        ("P502", "missing-recording", "specs/butterfly.toml", {"line": 3, "column": 3})
    ]


def test_compile_jsonl_is_one_complete_request_a_line(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "chat": CHAT})

    done = shop.command("compile", "--format", "jsonl")

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(row) for row in rows] == [["spec", "case", "step", "method", "url", "fingerprint", "body"]] * 4
    assert [(row["spec"], row["step"], row["body"] is None) for row in rows] == [
        ("butterfly", 1, False),
        ("chat", 1, False),
        ("chat", 2, True),
        ("chat", 3, True),
    ]
    assert rows[0]["url"] == ("https://api.cometapi.com/v1beta/models/gemini-3.1-flash-image:generateContent")
    assert rows[2]["fingerprint"] is None
    assert "note[P410]: step 2 of `chat::default` needs the answer of step 1" in done.stderr
    assert done.returncode == 0


def test_compile_completes_later_steps_from_the_recording(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    shop.record()

    done = shop.command("compile", "--format", "jsonl")

    bodies = [json.loads(line)["body"] for line in done.stdout.splitlines()]
    assert [len(body["contents"]) for body in bodies] == [1, 3, 5]
    reply = bodies[2]["contents"][1]
    assert bodies[1]["contents"][1] == reply
    assert reply["role"] == "model"
    assert [sorted(part) for part in reply["parts"]] == [["text"], ["inlineData", "thoughtSignature"]]
    assert not done.stderr


def test_compile_for_people_elides_pictures(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    shop.record()

    done = shop.command("compile")

    assert max(map(len, done.stdout.splitlines())) < 300
    assert " characters of base64>" in done.stdout


def test_curl_keeps_the_key_in_the_environment(shop: Workshop) -> None:
    done = shop.command("compile", "--format", "curl", COMETAPI_KEY="sk-fake-0123456789abcdefghij")

    assert done.stdout.startswith(
        "curl -sS https://api.cometapi.com/v1beta/models/gemini-3.1-flash-image:generateContent "
        "-H 'Content-Type: application/json' -H \"Authorization: Bearer $COMETAPI_KEY\" --data-binary '{"
    )
    assert "sk-fake" not in done.stdout


def test_variables_come_from_the_command_line_with_their_type(shop: Workshop) -> None:
    shop.spec("typed").write_text(
        'model = "m"\n[variables.heat]\ntype = "number"\ndefault = 1\n'
        '[[turns]]\ntext = "hot"\n[generationConfig]\ntemperature = "{{ heat }}"\n'
    )

    good = shop.command("compile", "typed", "--format", "jsonl", "--var", "heat=0.5")
    bad = shop.command("compile", "typed", "--var", "heat=warm")
    unknown = shop.command("compile", "typed", "--var", "heet=1")

    assert json.loads(good.stdout)["body"]["generationConfig"] == {"temperature": 0.5}
    assert bad.returncode == 1
    assert "error[P203]: variable `heat`: expected a number, got a string\n" in bad.stderr
    assert unknown.returncode == 1
    assert "error[P201]: no variable is named `heet`\n" in unknown.stderr
    assert "help: did you mean `heat`?\n" in unknown.stderr


def test_run_saves_pictures_texts_and_results(shop: Workshop) -> None:
    shop.record()

    done = shop.command("run", "-o", "results")

    assert done.returncode == 0
    folder = shop.root / "results" / "butterfly" / "default"
    assert sorted(path.name for path in folder.iterdir()) == ["1.1.png", "1.txt", "result.json"]
    result = json.loads((folder / "result.json").read_text())
    assert result["status"] == "passed"
    assert result["emulator"] is True
    assert result["steps"][0]["images"][0] | {"sha256": "", "size": 0} == {
        "file": "1.1.png",
        "mediaType": "image/png",
        "width": 512,
        "height": 512,
        "size": 0,
        "sha256": "",
        "thought": False,
    }
    assert (folder / "1.1.png").read_bytes() == shop.cassette("butterfly/default.1.1.png").read_bytes()
    assert f"image: {Path('results/butterfly/default/1.1.png').as_posix()} 512x512 image/png" in done.stdout


def test_run_counts_errors_and_warnings(tmp_path: Path) -> None:
    text = 'model = "gemini-2.5-flash-image"\n\n[[turns]]\ntext = "A moth"\n\n[[tools]]\n'
    shop = Workshop.make(tmp_path, {"old": text})

    done = shop.command("run")

    assert done.stdout.splitlines()[-1].endswith(" — not ok, 1 error, 2 warnings")


def test_an_earlier_runs_files_do_not_linger(shop: Workshop) -> None:
    shop.record()
    shop.command("run", "-o", "results")
    shop.edit("butterfly", "parchment", "vellum")

    shop.command("run", "-o", "results")

    assert [path.name for path in (shop.root / "results" / "butterfly" / "default").iterdir()] == ["result.json"]


def test_ls_lists_cases_and_their_recordings(shop: Workshop) -> None:
    shop.record()

    text = shop.command("ls").stdout
    table = shop.json("ls", "--format", "json")

    assert re.sub(r"(less than a|\d) minutes? ago", "<age> ago", text) == (
        "case                model                   steps  recording  from                 answered by             recorded\n"
        "butterfly::default  gemini-3.1-flash-image  1      fresh      emulator (stand-in)  gemini-3.1-flash-image  <age> ago\n"
    )
    assert [(row["spec"], row["case"], row["recording"]) for row in table["cases"]] == [
        ("butterfly", "default", "fresh")
    ]


def test_try_shows_the_answer_and_keeps_no_recording(shop: Workshop) -> None:
    done = shop.command("try", "butterfly", "--target", "emulator")

    assert done.returncode == 0
    assert "1 request sent" in done.stdout
    assert not (shop.root / "cassettes").exists()
    assert (shop.root / "out" / "try" / "butterfly" / "default" / "1.1.png").is_file()


def test_accept_and_reject_say_when_nothing_waits(shop: Workshop) -> None:
    assert shop.command("accept").stdout == "no new answer waits\n"
    assert shop.json("reject", "--format", "json") == {"cases": [], "unmet": [], "diagnostics": []}


def test_record_all_asks_again_and_once_does_not(shop: Workshop) -> None:
    shop.record()

    once = shop.command("run", "--record-mode", "once", "--target", "emulator")
    everything = shop.command("record", "--all", "--accept", "--target", "emulator")

    assert "offline, no request sent" in once.stdout
    assert "1 request sent" in everything.stdout
    assert (once.returncode, everything.returncode) == (0, 0)


def test_once_refuses_what_is_stale(shop: Workshop) -> None:
    shop.record()
    before = shop.files()
    shop.edit("butterfly", "parchment", "vellum")

    done = shop.command("run", "--record-mode", "once", "--target", "emulator")

    assert done.returncode == 1
    assert "error[P501]" in done.stdout
    assert shop.files() == before


def test_a_recording_without_a_spec_is_an_orphan(shop: Workshop) -> None:
    shop.record()
    shop.spec("butterfly").rename(shop.spec("moth"))

    done = shop.command("check", "--format", "concise")

    assert done.stdout == (
        "cassettes/butterfly/default.yaml: P506 no case is named `butterfly::default`, so nothing checks this recording\n"
        "specs/moth.toml:3:3: P502 `moth::default` has no recording\n"
    )


def test_colour_only_where_a_terminal_asks_for_it(shop: Workshop) -> None:
    assert "\x1b[" not in shop.command("check").stdout


def test_the_emulator_serves_until_it_is_stopped(shop: Workshop) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "promptc", "emulator", "--port", "0", "--faults", "429"],
        stdout=subprocess.PIPE,
        cwd=shop.root,
        text=True,
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        base = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert base
        request = urllib.request.Request(
            f"{base.group()}/v1beta/models/m:generateContent", b'{"contents":[{"parts":[{"text":"hi"}]}]}'
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=10)
        caught.value.close()
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.headers["x-promptc-emulator"] == "1"
        process.terminate()
    assert caught.value.code == 429


def test_the_emulator_says_when_its_port_is_taken(shop: Workshop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = shop.command("emulator", "--port", str(port))

    assert done.returncode == 2
    assert done.stderr == f"error: port {port} can't be used: Address already in use; --port 0 takes any free one\n"


def test_an_unknown_fault_gets_a_suggestion(shop: Workshop) -> None:
    done = shop.command("emulator", "--faults", "rest")

    assert done.returncode == 2
    assert "reset" in done.stderr


def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(shop: Workshop) -> None:
    done = shop.command("record", COMETAPI_KEY="fake\x01key")

    assert done.returncode == 2
    assert done.stderr == (
        "error: the environment variable COMETAPI_KEY holds characters that no key has (a space, a line break, "
        "a letter outside ASCII); copy the key again\n"
    )
