"""`promptc diff`, as a shell sees it: what it compares, its exit codes, and that it leaves everything alone."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.repository import Clone, as_nobody
from tests.workshop import BUTTERFLY, Workshop


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("recorded") / "repo"
    assert Workshop.make(root, {"butterfly": BUTTERFLY, "moth": BUTTERFLY.replace("butterfly", "moth")}).record().good
    Clone.of_project(root)
    return root


@pytest.fixture
def shop(recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    as_nobody(monkeypatch)
    shutil.copytree(recorded, tmp_path / "repo")
    return Workshop(tmp_path / "repo")


def changed(shop: Workshop, *arguments: str) -> list[str]:
    return [f"{case['spec']}::{case['case']}" for case in shop.json("diff", "--format", "json", *arguments)["cases"]]


def test_the_working_tree_is_compared_with_head(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    shop.spec("beetle").write_text(BUTTERFLY.replace("Monarch butterfly", "black beetle on a green leaf"))
    assert changed(shop) == ["beetle::default", "butterfly::default"]
    Clone(shop.root).commit()
    assert changed(shop) == []
    assert changed(shop, "HEAD~1..HEAD") == changed(shop, "HEAD~1") == ["beetle::default", "butterfly::default"]
    assert changed(shop, "HEAD~1", "--", "specs/beetle.toml") == ["beetle::default"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("nope",),
            (
                "git knows no revision `nope` here; `git log --oneline` and `git branch --all` list what there is; "
                "a spec comes after a revision: `HEAD nope`"
            ),
        ),
        (
            ("specs/moth.toml",),
            "`specs/moth.toml` is a file or folder, and no revision; name a revision first: `HEAD specs/moth.toml`",
        ),
        (
            ("--", "--output=x"),
            "`--output=x` names no revision: write a commit, a branch or a tag, such as `HEAD~1` or `main`",
        ),
        (("--format", "html"), "a page is a file: say where it goes, such as `-o diff.html`"),
        (("--link-base", "https://x/"), "--link-base goes with --format markdown: no other form has links"),
        (("--pictures", "out"), "--pictures goes with --format html: no other form writes any"),
        (
            ("--format", "html", "-o", "out/diff.html", "--pictures", "cassettes/pictures"),
            "`cassettes/pictures` can't take output: it lies in `cassettes`; choose another folder",
        ),
        (("HEAD", "mots"), "there is no spec `mots`; did you mean `moth`?"),
        (("HEAD", "main"), "`main` is a revision, and no spec: two commits are compared as `HEAD..main`"),
    ],
)
def test_a_wrong_call_is_told(shop: Workshop, arguments: tuple[str, ...], message: str) -> None:
    done = shop.command("diff", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")
    done = shop.command("diff", "--detailed-exitcode", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {message}\n")


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "repo", {"butterfly": BUTTERFLY})
    done = shop.command("diff")
    message = f"`{shop.root}` is in no working tree of git, so there is nothing to compare with: begin one, `git init`"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


def test_exit_codes(shop: Workshop) -> None:
    def codes() -> tuple[int, int]:
        return shop.command("diff").returncode, shop.command("diff", "--detailed-exitcode").returncode

    assert codes() == (0, 0)
    shop.edit("butterfly", "Monarch", "Luna")
    assert codes() == (0, 2)
    shop.edit("butterfly", "model =", "moodle =")
    assert codes() == (1, 1)
    (shop.root / "promptc.toml").write_text("what = 1\n")
    assert codes() == (2, 1)


@pytest.mark.parametrize("form", ["text", "markdown", "json", "html"])
def test_each_form_goes_to_a_file(shop: Workshop, form: str) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    shop.edit("moth", "Monarch", "<script>alert(1)</script>")
    done = shop.command("diff", "--format", form, "-o", "out/diff.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "out/diff.html\n", "")
    written = (shop.root / "out" / "diff.html").read_text()
    if form == "html":
        assert "<script>alert" not in written
    else:
        assert written == shop.command("diff", "--format", form).stdout
    if form == "json":
        assert json.loads(written)


def test_whole_pictures_of_both_sides_lie_beside_the_page(shop: Workshop) -> None:
    before = {data for name, data in shop.files().items() if name.startswith("butterfly") and name.endswith(".png")}
    shop.edit("butterfly", "Monarch", "Luna")
    shop.edit("moth", "Monarch", "Luna")
    shop.record("butterfly", accept=True)
    recorded = {data for name, data in shop.files().items() if name.endswith(".png")}
    done = shop.command("diff", "--format", "html", "-o", "out/diff.html", "--pictures", "out/pictures")
    assert (done.returncode, done.stdout, done.stderr) == (0, "out/diff.html\n", "")
    files = shop.files("out/pictures")
    assert before | recorded < set(files.values())  # and one of what differs
    page = (shop.root / "out" / "diff.html").read_text()
    assert all(f'src="pictures/{name}"' in page for name in files)
    assert "data:image" not in page


def test_nothing_is_touched(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    shop.spec("new").write_text(BUTTERFLY)
    for path in shop.root.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000), follow_symlinks=False)  # an index that asks to be refreshed
    before = everything(shop)
    for arguments in ((), ("HEAD",), ("HEAD..HEAD",), ("--merge-base", "main"), ("--format", "json")):
        assert shop.command("diff", *arguments).returncode == 0
    assert everything(shop) == before


def everything(shop: Workshop) -> dict[str, tuple[int, bytes]]:
    return {name: ((shop.root / name).lstat().st_mtime_ns, data) for name, data in shop.files(".").items()}


def test_a_hook_may_call_it(shop: Workshop) -> None:
    hook = shop.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\nenv | grep "^GIT_" > seen.txt\n')
    hook.chmod(0o755)
    shop.edit("butterfly", "Monarch", "Luna")
    Clone(shop.root).git("commit", "-q", "-a", "-m", "next")
    told = dict(row.split("=", 1) for row in (shop.root / "seen.txt").read_text().splitlines())
    assert "GIT_INDEX_FILE" in told
    done = shop.command("diff", "HEAD~1", "--format", "json", **told, GIT_DIR=".git")
    assert [case["spec"] for case in json.loads(done.stdout)["cases"]] == ["butterfly"]


@pytest.mark.parametrize("form", ["text", "markdown", "json", "html"])
def test_what_was_secret_in_an_old_state_is_not_shown(shop: Workshop, form: str) -> None:
    secret = "0bviously-fake-but-secret-value"
    for name in ("butterfly", "moth"):
        shop.edit(name, "Monarch", secret)
    Clone(shop.root).commit()
    shop.edit("butterfly", secret, "Monarch")
    (shop.root / "promptc.toml").write_text('version = 1\nallow_emulator = true\n[secrets]\nenv = ["MY_SECRET"]\n')
    for side in ("HEAD", "HEAD~1..HEAD"):
        done = shop.command("diff", side, "--format", form, "-o", "out/diff.html", MY_SECRET=secret)
        told = done.stdout + done.stderr + (shop.root / "out" / "diff.html").read_text()
        assert "butterfly" in told
        assert secret not in told


def test_a_name_that_is_hostile_stays_text(shop: Workshop) -> None:
    clone = Clone(shop.root)
    shop.edit("butterfly", "Monarch", "Luna")
    clone.commit()
    clone.git("branch", "<b>`x`|$(id)</b>\u202e", "HEAD~1")
    done = shop.command("diff", "<b>`x`|$(id)</b>\u202e", "--format", "markdown")
    assert done.returncode == 0
    assert "\u202e" not in done.stdout
    assert "<b>" not in done.stdout.replace("<b>`x`|$(id)</b>\\u202e", "")
    assert "\u202e" not in shop.command("diff", "<b>`x`|$(id)</b>\u202e").stdout


def test_markdown_is_a_comment_whose_links_lead_from_the_top_of_the_repository(tmp_path: Path, shop: Workshop) -> None:
    inner = Workshop(tmp_path / "outer" / "prompts")
    shutil.copytree(shop.root, inner.root, ignore=shutil.ignore_patterns(".git"))
    clone = Clone.make(tmp_path / "outer")
    first = clone.commit()
    inner.edit("butterfly", "Monarch", "Luna")
    assert inner.record("butterfly", accept=True).good
    second = clone.commit()
    base = "https://host.example/r/{rev}"

    told = inner.command("diff", "HEAD~1..HEAD", "--format", "markdown", "--link-base", base)
    saved = inner.command("diff", "HEAD~1..HEAD", "--format", "markdown", "--link-base", base, "-o", "out/comment.md")

    assert (told.returncode, told.stderr, saved.returncode) == (0, "", 0)
    assert told.stdout.startswith("<!-- promptc diff -->\n### Prompts: 1 case changed\n\n")
    for commit in (first, second):
        source = f"https://host.example/r/{commit}/prompts/cassettes/butterfly/default.1.1.png"
        assert f'<a href="{source}"><img src="{source}"' in told.stdout
    assert (inner.root / "out/comment.md").read_text() == told.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--link-base", "https://a.b"], "--link-base goes with --format markdown: no other form has links"),
        (
            ["--format", "markdown", "--link-base", "a b"],
            "--link-base takes an address like https://github.com/OWNER/REPO/raw/{rev}, not `a b`",
        ),
    ],
)
def test_a_base_of_links_must_be_of_use(shop: Workshop, options: list[str], message: str) -> None:
    done = shop.command("diff", *options)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


def committed(shop: Workshop) -> str:
    """Begin a branch, commit what was changed, and say what it does as a pull request would."""
    clone = Clone(shop.root)
    clone.git("checkout", "-q", "-b", "change")
    clone.commit("second")
    return shop.command("diff", "main...change").stdout.replace(clone.git("rev-parse", "main")[:10], "<main>")


def last(printed: str) -> str:
    return printed.rpartition("\n\n")[2]


def test_where_two_branches_met_is_named_by_both(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    first = committed(shop).partition("\n")[0]
    digits = Clone(shop.root).git("rev-parse", "HEAD")[:7]
    assert first == f"<main>, where main and change met, → change ({digits}): 1 changed"
    comment = shop.command("diff", "main...HEAD", "--format", "markdown").stdout
    main = Clone(shop.root).git("rev-parse", "main")[:10]
    assert f"\n\nBetween `{main}`, where `main` and `HEAD` met, and `HEAD`; 1 other case as before.\n\n" in comment


def test_a_recording_without_a_case_is_told_until_it_is_removed(shop: Workshop) -> None:
    shop.spec("moth").unlink()
    assert last(committed(shop)) == (
        "1 case is unchanged\n"
        "nothing need be recorded anew\n"
        "1 recording belongs to no case any more: `promptc prune` removes it, after asking\n"
    )
    assert shop.command("prune", "--yes").returncode == 0
    Clone(shop.root).commit("third")
    assert last(shop.command("diff", "main...change").stdout) == "1 case is unchanged\nnothing need be recorded anew\n"


def test_a_recording_that_was_stale_is_not_said_to_answer_a_renamed_case(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    Clone(shop.root).commit("a word, and no recording")
    shop.spec("butterfly").rename(shop.spec("luna"))
    assert last(shop.command("diff").stdout) == (
        "1 case is unchanged\n"
        "recording anew: 1 request of 1 case, about $0.05\n"
        "  about 10 tokens in, 1,347 out; 1 request estimated by rule\n"
        "  `promptc record luna::default` asks for it\n"
        "1 recording belongs to no case any more: `promptc prune` removes it, after asking\n"
    )


def test_new_answers_that_wait_and_new_expectations_are_told(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    shop.record("butterfly")
    shop.spec("moth").write_text(shop.spec("moth").read_text() + "\n[expect]\nimages = { count = 2 }\n")
    todo = [
        "1 new answer waits: `promptc review` shows it beside the old, `promptc accept` makes it the truth",
        "`promptc run` judges the recorded answers by what is expected now; comparing judges none",
    ]
    assert last(shop.command("diff").stdout).splitlines() == ["nothing need be recorded anew", *todo]
    comment = shop.command("diff", "--format", "markdown").stdout
    assert f"**Next:** {'; '.join(todo)}.\n" in comment


def test_a_spec_with_mistakes_is_in_the_headline_of_a_comment(shop: Workshop) -> None:
    shop.edit("moth", "Monarch", "{{ mot }}")
    assert last(shop.command("diff").stdout) == (
        "1 case is unchanged\nof what compiles, nothing need be recorded anew\n"
    )
    comment = shop.command("diff", "--format", "markdown").stdout
    assert comment.splitlines()[1] == "### Prompts: 1 spec with mistakes"
