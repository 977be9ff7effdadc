"""Schema: the JSON Schemas by name, each as one document that stands alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from promptc.abilities import REQUEST, capability_schema
from promptc.diagnostics import did_you_mean, one_of
from promptc.errors import UsageError
from promptc.models import Model, Models
from promptc.schema import DIALECT, load

MODELS = "models"
_REQUEST = "GenerateContentRequest"
_FILES = (
    "request",
    "response",
    "error",
    "count-tokens-request",
    "count-tokens-response",
    "spec",
    "expect",
    "project",
    "result",
    "diff",
    "plan",
)
_MODELS_TITLE = "The bodies of generateContent requests to the known models, each below `$defs`"


def titles(models: Models) -> Iterator[tuple[str, str]]:
    """Yield the name of every schema with its title."""
    for name in _FILES:
        yield name, str(load(f"{name}.schema").get("title", ""))
    yield MODELS, _MODELS_TITLE
    for name, model in models.by_name.items():
        yield name, str(capability_schema(model)["title"])


def schema_document(name: str, models: Models) -> Mapping[str, Any]:
    """Return the schema of that name, or of the model of that name; raises UsageError."""
    if name in _FILES:
        return load(f"{name}.schema")
    if name == MODELS:
        own = {model: _model(known) for model, known in models.by_name.items()}
        head = {"$schema": DIALECT, "$id": f"{MODELS}.schema.json", "title": _MODELS_TITLE}
        return {**head, "$defs": {**own, **_request()}}
    if model := models.find(name):
        schema = {key: value for key, value in capability_schema(model).items() if key in {"$schema", "$id"}}
        return {**schema, **_model(model), "$defs": _request()}
    known = (*_FILES, MODELS, *models.by_name)
    hint = did_you_mean(name, known) or f"known are {one_of(known).removeprefix('one of ')}"
    msg = f"there is no schema `{name}`; {hint}"
    raise UsageError(msg)


def _model(model: Model) -> dict[str, Any]:
    """Return a model's schema, which looks for the API's own in the document that it is part of."""
    own = {key: value for key, value in capability_schema(model).items() if key not in {"$schema", "$id"}}
    return {**own, "allOf": [{"$ref": f"#/$defs/{_REQUEST}"}]}


def _request() -> dict[str, Any]:
    """Return the definitions of the API's own schema, and the request itself as one of them."""
    whole = load(REQUEST)
    root = {key: value for key, value in whole.items() if not key.startswith("$")}
    return {_REQUEST: root, **whole["$defs"]}
