"""The requests adapter that owns one vcrpy cassette: plays from it, or asks and appends to it.

vcrpy's own patching of urllib3 is process-wide, not safe in threads, and then leaks to the network
even in record mode `none`; an adapter belongs to one session, and in mode `none` it has no way to
a socket.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from vcr.cassette import Cassette
from vcr.request import Request as VcrRequest

from promptc.errors import WireError
from promptc.replay.retries import STOPPED, Retries, worth_another
from promptc.replay.secrets import RESPONSE_HEADERS, allowed
from promptc.request import Request
from promptc.response import read
from promptc.source import shown

LARGEST = 512 * 2**20
"""The largest answer in bytes that is read; a picture of 4K with its signature stays under 50 MB."""
_CHUNK = 2**16


class MissError(Exception):
    """The cassette has no answer to a request, and the record mode forbids to ask for one."""


class Call(requests.PreparedRequest):
    """A prepared request that knows its compiled form; base64 is made only if it goes out."""

    request: Request
    stored: VcrRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer as vcrpy keeps them.

    `played` is the number of the recorded answer, None for a live one; a recorded one's body has
    its markers, so that no answer stays in memory for being played.
    """

    request: VcrRequest
    response: Mapping[str, Any]
    played: int | None


class CassetteAdapter(HTTPAdapter):
    """Sends calls through a cassette; `exchanges` lists what was used, in order."""

    def __init__(
        self,
        cassette: Cassette,
        restore: Callable[[Mapping[str, Any]], bytes],
        prepare: Callable[[], None],
        retries: Retries,
        deadline: float,
    ) -> None:
        """Keep one cassette.

        `restore` gives a stored answer's body, `prepare` raises OSError where no answer could be
        kept, `deadline` bounds a try in seconds.
        """
        super().__init__(max_retries=0)
        self.cassette = cassette
        self.restore = restore
        self.prepare = prepare
        self.retries = retries
        self.deadline = deadline
        self.exchanges: list[Exchange] = []
        self.sent = 0
        self.told: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Return the recorded answer, or ask; raises MissError, WireError, CassetteError, OSError."""
        assert isinstance(request, Call)  # noqa: S101 - the session builds nothing else
        played = None
        if self.cassette.can_play_response_for(request.stored):
            response = self.cassette.play_response(request.stored)
            played = next(i for i, one in enumerate(self.cassette.responses) if one is response)
            body = self.restore(response)
        elif self.cassette.write_protected:
            raise MissError
        else:
            self.prepare()
            response = self._ask(request, *args, **kwargs)
            self.cassette.append(request.stored, response)
            body = response["body"]["string"]
        self.exchanges.append(Exchange(request=request.stored, response=response, played=played))
        return self._rebuilt(request, response, body)

    def _ask(self, call: Call, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Ask until there is an answer that another try would not better."""
        try:
            call.prepare_body(call.request.wire_body(), None)
        except OSError as error:
            name = shown(Path(error.filename)) if error.filename else "a file of the request"
            msg = f"`{name}` can't be read any more: {error.strerror}; nothing was asked"
            raise WireError(msg) from None
        tried = 0
        while True:
            tried += 1
            response, why, retry_after = self._once(call, *args, **kwargs)
            wait = self.retries.wait(tried, retry_after) if why else None
            if wait is None and response is not None:
                return response
            if wait is None:
                msg = f"no answer after {'1 try' if tried == 1 else f'{tried} tries'}: {why}"
                raise WireError(msg)
            self.told.append(f"{why}; asked again after {wait:.1f} s")
            self.retries.sleep(wait)
            if STOPPED.is_set():
                msg = f"stopped after {'1 try' if tried == 1 else f'{tried} tries'}: {why}"
                raise WireError(msg)

    def _once(self, call: Call, *args: Any, **kwargs: Any) -> tuple[dict[str, Any] | None, str | None, str | None]:
        """Ask once; return the answer if there is one, why to ask again, and what Retry-After says."""
        try:
            response = self._try(call, *args, **kwargs)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            return None, _why(error), None
        headers = {name: values[0] for name, values in response["headers"].items()}
        answer = read(response["status"]["code"], headers, response["body"]["string"])
        why = f"status {answer.status}" if worth_another(answer) else None
        return response, why, headers.get("retry-after")

    def _try(self, call: Call, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Ask once, and read the whole answer within its bounds."""
        end = time.monotonic() + self.deadline
        self.sent += 1
        with super().send(call, *args, **{**kwargs, "stream": True}) as response:
            body = bytearray()
            # not `iter_content`: it waits for a whole chunk, and a trickle never fills one
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > LARGEST:
                    msg = f"the answer is larger than {LARGEST // 2**20} MB"
                    raise WireError(msg)
                if time.monotonic() > end:
                    msg = "the answer took too long"
                    raise requests.Timeout(msg)
            return {
                "status": {"code": response.status_code, "message": response.reason or ""},
                "headers": allowed(response.headers.items(), RESPONSE_HEADERS),
                "body": {"string": bytes(body)},
            }

    def _rebuilt(self, call: Call, stored: Mapping[str, Any], body: bytes) -> requests.Response:
        """Make the answer from what was stored, so that a recorded and a live one can't differ."""
        raw = urllib3.HTTPResponse(
            body=BytesIO(body),
            headers={name: ", ".join(values) for name, values in stored["headers"].items()},
            status=stored["status"]["code"],
            reason=stored["status"]["message"],
            preload_content=False,
            decode_content=False,
        )
        return self.build_response(call, raw)


def _why(error: Exception) -> str:
    """Say what went wrong on the wire in a word; library messages name hosts and object addresses."""
    text = str(error).lower()
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)) or "timed out" in text:
        return "it timed out"
    if isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        return "the TLS connection failed"
    if "resolve" in text or "name or service" in text:
        return "the host name was not found"
    if "refused" in text:
        return "the connection was refused"
    if isinstance(error, urllib3.exceptions.DecodeError):
        return "the answer's compression is broken"
    return "the connection broke off"
