"""Git is asked for commits and objects, whatever stands around it, and nothing is written."""

import gc
import shutil
import subprocess
from pathlib import Path
from shlex import quote

import pytest

from promptc.errors import UsageError
from promptc.pipeline.git import Repository
from tests.repository import Clone, as_nobody


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    as_nobody(monkeypatch)
    made = Clone.make(tmp_path / "repo", {"a/specs/fox.toml": "one\n"})
    made.write({"a/specs/fox.toml": "two\n"})
    made.commit()
    return made


def refused(repository: Repository, revision: str) -> str:
    with pytest.raises(UsageError) as caught:
        repository.commit(revision)
    return str(caught.value)


def test_a_revision_is_the_commit_that_it_names(clone: Clone) -> None:
    repository = Repository.around(clone.root)
    clone.git("tag", "-a", "v1", "-m", "a tag has an object of its own")
    assert (
        repository.commit("v1") == repository.commit("HEAD") == repository.commit("main") == clone.git("rev-parse", "@")
    )
    assert repository.commit("HEAD~1") == clone.git("rev-parse", "HEAD~1")


def test_the_folder_may_lie_below_the_top(clone: Clone) -> None:
    repository = Repository.around(clone.root / "a")
    assert repository.prefix == "a/"
    tree = repository.tree(repository.commit("HEAD"))
    assert tree == clone.git("rev-parse", "HEAD:a")
    assert [(row.path, row.mode, row.size) for row in repository.rows(tree)] == [("specs/fox.toml", 0o100644, 4)]
    assert repository.objects.read(clone.git("rev-parse", "HEAD:a/specs/fox.toml")) == b"two\n"


def test_a_commit_may_be_named_by_its_words_or_by_a_tag_of_a_tag(clone: Clone) -> None:
    clone.git("tag", "-a", "-m", "one", "one", "HEAD~1")
    clone.git("tag", "-a", "-m", "two", "two", "one")
    repository = Repository.around(clone.root)
    assert repository.commit(":/first") == repository.commit("two") == clone.git("rev-parse", "HEAD~1")


def test_a_folder_that_did_not_exist_then_has_no_tree(clone: Clone) -> None:
    (clone.root / "b").mkdir()
    repository = Repository.around(clone.root / "b")
    assert repository.tree(repository.commit("HEAD")) is None


@pytest.mark.parametrize("revision", ["nope", "HEAD~9", "HEAD:a", "main..main", "a b"])
def test_an_unknown_revision_is_told(clone: Clone, revision: str) -> None:
    message = (
        f"git knows no revision `{revision}` here; `git log --oneline` and `git branch --all` list what there is; "
        f"a spec comes after a revision: `HEAD {quote(revision)}`"
    )
    assert refused(Repository.around(clone.root), revision) == message


@pytest.mark.parametrize("revision", ["", "-x", "--all", "--output=x", "HEAD\0"])
def test_what_git_would_take_for_an_option_never_reaches_it(clone: Clone, revision: str) -> None:
    message = f"`{revision}` names no revision: write a commit, a branch or a tag, such as `HEAD~1` or `main`"
    assert refused(Repository.around(clone.root), revision) == message


def test_a_folder_without_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Repository.around(tmp_path)
    message = f"`{tmp_path}` is in no working tree of git, so there is nothing to compare with: begin one, `git init`"
    assert str(caught.value) == message


