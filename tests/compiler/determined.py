"""A project that uses every feature, and what the command line compiles it to under various circumstances."""

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.compiler.project import WING, picture

REPO = Path(__file__).parent.parent.parent
_URI = f"data:image/png;base64,{b64encode(picture('green')).decode()}"
FILES: Mapping[str, str | bytes] = {
    "../promptc.toml": "version = 1\n",
    "_base.toml": """\
model = "gemini-3.1-flash-image"
system = '''
You draw
{{ style }}.
'''
tags = ["slow"]

[variables.style]
enum = ["ink", "oil"]
default = "ink"

[generationConfig]
responseModalities = ["TEXT", "IMAGE"]
imageConfig = { aspectRatio = "1:1", imageSize = "1K" }
""",
    "_deeper.toml": """\
extends = "_base.toml"
unset = ["tags"]

[generationConfig.imageConfig]
image_size = "2K"
""",
    "shared/_macros.j2": "{% macro wing(name) %}\na {{ name }}\n{{ image('../wing.png') }}\n{% endmacro %}\n",
    "shared/_part.j2": "é 蝶\n  {{ style }}\n",
    "wing.png": WING,
    "wings/b.png": picture("red"),
    "wings/a.png": picture("blue"),
    "wings/ä.png": picture("white"),
    "note.txt": b"\xef\xbb\xbfa note\r\nof two lines\r\n",
    "moth.toml": f"""\
extends = "_deeper.toml"

[variables.species]
type = "string"

[variables.count]
type = "integer"
default = 2

[variables.photos]
type = "array"
items = {{ type = "image" }}
default = ["wing.png", "wings/*.png"]

[[turns]]
parts = [
  {{ text = \"\"\"
A {{{{ species }}}}, \\
    {{{{ count }}}} times
{{% include "shared/_part.j2" %}}\"\"\" }},
  {{ image = "wings/*.png" }},
  {{ image = "{{{{ photos }}}}" }},
  {{ image = "{_URI}" }},
  {{ file = "note.txt", mimeType = "text/plain" }},
  {{ text = "{{{{ {{'b': 1, 'a': 2, 'c': [count]}} | tojson }}}}" }},
]

[[turns]]
reply = true

[[turns]]
text = "Now in {{{{ style | upper }}}}"

[expect]
images = {{ count = 1 }}

[[cases]]
name = "luna"
variables = {{ species = "Luna moth" }}

[[cases]]
name = "atlas"
variables = {{ species = "Atlas moth" }}
system = "You print."

[matrix]
style = ["ink", "oil"]
model = ["gemini-3.1-flash-image", "gemini-3-pro-image"]
exclude = [{{ style = "oil", model = "gemini-3-pro-image" }}]
""",
    "deep/butterfly.j2": """\
+++
extends = "../_base.toml"

[variables.names]
type = "array"
items = { type = "string" }
default = ["monarch", "swallowtail"]

[unchecked]
labels = { b = "1", a = "2" }
+++
{% import "../shared/_macros.j2" as m %}
{% for name in names %}
{% user %}
  {{ m.wing(name) }}

  {{ loop.index }} of {{ names | length }}: {% include "../shared/_part.j2" %}
{% enduser %}
{% if not loop.last %}{% model %}Drawn.{% endmodel %}{% endif %}
{% endfor %}
""",
}


def write(root: Path, *, newline: str = "\n") -> Path:
    """Write the project, its text files with a kind of line endings."""
    for name, content in FILES.items():
        path = (root / "specs" / name).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.replace("\n", newline).encode())
    return root


def compiled(folder: Path, *arguments: str, python: Sequence[str] = (sys.executable,), **environment: str) -> str:
    """Return what `promptc compile --format jsonl` prints in a folder."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    done = subprocess.run(
        [*python, "-m", "promptc", "compile", *arguments, "--format", "jsonl"],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(REPO), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
