"""One case's talk with the API, or with what it said when it was recorded."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode as VcrMode
from vcr.request import Request as VcrRequest

from promptc.age import now, written
from promptc.config import Target
from promptc.errors import UsageError, WireError
from promptc.replay.connection import CONNECT_SECONDS
from promptc.replay.kept import Interaction
from promptc.replay.leaks import refuse_answers
from promptc.replay.limits import limiter_of
from promptc.replay.modes import RecordMode
from promptc.replay.persister import Persister
from promptc.replay.provenance import Provenance, Step
from promptc.replay.recording import (
    EMULATOR_HEADER,
    Recording,
    Yaml,
    fingerprints_match,
    read_whole,
    request_fingerprint,
)
from promptc.replay.retries import Retries
from promptc.replay.secrets import REQUEST_HEADERS, Secrets
from promptc.replay.store import Store
from promptc.replay.transport import Call, CassetteAdapter, Exchange
from promptc.request import Request
from promptc.response import Response, read

_KEY = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A target as it is reached now: `base_url` is the real address, `key` the key's value, `known` what else is secret."""

    target: Target
    base_url: str
    key: str | None = field(default=None, repr=False)
    known: Secrets = field(default_factory=Secrets, repr=False)
    timeout: float = 300.0
    retries: Retries = field(default_factory=Retries)

    @property
    def secrets(self) -> Secrets:
        """What must not be written."""
        return self.known.with_value(self.key) if self.key else self.known

    def authentication(self) -> dict[str, str]:
        """Return the header that carries the key (API documentation, "Authentication")."""
        if not self.key or self.target.auth == "none":
            return {}
        if not _KEY.fullmatch(self.key):  # the library's own message would show it
            msg = f"the key of the target `{self.target.name}` holds characters that no key has; nothing was asked"
            raise WireError(msg)
        if self.target.auth == "x-goog-api-key":
            return {"x-goog-api-key": self.key}
        return {"Authorization": self.key if self.target.auth == "raw" else f"Bearer {self.key}"}


