"""A report's page, printed from its template and written whole: it loads nothing, and runs nothing but its own script."""

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from promptc import __version__
from promptc.pipeline.diff import DiffResult
from promptc.pipeline.report import Report
from promptc.pipeline.secrets import secrets_around, secrets_of
from promptc.replay.secrets import Secrets
from promptc.report.page import cases, changed
from promptc.report.page.gallery import Gallery
from promptc.report.page.model import Page
from promptc.report.saving import save
from promptc.report.style import printable
from promptc.source import shown

_HERE = Path(__file__).parent
_EMBEDDED = re.compile(r'src="data:image/webp;base64,[A-Za-z0-9+/=]*"')
"""Pixels that were drawn anew: they hold no text, and letters among them may look like a key by chance."""
_WITHIN = re.compile(r"</?(?:bdi|code|del|ins|mark|span)\b[^>]*>")
"""Tags that stand within words, and would hide one."""


def write_report(report: Report, path: Path, *, pictures: Path | None = None) -> None:
    """Write the page of a run, or of what waits, whole or not at all; raises SecretFoundError and UsageError."""
    secrets = secrets_of(report.project)
    gallery = Gallery(path, count=cases.pictures(report), secrets=secrets, folder=pictures)
    _write(cases.page(report, gallery), path, secrets)


def write_diff(result: DiffResult, path: Path, *, pictures: Path | None = None) -> None:
    """Write the page of a diff, whole or not at all; raises SecretFoundError and UsageError."""
    project = result.new.project or result.old.project
    secrets = secrets_of(project) if project else secrets_around(Path())
    gallery = Gallery(path, count=changed.pictures(result), secrets=secrets, folder=pictures)
    _write(changed.page(result, gallery), path, secrets)


def _write(page: Page, path: Path, secrets: Secrets) -> None:
    pieces = list[bytes]()  # as bytes, and searched without pixels: a text of a page's size takes four times the memory
    seen = list[str]()
    for piece in _pieces(page):
        pieces.append(piece.encode())
        seen.append(_EMBEDDED.sub("", piece))
    words = "".join(seen)
    for content in (words, _WITHIN.sub("", words)):
        secrets.refuse(shown(path), content)
    save(b"".join(pieces), path)


def printed(page: Page) -> str:
    """Return a page as HTML."""
    return "".join(_pieces(page))


def _pieces(page: Page) -> Iterator[str]:
    """Yield a page as HTML, a case at a time."""
    style, script = (_part(name) for name in ("page.css", "page.js"))
    yield from _template().generate(
        page=page, style=style, script=script, policy=_policy(style, script, files=page.files), version=__version__
    )


def _policy(style: str, script: str, *, files: bool) -> str:
    """Return the Content-Security-Policy (CSP Level 3): nothing but what is in the page, by its hash."""
    allowed = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        # a page that is opened from a disk has no origin, so `'self'` alone would not do for files beside it
        "img-src": "data: 'self' file:" if files else "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _part(name: str) -> Any:
    from markupsafe import Markup  # noqa: PLC0415 - only pages pay for it

    return Markup((_HERE / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of ours


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only pages pay for it
    from markupsafe import Markup  # noqa: PLC0415

    def visible(value: object) -> object:
        """Show what would steer the text around it; each expression of the template comes through here."""
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ticked"] = _ticked
    return environment.get_template("page.html.j2")


def _ticked(text: str) -> Any:
    """Return a message whose words between backticks are set as code."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - only pages pay for it

    words = printable(text).split("`")
    if len(words) % 2 == 0:  # one is left over: then none counts
        return escape("`".join(words))
    return Markup("").join(
        Markup("<code>{}</code>").format(word) if number % 2 else escape(word) for number, word in enumerate(words)
    )
