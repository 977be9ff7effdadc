"""What `promptc pin` did, for people and for scripts."""

from collections import Counter
from collections.abc import Iterator, Sequence

from promptc.pipeline.pin import Pin, PinResult, PinState
from promptc.report.as_json import diagnostics, dumped
from promptc.report.style import Style, line
from promptc.wording import plural

_COLOURS = {PinState.ADDED: "green", PinState.CHANGED: "yellow", PinState.UNPINNED: "dim"}
_SHORT = 12
_NAMED = 2
_LONGEST = 60


def pins_summary(result: PinResult, style: Style) -> str:
    """Return the pins that change and the places that can't have one, then the totals."""
    rows = [row for pin in result.pins if pin.state is not PinState.RIGHT for row in _rows(pin, style)]
    return "".join(f"{row}\n" for row in [*rows, _totals(result, style)])


def pins_json(result: PinResult) -> str:
    """Return every place that names pictures, with its digests."""
    rows = [
        {
            "spec": pin.spec,
            "file": pin.place.span.source.name,
            "line": pin.place.span.line,
            "column": pin.place.span.column,
            "image": [_shortened(path) for path in pin.place.paths],
            "state": pin.state.value,
            "before": list(pin.place.pinned),
            "sha256": list(pin.digests),
            "reason": pin.reason,
        }
        for pin in result.pins
    ]
    return dumped(
        {"good": result.good, "checked": result.checked, "pins": rows, "diagnostics": diagnostics(result.diagnostics)}
    )


def _rows(pin: Pin, style: Style) -> Iterator[str]:
    word = style.paint(f"{pin.state.value:8}", _COLOURS[pin.state])
    paths = ", ".join(f"`{line(_shortened(path))}`" for path in pin.place.paths[:_NAMED]) + _more(pin.place.paths)
    if pin.reason:
        yield f"{word} {line(pin.place.span.place)}: {paths} can't be pinned: {pin.reason}"
        return
    before = f"{_digests(pin.place.pinned)} → " if pin.state is PinState.CHANGED else ""
    yield f"{word} {line(pin.place.span.place)}: {paths}: {before}{_digests(pin.digests)}"


def _totals(result: PinResult, style: Style) -> str:
    counts = Counter(pin.state for pin in result.pins)
    would = "to be " if result.checked else ""
    words = {PinState.ADDED: f"{would}added", PinState.CHANGED: f"{would}changed", PinState.RIGHT: "right"}
    parts = [f"{counts[state]} {word}" for state, word in words.items() if counts[state]]
    pinned = sum(counts.values()) - counts[PinState.UNPINNED]
    text = f"{plural(pinned, 'pin')}: {', '.join(parts)}" if parts else "no pins"
    if counts[PinState.UNPINNED]:
        text += f"; {plural(counts[PinState.UNPINNED], 'place')} can't be pinned"
    verdict = style.paint("ok", "green") if result.good else style.paint("not ok", "red")
    return f"{text} — {verdict}{'; `promptc pin` writes them' if result.checked and not result.good else ''}"


def _digests(digests: Sequence[str]) -> str:
    return ", ".join(line(digest[:_SHORT]) for digest in digests[:_NAMED]) + _more(digests) or "nothing"


def _more(items: Sequence[str]) -> str:
    return f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""


def _shortened(path: str) -> str:
    if path[:5].casefold() == "data:":  # its bytes are shown nowhere
        return "data:…"
    return path if len(path) <= _LONGEST else f"{path[:_LONGEST]}…"
