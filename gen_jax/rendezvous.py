"""Wait until every process of a run has arrived, so that one that never comes gives an error and not an abort.

The runtime that connects the processes ends the program with a stack trace when its time-out passes; this plain
exchange of one line over TCP comes before it, at the same address, and says who is missing.
"""

from __future__ import annotations

import contextlib
import socket
import time

HELLO = b"gen_jax "


def meet(host: str, port: int, *, num_processes: int, process_id: int, timeout: float) -> None:
    """Return once all processes have called this; process 0 listens at ``port``, the others come to it.

    Raises:
      TimeoutError: not all came within ``timeout`` seconds; says who is missing, or what could not be reached.
      OSError: process 0 cannot listen at the port.
    """
    deadline = time.monotonic() + timeout
    if process_id == 0:
        _receive(port, num_processes, deadline)
    else:
        _visit(host, port, process_id, deadline)


def _receive(port: int, num_processes: int, deadline: float) -> None:
    missing = set(range(1, num_processes))
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(_listen(port))
        guests = []
        while missing:
            try:
                server.settimeout(_left(deadline))
                guest, _ = server.accept()
                stack.enter_context(guest)
                guest.settimeout(min(5.0, _left(deadline)))
                line = guest.recv(64)
            except TimeoutError:
                if time.monotonic() < deadline:
                    continue  # somebody else's connection, which says nothing
                who = ", ".join(map(str, sorted(missing)[:8])) + (", ..." if len(missing) > 8 else "")
                raise TimeoutError(f"still missing: process {who}") from None
            except ConnectionError:
                continue
            number = line.removeprefix(HELLO).strip()
            if line.startswith(HELLO) and number.isdigit() and int(number) in missing:
                missing.discard(int(number))
                guests.append(guest)
        for guest in guests:
            with contextlib.suppress(OSError):
                guest.sendall(HELLO)
        # The guests hang up first: the side that does keeps its port busy for a while.
        for guest in guests:
            with contextlib.suppress(OSError):
                guest.recv(1)


def _listen(port: int) -> socket.socket:
    """Return a socket that takes IPv4 and, where the host has it, IPv6."""
    if socket.has_dualstack_ipv6():
        with contextlib.suppress(OSError):
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)
    return socket.create_server(("", port), backlog=1024)


def _visit(host: str, port: int, process_id: int, deadline: float) -> None:
    problem: Exception = TimeoutError("no answer")
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((host, port), timeout=min(5.0, _left(deadline))) as door:
                door.sendall(HELLO + b"%d\n" % process_id)
                door.settimeout(_left(deadline))
                if door.recv(len(HELLO)):
                    return
        except OSError as error:
            problem = error
        time.sleep(min(0.2, _left(deadline)))
    raise TimeoutError(f"process 0 does not let this one in: {problem}")


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 1e-3)
