"""`data:` URIs (RFC 2397), read strictly: no message shows what is in them."""

import binascii
import re
from urllib.parse import unquote_to_bytes

from promptc.compiler.refused import RefusedError, quoted

# [type/subtype] *(;attribute=value) [;base64], the words as RFC 2045 has them
_HEAD = re.compile(
    r"data:(?P<type>[\w!#$&^.+-]+/[\w!#$&^.+-]+)?(?:;[\w!#$&^.+-]+=[^;,]*)*(?P<base64>;base64)?",
    re.IGNORECASE | re.ASCII,
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FORM = "`data:TYPE;base64,…`"
_ENCODE = "encode the file again, or save it in the project and name its path"


def decode(written: str, key: str) -> tuple[bytes, str | None]:
    """Return the bytes and the media type that is declared, if any; raises RefusedError."""
    head, comma, data = written.partition(",")
    match = _HEAD.fullmatch(head)
    if not comma or not match:
        message = f"{quoted(written)} is no `data:` URI: it has no type and comma before its data"
        raise RefusedError("P302", message, expected=_FORM)
    if not match["base64"] and key == "image":
        raise RefusedError("P302", f"{quoted(written)} is not in base64", expected=_FORM, hint=_ENCODE)
    if not data:
        raise RefusedError("P302", f"{quoted(written)} holds nothing", hint=_ENCODE)
    raw = _percent(written, data)
    declared = match["type"]
    if not match["base64"]:
        return raw, declared or "text/plain"  # RFC 2397: the type where none is written
    try:
        return binascii.a2b_base64(raw, strict_mode=True), declared
    except ValueError:
        what = "has a space or a line break in its base64" if re.search(rb"\s", raw) else "holds broken base64"
        message = f"{quoted(written)} {what}"
        raise RefusedError(
            "P302", message, expected="letters, digits, `+`, `/`, and `=` at the end", hint=_ENCODE
        ) from None


def _percent(written: str, data: str) -> bytes:
    if _BAD_ESCAPE.search(data):
        message = f"{quoted(written)} has a `%` without two hexadecimal digits behind it"
        raise RefusedError("P302", message, hint="write a percent sign as `%25`")
    try:
        return unquote_to_bytes(data) if "%" in data else data.encode()
    except UnicodeEncodeError:
        message = f"{quoted(written)} holds half of a surrogate pair, which is no character"
        raise RefusedError("P302", message, hint=_ENCODE) from None
