"""The process: it listens at once, compiles meanwhile, and when it is told to stop, answers what it has begun."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from gen_jax.errors import UserError
from gen_jax.serve.access.gate import Gate
from gen_jax.serve.batching.admission import Admission
from gen_jax.serve.batching.monitoring import Monitoring
from gen_jax.serve.http.app import make_app
from gen_jax.serve.http.connection import Connection, Patience
from gen_jax.serve.memory import settle
from gen_jax.serve.service import Service
from gen_jax.serve.settings import Settings

log = logging.getLogger("gen_jax.serve")


def serve(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    unix_socket: str | None = None,
    notice: float = 1.0,
    drain: float = 30.0,
) -> None:
    """Serve until SIGTERM or SIGINT; a second one ends the process at once, with exit code 128 + its number.

    Args:
      settings: of the service.
      host: address to listen at; 0.0.0.0: all.
      port: 0: a free one, which the log tells.
      unix_socket: file to listen at in place of host and port.
      notice: seconds after the signal in which new requests are still taken, while GET /readyz says that it stops.
      drain: seconds after that for what was begun.

    Raises:
      UserError: it cannot listen there, or a setting cannot be met.
    """
    configure_logging()
    with contextlib.closing(listen(host, port, unix_socket)) as listener:
        monitoring = Monitoring()
        gate = Gate(settings.access)
        service = Service.open(settings, observe=monitoring)
        admission = Admission(settings.limits, retry_after=lambda: service.batcher.backlog_seconds)
        monitoring.watch(batcher=service.batcher, admission=admission, ready=lambda: service.ready)
        app = make_app(service, gate=None if gate.open else gate, monitoring=monitoring, admission=admission)
        server = Server(configured(app, drain=drain), app, notice=notice)
        warming = Warming(service, server)
        warming.start()
        log.info("listening at %s", address_of(listener))
        server.run(sockets=[listener])
        service.close(seconds=drain)
    if unix_socket is not None:
        Path(unix_socket).unlink(missing_ok=True)
    if warming.error is not None:
        raise warming.error
    log.info("stopped")


def configure_logging() -> None:
    """Send one line a record to stderr: ours from INFO up, those of libraries from WARNING up."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("gen_jax").setLevel(logging.INFO)


def listen(host: str, port: int, unix_socket: str | None) -> socket.socket:
    """Return a socket that listens; nobody is answered yet.

    Raises:
      UserError: it cannot be had.
    """
    try:
        if unix_socket is not None:
            return _listen_at_file(unix_socket)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=512)
        # Connections inherit it; without it the second packet of an answer waits 40 ms for the client's system.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, OverflowError) as error:
        where = f"--unix-socket {unix_socket}" if unix_socket is not None else f"--host {host} --port {port}"
        raise UserError(f"{where}: {getattr(error, 'strerror', None) or error}; choose another one") from None


def _listen_at_file(path: str) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.stat(path).st_mode) and not _answers(path):
            os.unlink(path)  # of a process that was killed
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(path)
        os.chmod(path, 0o660)
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def address_of(listener: socket.socket) -> str:
    """Return what a client calls it."""
    name = listener.getsockname()
    if listener.family == socket.AF_UNIX:
        return f"unix:{name}"
    host, port = name[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def configured(app: Starlette, *, drain: float, patience: Patience | None = None) -> uvicorn.Config:
    """Return how uvicorn serves the app."""
    return uvicorn.Config(
        app,
        http=functools.partial(Connection, patience=patience or Patience()),  # type: ignore[arg-type]
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=[("server", "gen_jax")],
        timeout_keep_alive=65,
        timeout_graceful_shutdown=max(1, round(drain)),
    )


class Server(uvicorn.Server):
    """As uvicorn's; the first signal makes it unready, and after a notice it stops; the second ends the process.

    Args:
      config: how it serves.
      app: is told that it drains.
      notice: seconds.
    """

    def __init__(self, config: uvicorn.Config, app: Starlette, *, notice: float) -> None:
        super().__init__(config)
        self._app = app
        self._notice = notice

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:  # type: ignore[override]
        """Take SIGTERM and SIGINT while it serves."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop, or end."""
        if self._app.state.draining:
            os._exit(128 + sig)
        self.begin_to_stop()

    def begin_to_stop(self) -> None:
        """Say so at GET /readyz, and stop when the notice is over; called in any thread."""
        self._app.state.draining = True
        threading.Thread(target=self._stop_later, daemon=True).start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as uvicorn does, once all who have connected are let in: closing a listener cuts off who waits there."""
        connected = [connection for listener in sockets or () for connection in _accepted(listener)]
        for server in self.servers:
            server.close()
        for connection in connected:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        made: Any = self.config.http_protocol_class
        return made(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    def _stop_later(self) -> None:
        threading.Event().wait(self._notice)
        self.should_exit = True


def _accepted(listener: socket.socket) -> list[socket.socket]:
    """Return the connections that wait at a listener which does not block."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(listener.accept()[0])
    return found


class Warming(threading.Thread):
    """Compiles while the server answers already; a failure stops it.

    Args:
      service: is warmed up.
      server: is stopped.
    """

    def __init__(self, service: Service, server: Server) -> None:
        super().__init__(daemon=True, name="gen-jax-warming")
        self.error: BaseException | None = None
        self._service = service
        self._server = server

    def run(self) -> None:
        """Compile."""
        try:
            self._service.warm_up()
            settle()
            log.info("ready")
        except BaseException as error:
            if not self._server.should_exit:
                self.error = error
                self._server.should_exit = True
