"""Requests against the API's schema, the model's abilities and the rules beyond both."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from promptc.abilities import check_request
from promptc.blob import Blob
from promptc.compiler import words
from promptc.compiler.emit import Emitted
from promptc.compiler.homes import homes_of
from promptc.compiler.semantics import semantics
from promptc.cost import Prices
from promptc.diagnostics import Diagnostic, Severity, did_you_mean
from promptc.findings import Fault, Finding
from promptc.json_schema import KEYWORDS
from promptc.locate import API, OWN, Place, diagnose
from promptc.models import Model, Models, built_in
from promptc.request import Expectation, Reply, Request
from promptc.schema import camel_case
from promptc.source import Span
from promptc.tree import Json, Tree, last, parent

MODEL = "/model"
"""Where findings about the model's name point."""
_MATRIX_HINT = "`model` is no template; the `[matrix]` runs every case on several models"
_IMAGE_HINT = "`image = …` stands in the parts of `turns`; here write `inlineData`, or use `turns`"
_MODEL_HINT = "write the name alone, as in `gemini-3.1-flash-image`"
_JSON_SCHEMA_HINT = "that is JSON Schema: it goes into `responseJsonSchema`, or a function's `parametersJsonSchema`"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST = 1000
_NEAR = 0.9
"""The text models have names much like those of the image models, and are no misspelling of them."""
_OF_ABSENCE = (Fault.MISSING, Fault.CHOICE, Fault.ORDER, Fault.MODALITY, Fault.EMPTY, Fault.TOGETHER, Fault.LIMIT)
# Replies are the model's own: they are sent as they came, so the schema sees a stand-in for them.
_REPLY: Mapping[str, Json] = {"parts": [{"text": ""}], "role": "model"}


def validate(emitted: Emitted, model: Span | None, models: Models, *, whole: bool) -> tuple[Diagnostic, ...]:
    """Return what the API would refuse: the last step's request holds all the others' fields.

    Where the spec is not `whole`, because it has mistakes that were told, what seems to be missing
    is not told.
    """
    case = emitted.case
    request = case.requests[-1]
    contents = [_REPLY if isinstance(content, Reply) else content for content in request.contents]
    body = cast("Tree", {"contents": contents, **request.rest})
    places = {**request.places, **({MODEL: Place(span=model)} if model else {})}
    told = (
        finding
        for finding in findings(body, request.model or None, models)
        if whole or not (_minor(finding) or _held(finding.pointer, emitted.held))
    )
    found = diagnose(told, places, API, subject=case.id)
    config = request.rest.get("generationConfig")
    for step in case.requests if whole else ():
        if step.expect:
            wanted = (
                *_wanted(step.expect, config if isinstance(config, Mapping) else {}),
                *_unpriced(step.expect, step.model, models),
                *_without_input(step),
            )
            found += diagnose(wanted, step.expect.places, {**OWN, Fault.MODALITY: "P412"}, subject=case.id)
    return found


def _minor(finding: Finding) -> bool:
    """Say whether something can wait, or may be the matter only because something else was left out."""
    few = finding.fault is Fault.BOUNDS and " element" in (finding.expected or "")
    return finding.severity is not Severity.ERROR or finding.fault in _OF_ABSENCE or few


def _held(pointer: str, held: Collection[str]) -> bool:
    """Say whether a value, or one around it, has a mistake that was told."""
    while pointer not in held:
        if not pointer:
            return False
        pointer = parent(pointer)
    return True


def findings(body: Tree, model: str | None, models: Models) -> tuple[Finding, ...]:
    """Return everything that is wrong with a canonical request; `model` is None where no one named it."""
    known = models.find(model) if model else None
    found = (_nested(finding) for finding in check_request(_shortened(body), known))
    rules = semantics(body, known) if isinstance(body, Mapping) else ()
    return (*(() if model is None else _named(model, known, models)), *found, *rules)


