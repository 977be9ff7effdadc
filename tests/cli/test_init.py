"""`promptc init`: a repo that is green at once, explains itself, and takes nobody's file away."""

import errno
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from promptc.config import BUILT_IN, load
from promptc.emulator.handler import Handler
from promptc.emulator.server import Emulator
from promptc.errors import UsageError
from promptc.pipeline import init as init_module
from promptc.pipeline.init import init
from promptc.pipeline.starter import starter
from promptc.report.new_repo import _ABOUT
from tests.test_docs import blocks, pattern, shell, steps
from tests.workshop import ANSWERS, Workshop, timeless

GREEN = "5 recordings by the emulator, stand-ins for the API's answers — ok\n"
FRESH = f"{ANSWERS}3 specs, 5 cases: 5 fresh; {GREEN}"
KEY = "sk-fake-0123456789abcdefghij"
TIMES = re.compile(rb"recordedAt: '[^']*'|answer: sha256:[0-9a-f]{64}")  # which binds the time to the answer


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def repo(tmp_path: Path) -> Workshop:
    init(tmp_path / "repo")
    return Workshop(tmp_path / "repo")


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout


def test_it_says_what_it_made_and_what_to_try_next(shop: Workshop) -> None:
    done = shop.command("init", "prompts")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "a prompt repo is made in prompts\n"
        "  promptc.toml             the settings\n"
        "  specs/README.md          what is where, a day's commands, how to ask the real API: read this first\n"
        "  specs/sketch.toml        a prompt: text to image, with variables and cases\n"
        "  specs/restyle.toml       a prompt: image to image, in several styles\n"
        "  specs/repaint.toml       a prompt: a chat that edits its own picture\n"
        "  specs/images/leaf.png    the picture that a prompt refers to\n"
        "  schema/spec.schema.json  lets editors complete and check prompts\n"
        "  .gitattributes           keeps git from changing recordings\n"
        "  .gitignore               keeps what runs leave out of git\n"
        "  cassettes/               5 recordings by the emulator, stand-ins for the API's answers\n"
        "\n"
        "next\n"
        "  cd prompts\n"
        "  promptc check   compiles the prompts, compares each recording with its request\n"
        "  promptc run     replays the answers and judges them, offline\n"
        "  promptc report  all pictures on one page, out/report.html\n"
    )


def test_as_json_it_names_every_file(shop: Workshop) -> None:
    (shop.root / ".gitignore").write_text("/out/\n")

    told = shop.json("init", "--format", "json")

    assert told["files"] == sorted(set(shop.files(".")) - {".gitignore"})
    assert {key: value for key, value in told.items() if key != "files"} == {
        "root": ".",
        "recordings": 5,
        "emulator": True,
        "added": [{"file": ".gitignore", "lines": ["/.promptc/"]}],
        "leftAlone": [],
        "next": ["promptc check", "promptc run", "promptc report"],
    }


def test_the_new_repo_is_green_offline_and_without_a_word_of_complaint(shop: Workshop) -> None:
    assert shop.command("init").returncode == 0

    check, run, ls = shop.command("check"), shop.command("run"), shop.command("ls")

    assert (check.returncode, timeless(check.stdout), check.stderr) == (0, FRESH, "")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.endswith(f"\n5 passed; offline, no request sent; {GREEN}")
    assert (ls.returncode, ls.stderr) == (0, "")
    assert ls.stdout.count(" fresh      emulator (stand-in) ") == 5
    assert shop.command("report").returncode == 0
    assert json.loads(shop.command("check", "--format", "json").stdout)["diagnostics"] == []


def test_a_prompt_that_changes_is_no_longer_green(repo: Workshop) -> None:
    repo.edit("sketch", "plain white paper", "squared paper")

    done = repo.command("check")

    assert done.returncode == 1
    assert done.stdout.endswith("3 specs, 5 cases: 3 fresh, 2 stale; " + GREEN.replace("ok\n", "2 errors\n"))