class Session:
    """Asks one case's requests in order; nothing is written before `save`."""

    def __init__(
        self,
        *,
        store: Store,
        usable: Recording | None,
        path: Path,
        mode: RecordMode,
        endpoint: Endpoint,
        tool: str,
        source: Store | None = None,
    ) -> None:
        """Open the case's cassette; `usable` is the recording that may be played, if any, read from `path`.

        Its files are in the store `source`, the one that is saved to if none is given.
        """
        self.store = store
        self.usable = usable
        self.endpoint = endpoint
        self.tool = tool
        self.searched = 0
        self.restore: Callable[[Mapping[str, Any]], bytes] = lambda response: (source or store).body(response, path)
        self.cassette = Cassette.load(
            path=str(path),
            persister=Persister(usable),
            serializer=Yaml,
            match_on=(fingerprints_match,),
            record_mode=VcrMode(mode.value),
        )
        self.adapter = CassetteAdapter(
            self.cassette,
            restore=self.restore,
            prepare=store.prepare,
            retries=endpoint.retries,
            deadline=endpoint.timeout,
            limiter=limiter_of(endpoint.target, endpoint.retries),
            secrets=endpoint.secrets,
        )
        self.http = requests.Session()
        # only loopback is reached without TLS, and no proxy may see a key in clear; who replays looks for none
        self.http.trust_env = mode is not RecordMode.NONE and urlsplit(endpoint.base_url).scheme == "https"
        self.http.mount("http://", self.adapter)
        self.http.mount("https://", self.adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    @property
    def asked(self) -> int:
        """How many answers came from the API."""
        return self.asked_of(None)

    def asked_of(self, steps: int | None) -> int:
        """Return how many of the first answers came from the API."""
        return sum(exchange.played is None for exchange in self.adapter.exchanges[:steps])

    @property
    def sent(self) -> int:
        """How many times a request was sent, tries again included."""
        return self.adapter.sent

    @property
    def played(self) -> int:
        """How many answers came from the recording."""
        return sum(exchange.played is not None for exchange in self.adapter.exchanges)

    @property
    def told(self) -> tuple[str, ...]:
        """What was waited for or tried again, and why."""
        return tuple(self.adapter.told)

    def ask(self, request: Request) -> Response:
        """Return the answer, read, as it came; raises MissError, WireError, SecretFoundError, CassetteError, OSError.

        What the reader itself says about the answer has no secrets. OSError says that none could be kept.
        """
        call = self._call(request)
        if not (self.cassette.write_protected or self.cassette.can_play_response_for(call.stored)):
            answers = [exchange.response for exchange in self.adapter.exchanges]
            refuse_answers(self.endpoint.secrets, answers, first=self.searched)
            self.searched = len(answers)
        settings = self.http.merge_environment_settings(call.url, {}, True, None, None)
        answer = self.http.send(
            call,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, self.endpoint.timeout),
            **settings,
        )
        return self._read(answer)

    def _read(self, answer: requests.Response) -> Response:
        body = answer.raw.read()  # not `content`, which copies what is in memory already, in pieces
        response = read(answer.status_code, answer.headers, body)
        if not (response.error or response.problem or response.notes):
            return response
        # these quote the answer, shortened: a text that is cut first may end in the middle of a key
        secrets = self.endpoint.secrets
        headers = {name: secrets.redact(value) for name, value in answer.headers.items()}
        told = read(answer.status_code, headers, secrets.redact_bytes(body))
        if response.error or response.problem:
            return told
        return replace(response, notes=told.notes)

    def _call(self, request: Request) -> Call:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "gzip"}
        if request.method == "streamGenerateContent":
            headers["Accept"] = "text/event-stream"
        path = request.path(self.endpoint.target.api_version)
        call = Call()
        call.prepare(
            method="POST", url=self.endpoint.base_url + path, headers={**headers, **self.endpoint.authentication()}
        )
        call.request = request
        call.stored = stored_request(request, self.endpoint.target.base_url + path, headers)
        return call

    def save(self, *, accept: bool, into: Store | None = None, steps: int | None = None) -> None:
        """Write what this run used as the case's recording; raises OSError, SecretFoundError, CassetteError.

        `into` is another store than the case's, `steps` how many of the first answers are meant.
        """
        exchanges = self.adapter.exchanges[:steps]
        known = self.usable.provenance.steps if self.usable else ()
        provenance = Provenance(
            target=self.endpoint.target.name,
            emulator=any(EMULATOR_HEADER in e.response["headers"] for e in exchanges),
            tool=self.tool,
            steps=tuple(_step(e) if e.played is None else known[e.played] for e in exchanges),
        )
        interactions = [self._interaction(exchange) for exchange in exchanges]
        (into or self.store).save(interactions, provenance, self.endpoint.secrets, accept=accept)

    @property
    def interactions(self) -> list[Interaction]:
        """What was asked and answered, recorded answers put together again; raises CassetteError."""
        return [self._interaction(exchange) for exchange in self.adapter.exchanges]

    def _interaction(self, exchange: Exchange) -> Interaction:
        response = exchange.response
        if exchange.played is not None:
            response = {**response, "body": {"string": self.restore(response)}}
        return exchange.request, response


def stored_request(request: Request, uri: str, headers: Mapping[str, str]) -> VcrRequest:
    """Return a request as cassettes keep it: digests for base64, headers of the allow-list, no key."""
    body = json.dumps(request.digested_body(), ensure_ascii=False, indent=1)
    if not _encodable(body):  # half a surrogate pair in a model's reply
        body = json.dumps(request.digested_body(), indent=1)
    kept = {name.lower(): value for name, value in headers.items() if name.lower() in REQUEST_HEADERS}
    stored = VcrRequest("POST", uri, body, kept)
    stored.promptc_fingerprint = request.fingerprint
    return stored


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _step(exchange: Exchange) -> Step:
    return Step(
        fingerprint=request_fingerprint(exchange.request),
        recorded_at=written(now()),
        model_version=read_whole(exchange.response).model_version,
    )


def key_of(target: Target, environment: Mapping[str, str]) -> str | None:
    """Return the target's key from the environment; raises UsageError where it is missing."""
    if target.auth == "none" or target.key_env is None:
        return None
    key = environment.get(target.key_env, "").strip()
    if not key:
        msg = (
            f"the target `{target.name}` needs a key: the environment variable {target.key_env} is not set; "
            f"nothing was asked (to try without a key: --target emulator)"
        )
        raise UsageError(msg)
    if not _KEY.fullmatch(key):
        msg = (
            f"the environment variable {target.key_env} holds characters that no key has (a space, a line break, "
            f"a letter outside ASCII); copy the key again"
        )
        raise UsageError(msg)
    return key
