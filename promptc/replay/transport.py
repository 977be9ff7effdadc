"""The requests adapter that owns one vcrpy cassette: plays from it, or asks and appends to it.

vcrpy's own patching of urllib3 is process-wide, not safe in threads, and then leaks to the network
even in record mode `none`; an adapter belongs to one session, and in mode `none` it has no way to
a socket.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from vcr.cassette import Cassette
from vcr.request import Request as VcrRequest

from promptc.config import LOOPBACK
from promptc.errors import StoppedError, WireError
from promptc.replay.connection import Deadline, bound
from promptc.replay.limits import Limiter
from promptc.replay.recording import read_whole
from promptc.replay.retries import STOPPED, Retries, pause, worth_another
from promptc.replay.secrets import RESPONSE_HEADERS, Secrets, allowed
from promptc.replay.unpacking import LARGEST, PackedError, TooMuchError, unpacked
from promptc.request import Request
from promptc.response import REQUEST_ID_HEADERS, read
from promptc.source import shown

_CHUNK = 2**16
_LONGEST_ID = 64
_OTHER_HOST = {62, 64}  # OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH
_REFUSED = "the connection was refused"
_NOTICED = 1.0
"""The seconds of waiting for the target's limits that are told."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """What one try came to: an answer or none, why another may do better, and what Retry-After says."""

    response: dict[str, Any] | None = None
    why: str | None = None
    retry_after: str | None = None


class CassetteAdapter(HTTPAdapter):
    """Sends calls through a cassette; `exchanges` lists what was used, in order."""

    def __init__(
        self,
        cassette: Cassette,
        restore: Callable[[Mapping[str, Any]], bytes],
        *,
        prepare: Callable[[], None],
        retries: Retries,
        deadline: float,
        limiter: Limiter,
        secrets: Secrets,
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
        self.deadline = Deadline(deadline)
        self.limiter = limiter
        self.secrets = secrets
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
            got = self._once(call, *args, **kwargs)
            wait = self.retries.wait(tried, got.retry_after) if got.why else None
            if wait is None and got.response is not None:
                return got.response
            tries = "1 try" if tried == 1 else f"{tried} tries"
            if wait is None:
                msg = f"no answer after {tries}: {got.why}"
                raise WireError(msg)
            self.retries.sleep(wait)
            if STOPPED.is_set():
                msg = f"stopped after {tries}: {got.why}"
                raise StoppedError(msg)
            self.told.append(f"{got.why}; asked again after {wait:.1f} s")

    def _once(self, call: Call, *args: Any, **kwargs: Any) -> Try:
        """Ask once, when the target's limits allow it, and judge what came."""
        identity = ""
        with self.limiter.turn(self.retries.jitter) as waited:
            self.told += [f"waited {seconds:.1f} s: {why}" for why, seconds in waited.items() if seconds >= _NOTICED]
            self.deadline.start()
            self.sent += 1
            try:
                with super().send(call, *args, **{**kwargs, "stream": True}) as response:
                    headers = allowed(response.headers.items(), RESPONSE_HEADERS)
                    identity = self._identity(headers)
                    body = _body(response.raw)
            except TooMuchError:
                msg = f"the answer is larger than {LARGEST // 2**20} MB{identity}"
                raise WireError(msg) from None
            except PackedError as error:
                return Try(why=f"the answer can't be read: {error}{identity}")
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                if hopeless := _untrusted(error) or _nobody(error, call.url or ""):
                    raise WireError(hopeless) from None
                return Try(why=f"{_why(error)}{identity}")
        made = {
            "status": {"code": response.status_code, "message": response.reason or ""},
            "headers": headers,
            "body": {"string": body},
        }
        return self._judged(made, identity)

    def _judged(self, made: dict[str, Any], identity: str) -> Try:
        """Say whether another try may do better, and keep everybody back where the API wants it."""
        answer = read_whole(made)
        if answer.error is None or not worth_another(answer):
            return Try(response=made)
        retry_after = next(iter(made["headers"].get("retry-after", ())), None)
        held = pause(answer, retry_after)
        if held is not None:
            self.limiter.hold(held)
        if not identity:  # CometAPI says it in the message; redacted first: no search finds half a key
            again = read(answer.status, {}, self.secrets.redact_bytes(made["body"]["string"]))
            identity = _told(again.error.request_id) if again.error else ""
        return Try(response=made, why=f"status {answer.error.status}{identity}", retry_after=retry_after)

    def _identity(self, headers: Mapping[str, list[str]]) -> str:
        """Say how the API names the request, for whoever asks its support."""
        known = next((headers[name][0] for name in REQUEST_ID_HEADERS if name in headers), "")
        return _told(self.secrets.redact(known)[:_LONGEST_ID])

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return a pool whose connections end with the try."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        bound(pool, self.deadline)
        return pool

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


def _told(request_id: str | None) -> str:
    return f" (request id {request_id})" if request_id else ""


def _body(raw: urllib3.HTTPResponse) -> bytes:
    """Read an answer's body within its bounds; raises PackedError.

    urllib3's own unpacking takes a body whose end is missing for whole.
    """
    body = bytearray()
    # not `stream`: it waits for a whole chunk, and a trickle never fills one
    while chunk := raw.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > LARGEST:
            raise TooMuchError
    return unpacked(bytes(body), raw.headers.getlist("content-encoding"))


def _untrusted(error: BaseException | None) -> str | None:
    """Say what is wrong with the server's certificate, if that is it: another try would see the same one."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            if error.verify_code in _OTHER_HOST:
                return "the server's certificate is another host's; nothing was sent"
            return f"the server's certificate is not trusted ({error.verify_message}); nothing was sent"
        error = error.__cause__ or error.__context__
    return None


def _nobody(error: Exception, url: str) -> str | None:
    """Say that nothing runs at an address of this machine, if that is it: nobody will start it within seconds."""
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK or isinstance(error, requests.exceptions.ProxyError) or _why(error) != _REFUSED:
        return None
    return f"nothing is running at `{parts.scheme}://{parts.netloc}`: {_REFUSED}; start it, or choose another target"


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
        return _REFUSED
    return "the connection broke off"