def test_a_repository_of_somebody_else_is_told(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own word for its tests
    with pytest.raises(UsageError) as caught:
        Repository.around(clone.root)
    assert str(caught.value) == (
        f"git doesn't trust the repository of `{clone.root}`, which belongs to another user; "
        f"if you do, say so: `git config --global --add safe.directory {clone.root}`"
    )


def test_a_repository_without_commits_is_told(tmp_path: Path) -> None:
    repository = Repository.around(Clone.make(tmp_path / "new").root)
    message = "the repository has no commit yet, so there is nothing to compare with: make one, `git commit`"
    assert refused(repository, "HEAD") == message


def test_a_shallow_clone_is_told_what_fetches_the_rest(clone: Clone, tmp_path: Path) -> None:
    clone.git("clone", "-q", "--depth=1", f"file://{clone.root}", str(tmp_path / "shallow"))
    assert refused(Repository.around(tmp_path / "shallow"), "HEAD~1") == (
        "git knows no revision `HEAD~1` here; this clone is shallow and may lack it; fetch it: "
        "`git fetch --unshallow`, or `fetch-depth: 0` in a checkout of GitHub Actions"
    )


def test_a_clone_without_contents_downloads_nothing(clone: Clone, tmp_path: Path) -> None:
    clone.git("config", "uploadpack.allowFilter", "true")
    clone.git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{clone.root}", str(tmp_path / "partial"))
    repository = Repository.around(tmp_path / "partial")
    tree = repository.tree(repository.commit("HEAD"))
    assert tree is not None
    (row,) = repository.rows(tree)
    assert row.size is None
    with pytest.raises(OSError) as caught:  # noqa: PT011 - its words follow
        repository.objects.read(row.oid)
    assert caught.value.strerror == f"the clone lacks the object {row.oid}: fetch it, `git fetch --refetch --no-filter`"
    clone.git("-C", str(tmp_path / "partial"), "fetch", "-q", "--refetch", "--no-filter")
    assert Repository.around(tmp_path / "partial").objects.read(row.oid) == b"two\n", "the command helps"


@pytest.mark.parametrize("folder", [".", "a"])
def test_a_clone_without_folders_is_not_taken_for_a_project_that_did_not_exist_then(
    clone: Clone, tmp_path: Path, folder: str
) -> None:
    clone.git("config", "uploadpack.allowFilter", "true")
    clone.git("clone", "-q", "--filter=tree:0", "--no-checkout", f"file://{clone.root}", str(tmp_path / "partial"))
    (tmp_path / "partial" / folder).mkdir(exist_ok=True)
    repository = Repository.around(tmp_path / "partial" / folder)
    commit = repository.commit("HEAD")
    with pytest.raises(UsageError) as caught:
        [*repository.rows(repository.tree(commit) or "")]
    assert str(caught.value) == (
        f"the clone lacks the object {commit}^{{tree}}: fetch it, `git fetch --refetch --no-filter`"
    )


def test_git_that_is_not_installed_is_told(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(clone.root))
    with pytest.raises(UsageError) as caught:
        Repository.around(clone.root)
    assert str(caught.value) == "git is not installed, or not on the PATH: install it from https://git-scm.com"


def test_branches_meet_in_their_merge_base(clone: Clone) -> None:
    base = clone.git("rev-parse", "HEAD")
    clone.git("checkout", "-q", "-b", "work")
    clone.commit()
    clone.git("checkout", "-q", "main")
    clone.commit("of main")
    assert Repository.around(clone.root).merge_base("main", "work") == base


def test_branches_that_never_met_are_told(clone: Clone) -> None:
    clone.git("checkout", "-q", "--orphan", "alone")
    clone.commit()
    with pytest.raises(UsageError) as caught:
        Repository.around(clone.root).merge_base("main", "alone")
    message = "`main` and `alone` have no commit in common; compare them as they are, without `--merge-base` or `...`"
    assert str(caught.value) == message


def test_what_a_hook_is_told_does_not_lead_astray(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Clone.make(tmp_path / "other", {"b.txt": "b"})
    for name, value in (("GIT_DIR", other.root / ".git"), ("GIT_INDEX_FILE", other.root / ".git/index")):
        monkeypatch.setenv(name, str(value))
    repository = Repository.around(clone.root / "a")
    assert (repository.prefix, repository.commit("HEAD")) == ("a/", clone.git("rev-parse", "HEAD"))
    monkeypatch.setenv("GIT_DIR", ".git")  # as `git commit` sets it, which is wrong in any other folder
    assert Repository.around(clone.root / "a").prefix == "a/"


def test_a_repository_that_lies_elsewhere_is_found_by_its_variables(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = clone.git("rev-parse", "HEAD")
    shutil.move(clone.root / ".git", tmp_path / "elsewhere")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(clone.root))
    repository = Repository.around(clone.root / "a")
    assert (repository.prefix, repository.commit("HEAD")) == ("a/", head)


def test_a_second_working_tree_shares_the_objects(clone: Clone, tmp_path: Path) -> None:
    clone.git("worktree", "add", "-q", str(tmp_path / "second"), "HEAD~1")
    repository = Repository.around(tmp_path / "second" / "a")
    assert repository.commit("HEAD") == clone.git("rev-parse", "HEAD~1")
    assert repository.common.samefile(clone.root / ".git")


def test_the_process_that_gives_objects_ends_with_whoever_asked(clone: Clone) -> None:
    repository = Repository.around(clone.root)
    repository.objects.read(clone.git("rev-parse", "HEAD:a/specs/fox.toml"))
    process = repository.objects._process
    assert isinstance(process, subprocess.Popen)
    assert process.poll() is None
    del repository
    gc.collect()
    assert process.poll() == 0