def test_another_picture_of_that_name_makes_its_recordings_stale(repo: Workshop) -> None:
    (repo.root / "specs" / "images" / "leaf.png").write_bytes(repo.cassette("repaint/default.1.1.png").read_bytes())

    done = repo.command("check", "restyle", "--format", "concise")

    assert done.returncode == 1
    assert [line.partition(" ")[2] for line in done.stdout.splitlines()] == [
        f"P501 the recording of `restyle::default-{style}` is stale: the request has changed since"
        for style in ("linocut", "watercolour")
    ]


def test_twice_the_same_bytes_but_for_the_times_of_the_recordings(tmp_path: Path) -> None:
    for name in ("one", "two"):
        init(tmp_path / name)

    one, two = Workshop(tmp_path / "one").files("."), Workshop(tmp_path / "two").files(".")

    timed = {name for name, data in one.items() if TIMES.search(data)}
    assert timed == {name for name in one if name.startswith("cassettes/") and name.endswith(".yaml")}
    assert one.keys() == two.keys()
    assert [name for name in one if TIMES.sub(b"", one[name]) != TIMES.sub(b"", two[name])] == []


def test_nothing_but_the_repo_is_left_behind(shop: Workshop) -> None:
    shop.command("init", "a/b/prompts")

    assert everything(shop.root) - {f"a/b/prompts/{name}" for name in everything(shop.root / "a/b/prompts")} == {
        "a",
        "a/b",
        "a/b/prompts",
    }
    assert {path.name for path in (shop.root / "a/b/prompts").iterdir()} == {
        "promptc.toml",
        "specs",
        "schema",
        "cassettes",
        ".gitattributes",
        ".gitignore",
    }
    (shop.root / "plain").mkdir()
    assert (shop.root / "a/b/prompts").stat().st_mode == (shop.root / "plain").stat().st_mode


def test_every_file_has_a_line_that_says_what_it_is_for(repo: Workshop) -> None:
    assert set(_ABOUT) == {name for name in repo.files(".") if not name.startswith("cassettes/")}


# In git


def test_a_clone_with_windows_line_endings_keeps_the_recordings_good(repo: Workshop) -> None:
    git(repo.root, "init", "-q")
    git(repo.root, "add", ".")
    git(repo.root, "commit", "-qm", "Prompts")
    git(repo.root.parent, "clone", "-q", "-c", "core.autocrlf=true", "repo", "clone")

    clone = Workshop(repo.root.parent / "clone")

    assert b"\r\n" in clone.spec("sketch").read_bytes(), "the clone shows nothing without them"
    assert clone.files() == repo.files()
    assert clone.files("specs/images") == repo.files("specs/images")
    assert timeless(clone.command("check").stdout) == FRESH
    assert clone.command("run").returncode == 0
    assert not git(clone.root, "status", "--porcelain")


def test_what_runs_and_recordings_leave_is_ignored(repo: Workshop) -> None:
    git(repo.root, "init", "-q")
    git(repo.root, "add", ".")

    repo.command("run")
    repo.command("report")
    repo.command("record", "--target", "emulator")

    assert (repo.root / "out" / "report.html").is_file()
    assert (repo.root / ".promptc").is_dir()
    assert not [row for row in git(repo.root, "status", "--porcelain").splitlines() if not row.startswith("A  ")]


# What it says about itself


def test_the_guide_works_as_it_is_printed(repo: Workshop) -> None:
    guide = (repo.root / "specs" / "README.md").read_text(encoding="utf-8")
    seen = 0
    for block in blocks(guide, "console"):
        for command, expected in steps(block):
            printed = shell(command, repo.root)
            seen += 1
            wanted = pattern(expected) if expected else ""
            assert re.fullmatch(wanted, timeless(printed)), f"$ {command}\n{printed}"
    assert seen == 7
    assert repo.command("check").returncode == 0


