"""Send every hostile request of the tests, slow and large ones too, to a running service, and print what it says.

    python scripts/attack_service.py http://127.0.0.1:8080 --pid 1234

Exit code 1 where one was not refused, where the service's health took longer than a second, or where the next good
request did not work. Attack your own services only.
"""

from __future__ import annotations

import argparse
import dataclasses
import http.client
import socket
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gen_jax.serve.limits import Limits
from tests.serve import hostile
from tests.serve.hostile_heads import HEAD, NO_HTTP

REFUSED = frozenset(range(400, 500))
CLOSED = 0
"""In place of a status: the connection ended without an answer."""


@dataclasses.dataclass(frozen=True)
class Service:
    """Where it listens."""

    host: str
    port: int

    def status(self, *parts: bytes, seconds: float = 60.0) -> int:
        """Send bytes and return the status of the first answer."""
        with socket.create_connection((self.host, self.port), timeout=seconds) as client:
            try:
                for part in parts:
                    client.sendall(part)
            except OSError:
                pass  # refused meanwhile: the answer is there to be read
            try:
                answer = b""
                while answer.count(b"\r\n") < 1 and (part := client.recv(4096)):
                    answer += part
            except OSError:
                answer = b""
        return int(answer.split()[1]) if answer.startswith(b"HTTP/") else CLOSED

    def send(self, case: hostile.Case) -> int:
        """Send a case and return the status of the answer."""
        head = [f"{case.method} {case.path} HTTP/1.1", f"Host: {self.host}", "Connection: close"]
        head += [f"{name}: {value}" for name, value in case.headers.items()]
        if case.body or case.method == "POST":
            head.append(f"Content-Length: {len(case.body)}")
        return self.status("\r\n".join(head).encode() + b"\r\n\r\n" + case.body)

    def health(self) -> float:
        """Return the seconds that GET /healthz took."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
        return time.monotonic() - begun


def attacks(service: Service) -> Iterator[tuple[str, Callable[[], int], frozenset[int]]]:
    """Yield name, what sends it, and the statuses that are right."""
    for case in hostile.cases(Limits()):
        yield case.name, lambda case=case: service.send(case), case.allowed
    for name, sent in NO_HTTP.items():
        yield name, lambda sent=sent: service.status(sent), REFUSED | {CLOSED}
    head = HEAD.replace(b"/generate", b"/edit").replace(b"application/json", b"image/png")
    large, part = 100 << 20, bytes(1 << 20)
    chunks = [b"%x\r\n%s\r\n" % (len(part), part)] * 100
    yield (
        "100 MB",
        lambda: service.status(head + b"Content-Length: %d\r\n\r\n" % large, *[part] * 100),
        frozenset((413,)),
    )
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    yield "100 MB in chunks", lambda: service.status(chunked, *chunks), frozenset((413,))
    for count in (1, 1000, 1 << 20):
        broken = head + b"Content-Length: %d\r\n\r\n" % (1 << 21)
        yield (
            f"an upload left after {count} bytes",
            lambda count=count, broken=broken: leave(service, broken, count),
            {CLOSED},
        )
    yield "a head that never ends", lambda: service.status(HEAD), frozenset((408, CLOSED))
    yield "no head at all", lambda: service.status(b""), frozenset((408, CLOSED))
    yield "a body that never ends", lambda: service.status(head + b"Content-Length: 9\r\n\r\n"), frozenset((408,))
    yield "300 heads that never end", lambda: crowd(service, HEAD, 300), {CLOSED}
    yield "100 bodies that never end", lambda: crowd(service, head + b"Content-Length: 9\r\n\r\n", 100), {CLOSED}


def leave(service: Service, head: bytes, count: int) -> int:
    """Close a connection in the middle of a body."""
    with socket.create_connection((service.host, service.port), timeout=30) as client:
        client.sendall(head + bytes(count))
    return CLOSED


def crowd(service: Service, sent: bytes, count: int) -> int:
    """Hold so many connections open that send nothing more, and ask for the health meanwhile."""
    clients = [socket.create_connection((service.host, service.port), timeout=30) for _ in range(count)]
    for client in clients:
        client.sendall(sent)
    service.health()
    good(service)
    for client in clients:
        client.close()
    return CLOSED


def good(service: Service) -> None:
    """Send a request that must be answered."""
    case = hostile.Case(name="", path="/edit?edit=invert", headers=hostile.PNG, body=hostile.photo())
    assert service.send(case) == 200, "the good request was refused"


def megabytes(pid: int) -> float:
    """Return the memory that a process holds (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def main() -> int:
    """Attack."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--pid", type=int, help="of the service, to watch its memory")
    arguments = parser.parse_args()
    parts = urllib.parse.urlsplit(arguments.url)
    service = Service(parts.hostname or "127.0.0.1", parts.port or 80)
    good(service)
    wrong, slowest, most = 0, 0.0, 0.0
    before = megabytes(arguments.pid) if arguments.pid else 0.0
    for number, (name, attack, allowed) in enumerate(attacks(service), start=1):
        begun = time.monotonic()
        status = attack()
        seconds = time.monotonic() - begun
        slowest = max(slowest, service.health())
        most = max(most, megabytes(arguments.pid)) if arguments.pid else 0.0
        is_right = status in allowed
        wrong += not is_right
        print(f"{number:4} {status or 'closed':>6} {seconds:7.3f} s {' ' if is_right else 'WRONG'} {name[:80]!a}")
    good(service)
    print(f"{number} sent, {wrong} wrong; health {1000 * slowest:.0f} ms at most; memory {before:.0f} -> {most:.0f} MB")
    return 1 if wrong or slowest > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
