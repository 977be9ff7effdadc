"""Real answers, served over loopback, asked for by the whole product, and kept."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from promptc.blob import HEAD, extension
from promptc.config import Target
from promptc.pipeline.case_run import run_case
from promptc.pipeline.selection import select
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.retries import Retries
from promptc.replay.session import Endpoint
from tests.workshop import Workshop

SPEC = 'model = "{model}"\nstream = {stream}\n[[turns]]\ntext = "answer number {number}"\n'
CODES = {"P601", "P602", "P603", "P604", "P702"}


@contextmanager
def served(answers: dict[str, tuple[int, str, bytes]]) -> Iterator[str]:
    """Serve each answer to the request whose text names it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content_type, answer = answers[body["contents"][0]["parts"][0]["text"]]
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_every_recorded_answer_gives_a_result_or_a_clear_finding_and_replays(tmp_path: Path, corpus: Path) -> None:
    rows = [json.loads(line) for line in (corpus / "responses" / "index.jsonl").read_text().splitlines()]
    answers, specs = {}, {}
    for number, row in enumerate(rows):
        data = (corpus / "responses" / row["file"]).read_bytes()
        kind = "text/event-stream" if row["file"].endswith(".sse") else "application/json; charset=UTF-8"
        answers[f"answer number {number}"] = (row["status"] or 200, kind, data)
        model = "".join(c if c.isalnum() or c in ".-" else "-" for c in row["model"] or "some-model")
        stream = str(row["method"] == "streamGenerateContent").lower()
        specs[f"s{number}"] = SPEC.format(model=model, stream=stream, number=number)
    shop = Workshop.make(tmp_path, specs)
    project = shop.project
    pictures = 0
    with served(answers) as base_url:
        endpoint = Endpoint(
            target=Target(name="served", base_url=base_url, auth="none"),
            base_url=base_url,
            retries=Retries(tries=1),
        )
        units = [
            Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NEW_EPISODES, output=tmp_path / "live")
            for case in select(project).cases
        ]
        live = {unit.case.spec: run_case(unit) for unit in units}
    for unit in units:
        number = int(unit.case.spec[1:])
        row, result = rows[number], live[unit.case.spec]
        assert {d.code for d in result.diagnostics} <= CODES, (row["file"], result.diagnostics)
        assert result.steps or result.diagnostics, row["file"]
        if row["image_parts"]:
            pictures += 1
            (step,) = result.steps
            for image in step.images:
                assert image.file
                data = image.file.read_bytes()
                assert image.file.suffix == f".{extension(data[:HEAD])}" != ".bin"
                assert image.width
                assert image.height
        if result.kept:
            replayed = run_case(
                Unit(
                    project=project, case=unit.case, endpoint=endpoint, mode=RecordMode.NONE, output=tmp_path / "again"
                )
            )
            assert [(s.text, s.finish_reason, [i.sha256 for i in s.images]) for s in replayed.steps] == [
                (s.text, s.finish_reason, [i.sha256 for i in s.images]) for s in result.steps
            ]
            recording = unit.store.load(unit.store.accepted)
            assert recording
            stored = unit.store.body(recording.responses[0], unit.store.accepted)
            assert stored == answers[f"answer number {number}"][2], row["file"]
    assert pictures
    assert sum(bool(result.kept) for result in live.values()) > len(rows) * 0.9
