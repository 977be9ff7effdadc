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
    "Written": "the text",
    "Joined": "the text",
    "int": "the number",
    "float": "the number",
    "TemplateModule": "the imported file",
}
_RAISED = 300
_OURS = re.compile(r"\b(?:Written|Joined)\b")
_WORDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "a boolean",
    "list": "a list",
    "dict": "a table",
    "Picture": "an image",
    "NoneType": "nothing",
}
_PYTHON = (
    (re.compile(r"'(\w+)' object is not iterable"), "a loop or filter needs a list, not {0}", None),
    (
        re.compile(r'can only concatenate (\w+) \(not "(\w+)"\) to \w+'),
        "`+` can't join {0} and {1}",
        "`~` joins values as text",
    ),
    (re.compile(r"unsupported operand type\(s\) for (\S+): '(\w+)' and '(\w+)'"), "`{0}` takes no {1} and {2}", None),
    (re.compile(r"macro '(\w+)' takes not more than (\d+) argument\(s\)"), "the macro `{0}` takes at most {1}", None),
    (re.compile(r"macro '(\w+)' takes no keyword argument '(\w+)'"), "the macro `{0}` has no parameter `{1}`", None),
)
"""What Python says, what that means in a template, what to do."""
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
            message = f"not allowed in a template: {_OURS.sub('str', str(error))}".rstrip(".")
            return TemplateProblemError("P207", message, span, None, related)
    why, hint = _explained(_OURS.sub("str", " ".join(str(error).split()))[:_RAISED] or type(error).__name__)
    return TemplateProblemError("P207", f"the expression fails: {why}", span, hint, related)


def _explained(why: str) -> tuple[str, str | None]:
    """Say in the words of a spec what Python says of its own."""
    for pattern, message, hint in _PYTHON:
        if match := pattern.fullmatch(why):
            return message.format(*(_WORDS.get(word, word) for word in match.groups())), hint
    return why, None


def _undefined(message: str) -> str:
    """Say what has no value in the words of a spec, not in Python's."""
    if member := _NO_MEMBER.fullmatch(message):
        owner = _KINDS.get(member[1], f"the {member[1]}")
        return f"{owner} has no `{member[2].strip(chr(39))}`"
    if element := re.fullmatch(r"(\w+) object has no element (.+)", message):
        return f"{_KINDS.get(element[1], element[1])} has no element {element[2]}"
    return re.sub(r"'(\w+)'", r"`\1`", message)
