"""Azure Machine Learning's scoring script: the service behind its ``init()`` and ``run(request)``.

The entry script of a deployment, or a file of one line: ``from gen_jax.serve.score import init, run``. The server
needs threads, ``GUNICORN_CMD_ARGS=--threads=8``: without them it answers one request at a time, health probes too.
"""

from __future__ import annotations

import os

from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp  # type: ignore[import-not-found]
from azureml_inference_server_http.api.aml_response import AMLResponse  # type: ignore[import-not-found]

from gen_jax.serve.scoring import Call, Scoring

_scoring: list[Scoring] = []
"""The server calls two functions and keeps nothing between them: the service that ``init`` opened."""


def init() -> None:
    """Open the service and compile; the server takes requests when this returns."""
    _scoring[:] = [Scoring.open(os.environ)]


@rawhttp
def run(request: AMLRequest) -> AMLResponse:
    """Answer one request."""
    status, headers, body = _scoring[0].answer(
        Call(
            method=request.method,
            query=request.args.to_dict(flat=False),
            headers=request.headers,
            read=request.stream.read,
        )
    )
    return AMLResponse(body, status, headers)
