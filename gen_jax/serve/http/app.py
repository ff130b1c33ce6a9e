"""The HTTP app: its places, the threads behind them, and what surrounds every request."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gen_jax import __version__
from gen_jax.data.threads import usable_cores
from gen_jax.serve.batching.admission import Admission
from gen_jax.serve.batching.monitoring import Monitoring
from gen_jax.serve.http.middleware import Edge, Gate, problem_headers
from gen_jax.serve.http.routes import OPEN_ROUTES, get_routes, post_routes
from gen_jax.serve.http.working import Worker
from gen_jax.serve.problem import MEDIA_TYPE, Problem
from gen_jax.serve.service import Service

RECEIVING = 512
"""Bodies that come in at once; they hold as many bytes again as the requests that are worked on."""


def make_app(service: Service, *, gate: Gate | None, monitoring: Monitoring, admission: Admission) -> FastAPI:
    """Return the app.

    Args:
      service: answers; it need not be ready.
      gate: who may use it; None: everybody.
      monitoring: what GET /metrics tells, and what counts the answers.
      admission: counts what is taken on.

    ``app.state.draining`` is set when nothing new shall come: GET /readyz says so, and connections end.
    """
    threads = ThreadPoolExecutor(usable_cores() + 2, thread_name_prefix="gen-jax-http")
    worker = Worker(
        service.batcher,
        admission=admission,
        receiving=Admission(dataclasses.replace(service.limits, waiting=RECEIVING)),
        limits=service.limits,
        threads=threads,
    )

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        threads.shutdown(wait=False, cancel_futures=True)

    # The document and the page are our own: the usual page loads scripts from elsewhere, which a closed network lacks.
    app = FastAPI(
        title="gen_jax",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.draining = False
    reading = get_routes(service, monitoring, lambda: app.state.draining, protected=gate is not None)
    making = post_routes(service, worker, monitoring)
    for path, handler in reading.items():
        app.add_api_route(path, handler, methods=["GET", "HEAD"], include_in_schema=False)
    for path, handler in making.items():
        app.add_api_route(path, handler, methods=["POST"], include_in_schema=False)
    app.add_exception_handler(HTTPException, _refused)
    app.add_middleware(
        Edge,
        gate=gate,
        is_draining=lambda: app.state.draining,
        monitoring=monitoring,
        routes=frozenset((*reading, *making)),
        open_routes=OPEN_ROUTES,
    )
    return app


async def _refused(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: an unknown place, or a method that a place does not know."""
    headers = dict(getattr(error, "headers", None) or {})
    if getattr(error, "status_code", 404) == 405:
        problem = Problem("method-not-allowed", f"{request.url.path}: allowed is {headers.get('Allow', '')}")
    else:
        problem = Problem("not-found", f"there is nothing at {request.url.path[:200]!r}; GET / lists what there is")
    headers |= {name.decode(): value.decode() for name, value in problem_headers(problem)}
    return Response(problem.document().text(), problem.status, headers=headers, media_type=MEDIA_TYPE)
