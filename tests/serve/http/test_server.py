"""A real server on a socket: what is no HTTP, slow and leaving clients, and how it stops."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from gen_jax.errors import UserError
from gen_jax.serve.http import server
from gen_jax.serve.http.connection import Patience
from gen_jax.serve.limits import Limits
from gen_jax.serve.work import Answer
from tests.serve.fake_service import Around, FakeService
from tests.serve.hostile_heads import HEAD, NO_HTTP

GOOD = b"POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def service() -> Iterator[FakeService]:
    service = FakeService()
    yield service
    service.batcher.close(seconds=5)


@pytest.fixture(scope="module")
def around(service: FakeService) -> Around:
    return Around(service)


@pytest.fixture(scope="module")
def port(around: Around) -> Iterator[int]:
    with around.running() as port:
        yield port


def said(port: int, *parts: bytes) -> bytes:
    """Send bytes, and return all that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for part in parts:
            client.sendall(part)
        return until_closed(client)


def until_closed(client: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(1 << 16):
            received += part
    return received


def until(client: socket.socket, end: bytes, count: int = 1) -> bytes:
    received = b""
    while received.count(end) < count:
        part = client.recv(1 << 16)
        assert part, received
        received += part
    return received


def assert_good(port: int) -> None:
    assert b" 200 OK" in said(port, GOOD.replace(b"Host: a", b"Host: a\r\nConnection: close"))


@pytest.mark.parametrize("name", NO_HTTP)
def test_what_is_no_http_is_a_problem_and_closes_the_connection(port: int, name: str) -> None:
    answer = said(port, NO_HTTP[name])
    assert answer.split()[1:2] in ([b"400"], [b"404"], [b"405"]), answer
    assert b"application/problem+json" in answer
    assert_good(port)


def test_requests_in_a_row_are_all_answered(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(GOOD * 5)
        assert until(client, b"made", 5).count(b" 200 OK") == 5


def test_http_1_0_is_answered_and_closed(port: int) -> None:
    assert b" 200 " in said(port, b"GET /healthz HTTP/1.0\r\n\r\n")


def test_a_client_that_waits_for_leave_gets_it_or_the_refusal(port: int) -> None:
    head = HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(head % 2)
        assert until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 100")
        client.sendall(b"{}")
        assert b" 200 OK" in until(client, b"made")
    assert said(port, head % 10**9).startswith(b"HTTP/1.1 413")


def test_a_client_that_goes_on_sending_still_reads_why_it_was_refused(port: int) -> None:
    answer = said(port, HEAD + b"Content-Length: 9000000\r\n\r\n", bytes(8_000_000))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()


def test_a_body_in_chunks_is_counted(port: int) -> None:
    chunk = b"%x\r\n%s\r\n" % (1 << 16, b" " * (1 << 16))
    head = HEAD.replace(b"/generate", b"/edit") + b"Transfer-Encoding: chunked\r\n\r\n"
    assert said(port, head, *[chunk] * 20).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("sent", [b"", HEAD[:20], HEAD, GOOD[:-1], GOOD[:-2]])
def test_an_upload_that_is_broken_off_leaves_nothing(around: Around, port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(sent)
    assert_good(port)
    assert around.admission.held_bytes == 0


@pytest.mark.parametrize("sent", [b"", HEAD, b"POST"])
def test_a_head_that_does_not_come_closes_the_connection(service: FakeService, sent: bytes) -> None:
    with Around(service).running(Patience(head=0.05)) as port:
        answer = said(port, sent)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"application/problem+json" in answer
        assert_good(port)


def test_a_second_head_that_does_not_come_whole_closes_it_too(service: FakeService) -> None:
    with Around(service).running(Patience(head=0.05)) as port:
        answer = said(port, GOOD, HEAD)
        assert answer.startswith(b"HTTP/1.1 200") and b"HTTP/1.1 408" in answer


def test_a_body_that_does_not_come_is_408() -> None:
    with Around(FakeService(Limits(body_seconds=0.05))).running() as port:
        answer = said(port, GOOD[:-1])
        assert answer.startswith(b"HTTP/1.1 408")


def test_beyond_so_many_connections_the_next_one_is_told_to_come_back(service: FakeService) -> None:
    with Around(service).running(Patience(connections=2)) as port, contextlib.ExitStack() as stack:
        for _ in range(2):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            client.sendall(GOOD)
            until(client, b"made")
        answer = said(port)
        assert answer.startswith(b"HTTP/1.1 503") and b"Retry-After: 1" in answer


def test_a_client_that_does_not_read_its_answer_is_let_go(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gen_jax.serve.http.answering.SECONDS", -1e3)
    monkeypatch.setattr(service, "answered", Answer(body=bytes(32 << 20), media_type="image/png"))
    around = Around(service)
    with (
        around.running(Patience(last=0.05)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as client,
    ):
        client.sendall(GOOD)
        assert len(until_closed(client)) < 32 << 20
    assert around.admission.requests == 0


def test_what_was_begun_is_answered_when_the_server_stops() -> None:
    service = FakeService()
    service.go.clear()
    around = Around(service)
    answers: list[bytes] = []
    with around.running() as port:
        asked = threading.Thread(target=lambda: answers.append(said(port, GOOD)))
        asked.start()
        assert service.started.wait(30)
        threading.Timer(0.05, service.go.set).start()
    asked.join()
    assert answers[0].startswith(b"HTTP/1.1 200") and answers[0].endswith(b"made")


def test_a_request_that_comes_while_the_server_stops_is_answered_on_an_open_connection(service: FakeService) -> None:
    around = Around(service)
    with contextlib.ExitStack() as stack:
        with around.running(Patience(parting=5)) as port:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            client.sendall(GOOD)
            until(client, b"made")
            around.app.state.draining = True
            threading.Timer(0.3, client.sendall, (GOOD,)).start()
        answer = until_closed(client)
    assert answer.startswith(b"HTTP/1.1 200") and b"connection: close" in answer and answer.endswith(b"made")


def test_the_first_signal_begins_to_stop_and_the_second_ends(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(server.os, "_exit", codes.append)
    stopping = server.Server(server.configured(around.app, drain=1), around.app, notice=0)
    try:
        stopping.handle_exit(signal.SIGTERM, None)
        assert around.app.state.draining and not codes
        stopping.handle_exit(signal.SIGTERM, None)
        assert codes == [128 + signal.SIGTERM]
    finally:
        around.app.state.draining = False


def test_a_port_in_use_is_one_line() -> None:
    with server.listen("127.0.0.1", 0, None) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"--host 127.0.0.1 --port {number}: .*in use"):
            server.listen("127.0.0.1", number, None)


def test_a_socket_file_of_a_dead_process_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    path = str(tmp_path / "service")
    server.listen("", 0, path).close()
    with server.listen("", 0, path), pytest.raises(UserError, match="--unix-socket"):
        server.listen("", 0, path)
    (tmp_path / "file").write_text("kept")
    with pytest.raises(UserError, match="--unix-socket"):
        server.listen("", 0, str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "kept"


def test_a_failed_warm_up_stops_the_server() -> None:
    def fail() -> None:
        raise UserError("warm_edits rotate=a: no number")

    stopped: Any = types.SimpleNamespace(should_exit=False)
    warming = server.Warming(types.SimpleNamespace(warm_up=fail), stopped)  # type: ignore[arg-type]
    warming.start()
    warming.join()
    assert stopped.should_exit
    assert isinstance(warming.error, UserError)
