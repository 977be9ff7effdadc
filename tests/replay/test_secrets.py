"""Keys never reach the disk or a screen, in whatever spelling, and no message shows them."""

import base64
import html
import json
import pickle
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.errors import SecretFoundError
from promptc.replay.secrets import RESPONSE_HEADERS, Secrets, allowed
from promptc.replay.spellings import traced_views, views

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=60)
AROUND = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
KEY = "a-key/that+nobody=has&0123456789"


def chopped(between: str, key: str) -> str:
    return between.join(key[i : i + 3] for i in range(0, len(key), 3))


def wrapped(key: str) -> str:
    """Return base64 in the lines that MIME makes of it."""
    return base64.encodebytes(b"who asks: " * 5 + key.encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "in an address": lambda key: quote(key, safe=""),
    "in an address, twice": lambda key: quote(quote(key, safe=""), safe=""),
    "in an address, every character, lower case": lambda key: "".join(f"%{ord(char):02x}" for char in key),
    "in an address, mixed case": lambda key: "".join(f"%{ord(c):02x}" if i % 2 else c for i, c in enumerate(key)),
    "in an address, the slash left": quote,
    "in a form": quote_plus,
    "in JSON": json.dumps,
    "in JSON in JSON": lambda key: json.dumps(json.dumps(key)),
    "in JSON with escaped slashes": lambda key: json.dumps(key).replace("/", "\\/"),
    "in JSON, all escaped": lambda key: "".join(f"\\u{ord(char):04x}" for char in key),
    "in JSON, some escaped, in upper case": lambda key: "".join(
        f"\\u{ord(char):04X}" if i % 2 else json.dumps(char)[1:-1] for i, char in enumerate(key)
    ),
    "in YAML, all escaped": lambda key: "".join(f"\\x{ord(char):02x}" for char in key),
    "in HTML": html.escape,
    "in HTML, by number": lambda key: "".join(f"&#{ord(char)};" for char in key),
    "in HTML, by hexadecimal number": lambda key: "".join(f"&#x{ord(char):X};" for char in key),
    "in an address in JSON": lambda key: json.dumps(quote(key, safe="/")).replace("/", "\\/"),
    "in hexadecimal": lambda key: key.encode().hex(),
    "in hexadecimal, upper case": lambda key: key.encode().hex().upper(),
    "in lines": partial(chopped, "\n"),
    "in lines of Windows, indented": partial(chopped, "\r\n\t    "),
    "in lines of JSON": lambda key: json.dumps(chopped("\n  ", key)),
    "in lines of YAML that go on": lambda key: "\\\n      ".join(json.dumps(char)[1:-1] for char in key),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in base64, in lines": wrapped,
    "in base64, in lines of JSON": lambda key: json.dumps(wrapped(key)).replace("/", "\\/"),
    "in base64, in an address": lambda key: quote(base64.b64encode(key.encode()).decode(), safe=""),
    "in sixteen bits a character": "\0".join,
}


def refused(secrets: Secrets, text: str | bytes) -> str:
    with pytest.raises(SecretFoundError) as caught:
        secrets.refuse("cassettes/monarch.yaml", text)
    return str(caught.value)


@pytest.mark.parametrize("form", FORMS)
@given(key=KEYS, before=AROUND, after=AROUND)
def test_the_key_is_found_in_every_form_and_none_of_it_is_shown(form: str, key: str, before: str, after: str) -> None:
    secrets = Secrets(values=("other-key", key), names=("OTHER", "COMETAPI_KEY"))
    text = f"{before} {FORMS[form](key)} {after}"
    assert refused(secrets, text) == ("cassettes/monarch.yaml holds the value of `COMETAPI_KEY`; it was not written")
    assert refused(secrets, b"\xff" + text.encode()) == refused(secrets, text)
    shown = secrets.redact(text)
    assert "***" in shown
    assert secrets.find(shown) is None


@pytest.mark.parametrize(
    ("form", "left"),
    [
        ("as it is", "***"),
        ("in an address", "***"),
        ("in an address, twice", "***"),
        ("in JSON", '"***"'),
        ("in JSON in JSON", '"\\"***\\""'),
        ("in JSON, all escaped", "***"),
        ("in HTML", "***"),
        ("in hexadecimal", "***"),
        ("in lines of Windows, indented", "***"),
        ("in lines of JSON", '"***"'),
    ],
)
def test_what_stands_around_a_key_stays(form: str, left: str) -> None:
    text = f"say ({FORMS[form](KEY)}) again, {FORMS[form](KEY)}"
    assert Secrets(values=(KEY,)).redact(text) == f"say ({left}) again, {left}"


@given(key=KEYS, before=st.binary(max_size=7), after=st.binary(max_size=7), url_safe=st.booleans())
def test_the_key_is_found_in_base64_wherever_it_begins(
    key: str, before: bytes, after: bytes, *, url_safe: bool
) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    text = encode(before + key.encode() + after).rstrip(b"=")
    secrets = Secrets(values=(key,))
    assert refused(secrets, text.decode()) == "cassettes/monarch.yaml holds the API key; it was not written"
    assert refused(secrets, b"\xff" + text) == refused(secrets, text)
    assert secrets.find(secrets.redact(f"denied: {text.decode()}")) is None