def _shortened(tree: Tree) -> Json:
    """Leave out what is too long for any rule of the schema: pictures cost no time and reach no message."""
    if isinstance(tree, Blob):
        return tree.digest
    if isinstance(tree, str):
        return tree[:_LONGEST]
    if isinstance(tree, Mapping):
        return {key: _shortened(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_shortened(item) for item in tree]
    return cast("Json", tree)


def _named(name: str, known: Model | None, models: Models) -> Iterator[Finding]:
    hint: str | None
    if not _NAME.fullmatch(name):
        message = f"`{name[:60]}` can't be a model's name"
        hint = _MATRIX_HINT if "{" in name else _MODEL_HINT
        yield Finding(fault=Fault.VALUE, pointer=MODEL, message=message, help=hint)
    elif known is None:
        message = f"`{name[:60]}` is not in promptc's table of models: only the API's own schema was applied"
        near = [known for known in models.by_name if _digits(known) == _digits(name)]
        meant = did_you_mean(name, near, cutoff=_NEAR)
        hint = meant or f'`[models."{name[:60]}"]` in `promptc.toml` can describe it'
        severity = Severity.WARNING if meant else Severity.NOTE
        yield Finding(fault=Fault.MODEL, pointer=MODEL, message=message, help=hint, severity=severity)
    elif known.retired:
        listed = built_in().find(name)
        who = (
            "Google lists its shutdown on"
            if listed and listed.retired == known.retired
            else "`promptc.toml` says that it ends on"
        )
        message = f"`{name}` is retired: {who} {known.retired}"
        hint = f"its successor is `{known.successor}`" if known.successor else None
        yield Finding(fault=Fault.MODEL, pointer=MODEL, message=message, help=hint, severity=Severity.WARNING)


def _digits(name: str) -> list[str]:
    """Return a name's version: another one is another model, not a misspelling."""
    return re.findall(r"\d", name)


def _wanted(expect: Expectation, config: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare what is expected of the answer with what it is asked to hold."""
    modalities, images = config.get("responseModalities"), expect.table.get("images")
    if not modalities or not isinstance(modalities, (list, tuple)):
        return
    counts = images if isinstance(images, Mapping) else {}
    none = 0 in (counts.get("count"), counts.get("maxCount"))
    missing: str | None
    if images and not none and "IMAGE" not in modalities:
        message, pointer, missing = "a picture is expected, but `responseModalities` asks for none", "/images", "IMAGE"
    elif none and "IMAGE" in modalities:
        message, pointer, missing = "no picture is expected, but `responseModalities` asks for one", "/images", None
    elif "text" in expect.table and "TEXT" not in modalities:
        message, pointer, missing = "text is expected, but `responseModalities` asks for none", "/text", "TEXT"
    else:
        return
    hint = f"add `{missing}` to `responseModalities`" if missing else "take `IMAGE` out of `responseModalities`"
    yield Finding(
        fault=Fault.MODALITY,
        pointer=pointer,
        message=message,
        help=f"{hint}, or change what is expected",
        severity=Severity.WARNING,
        at_key=True,
    )


def _unpriced(expect: Expectation, model: str, models: Models) -> Iterator[Finding]:
    """Yield a bound on the cost of what has no known price."""
    usage = expect.table.get("usage")
    if isinstance(usage, Mapping) and "maxCost" in usage and model and Prices.of(models.find(model)) is None:
        yield Finding(
            fault=Fault.VALUE,
            pointer="/usage/maxCost",
            message=f"the prices of `{model[:60]}` are not known, so no answer could be within this cost",
            expected="prices in US dollars per million tokens",
            help=f'`[models."{model[:60]}"]` in `promptc.toml` takes `prices = {{ input = …, text = …, image = … }}`',
        )


def _without_input(request: Request) -> Iterator[Finding]:
    """Yield a comparison with pictures of the request, where the request can hold none."""
    images = request.expect.table.get("images") if request.expect else None
    if not isinstance(images, Mapping) or request.unchecked or _can_show(request):
        return
    for key in ("similarTo", "differentFrom"):
        wanted = images.get(key)
        if wanted == "input" or (isinstance(wanted, Mapping) and "input" in wanted):
            yield Finding(
                fault=Fault.VALUE,
                pointer=f"/images/{key}" if wanted == "input" else f"/images/{key}/input",
                message=f"`{key}` compares the answer with the request's pictures, but the request has none",
                expected="a picture in the turns before this answer",
                help="show the model a picture, or compare with a file",
            )


def _can_show(request: Request) -> bool:
    """Say whether a request has a picture, or a reply in it may bring one."""
    config = request.rest.get("generationConfig")
    modalities = config.get("responseModalities") if isinstance(config, Mapping) else None
    drawn = not modalities or not isinstance(modalities, (list, tuple)) or "IMAGE" in modalities
    if drawn and any(isinstance(content, Reply) for content in request.contents):
        return True
    return any(_has_picture(content) for content in (*request.contents, *request.rest.values()))


def _has_picture(tree: "Tree | Reply") -> bool:
    if isinstance(tree, Mapping):
        data = tree.get("inlineData")
        kind = data.get("mimeType") if isinstance(data, Mapping) else None
        return str(kind).startswith("image/") or any(_has_picture(value) for value in tree.values())
    return isinstance(tree, (list, tuple)) and any(_has_picture(item) for item in tree)


def _nested(finding: Finding) -> Finding:
    """Say where a field does exist that stands at a wrong place: the commonest mistake there is."""
    name = camel_case(last(finding.pointer))
    if finding.fault is not Fault.UNKNOWN:
        return finding
    if name == "image" and finding.pointer.startswith("/contents/"):
        return replace(finding, help=_IMAGE_HINT)
    if re.search(r"/(?:responseSchema|parameters|response)(?:/|$)", parent(finding.pointer)) and name in KEYWORDS:
        return replace(finding, help=_JSON_SCHEMA_HINT)
    if name == "text" and re.fullmatch(r"/contents/\d+/text", finding.pointer):
        return replace(finding, help="text is a part: `parts` is a list of objects with `text`")
    if name in words.API:
        return replace(finding, help=words.API[name])
    homes = homes_of(name)
    if not homes:
        return finding
    near = f"{finding.help} " if finding.help else ""
    return replace(finding, help=f"{near}`{name}` is a field of {' and of '.join(homes)}")
