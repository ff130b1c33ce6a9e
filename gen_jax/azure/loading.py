"""A file as the SDK of Azure sees it, offline: load it, and say in one line each what it complains of."""

from __future__ import annotations

import contextlib
import importlib
import logging
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document
from gen_jax.azure.sdk_errors import findings_of
from gen_jax.errors import UserError

LOADERS = {
    "job": "load_job",
    "component": "load_component",
    "environment": "load_environment",
    "data": "load_data",
    "model": "load_model",
    "compute": "load_compute",
    "schedule": "load_schedule",
    "datastore": "load_datastore",
    "online endpoint": "load_online_endpoint",
    "online deployment": "load_online_deployment",
    "batch endpoint": "load_batch_endpoint",
    "batch deployment": "load_model_batch_deployment",
    "pipeline batch deployment": "load_pipeline_component_batch_deployment",
}
"""Kind -> function of the SDK.

They are taken from ``azure.ai.ml.entities._load_functions``: the public ``load_batch_deployment`` knows an older
schema than the command line does and refuses ``settings``, and ``load_schedule`` has no public name.
"""

_ONE_AT_A_TIME = threading.RLock()


def load_entity(document: Document, kind: str) -> Any:
    """Return the SDK's object for a file.

    Raises:
      UserError: the SDK is not installed.
      Exception: whatever the SDK raises for a file that it refuses.
    """
    functions = require_sdk()
    is_pipeline = kind == "batch deployment" and _is_pipeline_deployment(document.data)
    name = LOADERS["pipeline batch deployment" if is_pipeline else kind]
    return getattr(functions, name)(source=str(document.path))


def sdk_findings(document: Document, kind: str) -> list[Finding]:
    """Return what the SDK complains of, without a network: one finding for each mistake."""
    with offline(), quiet():
        try:
            load_entity(document, kind)
        except UserError:
            raise
        # The SDK raises whatever its parts do: AttributeError and TypeError among them.
        except Exception as error:
            return findings_of(error, document)
    return []


def _is_pipeline_deployment(data: Any) -> bool:
    return isinstance(data, dict) and (data.get("type") == "pipeline" or "component" in data)


def require_sdk() -> Any:
    """Return the module of the SDK that loads files.

    Raises:
      UserError: azure-ai-ml is not installed.
    """
    try:
        with quiet():
            return importlib.import_module("azure.ai.ml.entities._load_functions")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("azure"):
            raise
        raise UserError("azure-ai-ml is not installed: `pip install azure-ai-ml`, and repeat the command") from None


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the SDK's notes to itself: it says on every load that a class is experimental."""
    # The SDK sets the levels of its own loggers, so that silence must come from above them.
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Deny every connection and name look-up of this process while the block runs."""
    with _ONE_AT_A_TIME, contextlib.ExitStack() as stack:
        for owner, name in (
            (socket.socket, "connect"),
            (socket.socket, "connect_ex"),
            (socket.socket, "sendto"),
            (socket, "create_connection"),
            (socket, "getaddrinfo"),
            (socket, "gethostbyname"),
        ):
            stack.enter_context(_replaced(owner, name, _deny))
        yield


@contextlib.contextmanager
def _replaced(owner: Any, name: str, value: Callable[..., Any]) -> Iterator[None]:
    own = name in vars(owner)
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        # socket.socket inherits these from C: what was not its own must not become its own.
        if own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)


def _deny(*arguments: Any, **options: Any) -> Any:
    raise OSError("the linter works without a network")
