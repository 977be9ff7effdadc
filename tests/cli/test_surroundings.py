"""Surroundings that refuse: files and folders that can't be read, an output that takes nothing, a broken project file."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.workshop import BUTTERFLY, Workshop

WITHOUT = ["--bounding-set=-dac_override,-dac_read_search"]
"""Takes from root what lets it read everything."""
DENIED = "permission denied"
READABLE = "make it readable: what lies in it is not known"
PICTURE = BUTTERFLY.replace('text = "A Monarch', 'parts = [{ image = "in/a.png" }, { text = "A Monarch').replace(
    'parchment"', 'parchment" }]'
)
AGE = "`1m` is not a number with `h` for hours, `d` for days or `w` for weeks, as in `90d`"


def ordinary() -> list[str]:
    """Return what starts a command as somebody whom a mode of 0 stops."""
    if os.name != "posix":
        pytest.skip("this system has no modes of files")
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may read everything, and there is no setpriv to take that away")
    return [setpriv, *WITHOUT]


def command(shop: Workshop, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ordinary(), sys.executable, "-m", "promptc", *arguments],
        cwd=shop.root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=120,
        check=False,
    )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop.make(tmp_path / "repo", {"butterfly": BUTTERFLY, "pictures/moth": BUTTERFLY})
    made.record()
    yield made
    for path in (made.root, *made.root.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def found(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str, str]]:
    """Return the findings of a command that printed JSON."""
    assert done.stderr == ""
    return [(d["code"], d["file"], d["message"]) for d in json.loads(done.stdout)["diagnostics"]]


FOLDER = ("P002", "cassettes/butterfly", f"the file can't be read: {DENIED}")
RECORDING = (
    "P503",
    "cassettes/butterfly/default.yaml",
    "the recording is damaged: it can't be read: Permission denied",
)


@pytest.mark.parametrize("mode", [0, 0o444])
def test_a_folder_of_recordings_that_can_t_be_read_is_named(shop: Workshop, mode: int) -> None:
    shop.cassette("butterfly").chmod(mode)

    said = {
        name: command(shop, name, "--format", "json")
        for name in ("check", "run", "ls", "pending", "review", "accept", "reject")
    }

    assert {name: done.returncode for name, done in said.items()} == dict.fromkeys(said, 1)
    assert {name: found(done) for name, done in said.items()} == {
        "check": [FOLDER, RECORDING],
        "run": [FOLDER, RECORDING],
        "ls": [FOLDER],
        "pending": [FOLDER],
        "review": [FOLDER],
        "accept": [FOLDER],
        "reject": [FOLDER],
    }
    assert found(command(shop, "accept", "pictures/moth", "--format", "json")) == []
    pruned = command(shop, "prune", "--yes")
    assert (pruned.returncode, pruned.stdout) == (1, "nothing to prune\n")
    assert pruned.stderr == (
        f"error[P002]: the file can't be read: {DENIED}\n  --> cassettes/butterfly\n   = help: {READABLE}\n"
    )


@pytest.mark.parametrize("mode", [0, 0o444])
def test_a_folder_that_can_t_be_read_hides_no_recording_of_a_case_that_is_gone(shop: Workshop, mode: int) -> None:
    shop.spec("pictures/moth").unlink()
    shop.cassette("butterfly").chmod(mode)
    gone = "cassettes/pictures/moth/default.yaml"
    orphan = ("P506", gone, "no case is named `pictures/moth::default`, so nothing checks this recording")

    said = {name: command(shop, name, "--format", "json") for name in ("check", "run")}

    assert {name: done.returncode for name, done in said.items()} == dict.fromkeys(said, 1)
    assert [sorted(found(done)) for done in said.values()] == [[FOLDER, RECORDING, orphan]] * 2
    assert command(shop, "prune", "--yes").returncode == 1
    assert not (shop.root / gone).exists()


def test_a_report_on_recordings_that_can_t_be_read_is_written(shop: Workshop) -> None:
    shop.cassette("").chmod(0)

    done = command(shop, "report")

    assert (done.returncode, done.stdout, done.stderr) == (1, "out/report.html\n", "")
    page = (shop.root / "out/report.html").read_text()
    assert "the recording is damaged: it can&#39;t be read: Permission denied" in page


def test_a_recording_that_can_t_be_read_is_named_in_every_command(shop: Workshop) -> None:
    shop.cassette("butterfly/default.yaml").chmod(0)

    assert [found(command(shop, name, "--format", "json")) for name in ("check", "run", "ls")] == [
        [RECORDING],
        [RECORDING],
        [],
    ]
    assert "butterfly::default      gemini-3.1-flash-image  1      damaged" in command(shop, "ls").stdout


@pytest.mark.parametrize("mode", [0, 0o444])
def test_a_folder_of_specs_that_can_t_be_read_is_named(shop: Workshop, mode: int) -> None:
    shop.spec("pictures/moth").parent.chmod(mode)
    file = "specs/pictures" if mode == 0 else "specs/pictures/moth.toml"

    for name in ("check", "run", "ls"):
        done = command(shop, name, "--format", "json")
        assert (done.returncode, found(done)) == (1, [("P002", file, f"the file can't be read: {DENIED}")])
    compiled = command(shop, "compile")
    assert (compiled.returncode, compiled.stderr) == (
        1,
        f"error[P002]: the file can't be read: {DENIED}\n  --> {file}\n",
    )
    assert command(shop, "prune", "--yes").returncode == 1
    assert shop.cassette("pictures/moth/default.yaml").exists()


def test_a_spec_that_can_t_be_read_is_named(shop: Workshop) -> None:
    shop.spec("butterfly").chmod(0)

    for name in ("check", "run", "ls"):
        done = command(shop, name, "--format", "json")
        assert (done.returncode, found(done)) == (
            1,
            [("P002", "specs/butterfly.toml", f"the file can't be read: {DENIED}")],
        )


def test_a_picture_that_can_t_be_read_is_named(shop: Workshop) -> None:
    folder = shop.root / "specs" / "in"
    folder.mkdir()
    shutil.copy(next(shop.cassette("butterfly").glob("*.png")), folder / "a.png")
    shop.spec("butterfly").write_text(PICTURE)
    (folder / "a.png").chmod(0)

    for name in ("check", "run", "ls"):
        done = command(shop, name, "--format", "json")
        assert (done.returncode, found(done)) == (
            1,
            [("P302", "specs/butterfly.toml", f"`in/a.png` can't be read: {DENIED}")],
        )


def test_a_project_file_that_can_t_be_read_is_named(shop: Workshop) -> None:
    (shop.root / "promptc.toml").chmod(0)
    error = ("P002", "promptc.toml", "the file can't be read: permission denied")

    for name in ("check", "run", "ls"):
        done = command(shop, name, "--format", "json")
        assert (done.returncode, found(done)) == (2, [error])
    for name in ("prune", "report", "compile"):
        done = command(shop, name)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error[P002]: {error[2]}\n  --> promptc.toml\n")


def test_a_project_folder_that_can_t_be_looked_into_is_a_usage_error(shop: Workshop) -> None:
    shop.root.chmod(0o444)
    done = subprocess.run(
        [*ordinary(), sys.executable, "-c", "import os; import promptc.cli.main as m; m.main(['check'])"],
        cwd=shop.root,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONSAFEPATH": "1"},
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: `promptc.toml` can't be looked at: Permission denied\n"


def test_a_working_directory_that_is_gone_is_a_usage_error(tmp_path: Path) -> None:
    program = (
        f"import os; os.mkdir({str(tmp_path / 'gone')!r}); os.chdir({str(tmp_path / 'gone')!r}); "
        "import promptc.cli.main as m; os.rmdir(os.getcwd()); m.main(['check'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "error: the folder that promptc was called in is gone\n",
    )


def test_a_report_that_can_t_be_written_is_a_usage_error(shop: Workshop) -> None:
    (shop.root / "out" / "report.html").mkdir(parents=True)

    done = shop.command("report")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: `out/report.html` was not written: Is a directory; choose another place with -o\n"
    assert not (shop.root / "out" / "report.html.tmp").exists()


def into(shop: Workshop, output: BinaryIO, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose standard output goes into a file."""
    return subprocess.run(
        [sys.executable, "-m", "promptc", *arguments],
        cwd=shop.root,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--format", "json"],
        ["run"],
        ["compile"],
        ["compile", "--format", "jsonl"],
        ["ls"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_an_output_that_takes_nothing_is_told_in_a_line(shop: Workshop, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = into(shop, full, *arguments)
    what = "" if arguments == ["--help"] else "the output could not be written: "
    assert (done.returncode, done.stderr) == (2, f"error: {what}No space left on device\n")


def test_a_pipe_that_nobody_reads_any_more_is_left_in_silence(shop: Workshop) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = into(shop, closed, "ls")
    assert (done.returncode, done.stderr) == (1, "")


def test_a_broken_project_file_is_told_in_the_form_that_was_asked_for(shop: Workshop) -> None:
    (shop.root / "promptc.toml").write_text('version = 1\nmax_age = "1m"\n')

    for arguments in (["check"], ["run"], ["ls"], ["accept"], ["pin"], ["record"], ["validate", "a.json"]):
        done = shop.command(*arguments, "--format", "json")
        printed = json.loads(done.stdout)
        assert (done.returncode, done.stderr, printed["good"], printed["cases"]) == (2, "", False, [])
        (told,) = printed["diagnostics"]
        assert (told["code"], told["file"], told["range"]["start"], told["message"]) == (
            "P008",
            "promptc.toml",
            {"line": 2, "column": 11},
            AGE,
        )
    github = shop.command("check", "--format", "github")
    assert (github.returncode, github.stderr, github.stdout) == (
        2,
        "",
        f"::error file=promptc.toml,line=2,col=11,endLine=2,endColumn=15,title=P008 bad-value::{AGE}\n",
    )
    (result,) = json.loads(shop.command("check", "--format", "sarif").stdout)["runs"][0]["results"]
    assert (result["ruleId"], result["message"]["text"].partition("\n")[0]) == ("P008", AGE)
    assert shop.command("check", "--format", "concise").stdout == f"promptc.toml:2:11: P008 {AGE}\n"
    assert (
        '<testcase classname="promptc check" name="promptc.toml">' in shop.command("check", "--format", "junit").stdout
    )


@pytest.mark.parametrize("arguments", [["check"], ["compile", "--format", "jsonl"], ["prune", "--format", "json"]])
def test_for_people_and_beside_data_a_broken_project_file_is_told_on_standard_error(
    shop: Workshop, arguments: list[str]
) -> None:
    (shop.root / "promptc.toml").write_text('version = 1\nmax_age = "1m"\n')

    done = shop.command(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f'error[P008]: {AGE}\n  --> promptc.toml:2:11\n  |\n2 | max_age = "1m"\n  |           ^^^^\n'
    )


def test_a_target_on_this_machine_that_is_not_running_is_told_at_once(shop: Workshop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (shop.root / "promptc.toml").open("a") as file:
        file.write(f'[targets.mine]\nbase_url = "http://127.0.0.1:{port}"\nauth = "none"\n')

    done = shop.command("record", "--all", "--target", "mine", "butterfly", "--format", "json")

    (told,) = json.loads(done.stdout)["diagnostics"]
    assert (done.returncode, told["message"]) == (
        1,
        (
            f"`butterfly::default`: nothing is running at `http://127.0.0.1:{port}`: the connection was refused; "
            "start it, or choose another target"
        ),
    )
    assert json.loads(done.stdout)["cases"][0]["asked"] == 1
