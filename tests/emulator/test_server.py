import gc
import http.client
import json
import socket
import struct
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from promptc.emulator import handler
from promptc.emulator.server import Emulator
from tests.emulator.wire import FLASH, TIMEOUT, connect, dial, post, prompt, refused, small

PATH = f"/v1beta/models/{FLASH}:generateContent"
COUNT = f"/v1beta/models/{FLASH}:countTokens"


def exchange(emulator: Emulator, sent: bytes) -> bytes:
    """Send bytes as they are and return what comes until the emulator hangs up."""
    received = bytearray()
    with dial(emulator) as client:
        client.sendall(sent)
        while chunk := client.recv(1 << 16):
            received += chunk
    return bytes(received)


def emulator_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("promptc-emulator")]


def test_one_connection_serves_many_requests(emulator: Emulator) -> None:
    connection = connect(emulator)
    before = emulator.requests
    sockets = set()
    for number in range(5):
        connection.request("POST", COUNT, json.dumps(prompt(f"prompt {number}")))
        response = connection.getresponse()
        assert response.status == 200
        response.read()
        sockets.add(connection.sock.getsockname())
    connection.close()

    assert len(sockets) == 1
    assert emulator.requests == before + 5


def test_a_stream_leaves_its_connection_usable(emulator: Emulator) -> None:
    connection = connect(emulator)
    for _ in range(2):
        connection.request("POST", f"/v1/models/{FLASH}:streamGenerateContent?alt=sse", json.dumps(small()))
        response = connection.getresponse()
        assert b'"finishReason":"STOP"' in response.read()
    connection.close()


def test_an_old_client_gets_a_stream_without_chunks(emulator: Emulator) -> None:
    body = json.dumps(small()).encode()
    path = f"/v1/models/{FLASH}:streamGenerateContent?alt=sse".encode()
    answer = exchange(emulator, b"POST %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (path, len(body), body))
    head, _, rest = answer.partition(b"\r\n\r\n")

    assert b"Transfer-Encoding" not in head
    assert b"Connection: close" in head
    assert rest.startswith(b"data: {")


def test_a_chunked_body_is_read(emulator: Emulator) -> None:
    body = json.dumps(small()).encode()
    connection = connect(emulator)
    connection.request("POST", PATH, iter([body[:10], body[10:]]), encode_chunked=True)
    response = connection.getresponse()

    assert response.status == 200
    assert json.loads(response.read()) == post(emulator, small()).json
    connection.close()


def test_a_client_that_waits_for_100_continue_gets_it(emulator: Emulator) -> None:
    body = json.dumps(prompt()).encode()
    head = f"POST {COUNT} HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    with dial(emulator) as client:
        client.sendall(head.encode())
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_that_is_too_large_is_a_413(emulator: Emulator) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nContent-Length: 120000001\r\n\r\n".encode()
    with dial(emulator) as client:
        client.sendall(head)
        client.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(client)
        response.begin()
        assert response.status == 413
        assert response.headers["x-promptc-emulator"] == "1"
        assert json.loads(response.read()) == refused(
            413, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 120000000 bytes."
        )
        response.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_sends_it_all_still_reads_the_413(monkeypatch: pytest.MonkeyPatch, *, chunked: bool) -> None:
    monkeypatch.setattr(handler, "MAX_BODY", 1000)
    body = b"x" * 5_000_000
    with Emulator() as emulator:
        connection = connect(emulator)
        sent = iter([body[:600], body[600:]]) if chunked else body
        connection.request("POST", PATH, sent, encode_chunked=chunked)
        response = connection.getresponse()
        assert response.status == 413
        response.read()
        connection.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"POST / HTTP/9.9\r\n\r\n", 505),
        (b"POST /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0;x=y\r\nTrailer: x\r\n\r\n", 404),
    ],
)
def test_what_is_no_http_is_refused_in_googles_envelope(emulator: Emulator, sent: bytes, status: int) -> None:
    with dial(emulator) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(client)
        response.begin()
        assert response.status == status
        assert response.headers["x-promptc-emulator"] == "1"
        assert json.loads(response.read())["error"]["code"] == status
        response.close()


def test_the_request_id_follows_from_the_request(emulator: Emulator) -> None:
    one, again, other = post(emulator, small()), post(emulator, small()), post(emulator, small("A moth"))
    wrong, wrong_again = post(emulator, {}), post(emulator, {})

    assert one.headers["x-request-id"] == again.headers["x-request-id"] != other.headers["x-request-id"]
    assert wrong.headers["x-request-id"] == wrong_again.headers["x-request-id"]


def test_sixteen_clients_at_once_get_their_own_answers(emulator: Emulator) -> None:
    def one(number: int) -> bool:
        answer = post(emulator, small(f"moth {number}"))
        return answer.status == 200 and answer.parts[0]["text"].endswith(f"moth {number}")

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(one, range(64)))


def test_a_client_that_goes_away_leaves_no_trace(capfd: pytest.CaptureFixture[str]) -> None:
    body = json.dumps(prompt(imageConfig={"imageSize": "2K"})).encode()
    head = f"POST {PATH} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with Emulator(signature_bytes=3_000_000) as emulator:
        for sent in (b"", head[:20], head, head + body[:10], head + body):
            client = dial(emulator)
            client.sendall(sent)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        assert post(emulator, small()).status == 200

    assert capfd.readouterr() == ("", "")


def test_a_mistake_of_the_emulator_itself_is_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(handler, "respond", broken)
    with Emulator() as emulator, pytest.raises(http.client.RemoteDisconnected):
        post(emulator, small())

    assert "ZeroDivisionError" in capfd.readouterr().err


def test_closing_is_prompt_and_leaves_no_thread_or_socket() -> None:
    before = len(emulator_threads())
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        with Emulator() as emulator:
            connections = [connect(emulator) for _ in range(8)]
            for connection in connections:
                connection.request("POST", COUNT, json.dumps(prompt()))
                connection.getresponse().read()
            started = time.monotonic()
        elapsed = time.monotonic() - started
        for connection in connections:
            connection.close()
        gc.collect()

    assert elapsed < 1
    assert len(emulator_threads()) == before


def test_after_closing_nobody_listens() -> None:
    with Emulator() as emulator:
        pass

    with pytest.raises(ConnectionRefusedError):
        dial(emulator)


def test_closing_twice_or_without_a_start_is_fine() -> None:
    emulator = Emulator()
    emulator.close()
    emulator.close()


def test_starting_twice_is_starting_once() -> None:
    with Emulator() as emulator:
        emulator.start()
        assert post(emulator, prompt(), "countTokens").status == 200


def test_a_port_that_is_taken_is_an_error() -> None:
    with Emulator() as emulator:
        port = int(emulator.base_url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            Emulator(port=port)


def test_in_the_foreground_it_serves_until_it_is_closed() -> None:
    emulator = Emulator()
    foreground = threading.Thread(target=emulator.serve_forever)
    foreground.start()

    assert post(emulator, prompt(), "countTokens").status == 200
    emulator.close()
    foreground.join(5)
    assert not foreground.is_alive()


def test_in_the_foreground_of_a_started_one_it_waits() -> None:
    with Emulator() as emulator:
        foreground = threading.Thread(target=emulator.serve_forever)
        foreground.start()
        assert foreground.is_alive()
    foreground.join(5)

    assert not foreground.is_alive()


def test_a_program_that_forgets_to_close_it_still_ends() -> None:
    program = "from promptc.emulator.server import Emulator; e = Emulator(); e.start(); print(e.base_url)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=TIMEOUT, check=True)

    assert done.stdout.startswith("http://127.0.0.1:")
