"""A service of plain Python for the tests of what lies in front of it, and ways to send it requests."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import httpx
from fastapi import FastAPI

from gen_jax.serve.batching.admission import Admission
from gen_jax.serve.batching.batcher import Batcher
from gen_jax.serve.batching.monitoring import Monitoring
from gen_jax.serve.http.app import make_app
from gen_jax.serve.http.connection import Patience
from gen_jax.serve.http.server import Server, configured, listen
from gen_jax.serve.limits import Limits
from gen_jax.serve.work import Answer, Job

SMALL = Limits(body_bytes=1 << 20, pixels=1 << 16, output_pixels=1 << 16, images=4, operations=4, waiting=3)


class Echo:
    """Work whose results are its rows; it waits for ``go``."""

    signature: Hashable = "echo"
    most = 4

    def __init__(self, go: threading.Event, started: threading.Event) -> None:
        self.go, self.started = go, started

    def program(self, rows: int) -> Hashable:
        return "echo"

    def run(self, rows: Sequence[Any]) -> Sequence[Any]:
        self.started.set()
        assert self.go.wait(60)
        return rows


@dataclasses.dataclass
class Model:
    abilities: tuple[str, ...] = ("generate",)


class FakeService:
    """Answers every request with what it understood of it; ``answer`` and ``error`` say otherwise."""

    def __init__(self, limits: Limits = SMALL, models: dict[str, Model] | None = None) -> None:
        self.limits = limits
        self.models = {"fashion": Model()} if models is None else models
        self.ready = True
        self.batcher = Batcher(wait=0, programs=8, forget=lambda: None)
        self.batcher.start()
        self.go = threading.Event()
        self.go.set()
        self.started = threading.Event()
        self.understood: list[Any] = []
        self.error: Exception | None = None
        self.answered = Answer(body=b"made", media_type="image/png", headers={"gen-jax-seed": "7"})

    def _job(self, request: Any) -> Job:
        if self.error is not None:
            raise self.error
        self.understood.append(request)
        return Job(work=Echo(self.go, self.started), rows=[1, 2], finish=lambda results: self.answered)

    generate = reconstruct = edit = texture = logo = _job

    def describe_models(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "kind": "dcgan", "abilities": list(model.abilities), "image_shape": [28, 28, 1]}
            for name, model in self.models.items()
        ]

    def describe_operations(self) -> dict[str, Any]:
        return {"edits": {}, "materials": {"oak": {}}, "textures": {}, "logos": {"families": {}, "fonts": {}}}


class Around:
    """An app, and what surrounds it."""

    def __init__(self, service: Any, gate: Any = None) -> None:
        self.service = service
        self.admission = Admission(service.limits)
        self.monitoring = Monitoring()
        self.app: FastAPI = make_app(service, gate=gate, monitoring=self.monitoring, admission=self.admission)

    def send(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send one request, without a socket."""

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                return await client.request(method, path, **content)

        return asyncio.run(once())

    @contextlib.contextmanager
    def running(self, patience: Patience | None = None) -> Iterator[int]:
        """Serve on a free port; the value is the port."""
        listener = listen("127.0.0.1", 0, None)
        server = Server(configured(self.app, drain=5, patience=patience), self.app, notice=0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
            listener.close()
