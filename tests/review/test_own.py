"""Checks of a project's own: what they say becomes verdicts, and nothing that goes wrong in them passes."""

import importlib
import json
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

import promptc
from promptc.pipeline.results import Status
from promptc.replay.modes import RecordMode
from promptc.report.full import full
from promptc.report.style import Style
from promptc.response import Response
from promptc.review import checks, own
from promptc.review.verdicts import judge
from tests.workshop import BUTTERFLY, CHAT, Workshop

CHECKS = """
import sys
from promptc import Answer

NUMBER = 7

def good(answer: Answer):
    assert answer.images[0].width > 100, "too small"

def well(answer):
    return True

def nothing_to_list(answer):
    return []

def no(answer):
    return False

def text(answer):
    return "the moth has no feelers"

def several(answer):
    yield "the moth has no feelers"
    yield "the moth has three wings"

def asserts(answer):
    width = answer.images[0].width
    assert width == 7, f"{width} px is not seven"

def asserts_bare(answer):
    assert not answer.images

def raises(answer):
    return answer.nothing

def leaves(answer):
    sys.exit("so long")

def one(answer):
    return 1

def empty(answer):
    return ""

def numbers(answer):
    return [1]

async def later(answer):
    return None

def plain():
    return None

def least(answer, *, width, height=1):
    return None if answer.images[0].width >= width else f"narrower than {width}"

def network(answer):
    import socket
    socket.getaddrinfo("example.org", 443)

def interrupts(answer):
    raise KeyboardInterrupt

class Judge:
    @staticmethod
    def kind(answer):
        return "unkind"
"""


@pytest.fixture(autouse=True)
def _modules() -> Iterator[None]:
    before, path = set(sys.modules), list(sys.path)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("own_", "ownpkg")):
            del sys.modules[name]
    assert sys.path == path


def judged(root: Path, value: str, module: str = CHECKS, **files: str) -> tuple[Status, str]:
    """Judge a recording by checks, and return the status and what is told."""
    root.mkdir(exist_ok=True)
    (root / "own_checks.py").write_text(module)
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    workshop = Workshop.make(root, {"moth": BUTTERFLY})
    assert workshop.record().good
    workshop.spec("moth").write_text(f"{BUTTERFLY}\n[expect]\npython = {value}\n")
    (result,) = workshop.replay().results
    return result.status, "\n".join(d.message.removeprefix("`moth::default`: ") for d in result.diagnostics)


@pytest.mark.parametrize("name", ["good", "well", "nothing_to_list"])
def test_a_check_that_has_nothing_to_say_passes(tmp_path: Path, name: str) -> None:
    assert judged(tmp_path, f'"own_checks:{name}"') == (Status.PASSED, "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no", "it says no"),
        ("text", "the moth has no feelers"),
        ("asserts", '512 px is not seven (own_checks.py:28: `assert width == 7, f"{width} px is not seven"`)'),
        ("asserts_bare", "an assertion failed (own_checks.py:31: `assert not answer.images`)"),
        (
            "raises",
            "AttributeError: 'Answer' object has no attribute 'nothing' (own_checks.py:34: `return answer.nothing`)",
        ),
        (
            "leaves",
            'it wanted to end the program (SystemExit: so long) (own_checks.py:37: `sys.exit("so long")`)',
        ),
        (
            "interrupts",
            "it wanted to end the program (KeyboardInterrupt) (own_checks.py:62: `raise KeyboardInterrupt`)",
        ),
        ("one", "it returned an integer (`1`), expected nothing, a boolean, a text or a list of texts"),
        ("empty", "it returned a string as a failure, expected a text that says what is wrong"),
        ("numbers", "it returned an integer (`1`) as a failure, expected a text that says what is wrong"),
        ("later", "it is `async`, and nobody waits for it: write `def`"),
        ("plain", "it can't be called with an answer: too many positional arguments"),
        ("least", "it can't be called with an answer: missing a required argument: 'width'"),
        ("Judge.kind", "unkind"),
        ("NUMBER", "it is an integer, no function"),
        ("god", "`own_checks` has no `god`; did you mean `good`?"),
        ("Judge.kid", "`own_checks` has no `Judge.kid`; did you mean `kind`?"),
        (
            "network",
            (
                "OfflineError: `moth::default` wanted the network (socket.getaddrinfo, example.org:443) while promptc runs"
                ' offline (own_checks.py:59: `socket.getaddrinfo("example.org", 443)`)'
            ),
        ),
    ],
)
def test_everything_else_fails_and_says_why(tmp_path: Path, name: str, said: str) -> None:
    assert judged(tmp_path, f'"own_checks:{name}"') == (Status.FAILED, f"`own_checks:{name}`: {said}")