@pytest.mark.parametrize("size", [100, 3_000_000])
@pytest.mark.parametrize("form", ["as it is", "in an address", "in lines", "in base64", "in JSON, all escaped"])
def test_the_key_is_found_in_a_large_file_of_any_kind(form: str, size: int) -> None:
    key = FORMS[form](KEY).encode()
    noise = bytes((i * i * 31 + i // 7) % 256 for i in range(size))
    long = base64.b64encode(noise)
    secrets = Secrets(values=(KEY,))
    for data in (
        noise + key + noise,
        b'{"data": "' + long + b'", "text": "your key: ' + key + b'"}',
        b'{"data": "' + long.replace(b"/", b"\\/") + b"," + key + b'"}',
        b"data: " + base64.encodebytes(noise) + b"\n\n" + key + b"\n",
    ):
        assert secrets.find(data) == "the API key"
        assert secrets.find(data.replace(key, b"")) is None


@pytest.mark.parametrize("offset", range(3))
def test_the_key_is_found_in_the_middle_of_long_base64_of_any_spelling(offset: int) -> None:
    key = "~~~>>>???" * 4  # each place in a group of three gives a plus or a slash
    noise = bytes(i * i % 256 for i in range(9000))
    data = noise + bytes(offset) + key.encode() + noise
    secrets = Secrets(values=(key,))
    whole = base64.b64encode(data)
    for spelt in (
        whole,
        base64.urlsafe_b64encode(data),
        whole.replace(b"/", b"\\/"),
        whole.replace(b"+", b"\\u002B").replace(b"/", b"\\u002f"),
        base64.encodebytes(data),
        base64.encodebytes(data).replace(b"\n", b"\\r\\n"),
    ):
        assert secrets.find(b'{"data": "' + spelt * 10 + b'"}') == "the API key"


@given(
    key=st.text("PQRSTUVWXYZ!-./", min_size=6, max_size=40),
    text=st.text("abcdefghijklmno ,\n\"'\\&;é日", max_size=200),
    data=st.binary(max_size=40),
)
def test_what_holds_no_secret_is_written_and_shown_as_it_is(key: str, text: str, data: bytes) -> None:
    secrets = Secrets(values=(key,), patterns=("acme-[0-9]{8}",))
    secrets.refuse("x", text)
    assert secrets.redact(text) == text
    assert secrets.mask(text) == text
    if key.encode() not in data:
        assert secrets.redact_bytes(data) == data


@given(key=KEYS.filter(lambda key: '"' not in key), before=AROUND, after=AROUND, ascii_only=st.booleans())
def test_json_stays_json_without_its_secrets(key: str, before: str, after: str, *, ascii_only: bool) -> None:
    told = {"text": f"{before}{key}{after}", "line": f"{before}\n{key}\n{after}", "é": [f"«{key}»", after]}
    shown = json.loads(Secrets(values=(key,)).redact(json.dumps(told, ensure_ascii=ascii_only)))
    assert key not in shown["text"].replace("***", "") or key in f"{before}{after}"
    assert list(shown) == ["text", "line", "é"]


@given(st.text("\\/u004x1n%2&#;amp \n", max_size=40))
def test_a_view_that_knows_the_way_back_is_the_same_view(text: str) -> None:
    data = text.encode()
    assert [view.data for view in traced_views(data)] == list(views(data))
    for view in traced_views(data):
        if view.data:
            assert view.original(0, len(view.data))[1] <= len(data)


@given(key=KEYS, before=AROUND, after=AROUND)
def test_a_masked_text_keeps_its_length_and_its_lines(key: str, before: str, after: str) -> None:
    text = f"é\n{before} {key} {after}\n"
    masked = Secrets(values=(key,)).mask(text)
    assert len(masked) == len(text)
    assert [i for i, char in enumerate(masked) if char == "\n"] == [i for i, char in enumerate(text) if char == "\n"]
    assert masked[:2] == "é\n"
    assert Secrets(values=(key,)).find(masked) is None


# cut short


@pytest.mark.parametrize("ellipsis_", ["…", "\\u2026", "&#8230;"])
def test_a_key_that_a_message_has_shortened_is_not_shown_either(ellipsis_: str) -> None:
    secrets = Secrets(values=(KEY,))
    for kept in range(4, len(KEY)):
        assert secrets.redact(f"`mine={KEY[:kept]}{ellipsis_}` again") == f"`mine=***{ellipsis_}` again"
        assert secrets.redact(f"`{ellipsis_}{KEY[-kept:]}, yours` again") == f"`{ellipsis_}***, yours` again"
    assert secrets.redact(f"a{ellipsis_} word{ellipsis_}") == f"a{ellipsis_} word{ellipsis_}"


def test_the_beginning_of_what_looks_like_a_key_is_not_shown() -> None:
    assert Secrets().redact("`mine=AIzaSy012345…` again") == "`mine=***…` again"
    assert Secrets().redact("sk-0123456… and Bearer 0123456…") == "***… and ***…"
    assert Secrets().redact("the task-based…") == "the task-based…"


# what is secret


@pytest.mark.parametrize("value", ["", "short", "a b c", "a b c d e", "  \n"])
def test_a_value_of_less_than_six_characters_is_no_secret(value: str) -> None:
    Secrets(values=(value,)).refuse("x", f"say {value} again, YSBiIGMgZCBl")


def test_a_value_may_have_blanks_and_lines() -> None:
    secrets = Secrets(values=("correct horse\nbattery",))
    for text in (
        "correct horse\nbattery",
        "correct\nhorse battery",
        "correct+horse%0Abattery",
        '"correct horse\\nbattery"',
    ):
        assert secrets.find(text) == "the API key"
    assert secrets.find("a correct horse and a battery") is None


def test_a_value_may_have_any_characters() -> None:
    secrets = Secrets(values=("schlüssel-🔑",))
    for text in ("schlüssel-🔑", json.dumps("schlüssel-🔑"), quote("schlüssel-🔑"), "schl&uuml;ssel-&#x1f511;"):
        assert secrets.find(text) == "the API key"
        assert "***" in secrets.redact(text)


def test_a_key_that_is_no_utf_8_breaks_nothing() -> None:
    secrets = Secrets(values=("key-\udcff-key",))
    secrets.refuse("x", "nothing here")
    secrets.refuse("x", b"nothing here")
    assert secrets.redact("said key-\udcff-key") == "said ***"
    assert secrets.mask("said key-\udcff-key") == "said *********"


def test_half_a_surrogate_pair_in_a_text_breaks_nothing() -> None:
    assert Secrets(values=(KEY,)).redact(f"\ud83d {KEY} \ude00") == "\ud83d *** \ude00"


@pytest.mark.parametrize("around", ["{}", '"{}"', "\n{}\n", "{} and {}", "%61{}&amp;"])
def test_what_a_pattern_of_the_project_matches_is_secret(around: str) -> None:
    secrets = Secrets(patterns=("nothing-at-all", "acme-[0-9]{8}"))
    text = around.replace("{}", "acme-01234567")
    assert refused(secrets, text) == (
        "cassettes/monarch.yaml holds what pattern 2 of `[secrets]` matches; it was not written"
    )
    assert secrets.redact(text) == around.replace("{}", "***")
    assert secrets.redact("é acme-01234567 é") == "é *** é"
    assert Secrets(patterns=("schlüssel-[0-9]{4}",)).find("é " * 50_000 + "schlüssel-0123")
    assert secrets.find("acme-\\u00301234567") == "what pattern 2 of `[secrets]` matches"


def test_in_a_file_that_is_no_text_a_pattern_is_found_among_words_only() -> None:
    secrets = Secrets(patterns=("[a-z]{2}[0-9]",))
    assert secrets.find(b"\xffab1\xff" * 100_000) is None
    assert secrets.find(b"\xfftEXt Comment: the number is ab1\xff") == "what pattern 1 of `[secrets]` matches"
    assert (
        secrets.redact_bytes(b"\xfftEXt Comment: the number is ab1\xff") == b"\xfftEXt Comment: the number is ***\xff"
    )


def test_one_more_value_has_no_name() -> None:
    secrets = Secrets(values=("first-key",), names=("FIRST",)).with_value("second-key").with_value("first-key")
    assert secrets.find("a first-key") == "the value of `FIRST`"
    assert secrets.find("a second-key") == "the API key"
    assert secrets.values == ("first-key", "second-key")


def test_secrets_do_not_show_in_their_own_words() -> None:
    secrets = Secrets(values=("real-key",), names=("COMETAPI_KEY",), patterns=("real-[a-z]+",))
    assert repr(secrets) == "Secrets(names=('COMETAPI_KEY',))"
    assert pickle.loads(pickle.dumps(secrets)) == secrets


def test_thirty_megabytes_of_a_picture_take_less_than_a_second() -> None:
    noise = bytes((i * i * 31 + i // 7) % 256 for i in range(300_000)) * 100
    secrets = Secrets(values=tuple(f"sk-{i}-{KEY}" for i in range(3)), patterns=("acme-[0-9]{8}",))
    body = b'{"text": "50 % \\n", "data": "' + base64.b64encode(noise[:22_500_000]) + b'"}'
    for data in (noise, body):
        took = []
        for _ in range(3):  # the machine may be busy
            start = time.process_time()
            assert secrets.find(data) is None
            took.append(time.process_time() - start)
        assert min(took) < 1


def test_headers_are_kept_by_name_and_nothing_else_is() -> None:
    headers = [
        ("Content-Type", "text/html"),
        ("Set-Cookie", "session=1"),
        ("X-Request-Id", "a"),
        ("x-request-id", "b"),
        ("Authorization", "Bearer x"),
    ]
    assert allowed(headers, RESPONSE_HEADERS) == {"content-type": ["text/html"], "x-request-id": ["a", "b"]}
