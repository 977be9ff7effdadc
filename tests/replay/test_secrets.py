"""Keys never reach the disk, in whatever spelling, and no message shows them."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from promptc.errors import SecretFoundError
from promptc.replay.secrets import RESPONSE_HEADERS, Secrets, allowed

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=60)
AROUND = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "in an address": lambda key: quote(key, safe=""),
    "in an address, lower case": lambda key: quote(key, safe="").replace("%2F", "%2f").replace("%3D", "%3d"),
    "in an address, the slash left": quote,
    "in a form": quote_plus,
    "in JSON": json.dumps,
    "in JSON with escaped slashes": lambda key: json.dumps(key).replace("/", "\\/"),
    "in JSON, all escaped": lambda key: "".join(f"\\u{ord(char):04x}" for char in key),
    "in JSON, all escaped in upper case": lambda key: "".join(f"\\u{ord(char):04X}" for char in key),
    "in HTML": html.escape,
}


def refused(secrets: Secrets, text: str) -> str:
    with pytest.raises(SecretFoundError) as caught:
        secrets.refuse("cassettes/monarch.yaml", text)
    return str(caught.value)


@pytest.mark.parametrize("form", FORMS)
@given(key=KEYS, before=AROUND, after=AROUND)
def test_the_key_is_found_in_every_form(form: str, key: str, before: str, after: str) -> None:
    assume("%" not in key or "address" not in form)
    text = f"{before} {FORMS[form](key)} {after}"
    assert refused(Secrets(values=("other-key", key)), text) == (
        "cassettes/monarch.yaml holds the API key; it was not written"
    )


@given(key=KEYS, before=st.binary(max_size=7), after=st.binary(max_size=7), url_safe=st.booleans())
def test_the_key_is_found_in_base64_wherever_it_begins(
    key: str, before: bytes, after: bytes, *, url_safe: bool
) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    text = encode(before + key.encode() + after).decode().rstrip("=")
    secrets = Secrets(values=(key,))
    assert "holds the API key" in refused(secrets, text)
    with pytest.raises(SecretFoundError):
        secrets.refuse_bytes("monarch.1.1.bin", text.encode())


@given(key=KEYS, before=st.binary(max_size=50), after=st.binary(max_size=50))
def test_the_key_is_found_in_a_file(key: str, before: bytes, after: bytes) -> None:
    with pytest.raises(SecretFoundError) as caught:
        Secrets(values=(key,)).refuse_bytes("monarch.1.1.bin", before + key.encode() + after)
    assert str(caught.value) == "monarch.1.1.bin holds the API key; it was not written"


@pytest.mark.parametrize("form", ["as it is", "in an address", "in JSON", "in JSON with escaped slashes", "in HTML"])
@given(key=KEYS, before=AROUND, after=AROUND)
def test_a_text_that_is_shown_holds_no_key(form: str, key: str, before: str, after: str) -> None:
    shown = Secrets(values=(key,)).redact(f"{before} {FORMS[form](key)} {after}")
    assert "***" in shown
    assert key not in shown.replace("***", "") or key in f"{before}  {after}"


@given(key=KEYS)
def test_base64_of_the_key_is_not_shown(key: str) -> None:
    encoded = base64.b64encode(f"Bearer {key}".encode()).decode()
    shown = Secrets(values=(key,)).redact(f"denied: {encoded}")
    assert "***" in shown
    assert encoded not in shown


SHAPES = [
    "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw",
    "sk-" + "0123456789abcdefghij",
    "sk-proj-" + "0123456789_abc-defghij",
    "Bearer " + "0123456789abcdefghij",
    "bearer  " + "abc.def~ghi+jkl/mno-0123",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_looks_like_a_key_is_refused_without_knowing_it(shape: str) -> None:
    assert refused(Secrets(), f"say {shape} again") == (
        "cassettes/monarch.yaml holds something that looks like a key; it was not written"
    )
    assert Secrets().redact(f"say {shape} again") == "say *** again"


@pytest.mark.parametrize("text", ["", "risk-taking-is-not-a-key-at-all", "Bearer of bad news", "sk-short", "AIza"])
def test_what_does_not_look_like_a_key_is_written(text: str) -> None:
    Secrets(values=("short",)).refuse("x", f"{text} short")
    Secrets().refuse_bytes("x", text.encode())
    assert Secrets().redact(text) == text


def test_a_key_that_is_no_utf_8_breaks_nothing() -> None:
    secrets = Secrets(values=("key-\udcff-key",))
    secrets.refuse("x", "nothing here")
    secrets.refuse_bytes("x", b"nothing here")
    assert "***" in secrets.redact("said key-\udcff-key")


def test_secrets_do_not_show_in_their_own_words() -> None:
    assert "real-key" not in repr(Secrets(values=("real-key",)))


def test_headers_are_kept_by_name_and_nothing_else_is() -> None:
    headers = [
        ("Content-Type", "text/html"),
        ("Set-Cookie", "session=1"),
        ("X-Request-Id", "a"),
        ("x-request-id", "b"),
        ("Authorization", "Bearer x"),
    ]
    assert allowed(headers, RESPONSE_HEADERS) == {"content-type": ["text/html"], "x-request-id": ["a", "b"]}