def test_each_text_is_a_failure_of_its_own(tmp_path: Path) -> None:
    assert judged(tmp_path, '"own_checks:several"') == (
        Status.FAILED,
        "`own_checks:several`: the moth has no feelers\n`own_checks:several`: the moth has three wings",
    )


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (
            "import nothing_of_this_name\n",
            "ModuleNotFoundError: No module named 'nothing_of_this_name' (own_torn.py:1)",
        ),
        ("\n1 / 0\n", "ZeroDivisionError: division by zero (own_torn.py:2)"),
        ("import sys\nsys.exit()\n", "SystemExit (own_torn.py:2)"),
        ("def f(:\n", "SyntaxError: invalid syntax (own_torn.py, line 1)"),
    ],
)
def test_a_module_that_cant_be_imported_fails(tmp_path: Path, module: str, said: str) -> None:
    assert judged(tmp_path, '"own_torn:f"', own_torn=module) == (
        Status.FAILED,
        f"`own_torn:f`: `own_torn` can't be imported: {said}",
    )


def test_a_module_that_is_not_there_fails(tmp_path: Path) -> None:
    assert judged(tmp_path, '"own_chekcs:f"') == (
        Status.FAILED,
        (
            "`own_chekcs:f`: there is no module `own_chekcs`: it is looked for in the project's root, then among the"
            " installed"
        ),
    )


def test_a_module_of_the_same_name_from_elsewhere_is_not_mistaken_for_the_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "own_checks.py").write_text(CHECKS)
    with monkeypatch.context() as context:
        context.syspath_prepend(other)
        importlib.import_module("own_checks")

    assert judged(tmp_path / "two", '"own_checks:good"') == (
        Status.FAILED,
        (
            f"`own_checks:good`: `own_checks` is imported from {other}/own_checks.py already, so the project's is"
            " not seen; give the project's own another name"
        ),
    )


def test_two_projects_in_one_process_may_give_their_modules_one_name(tmp_path: Path) -> None:
    module = "from ownpkg.words import WORD\nfrom own_helper import HELP\n\ndef a(answer):\n    return WORD + HELP\n"
    said: list[tuple[Status, str]] = []
    for name in ("one", "two", "one"):
        root = tmp_path / f"{len(said)}"
        (root / "ownpkg").mkdir(parents=True)
        (root / "ownpkg/words.py").write_text(f"WORD = 'words of {name}'\n")
        said.append(judged(root, '"own_checks:a"', module, own_helper=f"HELP = ', help of {name}'\n"))

    assert said == [
        (Status.FAILED, f"`own_checks:a`: words of {name}, help of {name}") for name in ("one", "two", "one")
    ]


def test_a_module_of_another_project_is_not_found(tmp_path: Path) -> None:
    assert judged(tmp_path / "one", '"own_there:a"', own_there="def a(answer):\n    pass\n")[0] is Status.PASSED
    assert judged(tmp_path / "two", '"own_there:a"') == (
        Status.FAILED,
        (
            "`own_there:a`: there is no module `own_there`: it is looked for in the project's root, then among the"
            " installed"
        ),
    )


