"""What benchmarks/serve.py measures with: clients in processes of their own, and the service as another process.

Only the standard library: the clients start in a moment, and cost the service's cores as little as can be.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import itertools
import multiprocessing
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
LOST = 0
"""In place of a status: the request was sent and the connection closed without an answer."""
NOT_TAKEN = -1
"""In place of a status: nobody listens, so that nothing was sent."""


@dataclasses.dataclass(frozen=True)
class Request:
    """What a client sends."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    images: int = 1
    """That the answer holds."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one request."""

    start: float
    """By the monotonic clock, which all processes share."""
    seconds: float
    status: int
    images: int


def run_client(port: int, requests: Sequence[Request], first: int, until: float, outcomes: list[Outcome]) -> None:
    """Send one request after the other on one connection, at least one, until the time is up or nobody listens."""
    connection = http.client.HTTPConnection(HOST, port, timeout=180)
    for number in itertools.count(first):
        request = requests[number % len(requests)]
        start = time.monotonic()
        try:
            if connection.sock is None:
                connection.connect()
        except OSError:
            outcomes.append(Outcome(start, 0.0, NOT_TAKEN, 0))
            break
        try:
            connection.request(request.method, request.path, request.body or None, request.headers)
            response = connection.getresponse()
            response.read()
            status = response.status
        except (OSError, http.client.HTTPException):
            connection.close()
            status = LOST
        images = request.images if status == 200 else 0
        outcomes.append(Outcome(start, time.monotonic() - start, status, images))
        if time.monotonic() >= until:
            break
    connection.close()


def _run_clients(
    port: int, requests: Sequence[Request], clients: Sequence[int], seconds: float, results: Connection
) -> None:
    outcomes: list[list[Outcome]] = [[] for _ in clients]
    results.send("ready")
    until = results.recv() + seconds
    threads = [
        threading.Thread(target=run_client, args=(port, requests, 7 * client, until, mine))
        for client, mine in zip(clients, outcomes, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.send([outcome for mine in outcomes for outcome in mine])


class Load:
    """Clients at work; ``outcomes`` waits for their end.

    Args:
      port: of the service.
      requests: every client goes through them, each from another one on.
      clients: at once.
      seconds: that they go on.
    """

    def __init__(self, port: int, requests: Sequence[Request], *, clients: int, seconds: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._processes = []
        for number in range(min(2, clients)):
            ours, theirs = context.Pipe()
            share = range(number, clients, 2)
            process = context.Process(target=_run_clients, args=(port, requests, share, seconds, theirs), daemon=True)
            process.start()
            self._processes.append((process, ours))
        for _, pipe in self._processes:
            pipe.recv()
        self.start = time.monotonic()
        for _, pipe in self._processes:
            pipe.send(self.start)

    def outcomes(self) -> list[Outcome]:
        """Return what became of every request, in the order of their starts."""
        found = [outcome for _, pipe in self._processes for outcome in pipe.recv()]
        for process, _ in self._processes:
            process.join()
        return sorted(found, key=lambda outcome: outcome.start)


class Server:
    """The service in a process of its own, on a free port.

    Args:
      words: of ``gen-jax serve``, such as the run.
      cache: folder of compiled programs.
      log: file for what it says.
    """

    def __init__(self, words: Sequence[str], *, cache: Path, log: Path) -> None:
        with socket.create_server((HOST, 0)) as listener:
            self.port = listener.getsockname()[1]
        command = [sys.executable, "-m", "gen_jax.cli.main", "serve", *words, "--port", str(self.port)]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "JAX_COMPILATION_CACHE_DIR": str(cache)}
        self._begun = time.monotonic()
        with log.open("ab") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
        self._log = log

    def wait_ready(self, most: float = 300.0) -> float:
        """Return the seconds from the start until GET /readyz answers 200."""
        while time.monotonic() < self._begun + most:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get("/readyz") == 200:
                    return time.monotonic() - self._begun
            time.sleep(0.02)
        last = self._log.read_text(errors="replace").strip().splitlines()[-1:]
        raise SystemExit(f"the service is not ready: {''.join(last)}")

    def get(self, path: str) -> int:
        """Return the status of a GET on a connection of its own."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def resident(self) -> int:
        """Return the bytes of memory that the process holds."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise SystemExit("this system does not say how much memory a process holds")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal, and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=120)


@contextlib.contextmanager
def serving(words: Sequence[str], *, cache: Path, log: Path) -> Iterator[Server]:
    """Give a service that ends with the block, however that ends."""
    server = Server(words, cache=cache, log=log)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return rate and latencies of the answered requests, and how many ended in each other way."""
    answered = [outcome for outcome in outcomes if outcome.status == 200]
    others: dict[str, int] = {}
    for outcome in outcomes:
        if outcome.status != 200:
            name = {LOST: "lost", NOT_TAKEN: "not taken"}.get(outcome.status, str(outcome.status))
            others[name] = others.get(name, 0) + 1
    if len(answered) < 2:
        return {"requests": len(answered), "others": others}
    span = max(outcome.start + outcome.seconds for outcome in answered) - answered[0].start
    seconds = sorted(outcome.seconds for outcome in answered)
    return {
        "requests": len(answered),
        "images_per_second": sum(outcome.images for outcome in answered) / span,
        "p50_ms": 1e3 * statistics.median(seconds),
        "p99_ms": 1e3 * seconds[min(len(seconds) - 1, int(0.99 * len(seconds)))],
        "most_ms": 1e3 * seconds[-1],
        "others": others,
    }
