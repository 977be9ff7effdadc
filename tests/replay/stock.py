"""Stock vcrpy, as other projects use it: it records into its own files, and replays files without a socket."""

import base64
import json
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
import vcr

BODY = ("method", "uri", "body")
"""What a careful project matches by."""

_REPLAY = """
import base64, json, sys
import requests, vcr

def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"}:
        raise SystemExit(f"something wanted the network: {event}")

sys.addaudithook(refuse)
answers = []
for path, calls in json.load(sys.stdin):
    for match_on in (["method", "scheme", "host", "port", "path", "query"], ["method", "uri", "body"]):
        with vcr.VCR().use_cassette(path, record_mode="none", match_on=match_on) as cassette:
            for uri, body in calls:
                made = requests.post(uri, data=base64.b64decode(body), headers={"Content-Type": "application/json"})
                answers.append([made.status_code, base64.b64encode(made.content).decode()])
            assert cassette.all_played, path
json.dump(answers, sys.stdout)
"""


def record(path: Path, calls: Sequence[tuple[str, Any]], *, headers: Mapping[str, str] = {}, **options: Any) -> None:
    """Send JSON bodies with requests, and let vcrpy record what comes into a file of its own."""
    with vcr.VCR().use_cassette(str(path), serializer=path.suffix.removeprefix(".").replace("yml", "yaml"), **options):
        for url, body in calls:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            requests.post(url, data=data, headers={"Content-Type": "application/json", **headers}, timeout=20)


def record_raw(path: Path, url: str, body: Any) -> None:
    """Send with Python's own client, which unpacks nothing: the cassette keeps the bytes of the wire."""
    sent = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with vcr.VCR().use_cassette(str(path)), urllib.request.urlopen(sent, timeout=20) as answer:
        answer.read()


def replay(plan: Sequence[tuple[Path, Sequence[tuple[str, bytes]]]]) -> list[tuple[int, bytes]]:
    """Return what stock vcrpy answers to requests, offline, by its own matchers and then by `BODY`."""
    asked = [[str(path), [[uri, base64.b64encode(body).decode()] for uri, body in calls]] for path, calls in plan]
    done = subprocess.run(
        [sys.executable, "-c", _REPLAY],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert not done.returncode, done.stderr
    return [(status, base64.b64decode(body)) for status, body in json.loads(done.stdout)]