MUTE = """
class Mute(Exception):
    def __str__(self):
        raise ValueError

def mute(answer):
    raise Mute

def long(answer):
    return "x" * 10_000_000
"""


def test_a_failure_that_can_not_be_told_is_one_and_a_long_one_is_cut(tmp_path: Path) -> None:
    assert judged(tmp_path / "mute", '"own_checks:mute"', MUTE) == (
        Status.FAILED,
        "`own_checks:mute`: Mute (own_checks.py:7: `raise Mute`)",
    )
    assert judged(tmp_path / "long", '"own_checks:long"', MUTE) == (
        Status.FAILED,
        f"`own_checks:long`: {'x' * 1999}…",
    )


def test_an_answer_that_is_nested_too_deeply_is_shown_to_no_check(tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(sys.getrecursionlimit()):
        deep = {"a": deep}
    judged(tmp_path, '"own_checks:well"')
    (asked,) = promptc.compile_requests(Workshop(tmp_path).project, ()).requests

    assert [
        verdict.message
        for verdict in judge(asked, Response(status=200, finish_reason="STOP", parts=[{}], usage={"a": deep}))
        if verdict.expectation == "python.0"
    ] == ["`own_checks:well`: the answer is nested too deeply to be shown to a check"]


def test_a_check_takes_arguments_and_lists_have_several(tmp_path: Path) -> None:
    several = """[
  "own_checks:good",
  { check = "own_checks:least", arguments = { width = 600 } },
  { check = "own_checks:least", arguments = { depth = 1 } },
]"""

    assert judged(tmp_path, several) == (
        Status.FAILED,
        (
            "`own_checks:least`: narrower than 600\n"
            "`own_checks:least`: it can't be called with an answer and `depth`: missing a required argument: 'width'"
        ),
    )


def test_the_line_of_the_spec_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_checks.py").write_text(CHECKS)
    workshop = Workshop.make(
        tmp_path, {"moth": f'{BUTTERFLY}\n[expect]\npython = ["own_checks:good", "own_checks:text"]\n'}
    )
    (result,) = workshop.record().results

    assert (
        full(result.diagnostics, Style())
        == """\
error[P601]: `moth::default`: `own_checks:text`: the moth has no feelers
  --> specs/moth.toml:11:30
   |
11 | python = ["own_checks:good", "own_checks:text"]
   |                              ^^^^^^^^^^^^^^^^^
"""
    )


def test_an_answer_has_what_the_api_said(tmp_path: Path) -> None:
    module = """
from promptc import Answer, AnswerImage
SEEN = []
def keep(answer):
    SEEN.append(answer)
"""
    judged(tmp_path, '"own_kept:keep"', own_kept=module)
    (answer,) = sys.modules["own_kept"].SEEN

    assert isinstance(answer, promptc.Answer)
    assert (answer.spec, answer.case, answer.step, answer.model) == ("moth", "default", 1, "gemini-3.1-flash-image")
    assert (answer.finish_reason, answer.block_reason, answer.error) == ("STOP", None, None)
    assert answer.text.startswith("A stand-in drawn by the promptc emulator")
    (image,) = answer.images
    assert (image.media_type, image.width, image.height, image.data[:4]) == ("image/png", 512, 512, b"\x89PNG")
    assert answer.usage["totalTokenCount"]
    assert next(sorted(part) for part in answer.parts) == ["text"]


def test_what_a_check_does_to_an_answer_goes_nowhere(tmp_path: Path) -> None:
    module = "def spoil(answer):\n    answer.parts.clear()\n    answer.usage.clear()\n"
    (tmp_path / "own_spoilt.py").write_text(module)
    workshop = Workshop.make(
        tmp_path, {"chat": CHAT.replace("reply = true", 'reply = true\nexpect = { python = "own_spoilt:spoil" }')}
    )

    assert workshop.record().good
    assert workshop.replay().good
    assert workshop.replay().results[0].steps[0].usage


def test_where_there_is_nothing_to_look_at_only_a_case_that_expects_it_asks(tmp_path: Path) -> None:
    (tmp_path / "own_checks.py").write_text(CHECKS)
    expect = '\n[expect]\npython = "own_checks:text"\n'
    workshop = Workshop.make(
        tmp_path,
        {"blocked": f"{BUTTERFLY}{expect}promptFeedback = {{}}\n", "moth": f"{BUTTERFLY}{expect}"},
    )
    blocked, moth = promptc.compile_requests(workshop.project).requests
    answer = Response(status=200, block_reason="SAFETY")

    assert [verdict.message for verdict in judge(blocked, answer)] == [
        "the prompt was blocked: SAFETY",
        "`own_checks:text`: the moth has no feelers",
    ]
    assert [verdict.message for verdict in judge(moth, answer)] == ["the prompt was blocked: SAFETY"]


def test_checks_are_not_run_by_what_only_compiles(tmp_path: Path) -> None:
    (tmp_path / "own_mark.py").write_text("open('ran', 'w').close()\ndef f(answer): pass\n")
    workshop = Workshop.make(tmp_path, {"moth": f'{BUTTERFLY}\n[expect]\npython = "own_mark:f"\n'})
    for command in ("check", "compile", "ls"):
        workshop.command(command)

    assert not (tmp_path / "ran").exists()
    assert workshop.command("record", "--target", "emulator").returncode == 0
    assert (tmp_path / "ran").exists()


def test_modules_are_found_from_any_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ownpkg").mkdir()
    (tmp_path / "ownpkg" / "wings.py").write_text("from ownpkg.words import NO\ndef f(answer): return NO\n")
    (tmp_path / "ownpkg" / "words.py").write_text("NO = 'no wings'\n")
    monkeypatch.chdir(tmp_path / "ownpkg")

    assert judged(tmp_path, '"ownpkg.wings:f"') == (Status.FAILED, "`ownpkg.wings:f`: no wings")


def test_an_installed_check_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("wings", "own_checks:text", checks.GROUP), EntryPoint("twice", "a:b", checks.GROUP)]
    points.append(EntryPoint("twice", "c:d", checks.GROUP))
    monkeypatch.setattr(checks, "entry_points", lambda group: EntryPoints(points).select(group=group))

    assert judged(tmp_path, '["wings", "wing", "my.checks.wide", "twice"]') == (
        Status.FAILED,
        (
            "`wings`: the moth has no feelers\n"
            "`wing`: no package has registered it in the group `promptc.expectations`; did you mean `wings`?\n"
            "`my.checks.wide`: no package has registered it in the group `promptc.expectations`; "
            "did you mean `my.checks:wide`?\n"
            "`twice`: two packages call something `twice`: a:b and c:d"
        ),
    )


