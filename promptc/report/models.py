"""What promptc knows of the models, and the schemas by name."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from promptc.cost import Prices, dollars
from promptc.models import Model, Models
from promptc.report.as_json import dumped
from promptc.report.style import Style

_WIDEST = 100
_LABEL = 14
_UNKNOWN = "not in the table: nothing is refused"


def models_table(models: Models, style: Style) -> str:
    """Return a paragraph for each model; another name of a model is named with its facts."""
    return "\n".join(
        "".join(f"{line}\n" for line in _paragraph(model, models, style))
        for model in models.by_name.values()
        if not _alias(model, models)
    )


def models_json(models: Models) -> str:
    """Return every name with its facts and their sources."""
    return dumped({"models": [_row(model) for model in models.by_name.values()]})


def titles_table(titles: Iterable[tuple[str, str]]) -> str:
    """Return names and titles as a table."""
    rows = list(titles)
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name.ljust(width)}  {title}\n" for name, title in rows)


def _row(model: Model) -> Mapping[str, Any]:
    facts = {key: value for key, value in model.row.items() if key not in {"names", "retired", "successor"}}
    return {"name": model.name, "retired": model.retired, "successor": model.successor, **facts}


def _alias(model: Model, models: Models) -> Model | None:
    """Return the model that this is but another name of."""
    return next(
        (
            other
            for other in models.by_name.values()
            if other.row is model.row and model.name in other.row.get("names", {}) and other is not model
        ),
        None,
    )


def _paragraph(model: Model, models: Models, style: Style) -> Iterator[str]:
    yield style.paint(model.name, "bold") + (f" ({_retirement(model)})" if model.retired else "")
    others = (other for other in models.by_name.values() if _alias(other, models) is model)
    also = [f"{other.name}{f' ({_retirement(other)})' if other.retired else ''}" for other in others]
    for label, text in (("also", ", ".join(also)), *_facts(model)):
        if text:
            lines = textwrap.wrap(text, _WIDEST - _LABEL, break_on_hyphens=False)
            yield from (f"  {(label if i == 0 else '').ljust(_LABEL - 2)}{line}" for i, line in enumerate(lines))


def _retirement(model: Model) -> str:
    return f"retired {model.retired}" + (f", use {model.successor}" if model.successor else "")


def _facts(model: Model) -> Iterator[tuple[str, str]]:
    row = model.row
    tokens = ", ".join(f"{size} {count:,}" for size, count in model.image_tokens.items())
    sent = f"; {row['inputImageTokens']:,} for a picture that is sent" if "inputImageTokens" in row else ""
    pictures = model.reference_images
    yield "ratios", _listed(row, "aspectRatios", "none")
    yield "sizes", _listed(row, "imageSizes", f"no choice, always {model.default_size}")
    yield "tokens", f"{tokens or 'not known'} for a picture{sent}"
    yield "references", _UNKNOWN if pictures is None else f"up to {pictures} pictures in a request"
    yield "reads", _listed(row, "inputTypes", "no pictures")
    yield (
        "tools",
        _listed(row, "tools", "none") + (f" ({' '.join(row['searchTypes'])})" if row.get("searchTypes") else ""),
    )
    yield "thinking", _listed(row, "thinkingLevels", "none")
    yield "prices", _prices(Prices.of(model))


def _prices(prices: Prices | None) -> str:
    if prices is None:
        return "not known, so `maxCost` can't be expected"
    image = "" if prices.image is None else f", {dollars(prices.image)} for pictures"
    return f"{dollars(prices.input)} for input, {dollars(prices.text)} for text{image}, per million tokens"


def _listed(row: Mapping[str, Any], key: str, nothing: str) -> str:
    if key not in row:
        return _UNKNOWN
    values: Sequence[str] = row[key]
    return " ".join(values) or nothing
