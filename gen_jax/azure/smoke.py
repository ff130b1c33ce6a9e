"""A deployment tried with real requests before it gets traffic: its models, and an edit that must come out right."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from gen_jax.azure.submitting import Say
from gen_jax.errors import RunError
from gen_jax.serve.client.calling import Caller, Refused
from gen_jax.serve.client.client import Client

HEADER = "azureml-model-deployment"
"""Names the deployment that a request goes to, whatever the traffic."""

EDITS = ("rotate=90,expand=true", "brightness=1.25", "invert")
TRIES = 5
PAUSE = 15.0
"""Seconds between tries: the front of an endpoint learns of a new deployment some time after it is ready."""


class DeploymentClient(Client):
    """A client of one deployment of an endpoint.

    Args:
      url: of the service, or its scoring address.
      deployment: its name.
      token: key or token of the endpoint.
      timeout: seconds without a byte after which a request has failed.
    """

    def __init__(self, url: str, deployment: str, *, token: str, timeout: float = 200.0) -> None:
        self._caller = _DeploymentCaller(url, deployment, token=token, timeout=timeout)


class _DeploymentCaller(Caller):
    def __init__(self, url: str, deployment: str, *, token: str, timeout: float) -> None:
        super().__init__(url, token=token, timeout=timeout, retries=4)
        self._connections.headers[HEADER] = deployment


def address(scoring_uri: str, deployment: Mapping[str, Any]) -> str:
    """Return where the client asks: a scoring script has one address for all, a container answers at its own paths."""
    if "code_configuration" in deployment:
        return scoring_uri
    parts = urlsplit(scoring_uri)
    return f"{parts.scheme}://{parts.netloc}"


def smoke_test(client: Client, *, say: Say = print, sleep: Callable[[float], None] = time.sleep) -> None:
    """Ask for the models and for one small edit, and compare its pixels with those of the same edit here.

    Raises:
      UserError, RunError: no answer, a refusal, or other pixels.
    """
    for number in range(TRIES):
        try:
            _once(client, say)
            return
        except (RunError, Refused) as error:
            waits = isinstance(error, RunError) or error.status in (404, 502)
            if number == TRIES - 1 or not waits or isinstance(error, WrongPixels):
                raise
            say(f"no answer yet ({error}); once more in {PAUSE:.0f} s")
        sleep(PAUSE)


class WrongPixels(RunError):
    """The service answers, and its pixels are not those of this version."""


def _once(client: Client, say: Say) -> None:
    try:
        models = client.models()
    except Refused as error:
        if error.status != 404 or error.kind:
            raise
        # A container behind an endpoint may be reached at its scoring route alone.
        say("models: not asked, the endpoint passes on its scoring route only")
    else:
        names = ", ".join(str(model.get("name")) for model in models)
        say(f"models: {names or 'none, it edits and draws'}")
    photo = (np.arange(48 * 64 * 3) * 7 % 256).astype(np.uint8).reshape(48, 64, 3)
    served = client.edit(photo, EDITS, format="png").array()
    here = edited_here(photo)
    if served.shape != here.shape or not np.array_equal(served, here):
        different = f"shape {served.shape}, here {here.shape}"
        if served.shape == here.shape:
            different = f"{np.mean(np.any(served != here, axis=-1)):.1%} of the pixels differ"
        raise WrongPixels(f"the edit {' '.join(EDITS)} comes out otherwise than here: {different}; another version?")
    say(f"edit {' '.join(EDITS)}: the same pixels as here")


def edited_here(photo: np.ndarray) -> np.ndarray:
    """Return a photo, uint8 [h, w, 3], after ``EDITS`` on this machine."""
    from gen_jax.edit.chain import Chain
    from gen_jax.edit.syntax import parse_operation

    return np.asarray(Chain([parse_operation(word) for word in EDITS])(photo[None]))[0]