def test_a_secret_in_a_message_is_covered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMETAPI_KEY", "sk-fake-0123456789abcdef0123456789")
    module = "import os\ndef f(answer):\n    return os.environ['COMETAPI_KEY']\n"

    assert judged(tmp_path, '"own_leak:f"', own_leak=module) == (Status.FAILED, "`own_leak:f`: ***")


def test_ctrl_c_in_the_main_thread_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    assert threading.current_thread() is threading.main_thread()
    assert own._from_the_user(KeyboardInterrupt())
    assert not own._from_the_user(SystemExit())
    monkeypatch.setattr(threading, "main_thread", object)
    assert not own._from_the_user(KeyboardInterrupt())


def test_a_name_that_is_none_is_told_at_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    workshop = Workshop.make(tmp_path, {"moth": f'{BUTTERFLY}\n[expect]\npython = "lib/checks.py:f"\n'})

    assert (
        full(promptc.compile_requests(workshop.project).diagnostics, Style())
        == """\
error[P008]: `lib/checks.py:f` names no check
  --> specs/moth.toml:11:10
   |
11 | python = "lib/checks.py:f"
   |          ^^^^^^^^^^^^^^^^^
   = expected: `module:function`, or the name of an installed one
   = help: write `lib.checks:f`: modules are found from the project's root
"""
    )


