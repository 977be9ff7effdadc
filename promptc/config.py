"""The project: its root, its file `promptc.toml`, its targets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import isnan
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from promptc.age import age
from promptc.diagnostics import Diagnostic, did_you_mean, order, unreadable
from promptc.errors import ProjectError, UsageError
from promptc.files import DISK, Files, Root, read_source
from promptc.findings import Fault, Finding
from promptc.locate import OWN, diagnose, places
from promptc.models import Models, built_in
from promptc.schema import check
from promptc.source import Span, shown
from promptc.toml_tree import Node, parse
from promptc.tree import child, last

FILE = "promptc.toml"
VERSION = 1
EMULATOR = "emulator"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Auth: TypeAlias = Literal["bearer", "x-goog-api-key", "raw", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where requests go: `key_env` names the variable that holds the key, `auth` how it is sent.

    At most `requests_per_minute` are sent, and `concurrency` are under way at once; None is no limit.
    """

    name: str
    base_url: str
    api_version: str = "v1beta"
    key_env: str | None = None
    auth: Auth = "bearer"
    requests_per_minute: int | None = None
    concurrency: int | None = None


BUILT_IN = {
    target.name: target
    for target in (
        Target(name="cometapi", base_url="https://api.cometapi.com", key_env="COMETAPI_KEY"),
        Target(
            name="google",
            base_url="https://generativelanguage.googleapis.com",
            key_env="GEMINI_API_KEY",
            auth="x-goog-api-key",
        ),
        # `.invalid` never resolves (RFC 6761): the real address is known once it has started
        Target(name=EMULATOR, base_url="http://emulator.invalid", auth="none"),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be asked at once without a question: requests, tokens in and out, US dollars; None is no limit."""

    requests: int | None = None
    tokens: int | None = None
    dollars: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A prompt repo: folders as absolute paths, settings of `[run]`, targets by name.

    `timeout` is in seconds for one try, `tries` counts the first one too. `max_age` is how old a
    recording may be. `secret_env` names variables, `secret_patterns` are regular expressions.
    `files` are where its specs and recordings are read.
    """

    root: Path
    specs: Path
    cassettes: Path
    output: Path
    target: str = "cometapi"
    jobs: int = 4
    timeout: float = 300.0
    tries: int = 5
    allow_emulator: bool = False
    max_age: timedelta | None = None
    limits: Limits = Limits()
    secret_env: tuple[str, ...] = ()
    secret_patterns: tuple[str, ...] = field(default=(), repr=False)
    targets: Mapping[str, Target] = field(default_factory=lambda: BUILT_IN)
    models: Models = field(default_factory=built_in, repr=False)
    files: Files = field(default=DISK, repr=False)

    @property
    def top(self) -> Root:
        """The folder outside of which nothing is read, with nothing read yet."""
        return Root(folder=self.root, files=self.files)

    def find_target(self, name: str | None) -> Target:
        """Return the target of that name, or the project's; raises UsageError."""
        wanted = name or self.target
        if wanted not in self.targets:
            hint = did_you_mean(wanted, self.targets) or f"known targets: {', '.join(self.targets)}"
            msg = f"there is no target `{wanted}`; {hint}"
            raise UsageError(msg)
        return self.targets[wanted]


def find_root(start: Path) -> Path:
    """Return the nearest folder upwards with `promptc.toml`, else with `specs/`; raises UsageError."""
    folders = (start, *start.parents)
    try:
        for folder in folders:
            if (folder / FILE).is_file():
                return folder
        for folder in folders:
            if (folder / "specs").is_dir():
                return folder
    except OSError as error:
        msg = f"`{shown(Path(error.filename))}` can't be looked at: {error.strerror}"
        raise UsageError(msg) from error
    msg = f"no promptc project here: neither {shown(start) or '.'} nor a folder above it has `{FILE}` or `specs/`"
    raise UsageError(msg)


def load(start: Path) -> Project:
    """Read the project around a folder; raises UsageError or ProjectError."""
    try:
        folder = start.resolve()
    except FileNotFoundError as error:
        msg = "the folder that promptc was called in is gone"
        raise UsageError(msg) from error
    return read(find_root(folder), DISK)


def read(root: Path, files: Files) -> Project:
    """Read the project in a folder; raises ProjectError."""
    path = root / FILE
    if not files.is_file(path):
        return _Reader(root, files, {}, {}).project()
    try:
        source = read_source(files, path)
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError((unreadable(files.shown(path), error),)) from error
    node, diagnostics = parse(source)
    if node is None:
        raise ProjectError(diagnostics)
    where = places(node)
    document: dict[str, Any] = node.plain()
    findings = (_with_dots(finding, document) for finding in check(document, "project.schema"))
    diagnostics = order((*_version(node), *diagnose(findings, where, OWN)))
    if diagnostics:
        raise ProjectError(diagnostics)
    return _Reader(root, files, document, {pointer: place.span for pointer, place in where.items()}).project()


class _Reader:
    """Turns a checked document into a project; collects what the schema can't see."""

    def __init__(self, root: Path, files: Files, document: Mapping[str, Any], spans: Mapping[str, Span]) -> None:
        self.root = root
        self.files = files
        self.document = document
        self.spans = spans
        self.diagnostics: list[Diagnostic] = []

    def project(self) -> Project:
        run: Mapping[str, Any] = self.document.get("run", {})
        secrets: Mapping[str, Any] = self.document.get("secrets", {})
        project = Project(
            root=self.root,
            specs=self.folder("specs", "specs"),
            cassettes=self.folder("cassettes", "cassettes"),
            output=self.folder("output", "out"),
            target=run.get("target", "cometapi"),
            jobs=int(run.get("jobs", 4)),
            timeout=float(run.get("timeout", 300)),
            tries=int(run.get("tries", 5)),
            allow_emulator=self.document.get("allow_emulator", False),
            max_age=age(self.document.get("max_age", "")),
            limits=self.limits(),
            secret_env=tuple(secrets.get("env", ())),
            secret_patterns=tuple(secrets.get("patterns", ())),
            targets={**BUILT_IN, **self.targets()},
            models=self.models(),
            files=self.files,
        )
        if isnan(project.timeout):
            self.complain("/run/timeout", "the timeout is no number", "write seconds")
        for number, pattern in enumerate(project.secret_patterns):
            self.pattern(f"/secrets/patterns/{number}", pattern)
        if project.target not in project.targets:
            self.complain(
                "/run/target",
                f"there is no target `{project.target}`",
                did_you_mean(project.target, project.targets) or f"known targets: {', '.join(project.targets)}",
            )
        if self.diagnostics:
            raise ProjectError(order(self.diagnostics))
        return project

    def folder(self, name: str, default: str) -> Path:
        paths: Mapping[str, str] = self.document.get("paths", {})
        written = paths.get(name, default)
        if "\0" in written:
            self.complain(f"/paths/{name}", "no folder can have this name", "write it without `\\u0000`")
            return self.root
        path = self.files.resolve(self.root / written)
        if not path.is_relative_to(self.root):
            self.complain(f"/paths/{name}", "the folder lies outside the project", "name a folder below it")
        return path

    def limits(self) -> Limits:
        rows: Mapping[str, Any] = self.document.get("limits", {})
        limits = Limits(**{name: value if name == "dollars" else int(value) for name, value in rows.items()})
        if limits.dollars is not None and isnan(limits.dollars):
            self.complain("/limits/dollars", "the limit is no number", "write US dollars, as in `2.50`")
        return limits

    def models(self) -> Models:
        known = built_in()
        rows: Mapping[str, Mapping[str, Any]] = self.document.get("models", {})
        for name, row in rows.items():
            like = row.get("like")
            if like is not None and known.find(like) is None:
                hint = did_you_mean(like, known.by_name) or "`promptc models` shows the known ones"
                hint = f"describe `{like}` above it" if like in rows else hint
                self.complain(child(child("/models", name), "like"), f"there is no model `{like}`", hint)
            elif "retired" in row and not _is_date(row["retired"]):
                pointer = child(child("/models", name), "retired")
                self.complain(pointer, f"there is no day `{row['retired']}`", "write the date as year, month and day")
            else:
                known = known.with_row(name, row)
        return known

    def targets(self) -> Mapping[str, Target]:
        rows: Mapping[str, Mapping[str, Any]] = self.document.get("targets", {})
        return {name: self.target(name, row) for name, row in rows.items()}

    def pattern(self, pointer: str, pattern: str) -> None:
        try:
            everywhere = re.search(pattern, "")
        except re.error as error:
            self.complain(pointer, f"this is no regular expression: {error.msg}", "write it as Python's `re` reads it")
        else:
            if everywhere:
                message = "the pattern matches nothing at all, so it is found everywhere"
                self.complain(pointer, message, "write what a secret must have")

    def target(self, name: str, row: Mapping[str, Any]) -> Target:
        pointer = child("/targets", name)
        if name == EMULATOR:
            self.complain(pointer, f"`{name}` is built in", "choose another name")
        if "base_url" not in row and name in BUILT_IN:
            return replace(BUILT_IN[name], **row)
        if "base_url" not in row:
            self.complain(
                pointer,
                f"`base_url` is missing: `{name}` is no built-in target",
                did_you_mean(name, BUILT_IN) or "write https://host, where its requests go",
            )
            return Target(**{**row, "name": name, "base_url": ""})
        url: str = row["base_url"]
        auth = row.get("auth", "bearer")
        if not _is_base_url(url):
            self.complain(
                child(pointer, "base_url"), "this is no base URL", "write https://host, without user, query or fragment"
            )
        elif auth != "none" and urlsplit(url).scheme == "http" and urlsplit(url).hostname not in LOOPBACK:
            self.complain(child(pointer, "base_url"), "a key would be sent in clear text", "write https://")
        if auth != "none" and "key_env" not in row:
            self.complain(pointer, "`key_env` is missing", "name the variable that holds the key")
        return Target(**{**row, "name": name, "base_url": url.rstrip("/")})

    def complain(self, pointer: str, message: str, hint: str) -> None:
        self.diagnostics.append(Diagnostic(code="P008", message=message, span=self.spans.get(pointer), help=hint))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:  # the 31st of February
        return False
    return True


def _with_dots(finding: Finding, document: Mapping[str, Any]) -> Finding:
    """Say how a model's name is quoted: TOML reads the dots in it as tables in tables."""
    names = [last(f"/{token}") for token in finding.pointer.split("/")[1:]]
    if finding.fault is not Fault.UNKNOWN or names[:1] != ["models"]:
        return finding
    value: Any = document
    for name in names:
        value = value[name]
    while isinstance(value, Mapping) and len(value) == 1 and isinstance(next(iter(value.values())), Mapping):
        names.append(next(iter(value)))
        value = value[names[-1]]
    if not isinstance(value, Mapping):
        return finding
    return replace(finding, help=f'a name with dots is quoted: `[models."{".".join(names[1:])}"]`')


def _is_base_url(url: str) -> bool:
    if set(url) & set("@?#\\ ") or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that hold no IPv6 address, a port out of range
        return False


def _version(node: Node) -> tuple[Diagnostic, ...]:
    version = node.table.get("version")
    if version is None or isinstance(version.value, bool) or not isinstance(version.value, (int, float)):
        return ()  # the schema says it
    if version.value == VERSION or version.value % 1:
        return ()
    return (
        Diagnostic(
            code="P005",
            message=f"version {version.value} of the project file is not known",
            span=version.span,
            expected=f"`version = {VERSION}`",
            help="a newer promptc reads it; install that one",
        ),
    )
