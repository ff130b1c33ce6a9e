"""The places of the service: what each takes, and which part of the service answers."""

from __future__ import annotations

import asyncio
import functools
import json
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gen_jax import __version__
from gen_jax.serve.batching.monitoring import Monitoring
from gen_jax.serve.http.answering import AnswerResponse
from gen_jax.serve.http.documentation import POLICY, page
from gen_jax.serve.http.openapi import openapi
from gen_jax.serve.http.working import Worker
from gen_jax.serve.problem import Problem
from gen_jax.serve.reading.forms import read_edit, read_reconstruct
from gen_jax.serve.reading.json_body import read_native
from gen_jax.serve.requests import (
    GenerateRequest,
    LogoRequest,
    TextureRequest,
)
from gen_jax.serve.service import Service
from gen_jax.serve.work import Job

Handler = Callable[[Request], Awaitable[Response]]

MOST_JSON = 1 << 20
"""Bytes of a body without an image."""

OPEN_ROUTES = frozenset(("/healthz", "/readyz"))
"""Need no credentials: whoever starts the service asks there how it is."""


def get_routes(
    service: Service, monitoring: Monitoring, is_draining: Callable[[], bool], *, protected: bool
) -> dict[str, Handler]:
    """Return the handlers of the places that are read: path -> handler.

    Args:
      service: what is told about.
      monitoring: what is measured of it.
      is_draining: whether the service takes nothing new.
      protected: whether credentials are asked for.
    """

    async def healthz(request: Request) -> Response:
        return _json({"status": "alive"})

    async def readyz(request: Request) -> Response:
        if is_draining():
            raise Problem("not-ready", "the service is stopping", retry_after=5)
        if not service.ready:
            raise Problem("not-ready", "the service is starting: its programs are being compiled", retry_after=2)
        return _json({"status": "ready"})

    async def measured(request: Request) -> Response:
        body, media_type = await asyncio.to_thread(monitoring.text)
        return Response(body, media_type=media_type)

    document = functools.cache(lambda: openapi(service, places=can_do(service), protected=protected))
    return {
        "/": _told(lambda: _json(index(can_do(service)))),
        "/healthz": healthz,
        "/readyz": readyz,
        "/metrics": measured,
        "/models": _told(lambda: _json({"models": service.describe_models()})),
        "/operations": _told(lambda: _json(service.describe_operations())),
        "/openapi.json": _told(lambda: _json(document())),
        "/docs": _told(lambda: HTMLResponse(page(document()), headers={"content-security-policy": POLICY})),
    }


def post_routes(service: Service, worker: Worker, monitoring: Monitoring) -> dict[str, Handler]:
    """Return the handlers of the places that make something: path -> handler."""

    def edit(content_type: str, query: Mapping[str, Sequence[str]], body: bytes, accept: str | None) -> Job:
        return service.edit(read_edit(content_type, query, body, service.limits, accept=accept))

    def reconstruct(content_type: str, query: Mapping[str, Sequence[str]], body: bytes, accept: str | None) -> Job:
        return service.reconstruct(read_reconstruct(content_type, query, body, service.limits, accept=accept))

    def native(model: Any, make: Callable[[Any], Job]) -> Callable[..., Job]:
        return lambda content_type, query, body, accept: make(
            read_native(model, content_type, query, body, accept=accept)
        )

    def handler(path: str, make: Callable[..., Job], *, most: int) -> Handler:
        async def handle(request: Request) -> Response:
            if path not in can_do(service):
                raise Problem("not-found", f"{path}: no model that can is served; GET /models lists those that are")
            headers = {name: ", ".join(request.headers.getlist(name)) for name in set(request.headers)}
            query = read_query(request.scope["query_string"])
            content_type, accept = headers.get("content-type", ""), headers.get("accept")
            made = await worker.answer(
                headers,
                request.receive,
                lambda body: make(content_type, query, body, accept),
                most=min(most, service.limits.body_bytes),
            )
            monitoring.images(made.images, route=path)
            return AnswerResponse(made.answer, made.holding)

        return handle

    with_image = service.limits.body_bytes
    return {
        "/generate": handler("/generate", native(GenerateRequest, service.generate), most=MOST_JSON),
        "/edit": handler("/edit", edit, most=with_image),
        "/draw/texture": handler("/draw/texture", native(TextureRequest, service.texture), most=MOST_JSON),
        "/draw/logo": handler("/draw/logo", native(LogoRequest, service.logo), most=MOST_JSON),
        "/reconstruct": handler("/reconstruct", reconstruct, most=with_image),
    }


def can_do(service: Service) -> tuple[str, ...]:
    """Return the places that make something and can, with the models that are served."""
    abilities = {ability for model in service.models.values() for ability in model.abilities}
    return tuple(
        path
        for path, needed in (
            ("/generate", "generate"),
            ("/edit", None),
            ("/draw/texture", None),
            ("/draw/logo", None),
            ("/reconstruct", "reconstruct"),
        )
        if needed is None or needed in abilities
    )


def read_query(text: bytes) -> dict[str, list[str]]:
    """Return name -> values of a query.

    Raises:
      Problem: it is none, or has more than 100 values.
    """
    try:
        return urllib.parse.parse_qs(
            text.decode("ascii"), keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=100
        )
    except ValueError:
        raise Problem("bad-request", "the query cannot be read; write name=value&name=value, in UTF-8") from None


def index(places: Sequence[str]) -> dict[str, Any]:
    """Return what GET / says."""
    reading = ("/models", "/operations", "/healthz", "/readyz", "/metrics", "/openapi.json")
    return {"service": "gen_jax", "version": __version__, "docs": "/docs", "post": list(places), "get": list(reading)}


def _told(make: Callable[[], Response]) -> Handler:
    """Return the handler of what does not change while the service runs: made once, in a thread."""
    once = functools.cache(make)

    async def handle(request: Request) -> Response:
        made = await asyncio.to_thread(once)
        return Response(made.body, headers=dict(made.headers))

    return handle


def _json(content: Any) -> Response:
    return Response(json.dumps(content), media_type="application/json")
