"""A recording: vcrpy's requests and responses with what promptc knows about them.

The file is vcrpy's own format (version 1, YAML); `metadata.promptc` says who wrote it and when,
and each response's body carries the list of its sidecars.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from vcr.request import Request as VcrRequest
from vcr.serialize import deserialize, serialize

from promptc.canonical import fingerprint
from promptc.replay.bodies import Sidecar, complete
from promptc.replay.damage import CONFLICT, damaged, foreign
from promptc.replay.provenance import FORMAT, Provenance, read_provenance
from promptc.response import Response, read
from promptc.source import conflict
from promptc.tree import Json

EMULATOR_HEADER = "x-promptc-emulator"
"""The header in which the emulator says what it is."""
_DEEPEST = 40
_SHOWN = 60
_MERGE = "tag:yaml.org,2002:merge"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[^./\\:\0]+\.[0-9]+\.[0-9]+\.[a-z0-9]+")
_URI = re.compile(r"/models/([^/:?]+):(generateContent|streamGenerateContent)(?:\?alt=sse)?$")
_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BaseDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A cassette's content as it was read; responses hold bodies with markers and their sidecars."""

    requests: Sequence[VcrRequest]
    responses: Sequence[Mapping[str, Any]]
    provenance: Provenance

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """The requests' fingerprints, recomputed from what is stored."""
        return tuple(request_fingerprint(request) for request in self.requests)

    @property
    def asked(self) -> tuple[Json, ...]:
        """What was asked: `{route, body}` of each request, pictures as digests."""
        return tuple(
            {"route": request.uri.rpartition("/")[2].partition("?")[0], "body": json.loads(request.body)}
            for request in self.requests
        )

    @property
    def sidecars(self) -> tuple[Sidecar, ...]:
        """Every file that the cassette refers to."""
        return tuple(sidecar for response in self.responses for sidecar in sidecars_of(response))


class Loader(_BaseLoader):  # type: ignore[misc]  # yaml's C classes have no types
    """Yaml's safe loader, in C, for documents that are not deep: that one recurses until the process dies.

    What it refuses of its own is a plain `YAMLError`; the library's are of its subclasses.
    """

    depth = 0

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """Go one level down."""
        self.depth += 1
        if self.depth > _DEEPEST:
            msg = "it is nested deeper than any recording"
            raise yaml.YAMLError(msg)
        super().descend_resolver(current_node, current_index)

    def ascend_resolver(self) -> None:
        """Go one level up."""
        self.depth -= 1
        super().ascend_resolver()

    def flatten_mapping(self, node: Any) -> None:
        """Refuse what no cassette has: merges of merges that fill the memory, and keys that hide what stands above."""
        names = set()
        for key, _ in node.value:
            if key.tag == _MERGE:
                msg = "it merges tables with `<<`"
                raise yaml.YAMLError(msg)
            if isinstance(key.value, str) and (key.tag, key.value) in names:
                msg = f"line {key.start_mark.line + 1} has `{key.value[:_SHOWN]}` for the second time"
                raise yaml.YAMLError(msg)
            names.add((key.tag, str(key.value)))


class _Dumper(_BaseDumper):  # type: ignore[misc]  # yaml's C classes have no types
    """Writes many-line text as a block, so that a review shows lines."""


def _represent_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


class Yaml:
    """The serializer that vcrpy is given: readable blocks, no line folding, keys in our order."""

    @staticmethod
    def serialize(document: Mapping[str, Any]) -> str:
        """Return the document as YAML 1.1."""
        text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31 - 1)
        return text

    @staticmethod
    def deserialize(text: str) -> Any:
        """Return what the text holds; only plain YAML types are built."""
        return yaml.load(text, Loader=Loader)  # noqa: S506 - the loader is yaml's safe one


def request_fingerprint(request: VcrRequest) -> str:
    """Return a stored or outgoing request's fingerprint; raises ValueError where it is none of ours."""
    known: str | None = getattr(request, "promptc_fingerprint", None)
    if known is None:
        match = _URI.search(request.uri)
        if not match:
            msg = "its URI is no generateContent route"
            raise ValueError(msg)
        known = fingerprint(match.group(2), match.group(1), json.loads(request.body))
        request.promptc_fingerprint = known  # matching asks again and again
    return known


def fingerprints_match(first: VcrRequest, second: VcrRequest) -> bool:
    """Match two requests that the API can't tell apart: the matcher that vcrpy is given."""
    return request_fingerprint(first) == request_fingerprint(second)


def dump(requests: Sequence[VcrRequest], responses: Sequence[Any], provenance: Provenance) -> str:
    """Return a cassette's text, in vcrpy's format."""
    metadata = provenance.as_metadata()
    for row, response in zip(metadata["steps"], responses, strict=True):
        row["answer"] = _answer(row, response)
    document = {"requests": requests, "responses": responses, "metadata": {"promptc": metadata}}
    text: str = serialize(document, Yaml)
    return text


