"""promptc: a compiler and test harness for prompts kept in version control.

    from pathlib import Path
    import promptc

    project = promptc.load_project(Path("."))
    for request in promptc.compile_requests(project).requests:
        print(request.fingerprint)
    assert promptc.run(project).good

Names are imported when they are first used, so `import promptc` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from promptc.answer import Answer, AnswerImage
    from promptc.config import Project
    from promptc.config import load as load_project
    from promptc.diagnostics import Diagnostic, Severity
    from promptc.errors import PromptcError
    from promptc.pipeline.check import CheckResult, check
    from promptc.pipeline.compile import CompileResult, compile_requests
    from promptc.pipeline.run import RunResult, run
    from promptc.replay.modes import RecordMode
    from promptc.request import Request

__version__ = "0.1.0"

_HOMES = {
    "Answer": "promptc.answer",
    "AnswerImage": "promptc.answer",
    "CheckResult": "promptc.pipeline.check",
    "CompileResult": "promptc.pipeline.compile",
    "Diagnostic": "promptc.diagnostics",
    "Project": "promptc.config",
    "PromptcError": "promptc.errors",
    "RecordMode": "promptc.replay.modes",
    "Request": "promptc.request",
    "RunResult": "promptc.pipeline.run",
    "Severity": "promptc.diagnostics",
    "check": "promptc.pipeline.check",
    "compile_requests": "promptc.pipeline.compile",
    "load_project": "promptc.config",
    "run": "promptc.pipeline.run",
}

__all__ = [
    "Answer",
    "AnswerImage",
    "CheckResult",
    "CompileResult",
    "Diagnostic",
    "Project",
    "PromptcError",
    "RecordMode",
    "Request",
    "RunResult",
    "Severity",
    "__version__",
    "check",
    "compile_requests",
    "load_project",
    "run",
]


def __getattr__(name: str) -> Any:
    """Import a public name."""
    if name not in _HOMES:
        msg = f"module 'promptc' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), {"load_project": "load"}.get(name, name))