@pytest.mark.parametrize(
    ("written", "code", "told"),
    [
        ('"checks.py:f"', "P008", "`checks.py:f` names no check"),
        ('"checks:f()"', "P008", "`checks:f()` names no check"),
        ('"a b"', "P008", "`a b` names no check"),
        ('{ check = "a:" }', "P008", "`a:` names no check"),
        ("7", "P004", "expected a string or a table, got an integer"),
        ("{ arguments = {} }", "P101", "`check` is missing"),
        ('{ check = "a:b", width = 7 }', "P003", "unknown key `width`"),
    ],
)
def test_what_names_no_check_is_a_mistake_of_the_spec(tmp_path: Path, written: str, code: str, told: str) -> None:
    workshop = Workshop.make(tmp_path, {"moth": f"{BUTTERFLY}\n[expect]\npython = {written}\n"})

    assert [(d.code, d.message) for d in promptc.compile_requests(workshop.project).diagnostics] == [(code, told)]


@pytest.mark.parametrize(
    "arguments", [("run", "--format", "json"), ("try", "moth", "--target", "emulator", "--format", "json")]
)
def test_what_a_check_prints_is_no_part_of_what_programs_read(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    judged(tmp_path, '"own_checks:prints"', "def prints(answer):\n    print('looking at', answer.spec)\n")

    done = Workshop(tmp_path).command(*arguments)

    assert done.stderr.splitlines() == ["looking at moth"]
    assert json.loads(done.stdout)["good"]


UNKNOWN = """\
error[P601]: `moth::default`: `own_cheks:good`: there is no module `own_cheks`: it is looked for in the project's root, \
then among the installed
  --> repo/specs/moth.toml:11:11
   |
11 | python = ["own_cheks:good", { check = "own_checks:god" }]
   |           ^^^^^^^^^^^^^^^^
   = help: nothing was asked

error[P601]: `moth::default`: `own_checks:god`: `own_checks` has no `god`; did you mean `good`?
  --> repo/specs/moth.toml:11:29
   |
11 | python = ["own_cheks:good", { check = "own_checks:god" }]
   |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = help: nothing was asked
"""


@pytest.mark.parametrize("mode", [RecordMode.ONCE, RecordMode.NEW_EPISODES, RecordMode.ALL])
def test_a_check_that_is_not_found_is_told_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: RecordMode
) -> None:
    monkeypatch.chdir(tmp_path)
    expect = '[expect]\npython = ["own_cheks:good", { check = "own_checks:god" }]\n'
    workshop = Workshop.make(tmp_path / "repo", {"moth": f"{BUTTERFLY}\n{expect}"})
    (workshop.root / "own_checks.py").write_text(CHECKS)

    (result,) = workshop.record(mode=mode).results

    assert (result.status, result.asked, workshop.files()) == (Status.ERROR, 0, {})
    assert full(result.diagnostics, Style()) == UNKNOWN


def test_a_recording_that_is_fresh_is_judged_where_a_check_is_not_found(tmp_path: Path) -> None:
    workshop = Workshop.make(tmp_path / "repo", {"moth": BUTTERFLY})
    assert workshop.record().good
    workshop.spec("moth").write_text(f'{BUTTERFLY}\n[expect]\npython = "own_cheks:good"\n')

    (result,) = workshop.record().results

    assert (result.status, result.asked) == (Status.FAILED, 0)
    assert [problem.message for problem in result.diagnostics] == [
        (
            "`moth::default`: `own_cheks:good`: there is no module `own_cheks`: "
            "it is looked for in the project's root, then among the installed"
        )
    ]
