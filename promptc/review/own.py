"""A project's own checks: Python functions that look at an answer, run when it is judged.

A check says that all is well with None, True or no message at all. Everything else is a failure:
nothing that goes wrong in it passes, and nothing ends the run.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from inspect import isawaitable, iscoroutine, signature
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

from promptc.answer import Answer
from promptc.config import find_root
from promptc.findings import kind
from promptc.request import Expectation
from promptc.review.answers import answer_of
from promptc.review.checks import CheckError, found
from promptc.review.verdict import Exchange, Verdict, got
from promptc.source import Span, relative_to_root

_LONGEST = 2000
"""How much of a failure is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A check as a spec names it; `root` is the project whose modules it is looked for in."""

    pointer: str
    name: str
    arguments: Mapping[str, Any]
    root: Path


def own(exchange: Exchange) -> Iterator[Verdict]:
    """Run the checks that the spec names."""
    for check in _named(exchange.expect):
        try:
            failures = tuple(_failures(check.name, deepcopy(check.arguments), _seen(exchange), check.root))
        except CheckError as error:
            failures = (str(error),)
        for failure in failures:
            told = failure if len(failure) <= _LONGEST else f"{failure[: _LONGEST - 1]}…"
            yield exchange.verdict(check.pointer, passed=False, message=f"`{check.name}`: {told}")
        if not failures:
            yield exchange.verdict(check.pointer, passed=True, message=f"`{check.name}` has nothing to say against it")


def unresolved(expect: Expectation) -> Iterator[tuple[Span, str]]:
    """Yield the checks that can't be found, by place and message: they are imported for that, none is called."""
    for check in _named(expect):
        try:
            found(check.name, check.root)
        except CheckError as error:
            yield expect.places[f"/{check.pointer}"].span, f"`{check.name}`: {error}"


def _named(expect: Expectation) -> Iterator[_Named]:
    checks: Any = expect.table.get("python", ())
    for number, entry in enumerate(checks):
        name, arguments = (entry, {}) if isinstance(entry, str) else (entry["check"], entry.get("arguments", {}))
        root = find_root(expect.places[f"/python/{number}"].span.source.path.parent)
        yield _Named(pointer=f"python/{number}", name=name, arguments=arguments, root=root)


def _seen(exchange: Exchange) -> Answer:
    try:
        return answer_of(exchange.request, exchange.response)
    except RecursionError:
        raise CheckError("the answer is nested too deeply to be shown to a check") from None


def _failures(name: str, arguments: Mapping[str, Any], answer: Answer, root: Path) -> Iterator[str]:
    """Yield what a check has against an answer; raises CheckError where it can't be asked."""
    check = found(name, root)
    _require_fitting(check, answer, arguments)
    try:
        yield from _said(check(answer, **arguments))
    except BaseException as error:
        if isinstance(error, (CheckError, GeneratorExit)) or _from_the_user(error):
            raise
        yield _raised(error, root)


def _require_fitting(check: Callable[..., object], answer: Answer, arguments: Mapping[str, Any]) -> None:
    try:
        takes = signature(check)
    except (TypeError, ValueError):  # a built-in one says nothing of itself
        return
    try:
        takes.bind(answer, **arguments)
    except TypeError as error:
        names = "".join(f" and `{name}`" for name in arguments)
        raise CheckError(f"it can't be called with an answer{names}: {error}") from None


def _said(result: object) -> Iterator[str]:
    """Yield the failures that a check has returned."""
    if result is None or result is True:
        return
    if result is False:
        yield "it says no"
    elif isinstance(result, (str, list, tuple, Iterator)):
        for one in (result,) if isinstance(result, str) else result:
            if not isinstance(one, str) or not one.strip():
                raise CheckError(f"it returned {_described(one)} as a failure, expected a text that says what is wrong")
            yield one
    elif isawaitable(result):
        if iscoroutine(result):
            result.close()
        raise CheckError("it is `async`, and nobody waits for it: write `def`")
    else:
        raise CheckError(f"it returned {_described(result)}, expected nothing, a boolean, a text or a list of texts")


def _described(value: object) -> str:
    if value is None or isinstance(value, (bool, str, int, float, Mapping)):
        return f"{kind(value)} ({got(value)})" if value else kind(value)
    return f"a `{type(value).__name__}`"


def _from_the_user(error: BaseException) -> bool:
    """Say whether somebody has pressed Ctrl-C: Python tells the main thread alone."""
    return isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread()


def _raised(error: BaseException, root: Path) -> str:
    where = _place(error.__traceback__, root)
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - an exception that can't say what it is, is one all the same
        said = ""
    if isinstance(error, AssertionError):
        return f"{said or 'an assertion failed'}{where}"
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        return f"it wanted to end the program ({what}){where}"
    return f"{what}{where}"


def _place(trace: TracebackType | None, root: Path) -> str:
    """Name the last line of the project's own that was run; the last one of all where there is none."""
    frames = [frame for frame in extract_tb(trace) if frame.filename != __file__]
    if not frames:
        return ""
    own_frames = [frame for frame in frames if Path(frame.filename).is_relative_to(root)]
    last = (own_frames or frames)[-1]
    name = relative_to_root(Path(last.filename), root) if own_frames else last.filename
    return f" ({name}:{last.lineno}{f': `{last.line}`' if last.line else ''})"
