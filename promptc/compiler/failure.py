"""What a template that fails has to say: in the words of a spec, at its place, with the way there."""

import re

from jinja2.exceptions import SecurityError, UndefinedError

from promptc.compiler.bounds import TooCostlyError
from promptc.compiler.library import Library
from promptc.compiler.pieces import At, Failure, NotRenderableError
from promptc.compiler.problems import TemplateProblemError
from promptc.diagnostics import Related

_NO_MEMBER = re.compile(r"'(?:\w+\.)*(\w+) object' has no (?:attribute|element) (.+)")
_KINDS = {
    "Picture": "the image",
    "dict": "the table",
    "list": "the list",
    "str": "the text",
    "int": "the number",
    "float": "the number",
    "TemplateModule": "the imported file",
}
_RAISED = 300
_MOST_STEPS_SHOWN = 5


def problem(library: Library, failure: Failure, start: At) -> TemplateProblemError:
    """Return what made an expression fail; `start` is the place of what no expression is to blame for."""
    error, way = failure.error, failure.way
    at = (error.at if isinstance(error, NotRenderableError) else None) or (way[-1] if way else start)
    span = library.span(at)
    steps = dict.fromkeys(library.span(step) for step in reversed(way))
    led = [step for step in steps if (step.source, step.start) != (span.source, span.start)]
    related = tuple(Related(span=step, message="reached from here") for step in led[:_MOST_STEPS_SHOWN])
    match error:
        case NotRenderableError():
            return TemplateProblemError(error.code, str(error), span, error.hint, related)
        case UndefinedError():
            return TemplateProblemError("P201", _undefined(str(error.message)), span, None, related)
        case TooCostlyError():
            return TemplateProblemError("P211", str(error), span, error.hint, related)
        case RecursionError():
            message = "the template costs too much: values are nested too deeply"
            return TemplateProblemError("P211", message, span, None, related)
        case OverflowError() if "Range too big" in str(error):
            message = "the template costs too much: a range this large"
            return TemplateProblemError("P211", message, span, "a range has at most 100,000 numbers", related)
        case SecurityError():
            return TemplateProblemError("P207", f"not allowed in a template: {error}".rstrip("."), span, None, related)
    why = " ".join(str(error).split())[:_RAISED]
    return TemplateProblemError("P207", f"the expression fails: {why or type(error).__name__}", span, None, related)


def _undefined(message: str) -> str:
    """Say what has no value in the words of a spec, not in Python's."""
    if member := _NO_MEMBER.fullmatch(message):
        owner = _KINDS.get(member[1], f"the {member[1]}")
        return f"{owner} has no `{member[2].strip(chr(39))}`"
    return re.sub(r"'(\w+)'", r"`\1`", message)
