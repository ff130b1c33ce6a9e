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
    # A container behind an endpoint may be reached at its scoring route alone, whichever that is.
    try:
        names = ", ".join(str(model.get("name")) for model in client.models())
        say(f"models: {names or 'none, it edits and draws'}")
    except Refused as error:
        if not _is_unknown_path(error):
            raise
        say("models: not asked, the endpoint does not pass this address on")
    try:
        _try_edit(client)
        say(f"edit {' '.join(EDITS)}: the same pixels as here")
    except Refused as error:
        if not _is_unknown_path(error):
            raise
        _try_image(client)
        say("edit: not asked, the endpoint does not pass this address on; the same seed gives the same image")


def _is_unknown_path(error: Refused) -> bool:
    """Tell the 404 of an endpoint's front from one of the service, which says its kind."""
    return error.status == 404 and not error.kind


def _try_edit(client: Client) -> None:
    photo = (np.arange(48 * 64 * 3) * 7 % 256).astype(np.uint8).reshape(48, 64, 3)
    served, here = client.edit(photo, EDITS, format="png").array(), edited_here(photo)
    if served.shape == here.shape and np.array_equal(served, here):
        return
    different = f"shape {served.shape}, here {here.shape}"
    if served.shape == here.shape:
        different = f"{np.mean(np.any(served != here, axis=-1)):.1%} of the pixels differ"
    raise WrongPixels(f"the edit {' '.join(EDITS)} comes out otherwise than here: {different}; another version?")


def _try_image(client: Client) -> None:
    [first], [second] = client.generate(1, seed=0), client.generate(1, seed=0)
    if not np.array_equal(first.array(), second.array()):
        raise WrongPixels("the same seed gave two images")


def edited_here(photo: np.ndarray) -> np.ndarray:
    """Return a photo, uint8 [h, w, 3], after ``EDITS`` on this machine."""
    from gen_jax.edit.chain import Chain
    from gen_jax.edit.syntax import parse_operation

    return np.asarray(Chain([parse_operation(word) for word in EDITS])(photo[None]))[0]
