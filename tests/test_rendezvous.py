"""Processes that wait for each other: all arrive, or one line says who did not."""

import socket
import threading
import time

import jax
import pytest

from gen_jax import parallel
from gen_jax.errors import RunError
from gen_jax.parallel import Distributed
from gen_jax.rendezvous import meet


@pytest.fixture
def port():
    with socket.create_server(("", 0)) as server:
        return server.getsockname()[1]


def together(port, processes, *, of, timeout, delay=0.0):
    """What ``meet`` raises in each of the processes, None where it returns."""
    outcomes = {}

    def one(process):
        try:
            if process == 0:
                time.sleep(delay)
            meet("localhost", port, num_processes=of, process_id=process, timeout=timeout)
            outcomes[process] = None
        except OSError as error:
            outcomes[process] = error

    threads = [threading.Thread(target=one, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_all_processes_meet_and_the_port_is_free_afterwards(port):
    for _ in range(2):
        assert together(port, range(4), of=4, timeout=60) == dict.fromkeys(range(4))


def test_processes_wait_for_a_late_coordinator(port):
    assert together(port, range(2), of=2, timeout=60, delay=0.5) == dict.fromkeys(range(2))


def test_a_process_that_never_comes_is_named(port):
    outcomes = together(port, [0, 1], of=4, timeout=1)
    assert isinstance(outcomes[0], TimeoutError) and str(outcomes[0]) == "still missing: process 2, 3"
    assert isinstance(outcomes[1], TimeoutError)


def test_a_stranger_at_the_door_is_not_counted(port):
    def knock():
        for _ in range(100):
            try:
                with socket.create_connection(("localhost", port)) as door:
                    door.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    return
            except OSError:
                time.sleep(0.02)

    stranger = threading.Thread(target=knock)
    stranger.start()
    outcomes = together(port, [0], of=2, timeout=1)
    stranger.join()
    assert str(outcomes[0]) == "still missing: process 1"


@pytest.mark.parametrize("process", [0, 1])
def test_starting_without_the_others_is_one_line_and_never_reaches_the_runtime(monkeypatch, port, process):
    """The runtime's own time-out would abort the program with a stack trace."""
    monkeypatch.setattr(jax.distributed, "initialize", lambda **kwargs: pytest.fail("nobody has come"))
    monkeypatch.setattr(jax.config, "update", lambda *setting: None)
    options = Distributed(coordinator=f"localhost:{port}", num_processes=2, process_id=process, timeout=1)
    with pytest.raises(
        RunError, match=rf"process {process} of 2 could not join .* localhost:{port} within 1 s \("
    ) as error:
        parallel.start(options, {})
    assert "\n" not in str(error.value)
