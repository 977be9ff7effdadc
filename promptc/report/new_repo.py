"""What `init` made, and what to try next."""

import shlex
from collections.abc import Iterator

from promptc.pipeline.init import NewRepo
from promptc.report.as_json import dumped
from promptc.report.provenance import by_emulator
from promptc.report.style import Style, line
from promptc.source import shown

_RECORDINGS = "cassettes/"
_ABOUT = {
    "promptc.toml": "the settings",
    "specs/README.md": "what is where, a day's commands, how to ask the real API: read this first",
    "specs/sketch.toml": "a prompt: text to image, with variables and cases",
    "specs/restyle.toml": "a prompt: image to image, in several styles",
    "specs/repaint.toml": "a prompt: a chat that edits its own picture",
    "specs/images/leaf.png": "the picture that a prompt refers to",
    "schema/spec.schema.json": "lets editors complete and check prompts",
    ".gitattributes": "keeps git from changing recordings",
    ".gitignore": "keeps what runs leave out of git",
}
_NEXT = (
    ("promptc check", "compiles the prompts, compares each recording with its request"),
    ("promptc run", "replays the answers and judges them, offline"),
    ("promptc report", "all pictures on one page, out/report.html"),
)


def new_repo_text(repo: NewRepo, style: Style) -> str:
    """Return what was made, what was left alone, and the next commands."""
    place = shown(repo.root)
    head = "a prompt repo is made here" if place == "." else f"a prompt repo is made in {line(place)}"
    rows = [(name, about) for name, about in _ABOUT.items() if name in repo.files]
    parts = [f"{head}\n{_table([*rows, (_RECORDINGS, by_emulator(repo.recordings))], style)}"]
    added, missing = ("".join(_lines(repo, added=done)) for done in (True, False))
    parts += [f"these lines are added:\n{added}"] if added else []
    parts += [f"left as they are; add these lines:\n{missing}"] if missing else []
    parts.append(f"next\n{_table([*((command, '') for command in _enter(repo)), *_NEXT], style)}")
    return "\n".join(parts)


def new_repo_json(repo: NewRepo) -> str:
    """Return the same for scripts."""
    return dumped(
        {
            "root": shown(repo.root),
            "files": list(repo.files),
            "recordings": repo.recordings,
            "emulator": True,
            "added": [{"file": file.name, "lines": list(file.lines)} for file in repo.kept if file.added],
            "leftAlone": [{"file": file.name, "add": list(file.lines)} for file in repo.kept if not file.added],
            "next": [*_enter(repo), *(command for command, _ in _NEXT)],
        }
    )


def _table(rows: list[tuple[str, str]], style: Style) -> str:
    width = max(len(name) for name, _ in rows)
    return "".join(f"  {name.ljust(width)}  {style.paint(about, 'dim')}".rstrip() + "\n" for name, about in rows)


def _lines(repo: NewRepo, *, added: bool) -> Iterator[str]:
    for file in repo.kept:
        if file.lines and file.added == added:
            yield f"  {file.name}\n" + "".join(f"    {each}\n" for each in file.lines)


def _enter(repo: NewRepo) -> list[str]:
    place = shown(repo.root)
    return [] if place == "." else [line(f"cd {shlex.quote(place)}")]
