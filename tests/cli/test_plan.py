"""What recording costs is told before anything is sent, and above a limit somebody must agree."""

import json
from pathlib import Path
from typing import Any

import pytest

from promptc.schema import check
from tests.replay.made import RawServer, http
from tests.terminal import Terminal
from tests.workshop import BUTTERFLY, CHAT, Workshop

WORDS = BUTTERFLY.replace('["TEXT", "IMAGE"]', '["TEXT"]').replace(
    'imageConfig = { aspectRatio = "1:1", imageSize = "512" }\n', ""
)
SAID = json.dumps(
    {"candidates": [{"content": {"role": "model", "parts": [{"text": "A moth"}]}, "finishReason": "STOP", "index": 0}]}
).encode()
LIMITS = "[limits]\nrequests = 1\ndollars = 0.001\n"
TOLD = "asks `mine` for 2 requests of 2 cases, about $0.006\n"
ABOVE = f"""\
{TOLD}above a limit: 2 requests, and the limit is 1
above a limit: about $0.006, and the limit is $0.001
"""
REFUSED = f"""\
{ABOVE}error: nothing was asked: 2 requests of 2 cases, about $0.006, and that is above the limits of this project: \
2 requests, and the limit is 1; about $0.006, and the limit is $0.001; `promptc plan` lists the cases; \
`--yes` asks all the same, or raise the limit in `[limits]` of promptc.toml
"""
QUESTION = "ask all the same? y for yes, any other key for no: "
ASKS = [["record"], ["run", "--record-mode", "once"], ["run", "--record-mode", "all"]]


def served(tmp_path: Path, url: str, limits: str = "") -> Workshop:
    shop = Workshop.make(tmp_path, {"moth": WORDS, "wasp": WORDS})
    target = f'[run]\ntarget = "mine"\n[targets.mine]\nbase_url = "{url}"\nauth = "none"\nrequests_per_minute = 100\n'
    (tmp_path / "promptc.toml").write_text(f"version = 1\n{target}{limits}")
    return shop


def server() -> RawServer:
    return RawServer(http(SAID, Content_Type="application/json"))


def test_a_plan_lists_each_case_and_what_it_comes_to(tmp_path: Path) -> None:
    shop = served(tmp_path, "https://host.invalid", LIMITS)
    shop.spec("chat").write_text(CHAT.replace("flash-image", "flash-lite-image").replace('"512"', '"1K"'))

    done = shop.command("plan")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "case           why      model                        requests  tokens in    out    cost\n"
        "chat::default  missing  gemini-3.1-flash-lite-image         3      3,690  5,160       ?\n"
        "moth::default  missing  gemini-3.1-flash-image              1         11  1,000  $0.003\n"
        "wasp::default  missing  gemini-3.1-flash-image              1         11  1,000  $0.003\n"
        "\n"
        "5 requests of 3 cases, about $0.006 and what `gemini-3.1-flash-lite-image` costs (price not known)\n"
        "tokens: about 3,712 in, 7,160 out; 5 requests estimated by rule\n"
        "time: no wait, at most 100 requests a minute\n"
        "above a limit: 5 requests, and the limit is 1\n"
        "above a limit: about $0.006 and what `gemini-3.1-flash-lite-image` costs (price not known), "
        "and the limit is $0.001\n"
        "`promptc record` with the same arguments asks for them, after a question that `--yes` answers\n"
    )


def test_of_many_cases_a_plan_has_a_line_a_spec(tmp_path: Path) -> None:
    shop = served(tmp_path, "https://host.invalid")
    names = "".join(f'[[cases]]\nname = "c{number}"\n' for number in range(300))
    shop.spec("moth").write_text(f"{WORDS}\n{names}")

    assert shop.command("plan").stdout == (
        "case             why      model                   requests  tokens in      out    cost\n"
        "moth  300 cases  missing  gemini-3.1-flash-image       300      3,300  300,000   $0.90\n"
        "wasp::default    missing  gemini-3.1-flash-image         1         11    1,000  $0.003\n"
        "\n"
        "301 requests of 301 cases, about $0.90\n"
        "tokens: about 3,311 in, 301,000 out; 301 requests estimated by rule\n"
        "time: at least 3 minutes, at most 100 requests a minute\n"
        "`promptc record` with the same arguments asks for them\n"
    )


def test_where_all_is_recorded_a_plan_is_a_sentence(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"moth": BUTTERFLY})
    shop.record()

    assert shop.command("plan").stdout == "no request would be sent: 1 case needs none\n"
    again = shop.command("plan", "--all", "--target", "emulator").stdout.splitlines()
    assert again[1].split()[:2] == ["moth::default", "again"]
    assert again[3] == "1 request of 1 case, about $0.00"


def test_a_plan_says_that_it_does_not_count_what_has_mistakes(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"moth": BUTTERFLY, "owl": BUTTERFLY.replace("Monarch", "{{ bird }}")})
    planned = shop.command("plan", "--target", "emulator")

    assert (planned.returncode, planned.stdout.splitlines()[3]) == (
        1,
        "1 request of 1 case, about $0.00; not counted is what the errors keep from being asked",
    )
    shop.record()
    assert shop.command("plan").stdout == (
        "no request would be sent: 1 case needs none; not counted is what the errors keep from being asked\n"
    )


