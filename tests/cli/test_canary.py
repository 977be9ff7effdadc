"""Canaries: keys in every place where one can turn up, against the real command line; afterwards none is anywhere.

What is looked for is found here by other means than promptc's own.
"""

import base64
import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.forked import promptc
from tests.replay.made import RawServer, answer, http, image

KEY = "canary/NOT+a=real&key'0123456789"
TOKEN = "acme-token-that-nobody-has-98765"
NUMBER = "acme-01234567"
VARIABLES = {"CANARY_KEY": KEY, "ACME_TOKEN": TOKEN}
MOTH = """\
model = "gemini-3.1-flash-image"

[[turns]]
text = "A Luna moth"

[generationConfig]
imageConfig = { imageSize = "512" }
"""
TEXT_MOTH = MOTH.replace("gemini-3.1-flash-image", "gemini-3-flash-preview").partition("[generationConfig]")[0]


@dataclass
class Den:
    """A project, the environment that its commands get, and what they have printed."""

    root: Path
    base_url: str = "http://127.0.0.1:9"
    printed: list[str] = field(default_factory=list)
    own: set[Path] = field(default_factory=set)

    def write(self, name: str, text: str) -> None:
        """Write a file of the user's, which may hold anything."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.own.add(path)

    def project(self, more: str = "") -> None:
        self.write(
            "promptc.toml",
            'version = 1\n[run]\ntarget = "local"\ntries = 1\n'
            f'[targets.local]\nbase_url = "{self.base_url}"\nkey_env = "CANARY_KEY"\n{more}',
        )

    def promptc(self, *arguments: str, keys: Mapping[str, str] = VARIABLES, stdin: str = "") -> str:
        """Run the real command line; returns standard output, then standard error."""
        clean = {k: v for k, v in os.environ.items() if not k.endswith(("_KEY", "_COLOR"))}
        done = promptc(arguments, cwd=self.root, env={**clean, **keys}, stdin=stdin)
        self.printed.append(done.stdout + done.stderr)
        return done.stdout + done.stderr

    def leaks(self, *secrets: str) -> list[str]:
        """Name what holds a secret, or half of a long one: files that no test has written, their names, what was printed."""
        halves = [half for secret in secrets if len(secret) > 20 for half in (secret[:16], secret[-16:])]
        paths = [path for path in self.root.rglob("*") if path not in self.own]
        contents = [(str(path.relative_to(self.root)), path.read_bytes()) for path in paths if path.is_file()]
        contents += [("a name", str(path.relative_to(self.root)).encode()) for path in paths]
        contents += [("printed", text.encode()) for text in self.printed]
        return [name for name, data in contents for secret in (*secrets, *halves) if holds(data, secret.encode())]


def holds(data: bytes, secret: bytes) -> bool:
    return any(secret in b"".join(text.split()) for text in readings(data))


def readings(data: bytes) -> Iterator[bytes]:
    """Yield bytes in all the ways in which somebody might read them."""
    layers = [data]
    for _ in range(3):
        layers += [unescaped(layers[-1]), unquote_to_bytes(layers[-1])]
        layers.append(html.unescape(layers[-1].decode("latin-1")).encode("latin-1", "replace"))
    for layer in dict.fromkeys(layers):
        yield layer
        for run in re.findall(rb"[A-Za-z0-9+/_-]{12,}", b"".join(layer.split())):
            standard = run.replace(b"-", b"+").replace(b"_", b"/")
            for start in range(4):
                part = standard[start:]
                yield base64.b64decode(part[: len(part) // 4 * 4])
        for run in re.findall(rb"(?:[0-9A-Fa-f]{2}){12,}", layer):
            yield bytes.fromhex(run.decode())


def unescaped(data: bytes) -> bytes:
    data = re.sub(rb"\\u00([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), data)
    return re.sub(rb"\\(.)", lambda found: {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(found[1], found[1]), data)


def test_the_test_finds_what_it_looks_for() -> None:
    encoded = base64.b64encode(b"?" + KEY.encode())
    escaped = "".join(f"\\u{ord(char):04x}" for char in KEY).encode()
    for text in (KEY.encode(), quote(KEY, safe="").encode(), html.escape(KEY).encode(), escaped, encoded):
        assert holds(b"a " + text + b" z", KEY.encode())
    for text in (KEY.encode(), encoded):
        assert holds(b"\n  ".join(text[i : i + 7] for i in range(0, len(text), 7)), KEY.encode())
    assert not holds(b"canary", KEY.encode())


# what comes back from the API


def drawn(**comments: str) -> bytes:
    chunks = PngInfo()
    for name, text in comments.items():
        chunks.add_text(name, text)
    file = BytesIO()
    Image.new("RGB", (512, 512), (80, 120, 160)).save(file, "PNG", pnginfo=chunks)
    return file.getvalue()


PICTURE = image(drawn())


def said(*texts: str) -> bytes:
    return http(answer(*({"text": text} for text in texts), PICTURE))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def error(message: str, status: str = "401 Unauthorized") -> bytes:
    envelope = {"error": {"code": int(status[:3]), "message": message, "status": "UNAUTHENTICATED"}}
    return http(json.dumps(envelope).encode(), status)


def escaped(key: str) -> bytes:
    body = answer({"text": "your key: @"}, PICTURE)
    return http(body.replace(b"@", "".join(f"\\u{ord(char):04X}" for char in key).encode()))


def held(where: str, what: str = "the value of `CANARY_KEY`") -> str:
    return f"{where} holds {what}; cassettes/moth/default.yaml was not written"


REFUSED: dict[str, tuple[bytes, str]] = {
    "in the text": (said(f"Your key is {KEY}."), held("the answer")),
    "in a part that is no text": (http(answer({"text": "A"}, {"functionCall": {"name": KEY}}, PICTURE)), held("the answer")),
    "in the request id": (http(answer(PICTURE), x_request_id=f"id-{KEY}"), held("the header `x-request-id` of the answer")),
    "in the retry header": (http(answer(PICTURE), Retry_After=KEY), held("the header `retry-after` of the answer")),
    "in the status line": (http(answer(PICTURE), f"200 {KEY}"), held("the status line of the answer")),
    "in base64": (said(b64(f"Bearer {KEY}".encode())), held("the answer")),
    "in base64, one later": (said(b64(f"Bearer:{KEY}?".encode())), held("the answer")),
    "in base64, two later": (said(b64(f"Bearer: {KEY}??".encode())), held("the answer")),
    "in base64 for addresses": (said(base64.urlsafe_b64encode(f"??{KEY}".encode()).decode()), held("the answer")),
    "in base64, in lines": (said(base64.encodebytes(b"?" * 46 + KEY.encode()).decode()), held("the answer")),
    "in an address": (said(f"https://host/?key={quote(KEY, safe='')}&alt=sse"), held("the answer")),
    "in an address, twice": (said(quote(quote(KEY, safe=""), safe="").replace("%252F", "%252f")), held("the answer")),
    "in escapes of JSON": (escaped(KEY), held("the answer")),
    "in HTML": (said(f"<p>{html.escape(KEY)}</p>"), held("the answer")),
    "in lines": (said(f"Your key:\n  {KEY[:12]}\n  {KEY[12:]}\n"), held("the answer")),
    "over two parts": (said(f"Your key: {KEY[:12]}", f"{KEY[12:]}."), held("the answer")),
    "in a picture": (http(answer(image(drawn(Comment=f"by {KEY}")))), held("`default.1.1.png`")),
    "in a text that is a file": (
        http(answer({"inlineData": {"mimeType": "text/plain", "data": b64(f"{'A moth. ' * 99}{KEY}".encode())}}, PICTURE)),
        held("`default.1.1.bin`"),
    ),
    "in a signature": (http(answer({**PICTURE, "thoughtSignature": b64(bytes(700) + KEY.encode())})), held("`default.1.1.bin`")),
    "in a short signature": (http(answer({**PICTURE, "thoughtSignature": b64(KEY.encode())})), held("the answer")),
    "another secret of the project": (said(f"The token: {TOKEN}"), held("the answer", "the value of `ACME_TOKEN`")),
    "what a pattern matches": (said(f"No. {NUMBER}"), held("the answer", "what pattern 1 of `[secrets]` matches")),
    "what looks like a key": (
        said("Use AIzaSy0123456789abcdefghijklmnopqrstuvw"),
        held("the answer", "what looks like a Google API key"),
    ),
    "a private key": (
        said(f"-----BEGIN PRIVATE KEY-----\n{'MIIEvQIBADANBgkqhkiG9w0B' * 3}\n-----END PRIVATE KEY-----"),
        held("the answer", "what looks like a private key"),
    ),
}  # fmt: skip
SECRETS = '[secrets]\nenv = ["ACME_TOKEN"]\npatterns = ["acme-[0-9]{8}"]\n'
SHAPED = ("AIzaSy0123456789abcdefghijklmnopqrstuvw", "MIIEvQIBADANBgkqhkiG9w0BMIIE")


@pytest.mark.parametrize("place", REFUSED)
def test_an_answer_with_a_secret_is_neither_kept_nor_shown(place: str, tmp_path: Path) -> None:
    body, message = REFUSED[place]
    with RawServer(body) as server:
        den = Den(tmp_path, server.base_url)
        den.project(SECRETS)
        den.write("specs/moth.toml", MOTH)
        recorded = den.promptc("record")
        tried = den.promptc("try", "moth")
        assert all(f"Authorization: Bearer {KEY}".encode() in seen for seen in server.seen)
        assert len(server.seen) == 2
    place_ = "  --> specs/moth.toml:3:3\n  |\n3 | [[turns]]\n  |   ^^^^^\n"
    hint = "   = help: nothing was written; the old recording, if there was one, is untouched\n"
    assert f"error[P508]: {message}\n{place_}{hint}" in recorded
    assert re.search(r"^error    moth::default$", recorded, re.MULTILINE)
    shown = re.escape(message).replace(re.escape("cassettes/moth/default.yaml"), r"\S+/moth/default\.yaml")
    assert re.search(rf"error\[P508\]: {shown}\n{re.escape(place_)}{re.escape(hint)}", tried)
    assert den.leaks(KEY, TOKEN, NUMBER, *SHAPED) == []
    assert not list(tmp_path.glob("cassettes/**/*.*"))


def test_a_stream_with_a_key_over_two_events_is_neither_kept_nor_shown(tmp_path: Path) -> None:
    events = [answer({"text": f"Your key: {KEY[:12]}"}), answer({"text": f"{KEY[12:]}."}, PICTURE)]
    stream = b"".join(b"data: " + event + b"\r\n\r\n" for event in events)
    with RawServer(http(stream, Content_Type="text/event-stream")) as server:
        den = Den(tmp_path, server.base_url)
        den.project()
        den.write("specs/moth.toml", f"stream = true\n{MOTH}")
        assert f"error[P508]: {held('the answer')}\n" in den.promptc("record")
        assert "text: Your key: ***.\n" in den.promptc("try", "moth")
    assert den.leaks(KEY) == []


def test_a_chat_stops_where_the_next_request_would_send_a_key_back(tmp_path: Path) -> None:
    with RawServer(said(f"Your key is {KEY}.")) as server:
        den = Den(tmp_path, server.base_url)
        den.project()
        den.write("specs/moth.toml", f'{MOTH}\n[[turns]]\nreply = true\n\n[[turns]]\ntext = "Blue, please"\n')
        recorded = den.promptc("record")
        assert len(server.seen) == 1
    assert recorded == (
        "error    moth::default\n"
        "         text: Your key is ***.\n"
        f"         image: 512x512 image/png, {len(drawn()):,} bytes\n"
        "\n"
        "error[P508]: the answer of step 1 holds the value of `CANARY_KEY`; "
        "step 2 would send it back, so nothing more was asked\n"
        "  --> specs/moth.toml:3:3\n"
        "  |\n"
        "3 | [[turns]]\n"
        "  |   ^^^^^\n"
        "   = help: nothing was written; the old recording, if there was one, is untouched\n"
        "\n"
        "1 error; 1 request sent — not ok, 1 error\n"
        "asks `local` for 2 requests of 1 case, about $0.09\n"
    )
    assert den.leaks(KEY) == []


@pytest.mark.parametrize(
    "headers",
    [{"Set_Cookie": f"session={KEY}"}, {"Location": f"https://host/?key={KEY}"}, {"X_Debug": b64(KEY.encode())}],
    ids=lambda headers: next(iter(headers)),
)
def test_what_a_dropped_header_holds_is_no_obstacle(headers: dict[str, str], tmp_path: Path) -> None:
    with RawServer(http(answer(PICTURE), **headers)) as server:
        den = Den(tmp_path, server.base_url)
        den.project()
        den.write("specs/moth.toml", MOTH)
        assert "\n1 passed; 1 request sent — ok\n" in den.promptc("record")
        assert den.promptc("check").endswith("1 spec, 1 case: 1 fresh — ok\n")
        assert "1 passed; offline" in den.promptc("run", "-o", "out")
        assert den.promptc("report", "-o", "out/report.html") == "out/report.html\n"
    assert (tmp_path / "out/moth/default/1.1.png").is_file()
    assert den.leaks(KEY) == []


ERRORS: dict[str, tuple[bytes, str]] = {
    "an error": (error(f"API key {KEY} not valid"), "the API refused: 401 UNAUTHENTICATED: API key *** not valid"),
    "an error that is cut in the key": (
        error(f"{'no ' * 95}key {KEY} is not valid"),
        f"the API refused: 401 UNAUTHENTICATED: {'no ' * 95}key *** is not…",
    ),
    "an error in base64": (
        error(f"Authorization: {b64(f'Bearer {KEY}'.encode())} refused"),
        "the API refused: 401 UNAUTHENTICATED: Authorization: QmVhcmVyIG*** refused",
    ),
    "a request id in the message": (
        error(f"no (request id: {KEY})"),
        "the API refused: 401 UNAUTHENTICATED: no (request id: ***)",
    ),
    "a web page": (
        http(f"<html><title>No</title><p>key {html.escape(KEY)}</html>".encode(), "403 Forbidden"),
        "the API refused: 403: No key ***",
    ),
    "a web page that says it is well": (
        http(f"<html>Welcome, {KEY}</html>".encode()),
        "the answer is a web page: Welcome, ***",
    ),
    "no JSON": (http(f'{{"candidates": "{KEY}'.encode()), "the answer is cut short or no JSON: Unterminated string starting at"),
    "a redirect": (
        http(b"", "302 Found", Location=f"https://host/?key={KEY}"),
        "the API redirects (status 302): the base URL or the path is wrong",
    ),
    "an error with the key in its request id": (
        http(b'{"error": {"message": "no"}}', "400 Bad Request", x_request_id=KEY),
        "the API refused: 400: no (request id ***)",
    ),
    "try again": (error(f"{KEY} is busy", "503 Busy"), "the API refused: 503 UNAUTHENTICATED: *** is busy"),
}  # fmt: skip


@pytest.mark.parametrize("place", ERRORS)
def test_an_error_is_told_without_the_key(place: str, tmp_path: Path) -> None:
    body, message = ERRORS[place]
    with RawServer(body) as server:
        den = Den(tmp_path, server.base_url)
        den.project()
        den.write("specs/moth.toml", MOTH)
        for arguments in (("record",), ("record", "--format", "json"), ("try", "moth")):
            assert message in den.promptc(*arguments)
        assert len(server.seen) == 3
    assert den.leaks(KEY) == []


def test_a_server_that_echoes_the_whole_request_gives_nothing_away(tmp_path: Path) -> None:
    with RawServer(lambda connection: connection.sendall(error(server.seen[-1].decode(), "400 Bad Request"))) as server:
        den = Den(tmp_path, server.base_url)
        den.project()
        den.write("specs/moth.toml", MOTH)
        assert "Authorization: Bearer *** " in den.promptc("record")
    assert den.leaks(KEY) == []


# what the project holds

SPECS: dict[str, tuple[str, str]] = {
    "in a text": (f"A Luna moth {KEY}", 'text = "A Luna moth ********************************"'),
    "in a text that is far out": (f"{'A Luna moth. ' * 30}{KEY}{' A Luna moth.' * 30}", "moth. ****"),
    "in base64": (f"A {b64(KEY.encode())}", 'text = "A ***'),
    "in an address": (f"https://host/{quote(KEY)}", 'text = "https://host/***'),
    "what a pattern matches": (f"A moth {NUMBER}", 'text = "A moth *************"'),
    "what looks like a key": (f"A {SHAPED[0]}", f'text = "A {"*" * 39}"'),
}


COMMANDS = (
    *(("check", "--format", form) for form in ("concise", "json", "github", "sarif", "junit")),
    *(("compile", "--format", form) for form in ("json", "jsonl", "curl")),
    *(
        ("run",),
        ("record", "--all", "--format", "json"),
        ("try", "moth"),
        ("ls",),
        ("ls", "--format", "json"),
        ("plan",),
        ("plan", "--format", "json"),
        ("accept",),
    ),
)


@pytest.mark.parametrize("place", SPECS)
def test_a_spec_with_a_secret_is_never_asked_for(place: str, tmp_path: Path) -> None:
    text, excerpt = SPECS[place]
    with RawServer(said("never asked")) as server:
        den = Den(tmp_path, server.base_url)
        den.project(SECRETS)
        den.write("specs/moth.toml", MOTH.replace("A Luna moth", text))
        checked = den.promptc("check")
        assert checked.startswith("error[P508]: the request holds ")
        assert excerpt in checked
        assert den.promptc("record").startswith("error[P508]: the request holds ")
        assert server.seen == []
    assert den.leaks(KEY, NUMBER, SHAPED[0]) == []


def test_a_spec_with_a_secret_is_told_by_every_command_in_every_format(tmp_path: Path) -> None:
    with RawServer(said("never asked")) as server:
        den = Den(tmp_path, server.base_url)
        den.project(SECRETS)
        den.write("specs/moth.toml", MOTH.replace("A Luna moth", f"{KEY} {NUMBER} {SHAPED[0]}"))
        for command in COMMANDS:
            assert "the request holds the value of `CANARY_KEY`" in den.promptc(*command), command
        assert den.promptc("report", "-o", "out/report.html") == "out/report.html\n"
        assert server.seen == []
    assert "the request holds the value of <code>CANARY_KEY</code>" in (tmp_path / "out/report.html").read_text()
    assert den.leaks(KEY, NUMBER, SHAPED[0]) == []


def test_a_value_from_the_command_line_or_a_file_is_refused(tmp_path: Path) -> None:
    den = Den(tmp_path)
    den.project()
    den.write("specs/moth.toml", f'{MOTH.replace("Luna", "{{ name }}")}\n[variables.name]\ndefault = "Luna"\n')
    den.write("values.toml", f'name = "{KEY}"\n')
    message = "error[P508]: the request holds the value of `CANARY_KEY`\n  --> specs/moth.toml:4:8\n"
    assert den.promptc("compile", "--var", f"name={KEY}", "--format", "curl").startswith(message)
    assert den.promptc("compile", "--vars", "values.toml").startswith(message)
    assert message in den.promptc("try", "moth", "--var", f"name={KEY}")
    assert den.leaks(KEY) == []


def test_file_names_hold_no_secrets(tmp_path: Path) -> None:
    with RawServer(said("never asked")) as server:
        den = Den(tmp_path, server.base_url)
        den.project(SECRETS)
        den.write(f"specs/{NUMBER}.toml", MOTH)
        den.write("specs/moth.toml", f'{MOTH}\n[[cases]]\nname = "{TOKEN}"\n')
        message = "the name of the case holds"
        for command in (["record"], ["check", "--format", "json"], ["run", "-o", "out"], ["ls"], ["try", NUMBER]):
            assert message in den.promptc(*command)
        assert server.seen == []
    assert den.leaks(NUMBER, TOKEN) == []


def recorded_before(den: Den, body: bytes, secret: str) -> None:
    """Record while nobody knows what is secret; then the project learns it."""
    with RawServer(body) as server:
        den.base_url = server.base_url
        den.project()
        den.write("specs/moth.toml", MOTH)
        assert "1 passed" in den.promptc("record")
    den.own.update(tmp for tmp in den.root.rglob("cassettes/**/*"))
    den.printed.clear()
    den.project(f"[secrets]\n{secret}\n")


LATER: dict[str, tuple[bytes, str, str]] = {
    "in the text": (said(f"No. {NUMBER}"), NUMBER, "`result.json` would hold"),
    "in the picture": (http(answer(image(drawn(Comment=f"the number is {NUMBER}")))), NUMBER, "`1.1.png` would hold"),
    "in lines of the text": (said(f"The token:\n{TOKEN[:9]}\n{TOKEN[9:]}"), TOKEN, "`1.txt` would hold"),
}  # fmt: skip


@pytest.mark.parametrize("place", LATER)
def test_what_was_recorded_before_is_neither_shown_nor_written_anywhere_else(place: str, tmp_path: Path) -> None:
    body, secret, where = LATER[place]
    den = Den(tmp_path)
    recorded_before(den, body, 'env = ["ACME_TOKEN"]\npatterns = ["acme-[0-9]{8}"]')
    what = "the value of `ACME_TOKEN`" if secret == TOKEN else "what pattern 1 of `[secrets]` matches"
    where = "`1.txt` would hold" if "json" in where else where
    message = f"error[P508]: {where} {what}; nothing was written to `out/moth/default`\n"
    assert message in den.promptc("run", "-o", "out")
    assert message in den.promptc("report", "-o", "out/report.html") or (tmp_path / "out/report.html").is_file()
    for command in (("check",), ("run", "--format", "json"), ("ls",)):
        den.promptc(*command)
    assert re.search(
        rf"error\[P508\]: (the answer|`default\.1\.1\.png`) holds {re.escape(what)}; plain/moth/default\.yaml was not written\n",
        den.promptc("export", "cassette", "-o", "plain"),
    )
    assert not (tmp_path / "out/moth").exists()
    assert not (tmp_path / "plain").exists()
    assert den.leaks(secret) == []


def test_a_report_that_would_hold_a_secret_is_not_written(tmp_path: Path) -> None:
    den = Den(tmp_path)
    recorded_before(den, said("A moth"), 'patterns = ["acme-[0-9]{8}"]')
    den.write("specs/moth.toml", f'{MOTH}\n[[cases]]\nname = "default"\nskip = "see {NUMBER}"\n')
    printed = den.promptc("report", "-o", "out/report.html")
    assert printed == "error: out/report.html holds what pattern 1 of `[secrets]` matches; it was not written\n"
    assert not (tmp_path / "out/report.html").exists()
    assert "would hold what pattern 1 of `[secrets]` matches" in den.promptc("run", "-o", "out")
    assert den.leaks(NUMBER) == []


@pytest.mark.parametrize("text", ["A moth", f"A moth, {KEY}"], ids=["in a header", "in the answer too"])
def test_another_tools_cassette_gives_its_answer_and_not_its_keys(text: str, tmp_path: Path) -> None:
    den = Den(tmp_path)
    den.project()
    den.write("specs/moth.toml", MOTH)
    (asked,) = (json.loads(line) for line in den.promptc("compile", "--format", "jsonl").splitlines())
    plain = {
        "request": {
            "method": "POST",
            "uri": f"{asked['url']}?key={KEY}",
            "body": json.dumps(asked["body"]),
            "headers": {"authorization": [f"Bearer {KEY}"], "content-type": ["application/json"]},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"set-cookie": [f"session={KEY}"], "content-type": ["application/json"]},
            "body": {"string": answer({"text": text}, PICTURE).decode()},
        },
    }
    den.write("stock.json", json.dumps({"version": 1, "interactions": [plain]}))
    printed = den.promptc("import", "cassette", "stock.json")
    assert (f"error[P508]: {held('the answer')}\n" in printed) == (KEY in text)
    assert (tmp_path / "cassettes/moth/default.yaml").is_file() == (KEY not in text)
    assert den.leaks(KEY) == []


# what is shown


def test_a_comment_beside_a_mistake_in_the_project_file_is_not_shown(tmp_path: Path) -> None:
    den = Den(tmp_path)
    den.project(f'[secrets]\nenv = ["ACME_TOKEN"]\nenvv = 1  # {KEY} and {TOKEN}\n')
    den.write("specs/moth.toml", MOTH)
    printed = den.promptc("check")
    assert printed.startswith("error[P003]: unknown key `envv`\n")
    assert "10 | envv = 1  # *** and ***\n" in printed
    den.project(f'[secrets]\nenv = ["ACME_TOKEN"]\nenvv = # {KEY} and {TOKEN}\n')
    assert "10 | envv = # *** and ***\n" in den.promptc("run")
    assert den.leaks(KEY, TOKEN, SHAPED[0]) == []


USAGE: dict[str, Sequence[str]] = {
    "a command": ["@"],
    "a spec": ["check", "@"],
    "a case": ["run", "moth::@"],
    "an option": ["check", "--@"],
    "an option's value": ["check", "--format", "@"],
    "an expression": ["check", "-k", "moth and (@"],
    "a target": ["record", "--target", "@"],
    "a variable": ["compile", "--var", "@"],
    "a variable's name": ["compile", "--var", "@=1"],
    "a file of values": ["compile", "--vars", "@.toml"],
    "a folder": ["run", "-o", "specs/@"],
    "a page": ["report", "-o", "@.txt"],
    "a body": ["validate", "@.json"],
    "a code": ["explain", "@"],
    "a schema": ["schema", "@"],
    "a port": ["emulator", "--port", "@"],
    "faults": ["emulator", "--faults", "@"],
}


@pytest.mark.parametrize("place", USAGE)
def test_a_usage_error_does_not_show_what_is_secret(place: str, tmp_path: Path) -> None:
    den = Den(tmp_path)
    den.project(SECRETS)
    den.write("specs/moth.toml", MOTH)
    printed = den.promptc(*(argument.replace("@", TOKEN) for argument in USAGE[place]))
    assert "***" in printed
    assert den.leaks(TOKEN) == []


def test_bodies_are_checked_without_showing_what_is_secret(tmp_path: Path) -> None:
    den = Den(tmp_path)
    den.project(SECRETS)
    den.write("specs/moth.toml", MOTH)
    body = {"contents": {"parts": {"txt": KEY, TOKEN: 1}}, f"x{'y' * 20}{KEY}": 1}
    den.write("body.json", json.dumps(body))
    den.write("error.json", json.dumps({"error": {"code": 401, "message": f"{'no ' * 62} key {KEY}", "status": "NO"}}))
    for form in ("full", "concise", "json", "github", "sarif", "junit"):
        den.promptc("validate", "body.json", "error.json", "--format", form)
    assert den.leaks(KEY, TOKEN) == []
    den.write("body.json", json.dumps({"contents": [{"parts": [{"text": KEY}]}]}))
    assert den.promptc("validate", "body.json", "--canonical") == (
        "error: what was to be printed holds the value of `CANARY_KEY`; it was not printed\n"
    )
    assert den.leaks(KEY, TOKEN) == []
    assert KEY.encode() in b"".join(unquote_to_bytes(text) for text in [(tmp_path / "body.json").read_bytes()])


def test_a_schema_that_would_hold_a_secret_is_not_printed(tmp_path: Path) -> None:
    den = Den(tmp_path)
    den.project(f'{SECRETS}[models."{NUMBER}"]\nlike = "gemini-3-pro-image"\n')
    den.write("specs/moth.toml", MOTH)
    assert den.promptc("schema", NUMBER) == (
        "error: what was to be printed holds what pattern 1 of `[secrets]` matches; it was not printed\n"
    )
    assert "\n***\n" in den.promptc("models")
    assert den.leaks(NUMBER) == []


def test_a_crash_shows_no_secret_and_says_whose_mistake_it_is(tmp_path: Path) -> None:
    den = Den(tmp_path)
    den.project(SECRETS)
    script = (
        "import promptc.cli.check_command as command\n"
        "from promptc.cli.main import main\n"
        "def crash(*args, **kwargs):\n"
        f"    raise RuntimeError('it was ' + {KEY!r})\n"
        "command.check = crash\n"
        "main(['check'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, **VARIABLES},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 70
    assert done.stdout == ""
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert done.stderr.endswith(
        "RuntimeError: it was ***\n"
        "promptc failed: RuntimeError: it was ***\n"
        "this is a mistake in promptc; please report it with the lines above\n"
    )
    assert not holds(done.stderr.encode(), KEY.encode())
