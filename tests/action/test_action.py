"""The Action's steps, run against a bare repository with a pull request: its comment, its page, what fails it."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.action.forge import Forge
from tests.workshop import REPO, timeless
from tools.action import Job, run

GOLDEN = Path(__file__).parent / "comment.md"


def reworded(work: Path) -> None:
    """Change a word of a spec, and one of a file that others include."""
    for name, old, new in (
        ("butterfly.toml", "textured parchment", "textured vellum"),
        ("_figures.j2", "Figure {{", "Plate {{"),
    ):
        path = work / "specs" / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))


def anonymous(text: str, forge: Forge) -> str:
    """Return a comment without the digits of commits, which depend on all that stands in the example."""
    for name in ("merged", forge.branch):
        digits = forge.commit(name)
        text = text.replace(digits, f"<{name}>").replace(digits[:12], f"<{name}>").replace(digits[:7], f"<{name}>")
    return timeless(text)


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    return Forge.make(tmp_path_factory.mktemp("forge"), reworded)


@pytest.fixture(scope="module")
def job(forge: Forge) -> Job:
    return forge.action(forge.checkout("first"), inputs={"sarif": "true"})


def test_the_pull_request_gets_one_comment_that_tells_what_the_change_does(forge: Forge, job: Job) -> None:
    (comment,) = forge.state["comments"]

    assert anonymous(comment["body"], forge) == GOLDEN.read_text(encoding="utf-8")
    assert job.summary == ""


def test_the_jobs_figures_are_those_of_the_change(job: Job) -> None:
    wanted = ("check", "test", "changed", "cases", "stale", "requests")
    assert {name: job.outputs[name] for name in wanted} == {
        "check": "1",
        "test": "1",
        "changed": "true",
        "cases": "3",
        "stale": "3",
        "requests": "3",
    }


def test_stale_recordings_fail_the_job_after_all_is_told(job: Job) -> None:
    assert [step.name for step in job.steps if step.code] == ["Say whether all is green"]
    assert job.steps[-1].log == "::error title=promptc::The check has findings. Recorded answers are not good.\n"
    assert re.search(r"^::error file=specs/butterfly.toml,line=9,.*title=P501 stale-recording::", job.log, re.MULTILINE)


def test_pages_and_findings_are_handed_over(job: Job) -> None:
    folder = Path(job.outputs["folder"])

    assert job.step("Keep the report").inputs == {"name": "promptc-report", "path": f"{folder}/report"}
    assert {"report.html", "diff.html", "comment.md", "pull-request"} <= {
        each.name for each in (folder / "report").iterdir()
    }
    assert (folder / "report" / "pull-request").read_text() == "7\n"
    findings = job.step("Upload the findings").inputs
    assert findings == {"sarif_file": f"{folder}/promptc.sarif", "category": "promptc ."}
    assert '"ruleId": "P501"' in (folder / "promptc.sarif").read_text()


def test_the_next_run_brings_the_same_comment_up_to_date(forge: Forge, job: Job) -> None:
    assert job.steps
    (before,) = forge.state["comments"]
    others = {"id": 5, "mine": False, "body": before["body"]}
    forge.set(comments=[others, {**before, "body": f"{before['body'].splitlines()[0]}\nout of date"}])

    comment(forge, job, CHANGED="true")

    assert forge.state["comments"] == [others, before]


def comment(forge: Forge, job: Job, **env: str) -> tuple[int, str, str]:
    """Run the step that comments once more; returns its exit code, what it printed, and the summary."""
    summary = forge.root / "summary.md"
    summary.write_text("")
    own = {"COMMENT": job.outputs["comment"], "GH_TOKEN": "ghs-fake-token", "GITHUB_STEP_SUMMARY": str(summary)}
    done = subprocess.run(
        ["sh", str(REPO / "action" / "comment.sh")],
        env={**os.environ, **forge.env(), **own, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout, summary.read_text()


@pytest.fixture
def refused(forge: Forge) -> Iterator[Forge]:
    forge.set(refusal="gh: Resource not accessible by integration (HTTP 403)\n::error::forged 100%")
    yield forge
    forge.set(refusal="")


def test_a_fork_without_rights_has_the_comment_in_the_summary(refused: Forge, job: Job) -> None:
    before = refused.state["comments"]

    code, log, summary = comment(refused, job)

    assert code == 0
    assert log == (
        "::notice title=promptc::the comment could not be posted (gh: Resource not accessible by integration (HTTP 403)); "
        "the comparison is in the summary of the job\n"
    )
    assert summary == Path(job.outputs["comment"]).read_text()
    assert refused.state["comments"] == before


def test_a_change_of_no_prompt_is_not_commented_on(forge: Forge, job: Job) -> None:
    forge.set(comments=[])

    assert comment(forge, job, CHANGED="false") == (0, "", Path(job.outputs["comment"]).read_text())
    assert forge.state["comments"] == []


def test_comments_of_two_folders_are_kept_apart(forge: Forge, job: Job) -> None:
    forge.set(comments=[])

    for name in ("", "birds", "", "birds"):
        assert comment(forge, job, NAME=name) == (0, "", "")

    heads = [each["body"].splitlines()[0] for each in forge.state["comments"]]
    assert heads == ["<!-- promptc diff -->", "<!-- promptc diff birds -->"]


def test_another_workflow_comments_on_the_commit_that_was_looked_at_alone(forge: Forge, job: Job) -> None:
    forge.set(comments=[])

    assert comment(forge, job, HEAD=forge.commit("merged"))[1] == (
        "::notice title=promptc::the pull request has another head by now; the comparison is in the summary of the job\n"
    )
    assert forge.state["comments"] == []
    assert comment(forge, job, HEAD=forge.commit("change")) == (0, "", "")
    assert len(forge.state["comments"]) == 1


def test_the_action_for_comments_posts_what_another_workflow_has_left(forge: Forge, job: Job) -> None:
    forge.set(comments=[])
    inputs = {"folder": str(Path(job.outputs["folder"]) / "report"), "head": forge.commit("change")}

    action = REPO / "action" / "comment" / "action.yml"
    posted = run(action, forge.root, inputs=inputs, known={"github.token": "ghs-fake-token"}, env=forge.env())

    assert (posted.good, posted.log, posted.summary) == (True, "", "")
    (comment,) = forge.state["comments"]
    assert comment["body"] == Path(job.outputs["comment"]).read_text()


@pytest.mark.parametrize("content", ["7/../8", "-7", "7 8", "$(id)"])
def test_an_artifact_names_no_pull_request_but_by_its_number(
    forge: Forge, job: Job, tmp_path: Path, content: str
) -> None:
    forge.set(comments=[], calls=[])
    (tmp_path / "comment.md").write_text("hello\n")
    (tmp_path / "pull-request").write_text(f"{content}\n")

    done = comment(forge, job, COMMENT=str(tmp_path / "comment.md"))

    assert done == (
        0,
        "::notice title=promptc::there is no pull request of that number; the comparison is in the summary of the job\n",
        "hello\n",
    )
    assert forge.state["calls"] == []


def test_an_artifact_s_link_is_not_followed(forge: Forge, job: Job, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("sk-fake")
    (tmp_path / "comment.md").symlink_to(tmp_path / "secret")
    (tmp_path / "pull-request").write_text("7\n")

    done = comment(forge, job, COMMENT=str(tmp_path / "comment.md"))

    assert done == (1, "::error title=promptc::there is no comment to post\n", "")


HOSTILE = "main;touch${IFS}pwned`touch${IFS}pwned`$(touch${IFS}pwned)"


def mistaken(work: Path) -> None:
    """Misspell a key, beside pictures with names that a shell would carry out."""
    spec = work / "specs" / "butterfly.toml"
    spec.write_text(spec.read_text().replace("[expect]", "[expekt]"))
    name = "specs/images/$(touch pwned);`touch pwned`\n::error::forged\n```\n# forged.png"
    (work / name).write_bytes((work / "specs" / "images" / "wing.png").read_bytes())
    (work / "specs" / "hostile.toml").write_text(
        'model = "gemini-3.1-flash-image"\n\n[[turns]]\nparts = [{ image = "images/*.png" }]\n'
    )


def test_names_are_no_commands_and_a_mistake_is_told_at_its_line(tmp_path: Path) -> None:
    forge = Forge.make(tmp_path, mistaken, branch=HOSTILE)

    job = forge.action(forge.checkout("checkout"), inputs={"name": "'; touch pwned; '$(touch pwned)", "report": ""})

    assert [*tmp_path.rglob("pwned")] == []
    told = "::error file=specs/butterfly.toml,line=15,col=2,endLine=15,endColumn=8,title=P003 unknown-key::unknown key `expekt`"
    assert f"\n{told}%0Aexpected: " in f"\n{job.step('Check the prompts').log}"
    assert not re.search("^::error::forged", job.log, re.MULTILINE)
    assert not job.good
    assert "forged" not in job.steps[-1].log
    (comment,) = forge.state["comments"]
    assert "\n````\n[image/png: $(touch pwned);`touch pwned`\n::error::forged\n```\n# forged.png]\n" in comment["body"]
    assert comment["body"].startswith("<!-- promptc diff '; touch pwned; '$(touch pwned) -->\n")


def test_without_a_pull_request_nothing_is_compared(forge: Forge) -> None:
    folder = forge.checkout("pushed", f"refs/heads/{forge.branch}")

    job = forge.action(folder, inputs={"test": "false", "report": ""}, GITHUB_BASE_REF="")

    assert job.good, job.log
    assert job.step("Compare with the base").code is None
    assert job.step("Comment on the pull request").code is None
    assert job.step("Find the base").log == "no pull request, and no `base`: nothing is compared\n"
    assert job.outputs["changed"] == ""


# What holds of the files


def scripts() -> Iterator[tuple[str, dict[str, str]]]:
    for file in ("action.yml", "action/comment/action.yml"):
        for step in yaml.safe_load((REPO / file).read_text(encoding="utf-8"))["runs"]["steps"]:
            yield step["name"], step


def test_no_input_is_written_into_a_script() -> None:
    assert [name for name, step in scripts() if "${{" in step.get("run", "")] == []


def test_other_actions_are_named_by_their_commit_but_for_one_that_says_why() -> None:
    used = [step["uses"] for _, step in scripts() if "uses" in step]

    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == [
        "github/codeql-action/upload-sarif@v4"
    ]