def test_the_json_of_a_plan_is_what_its_schema_says(tmp_path: Path) -> None:
    shop = served(tmp_path, "https://host.invalid", LIMITS)
    costs: dict[str, Any] = {
        "requests": 1,
        "measured": 0,
        "inputTokens": 11,
        "outputTokens": 1000,
        "dollars": 0.0030055,
    }
    costs |= {"unpriced": [], "uncounted": []}

    made = shop.json("plan", "moth", "--format", "json")

    assert check(made, "plan.schema") == ()
    assert made == {
        "good": True,
        "target": "mine",
        "cases": [
            {
                "spec": "moth",
                "case": "default",
                "why": "missing",
                "models": ["gemini-3.1-flash-image"],
                "fromStep": 1,
                **costs,
                "move": None,
            }
        ],
        "rest": 0,
        "estimate": {"cases": 1, **costs, "seconds": 0.0},
        "limits": {"requests": 1, "tokens": None, "dollars": 0.001},
        "above": ["about $0.003, and the limit is $0.001"],
        "diagnostics": [],
    }


@pytest.mark.parametrize("command", ASKS, ids=" ".join)
def test_above_a_limit_nothing_is_sent_where_nobody_can_agree(tmp_path: Path, command: list[str]) -> None:
    with server() as listens:
        shop = served(tmp_path, listens.base_url, LIMITS)
        done = shop.command(*command)

        assert (done.returncode, done.stdout, done.stderr) == (1, "", REFUSED)
        assert listens.seen == []
    assert not (tmp_path / "cassettes").exists()


@pytest.mark.parametrize("command", ASKS, ids=" ".join)
def test_yes_agrees_beforehand_and_leaves_json_clean(tmp_path: Path, command: list[str]) -> None:
    with server() as listens:
        shop = served(tmp_path, listens.base_url, LIMITS)
        done = shop.command(*command, "--yes", "--format", "json")

        assert (done.returncode, done.stderr) == (0, ABOVE)
        assert [case["asked"] for case in json.loads(done.stdout)["cases"]] == [1, 1]
        assert len(listens.seen) == 2


@pytest.mark.parametrize("limits", ["", "[limits]\nrequests = 2\ntokens = 3000\ndollars = 0.01\n"])
def test_below_the_limits_a_line_says_what_is_asked(tmp_path: Path, limits: str) -> None:
    with server() as listens:
        shop = served(tmp_path, listens.base_url, limits)
        first, second = shop.command("record"), shop.command("record")

    assert (first.returncode, first.stderr) == (0, TOLD)
    assert (second.returncode, second.stderr) == (0, "")


def test_a_dry_run_tells_of_nothing(tmp_path: Path) -> None:
    shop = served(tmp_path, "https://host.invalid", LIMITS)

    assert shop.command("run", "--format", "json").stderr == ""


def test_the_emulator_needs_no_question(tmp_path: Path) -> None:
    shop = served(tmp_path, "https://host.invalid", LIMITS)
    done = shop.command("record", "--target", "emulator")

    assert done.stderr == ""
    assert "2 requests sent" in done.stdout


def test_at_a_terminal_one_key_agrees(tmp_path: Path) -> None:
    with server() as listens:
        shop = served(tmp_path, listens.base_url, LIMITS)
        with Terminal(shop, "record") as terminal:
            assert terminal.until(QUESTION) == ABOVE + QUESTION
            assert listens.seen == []
            terminal.press("y")
            code, shown = terminal.end()
        assert (code, len(listens.seen)) == (0, 2)
        assert shown.startswith("yes\n")


@pytest.mark.parametrize(("key", "code"), [("n", 1), ("\r", 1), (" ", 1), ("\x03", 130)])
def test_at_a_terminal_every_other_key_sends_nothing(tmp_path: Path, key: str, code: int) -> None:
    with server() as listens:
        shop = served(tmp_path, listens.base_url, LIMITS)
        with Terminal(shop, "record") as terminal:
            terminal.until(QUESTION)
            terminal.press(key)
            assert terminal.end()[0] == code
        assert listens.seen == []


def test_a_plan_says_how_a_renamed_case_gets_its_recording(tmp_path: Path) -> None:
    with server() as listens:
        shop = served(tmp_path, listens.base_url)
        assert shop.command("record", "moth").returncode == 0
    shop.spec("moth").rename(shop.spec("luna"))
    shop.spec("wasp").unlink()
    done = shop.command("plan")

    assert done.stdout.partition("asks for it\n")[2] == (
        "luna::default is recorded under an old name; it is not asked for after\n"
        "  `mkdir -p cassettes/luna && mv cassettes/moth/default.yaml cassettes/luna/`\n"
    )
    printed = json.loads(shop.command("plan", "--format", "json").stdout)
    assert check(printed, "plan.schema") == ()
    assert [case["move"] for case in printed["cases"]] == [
        "mkdir -p cassettes/luna && mv cassettes/moth/default.yaml cassettes/luna/"
    ]


def test_above_a_limit_a_try_sends_nothing_where_nobody_can_agree(tmp_path: Path) -> None:
    with server() as listens:
        shop = served(tmp_path, listens.base_url, "[limits]\nrequests = 2\n")
        shop.spec("chat").write_text(CHAT)
        done = shop.command("try", "chat")
        assert (done.returncode, done.stdout, listens.seen) == (1, "", [])
        assert done.stderr == (
            "asks `mine` for 3 requests of 1 case, about $0.14\n"
            "above a limit: 3 requests, and the limit is 2\n"
            "error: nothing was asked: 3 requests of 1 case, about $0.14, and that is above a limit of this project: "
            "3 requests, and the limit is 2; `promptc plan` lists the cases; `--yes` asks all the same, or raise the "
            "limit in `[limits]` of promptc.toml\n"
        )
        shop.command("try", "chat", "--yes")
        assert len(listens.seen) > 0
