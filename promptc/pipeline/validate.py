"""Validate: plain JSON bodies against the schemas of the API, with findings at their lines."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

from promptc.canonical import canonical, fingerprint
from promptc.compiler.validate import MODEL, findings
from promptc.diagnostics import Diagnostic, Severity, failed, one_of, order
from promptc.errors import UsageError
from promptc.findings import Fault, Finding
from promptc.locate import API, Place, SourceMap, diagnose, places, traced
from promptc.models import Models
from promptc.open_schema import check_open
from promptc.pipeline.documents import Document, Kind, Shape, read_all, response_fields
from promptc.replay.secrets import Secrets
from promptc.request import Method
from promptc.schema import camel_case, check
from promptc.toml_tree import Node
from promptc.tree import Json, Tree

_SAID = 200
Purpose: TypeAlias = Literal["findings", "canonical", "fingerprint"]

_NAMING = {Fault.MODEL, Fault.VALUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A file and what is to say about it; `canonical` only where there is no error.

    `count` is how many answers a list or a stream holds.
    """

    name: str
    kind: Kind | None
    shape: Shape
    count: int
    diagnostics: tuple[Diagnostic, ...]
    method: Method
    model: str | None = None
    canonical: Tree = None

    @property
    def fingerprint(self) -> str | None:
        """The request's, where it is good; a body's own `model` is part of the address."""
        if self.kind is not Kind.REQUEST or not isinstance(self.canonical, Mapping):
            return None
        body = {key: value for key, value in self.canonical.items() if key != "model"}
        return fingerprint(self.method, self.model or "", body)

    @property
    def good(self) -> bool:
        """Whether there is no error."""
        return not failed(self.diagnostics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Every file in the order of the command line."""

    files: tuple[Validated, ...]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is to say about all of them."""
        return tuple(dict.fromkeys(found for file in self.files for found in file.diagnostics))

    @property
    def good(self) -> bool:
        """Whether there is no error."""
        return all(file.good for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What files are checked for; `kind` and `model` say what they don't say themselves."""

    models: Models
    kind: Kind | None = None
    model: str | None = None
    method: Method = "generateContent"
    purpose: Purpose = "findings"


def validate(files: Sequence[str], wanted: Wanted) -> Validation:
    """Check files, `-` for standard input; raises UsageError for one that isn't there or has no such form."""
    return Validation(files=tuple(_validated(document, wanted) for document in read_all(files)))


def _validated(document: Document, wanted: Wanted) -> Validated:
    kind = wanted.kind or document.kind
    result = Validated(
        name=document.name,
        kind=kind,
        shape=document.shape,
        count=len(document.nodes),
        diagnostics=document.diagnostics,
        method=wanted.method,
    )
    _refuse(result, wanted.purpose)
    if not document.nodes or kind is None:
        return result
    if kind is Kind.REQUEST and document.shape == "body":
        return _request(document.nodes[0], result, wanted)
    if kind is Kind.RESPONSE:
        return _with(result, [_answer(node, alone=document.shape == "body") for node in document.nodes])
    if kind is Kind.ERROR:
        return _with(result, [_error(node) for node in document.nodes])
    if document.shape == "body":
        rule = check if kind is Kind.COUNT_TOKENS_REQUEST else check_open
        return _with(result, [_form(document.nodes[0], f"{kind}.schema", rule)])
    words = {"list": "a list", "stream": "an event stream"}
    found = Diagnostic(
        code="P402",
        message=f"a {kind} is one object, but this is {words[document.shape]}",
        span=document.nodes[0].span,
        expected="a JSON object",
    )
    return _with(result, [(None, (found,))])


def _refuse(result: Validated, purpose: Purpose) -> None:
    """Refuse to print a form that a file can't have."""
    if purpose == "fingerprint" and result.kind not in {None, Kind.REQUEST}:
        msg = f"`{result.name}` is read as {_a(result.kind)}: only a request has a fingerprint"
        raise UsageError(msg)
    if purpose == "canonical" and result.kind is Kind.ERROR:
        msg = f"`{result.name}` is read as {_a(result.kind)}: only requests and responses have a canonical form"
        raise UsageError(msg)


def _a(kind: Kind | None) -> str:
    return f"{'an' if kind is Kind.ERROR else 'a'} {kind}"


def _with(result: Validated, forms: Sequence[tuple[Tree, Iterable[Diagnostic]]]) -> Validated:
    """Add what was found; the canonical form is a list where the file holds several answers."""
    found = order([*result.diagnostics, *(diagnostic for _, diagnostics in forms for diagnostic in diagnostics)])
    result = replace(result, diagnostics=found)
    if not result.good:
        return result
    trees = [tree for tree, _ in forms]
    return replace(result, canonical=trees[0] if result.shape == "body" else trees)


def _form(
    node: Node, schema: str, rule: Callable[[Json, str], tuple[Finding, ...]]
) -> tuple[Tree, tuple[Diagnostic, ...]]:
    form = canonical(cast("Tree", node.plain()), schema=schema)
    found = (*form.findings, *rule(cast("Json", form.tree), schema))
    return form.tree, _diagnosed(found, traced(form.moved, places(node)))


def _diagnosed(found: Iterable[Finding], where: SourceMap) -> tuple[Diagnostic, ...]:
    return diagnose(map(_in_json, found), where, API)


def _in_json(finding: Finding) -> Finding:
    """Use JSON's words, where specs are told in TOML's."""
    if finding.fault is not Fault.TYPE:  # other messages hold words of the user's
        return finding
    words = {"a table": "an object", "got nothing": "got null", " or nothing": " or null"}
    message, expected = finding.message, finding.expected
    for toml, json in words.items():
        message, expected = message.replace(toml, json), expected and expected.replace(toml, json)
    return replace(finding, message=message, expected=expected)


def _answer(node: Node, *, alone: bool) -> tuple[Tree, tuple[Diagnostic, ...]]:
    """Check one answer; in a list or a stream, an error of the API's may take its place."""
    if not isinstance(node.value, Mapping):
        return _form(node, "response.schema", check_open)
    fields = {camel_case(key) for key in node.table}
    if fields & response_fields():
        return _form(node, "response.schema", check_open)
    if "error" in fields:
        tree, found = _error(node)
        note = Diagnostic(
            code="P702",
            severity=Severity.ERROR if alone else Severity.NOTE,
            message="this is an error of the API's, not an answer",
            span=node.table["error"].key,
            help="`--kind error` checks it as what it is" if alone else None,
        )
        return tree, (note, *found)
    nothing = Diagnostic(
        code="P404",
        message="nothing in this object is a field of an answer",
        span=node.span,
        expected=one_of(sorted(response_fields())),
        help="this looks like a request: a file holds one, and no list of them" if "contents" in fields else None,
    )
    return None, (nothing,)


def _error(node: Node) -> tuple[Tree, tuple[Diagnostic, ...]]:
    value = node.plain()
    found = _diagnosed(check_open(value, "error.schema"), places(node))
    return value, found if failed(found) else (*found, _told(value, node.span.source.name))


def _told(value: Mapping[str, Mapping[str, Json]], name: str) -> Diagnostic:
    """Say what the API said, without an excerpt: some say it with the key in it."""
    error = value["error"]
    words = [str(error[key]) for key in ("code", "status", "type") if error.get(key)]
    said = Secrets().redact(" ".join(str(error.get("message", "")).split()))
    text = " ".join([*words, said if len(said) <= _SAID else f"{said[:_SAID]}…"])
    return Diagnostic(code="P702", severity=Severity.NOTE, message=f"the API refused: {text}", file=name)


def _request(node: Node, result: Validated, wanted: Wanted) -> Validated:
    form = canonical(cast("Tree", node.plain()))
    own = form.tree.get("model") if isinstance(form.tree, Mapping) else None
    named = wanted.model or (own if isinstance(own, str) else None)
    model = named.removeprefix("models/") if named else None
    where = traced(form.moved, places(node))
    tuned = model is not None and model.startswith("tunedModels/")  # of no table, and at an address of its own
    found = findings(form.tree, None if tuned else model, wanted.models)
    # where the command line names the model, it is no place in the file that names it wrongly
    about = [finding for finding in found if wanted.model and finding.pointer == MODEL and finding.fault in _NAMING]
    diagnostics = [
        *_diagnosed([*form.findings, *(finding for finding in found if finding not in about)], where),
        *_diagnosed(about, {}),
        *(_differs(wanted.model, own, where.get(MODEL)) if wanted.model else ()),
    ]
    result = replace(_with(result, [(form.tree, diagnostics)]), model=model)
    if result.good and wanted.purpose == "fingerprint" and not model:
        result = replace(result, diagnostics=(*result.diagnostics, _of_the_body_alone(result.name)))
    return result


def _differs(model: str, own: object, place: Place | None) -> Iterator[Diagnostic]:
    """Say where `--model` overrules the body: the API takes the model from the address."""
    if isinstance(own, str) and own.removeprefix("models/") != model.removeprefix("models/"):
        yield Diagnostic(
            code="P409",
            severity=Severity.WARNING,
            message=f"`--model {model}` is checked, but the body names another model",
            span=place.span if place else None,
            help="the API takes the model from the address; remove `model` from the body",
        )


def _of_the_body_alone(name: str) -> Diagnostic:
    return Diagnostic(
        code="P409",
        severity=Severity.NOTE,
        message="no model is named: the fingerprint is of the body alone, and equals no compiled request's",
        file=name,
        help="`--model NAME` names it",
    )
