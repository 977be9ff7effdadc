"""The official JavaScript SDK beside promptc, where somebody has installed it.

Set PROMPTC_JS_GENAI to a folder whose `node_modules` has `@google/genai`; node must be on the path.
"""

import os
import subprocess
from pathlib import Path
from shutil import which

import pytest

from tests.differential.answers import ANSWERS
from tests.differential.chats import CHATS
from tests.differential.config import CONFIG
from tests.differential.contents import CONTENTS
from tests.differential.functions import FUNCTIONS
from tests.differential.loopback import Loopback
from tests.differential.recording import record, said
from tests.differential.same import assert_same
from tests.differential.tools import TOOLS

INTENTS = {intent.name: intent for intent in (*CONTENTS, *CONFIG, *ANSWERS, *TOOLS, *FUNCTIONS, *CHATS)}
SCRIPT = Path(__file__).parent / "intents.mjs"
NAMES = (
    "text",
    "several-images",
    "image-to-image",
    "file-uri",
    "sampling",
    "system-instruction",
    "thinking-level",
    "safety-settings",
    "image-search",
    "functions-by-name",
    "response-json-schema",
    "image-config-empty",
    "speech-by-the-voice-name",
    "stream",
    "chat-about-a-picture",
)


FOLDER = os.environ.get("PROMPTC_JS_GENAI")
if FOLDER is None or which("node") is None:
    reason = "needs node, and PROMPTC_JS_GENAI naming a folder where `npm install @google/genai` was run"
    pytest.skip(reason, allow_module_level=True)


@pytest.fixture(scope="module")
def package() -> Path:
    """Return the folder that has the SDK."""
    if not (Path(FOLDER or ".") / "node_modules" / "@google" / "genai").is_dir():
        pytest.fail("PROMPTC_JS_GENAI names a folder without node_modules/@google/genai")
    return Path(FOLDER or ".").resolve()


@pytest.mark.parametrize("name", NAMES)
def test_both_say_the_same(name: str, package: Path, server: Loopback, tmp_path: Path) -> None:
    intent = INTENTS[name]
    server.expect(intent.answers)
    result = record(intent.spec, server, tmp_path)
    ours = server.sent

    server.expect(intent.answers)
    pictures = tmp_path / "specs" / "images"
    done = subprocess.run(
        ["node", SCRIPT, server.base_url, name, pictures],
        env={**os.environ, "PROMPTC_JS_GENAI": str(package)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    assert_same(server.sent, ours, said(result))
