"""promptc's side: a project of one spec, recorded from the loopback server."""

from pathlib import Path
from textwrap import dedent

from promptc.pipeline.run import RunResult, run
from promptc.replay.modes import RecordMode
from tests.differential.intent import FILES
from tests.differential.loopback import Loopback
from tests.workshop import Workshop

KEY = "fake-key-for-the-loopback-server"
KEY_ENV = "LOOPBACK_KEY"


def record(spec: str, server: Loopback, root: Path) -> RunResult:
    """Record with everything that a recording takes: compiled, checked, sent, judged, kept."""
    shop = Workshop.make(root, {"intent": dedent(spec)})
    (root / "promptc.toml").write_text(
        f'version = 1\n\n[run]\ntries = 1\n\n[targets.loopback]\nbase_url = "{server.base_url}"\n'
        f'auth = "x-goog-api-key"\nkey_env = "{KEY_ENV}"\n'
    )
    for name, data in FILES.items():
        path = root / "specs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return run(shop.project, mode=RecordMode.ALL, target="loopback", accept=True)


def said(result: RunResult) -> list[str]:
    """Return what a run said, for the message of a failed assertion."""
    diagnostics = (*result.diagnostics, *(diagnostic for case in result.results for diagnostic in case.diagnostics))
    return [f"{diagnostic.code}: {diagnostic.message}" for diagnostic in diagnostics]