def load(text: str, file: str) -> Recording:
    """Read a cassette's text; raises CassetteError with what is wrong with it."""
    requests, responses, block = _read(text, file)
    if block.get("format") != FORMAT:
        reason = f"it has format {block.get('format')}, and this promptc reads format {FORMAT}"
        raise foreign(file, reason, "a newer promptc reads it: install that one")
    try:
        recording = Recording(requests=requests, responses=responses, provenance=read_provenance(block))
        fingerprints = recording.fingerprints
        sound = all(_sound(response) for response in responses) and _distinct(recording.sidecars)
        rows = [*block["steps"]]
        answers = [row["answer"] for row in rows]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise damaged(file, "a part of it is missing or of the wrong type") from None
    if not sound:
        raise damaged(file, "an answer in it has not the form that promptc writes")
    if fingerprints != tuple(step.fingerprint for step in recording.provenance.steps) or not fingerprints:
        raise damaged(file, "its requests are not those that were recorded: it was edited by hand or merged")
    for row, response, answer in zip(rows, responses, answers, strict=True):
        if answer != _answer(row, response):
            raise damaged(file, "an answer in it is not the one that was recorded: it was edited by hand or merged")
    if recording.provenance.emulator != any(EMULATOR_HEADER in response["headers"] for response in responses) or (
        recording.provenance.target == "emulator" and not recording.provenance.emulator
    ):
        raise damaged(file, "it says of itself that it is what it is not: a stand-in, or an answer of the API")
    return recording


def _read(text: str, file: str) -> tuple[Sequence[VcrRequest], Sequence[Any], Mapping[str, Any]]:
    """Return a cassette's requests, answers and the block that promptc adds."""
    if not text.strip():
        raise damaged(file, "it is empty")
    if conflict(text):
        raise damaged(file, CONFLICT)
    try:
        requests, responses, *metadata = deserialize(text, Yaml)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise damaged(file, str(error) if type(error) is yaml.YAMLError else f"it is no YAML{line}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise damaged(file, "it has not the form of a vcrpy cassette") from None
    block = metadata[0].get("promptc") if metadata and isinstance(metadata[0], Mapping) else None
    if not isinstance(block, Mapping) and is_cut(text):
        raise damaged(file, "its end is missing: it was cut short")
    if not isinstance(block, Mapping):
        hint = f"`promptc import cassette --accept {file}` makes a recording of it"
        raise foreign(file, "it was not written by promptc", hint)
    return requests, responses, block


def is_cut(text: str) -> bool:
    """Say whether a text is the beginning of a recording of promptc's, without the block at its end."""
    return text.startswith("version: 1\ninteractions:") and ("<sidecar" in text or "sha256:" in text)


def _sound(response: Mapping[str, Any]) -> bool:
    """Say whether a stored response has the form that promptc writes, so that nothing later stumbles over it."""
    status, headers, body = response["status"], response["headers"], response["body"]
    lists = headers.values()
    sidecars = sidecars_of(response)
    marker = body.get("marker", "")
    return (
        type(status["code"]) is int
        and isinstance(status["message"], str)
        and isinstance(body["string"], bytes)
        and isinstance(marker, str)
        and all(isinstance(name, str) for name in headers)
        and all(isinstance(values, list) and values for values in lists)
        and all(isinstance(value, str) for values in lists for value in values)
        and all(_SHA256.fullmatch(s.sha256) and type(s.size) is int and isinstance(s.encoding, str) for s in sidecars)
        and all(_FILE.fullmatch(s.file) for s in sidecars)
        and complete(body["string"], marker, sidecars)
    )


def _distinct(sidecars: Sequence[Sidecar]) -> bool:
    """Say whether no file shall hold two contents; the case's name before the first dot doesn't tell files apart."""
    contents = {(sidecar.file.partition(".")[2], sidecar.sha256, sidecar.size) for sidecar in sidecars}
    return len(contents) == len({file for file, _, _ in contents})


def _answer(row: Mapping[str, Any], response: Mapping[str, Any]) -> str:
    """Return the digest of a stored answer, bound to its request, when it was recorded and which model gave it.

    Its files are in it with their digests, not their names.
    """
    body = response["body"]
    form = [
        row["fingerprint"],
        row["recordedAt"],
        row["modelVersion"],
        response["status"]["code"],
        response["status"]["message"],
        response["headers"],
        hashlib.sha256(body["string"]).hexdigest(),
        body.get("marker", ""),
        [[sidecar.sha256, sidecar.size, sidecar.encoding] for sidecar in sidecars_of(response)],
    ]
    return f"sha256:{hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()}"


def read_whole(response: Mapping[str, Any]) -> Response:
    """Read an answer as vcrpy keeps it, with its whole body."""
    headers = {name: values[0] for name, values in response["headers"].items()}
    return read(response["status"]["code"], headers, response["body"]["string"])


def sidecars_of(response: Mapping[str, Any]) -> tuple[Sidecar, ...]:
    """Return the sidecars that a stored response refers to."""
    return tuple(
        Sidecar(file=row["file"], sha256=row["sha256"], size=row["size"], encoding=row["encoding"])
        for row in response["body"].get("sidecars", ())
    )