def test_every_path_that_the_guide_names_is_there(repo: Workshop) -> None:
    guide = (repo.root / "specs" / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([^`]+)` \|", guide, re.MULTILINE)
    repo.command("run")

    assert len(table) == 6
    assert [name for name in table if not list(repo.root.glob(name))] == []


def test_a_prompt_of_ones_own_is_as_small_as_the_guide_says(repo: Workshop) -> None:
    guide = (repo.root / "specs" / "README.md").read_text(encoding="utf-8")
    (text,) = blocks(guide, "toml")
    repo.spec("lighthouse").write_text(text)

    assert repo.command("record", "--target", "emulator", "lighthouse").returncode == 0
    assert timeless(repo.command("check").stdout).startswith(f"{ANSWERS}4 specs, 6 cases: 6 fresh; ")


def test_an_example_goes_with_its_recordings(repo: Workshop) -> None:
    repo.spec("sketch").unlink()

    assert repo.command("prune", "--yes").returncode == 0
    assert timeless(repo.command("check").stdout).startswith(f"{ANSWERS}2 specs, 3 cases: 3 fresh; ")
    assert not repo.cassette("sketch").exists()


def test_try_asks_once_and_keeps_nothing(repo: Workshop) -> None:
    before = repo.files()

    done = repo.command("try", "sketch", "--var", "animal=otter", "--target", "emulator")

    assert done.returncode == 0
    assert "A pencil sketch of a otter on plain white paper" in done.stdout
    assert repo.files() == before


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Serve answers without the emulator's mark: to promptc, the API's own."""
    head = Handler._head
    monkeypatch.setattr(Handler, "_head", lambda *a: head(*a).replace(b"x-promptc-emulator: 1\r\n", b""))
    with Emulator() as emulator:
        yield emulator


def test_without_the_line_the_stand_ins_are_missing_and_record_asks_for_exactly_those(
    repo: Workshop, api: Emulator
) -> None:
    settings = repo.root / "promptc.toml"
    text = settings.read_text(encoding="utf-8")
    assert "\nallow_emulator = true\n" in text
    settings.write_text(text.replace("allow_emulator = true\n", ""), encoding="utf-8")

    missing, no_key = repo.command("check"), repo.command("record")
    with settings.open("a", encoding="utf-8") as file:
        file.write(f'\n[targets.cometapi]\nbase_url = "{api.base_url}"\nkey_env = "COMETAPI_KEY"\n')
    recorded = repo.command("record", COMETAPI_KEY=KEY)

    assert missing.returncode == 1
    assert missing.stdout.count("error[P507]: ") == 5
    assert missing.stdout.endswith("3 specs, 5 cases: 5 missing; " + GREEN.replace("ok\n", "5 errors\n"))
    assert no_key.returncode == 2
    assert "the environment variable COMETAPI_KEY is not set" in no_key.stderr
    assert recorded.returncode == 0, recorded.stdout
    assert recorded.stdout.endswith("\n5 passed; 6 requests sent — ok\n")
    assert timeless(repo.command("check").stdout) == (
        "answers: cometapi, promptc-emulator/gemini-3.1-flash-image, <age> old\n3 specs, 5 cases: 5 fresh — ok\n"
    )
    assert not [name for name, data in repo.files(".").items() if KEY.encode() in data]


def test_the_settings_that_are_commented_out_are_the_defaults(repo: Workshop) -> None:
    settings = repo.root / "promptc.toml"
    as_shipped = load(repo.root)
    text = re.sub(r"^#(?=[a-z\[])", "", settings.read_text(encoding="utf-8"), flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")

    project = load(repo.root)

    assert tomllib.loads(text).keys() == {"version", "allow_emulator", "run", "targets"}
    assert tomllib.loads(text)["run"].keys() == {"target", "jobs", "timeout", "tries"}
    for name in ("target", "jobs", "timeout", "tries", "allow_emulator"):
        assert getattr(project, name) == getattr(as_shipped, name)
    assert project.targets["proxy"].key_env == "PROXY_KEY"
    assert {name: target.key_env for name, target in BUILT_IN.items()} == {
        "cometapi": "COMETAPI_KEY",
        "google": "GEMINI_API_KEY",
        "emulator": None,
    }
    assert timeless(repo.command("check").stdout) == FRESH


@pytest.mark.parametrize(
    ("spec", "old", "new", "says"),
    [
        # a misspelt variable is an error
        ("sketch", "a {{ animal }}", "a {{ anmial }}", "P201"),
        # a misspelt key is an error
        ("sketch", "responseModalities", "responseModality", "P401"),
        # a variable without a default must be set by each case
        ("sketch", 'variables = { animal = "kingfisher" }\n', "", "P202"),
        # JSON Schema holds
        ("sketch", '"kingfisher" }', '"ox" }', "P203"),
        # what the request asks for is checked without being told; the case's own `expect` is merged over
        ("sketch", "maxWidth = 2048", "maxWidth = 1100", "P601"),
        ("sketch", "minWidth = 1024", "minWidth = 2000", "P601"),
        # a reply's own `expect` judges the answer on the way
        ("repaint", "expect = { images = { count = 1 } }", "expect = { images = { count = 2 } }", "P601"),
        # when the first turn changes, the second request has no answer either
        ("repaint", "A red bicycle", "A red tricycle", "P501"),
    ],
)
def test_what_the_comments_promise_is_so(repo: Workshop, spec: str, old: str, new: str, says: str) -> None:
    repo.edit(spec, old, new)

    done = repo.command("run", spec, "--format", "json")

    assert done.returncode == 1
    told = json.loads(done.stdout)
    codes = {d["code"] for d in told["diagnostics"]} | {d["code"] for c in told["cases"] for d in c["diagnostics"]}
    assert codes == {says}


def test_an_axis_model_asks_several_models(repo: Workshop) -> None:
    repo.edit("restyle", "[matrix]\n", '[matrix]\nmodel = ["gemini-3.1-flash-image", "gemini-3-pro-image"]\n')

    requests = json.loads(repo.command("compile", "restyle").stdout)

    assert len(requests) == 4


def test_the_editors_schema_is_what_promptc_prints_and_takes_the_examples(repo: Workshop) -> None:
    text = (repo.root / "schema" / "spec.schema.json").read_text(encoding="utf-8")
    validator = Draft202012Validator(json.loads(text))

    assert text == repo.command("schema", "spec").stdout
    for spec in sorted((repo.root / "specs").glob("*.toml")):
        first, *_ = (lines := spec.read_text(encoding="utf-8")).splitlines()
        assert (spec.parent / first.removeprefix("#:schema ")).resolve() == repo.root / "schema" / "spec.schema.json"
        assert list(validator.iter_errors(tomllib.loads(lines))) == []


# What was there before


LINES = """\
cassettes/** -text
specs/** -text
specs/**/*.toml text
specs/**/*.j2 text
"""


def indented(lines: str) -> str:
    return "".join(f"    {line}" for line in lines.splitlines(keepends=True))


def test_a_git_repo_keeps_its_files_and_git_s_own_get_the_lines_that_they_lack(shop: Workshop) -> None:
    theirs = {"README.md": "# Moths\n", "src/a.py": "", "schema/order.json": "{}"}
    gits = {".gitignore": "*.pyc\n/out/\n", ".gitattributes": "* text=auto"}
    for name, text in (theirs | gits).items():
        (shop.root / name).parent.mkdir(exist_ok=True)
        (shop.root / name).write_text(text)

    done = shop.command("init")

    assert done.returncode == 0
    assert {name: (shop.root / name).read_text() for name in theirs} == theirs
    assert (shop.root / ".gitignore").read_text() == "*.pyc\n/out/\n/.promptc/\n"
    assert (shop.root / ".gitattributes").read_text() == f"* text=auto\n{LINES}"
    assert (
        "\nthese lines are added:\n"
        f"  .gitattributes\n{indented(LINES)}"
        "  .gitignore\n"
        "    /.promptc/\n"
        "\n"
        "next\n"
        "  promptc check "
    ) in done.stdout
    assert "keeps what runs leave out of git" not in done.stdout
    assert timeless(shop.command("check").stdout) == FRESH


def test_lines_are_added_with_the_line_endings_of_the_file(shop: Workshop) -> None:
    (shop.root / ".gitattributes").write_bytes(b"*.py text\r\nspecs/** -text\r\n")

    assert shop.command("init").returncode == 0

    lines = "".join(line for line in LINES.splitlines(keepends=True) if not line.startswith("specs/** "))
    written = (shop.root / ".gitattributes").read_bytes()
    assert written == b"*.py text\r\nspecs/** -text\r\n" + lines.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("kind", ["link", "link to nothing", "folder", "UTF-16"])
def test_what_can_t_be_added_to_is_left_alone_and_the_lines_are_told(shop: Workshop, kind: str) -> None:
    path, elsewhere = shop.root / ".gitattributes", shop.root / "elsewhere"
    if kind == "folder":
        path.mkdir()
    elif kind == "UTF-16":
        path.write_text("*.py text\n", encoding="utf-16")
    else:
        path.symlink_to(elsewhere)
        _ = kind == "link" and elsewhere.write_text("*.py text\n")
    before = {file: file.read_bytes() for file in (path, elsewhere) if file.is_file()}

    done = shop.command("init")

    assert done.returncode == 0
    assert {file: file.read_bytes() for file in (path, elsewhere) if file.is_file()} == before
    assert f"\nleft as they are; add these lines:\n  .gitattributes\n{indented(LINES)}\nnext\n" in done.stdout


def test_git_converts_no_recording_and_nothing_that_specs_refer_to(shop: Workshop) -> None:
    (shop.root / ".gitattributes").write_text("* text=auto eol=crlf\n*.png text\n")
    shop.command("init")
    names = [
        "cassettes/a/b.yaml",
        "cassettes/a/b.1.1.png",
        "specs/a/wing.png",
        "specs/notes.txt",
        "specs/a.toml",
        "specs/a/b.j2",
    ]

    subprocess.run(["git", "init", "-q"], cwd=shop.root, check=True)
    asked = ["git", "check-attr", "text", "--", *names]
    told = subprocess.run(asked, cwd=shop.root, check=True, capture_output=True, text=True).stdout

    assert told.splitlines() == [
        *(f"{name}: text: unset" for name in names[:4]),
        *(f"{name}: text: set" for name in names[4:]),
    ]


def test_where_nothing_is_to_be_added_nothing_is_said(shop: Workshop) -> None:
    for name in (".gitignore", ".gitattributes"):
        (shop.root / name).write_bytes(starter()[name].replace(b"\n", b"\r\n"))

    done = shop.command("init")

    assert "left as they are" not in done.stdout
    assert "are added" not in done.stdout
    assert done.returncode == 0


def test_what_is_in_the_way_is_listed_and_nothing_is_written(shop: Workshop) -> None:
    for name in ("schema/spec.schema.json", "cassettes/sketch/hare.yaml", "specs/images/leaf.png"):
        (shop.root / name).parent.mkdir(parents=True)
        (shop.root / name).write_text("mine")
    before = everything(shop.root)

    first = shop.command("init")
    for name in ("schema/spec.schema.json", "specs/images/leaf.png"):
        (shop.root / name).unlink()
    second = shop.command("init", "--format", "json")

    assert (first.returncode, first.stdout) == (2, "")
    assert first.stderr == (
        "error: this is in the way; nothing was written:\n"
        "  schema/spec.schema.json\n"
        "  specs/images/leaf.png\n"
        "move it away, or name another folder: `promptc init DIR`\n"
    )
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == (
        "error: this is in the way; nothing was written:\n"
        "  cassettes/sketch/hare.yaml\n"
        "move it away, or name another folder: `promptc init DIR`\n"
    )
    assert everything(shop.root) == before - {"schema/spec.schema.json", "specs/images/leaf.png"}


@pytest.mark.parametrize("kind", ["file", "link to a folder", "link to nothing"])
def test_a_file_or_a_link_in_place_of_a_folder_is_in_the_way(shop: Workshop, kind: str) -> None:
    (shop.root / "elsewhere").mkdir()
    place = shop.root / "here" / "specs"
    place.parent.mkdir()
    if kind == "file":
        place.write_text("mine")
    else:
        place.symlink_to(shop.root / ("elsewhere" if kind == "link to a folder" else "nowhere"))
    before = everything(shop.root)

    done = shop.command("init", "here")

    assert done.returncode == 2
    assert done.stderr == (
        "error: this is in the way; nothing was written:\n"
        "  here/specs\n"
        "move it away, or name another folder: `promptc init DIR`\n"
    )
    assert everything(shop.root) == before


@pytest.mark.parametrize(
    ("sign", "place"),
    [
        ("promptc.toml", "."),
        ("promptc.toml", "sub/prompts"),
        ("specs/moth.toml", "."),
        ("specs/moth.toml", "specs/prompts"),
    ],
)
def test_inside_a_project_nothing_is_made(shop: Workshop, sign: str, place: str) -> None:
    (shop.root / sign).parent.mkdir(exist_ok=True)
    (shop.root / sign).write_text("version = 1\n")
    before = everything(shop.root)

    done = shop.command("init", place)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: there is a promptc project already: {sign.partition('/')[0]}; nothing was written\n"
        "add specs to that one, or name a folder outside of it: `promptc init DIR`\n"
    )
    assert everything(shop.root) == before


def test_a_folder_specs_without_prompts_is_no_project(shop: Workshop) -> None:
    (shop.root / "specs").mkdir()
    (shop.root / "specs" / "order.yaml").write_text("openapi: 3.1.0\n")

    assert shop.command("init").returncode == 0
    assert timeless(shop.command("check").stdout) == FRESH


# When it can't be done


def test_a_file_on_the_way_to_the_folder_is_named(shop: Workshop) -> None:
    (shop.root / "file").write_text("mine")

    inside, itself = shop.command("init", "file/prompts"), shop.command("init", "file")

    assert inside.returncode == itself.returncode == 2
    assert inside.stderr == "error: no prompt repo can be made in file/prompts: Not a directory; nothing was written\n"
    assert "Directory 'file' is a file." in itself.stderr
    assert everything(shop.root) == {"file"}


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere, Windows has other rights"
)
@pytest.mark.parametrize("place", [".", "prompts"])
def test_a_folder_that_can_not_be_written_stays_as_it_is(shop: Workshop, place: str) -> None:
    shop.root.chmod(0o555)
    try:
        done = shop.command("init", place)
    finally:
        shop.root.chmod(0o755)

    assert done.returncode == 2
    assert done.stderr == f"error: no prompt repo can be made in {place}: Permission denied; nothing was written\n"
    assert everything(shop.root) == set()


def test_a_folder_without_rights_is_told_as_root_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_arguments: Any, **_options: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "mkdir", forbidden)

    with pytest.raises(UsageError) as raised:
        init(tmp_path / "prompts")

    assert str(raised.value) == (
        f"no prompt repo can be made in {(tmp_path / 'prompts').as_posix()}: Permission denied; nothing was written"
    )
    assert everything(tmp_path) == set()


class FullDisk:
    """Lets a method of Path work so many times; then the disk is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
        self.monkeypatch = monkeypatch
        self.method = method
        self.real = getattr(Path, method)

    def init(self, target: Path, *, after: int) -> str | None:
        """Run `init`; returns what it says against the disk."""
        left = iter(range(after))

        def full(*arguments: Any, **options: Any) -> Any:
            mode = str(options.get("mode", arguments[1:2]))
            reads = self.method == "open" and not set("wx") & set(mode)
            if not reads and next(left, None) is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.real(*arguments, **options)

        with self.monkeypatch.context() as patch:
            patch.setattr(Path, self.method, full)
            try:
                init(target)
            except UsageError as error:
                return str(error)
        return None


@pytest.mark.parametrize("mine", [None, "mine.txt"], ids=["new folder", "folder with files"])
@pytest.mark.parametrize("method", ["mkdir", "open", "replace", "rename"])
def test_a_disk_that_is_full_at_any_moment_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, mine: str | None
) -> None:
    def without_recordings(staged: Path, files: dict[str, bytes]) -> int:
        for name, data in files.items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).write_bytes(data)
        return 0

    monkeypatch.setattr(init_module, "_build", without_recordings)
    target = tmp_path / "a" / "prompts"
    if mine:
        target.mkdir(parents=True)
        (target / mine).write_text("mine")
    before = everything(tmp_path)
    disk = FullDisk(monkeypatch, method)
    failures = 0
    while said := disk.init(target, after=failures):
        failures += 1
        assert said == (
            f"no prompt repo can be made in {target.as_posix()}: No space left on device; nothing was written"
        )
        assert everything(tmp_path) == before
    files = len(starter())
    least = {"mkdir": (3, 3), "open": (0, files), "replace": (0, files), "rename": (1, 0)}
    assert failures >= least[method][mine is not None]
    assert everything(target) >= set(starter())
    assert not list(tmp_path.rglob(".promptc-init-*"))


def test_a_disk_that_is_full_while_recording_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = FullDisk(monkeypatch, "open").init(tmp_path, after=len(starter()) + 2)

    assert said
    assert said.startswith("the emulator's answers could not be recorded: ")
    assert said.endswith("No space left on device; nothing was written")
    assert everything(tmp_path) == set()


def test_an_interrupt_on_the_way_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.replace
    moved: list[Path] = []

    def interrupted(path: Path, target: Path) -> Path:
        if target.parent.name == "images":
            moved.append(path)
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)

    with pytest.raises(KeyboardInterrupt):
        init(tmp_path)

    assert moved
    assert everything(tmp_path) == set()


def test_a_file_that_somebody_writes_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = init_module._move

    def late(staged: Path, root: Path, names: tuple[str, ...]) -> None:
        (root / "promptc.toml").write_text("mine")
        real(staged, root, names)

    monkeypatch.setattr(init_module, "_move", late)

    with pytest.raises(UsageError, match="File exists; nothing was written"):
        init(tmp_path)

    assert {name: (tmp_path / name).read_text() for name in everything(tmp_path)} == {"promptc.toml": "mine"}


def test_a_recording_that_fails_is_told_and_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = starter()["specs/sketch.toml"].replace(b"a {{ animal }}", b"a {{ anmial }}")
    monkeypatch.setattr(init_module, "starter", lambda: {**starter(), "specs/sketch.toml": broken})

    with pytest.raises(UsageError) as raised:
        init(tmp_path)

    assert str(raised.value) == (
        "the emulator's answers could not be recorded: `anmial` is undefined; nothing was written"
    )
    assert everything(tmp_path) == set()


def test_neither_a_proxy_nor_a_key_changes_anything(shop: Workshop) -> None:
    nowhere = "http://127.0.0.1:1"

    done = shop.command("init", http_proxy=nowhere, HTTP_PROXY=nowhere, ALL_PROXY=nowhere, COMETAPI_KEY=KEY)

    assert done.returncode == 0
    assert not [name for name, data in shop.files(".").items() if KEY.encode() in data]
