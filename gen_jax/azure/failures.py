"""What Azure's libraries raise, as one line that says what to do; tokens and keys never stand in it."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from gen_jax.errors import RunError, UserError

T = TypeVar("T")

PASSING = (408, 429, 500, 502, 503, 504)
"""Statuses after which the same request may succeed."""

MOST_CHARACTERS = 400
LONGEST_PAUSE = 120.0

SECRETS = (
    (r"(?i)\b(sig|signature|accountkey|sharedaccesskey|client_secret|password)=[^&;\s\"']+", r"\1=***"),
    (r"(?i)\b(bearer)\s+[\w.~+/=-]+", r"\1 ***"),
    (r"\beyJ[\w-]+\.[\w-]+(\.[\w-]+)?", "***"),
    (r"(?i)(\"(?:\w*key|\w*token|\w*secret|password)\"\s*:\s*\")[^\"]+", r"\1***"),
)

ROLES = (
    (
        r"Microsoft\.Storage|AuthorizationPermissionMismatch|blob",
        "Storage Blob Data Contributor on the storage account",
    ),
    (r"Microsoft\.ContainerRegistry|acr", "AcrPull on the container registry"),
    (r"/computes", "AzureML Compute Operator on the workspace"),
)
"""Pattern in a refusal -> the role that is missing; anything else is the data scientist's."""


@contextlib.contextmanager
def plain(what: str) -> Iterator[None]:
    """Turn what Azure's libraries raise in the block into a line for the user; anything else passes.

    Args:
      what: what was being done, in the words of the user ("job first-1").
    """
    try:
        yield
    except Exception as error:
        told = explain(error, what)
        if told is None:
            raise
        raise told from error


def explain(error: Exception, what: str) -> Exception | None:
    """Return the one line for an error of Azure's libraries; None where it is none of theirs."""
    from azure.core import exceptions as azure

    if not isinstance(error, azure.AzureError):
        return None
    said = one_line(str(getattr(error, "message", "") or error))
    if isinstance(error, azure.ClientAuthenticationError):
        # Without any identity the text is a page on each way there is to have one.
        said = "no identity was found" if "included credentials" in said else said
        return UserError(f"{what}: not logged in to Azure: run `az login`, and repeat the command ({said})")
    if isinstance(error, azure.HttpResponseError) and error.status_code is not None:
        return _refusal(error, what, said)
    if isinstance(error, azure.ServiceRequestError | azure.ServiceResponseError):
        return RunError(f"{what}: Azure cannot be reached ({said}); check network and proxy, and repeat the command")
    return UserError(f"{what}: {said}")


def _refusal(error: Any, what: str, said: str) -> Exception:
    status, code = error.status_code, str(getattr(getattr(error, "error", None), "code", "") or "")
    if re.search(r"quota|OutOfCapacity|SkuNotAvailable", f"{code} {said}", re.IGNORECASE):
        return UserError(
            f"{what}: the quota does not allow it: take another size or region, or ask for more in the portal "
            f"(Quotas > Machine Learning) ({said})"
        )
    if status == 401:
        return UserError(f"{what}: not logged in to Azure: run `az login`, and repeat the command ({said})")
    if status == 403:
        return UserError(f"{what}: you may not do this: ask for the role {role_for(f'{code} {said}')} ({said})")
    if status == 404:
        return UserError(f"{what}: not found: check its name, and the workspace, resource group and subscription")
    if status == 429:
        return RunError(f"{what}: Azure asks for fewer requests (429); wait some minutes, and repeat the command")
    if status in PASSING:
        return RunError(f"{what}: Azure has a problem of its own ({status}: {said}); repeat the command later")
    return UserError(f"{what}: Azure refuses it ({status}: {said})")


def role_for(said: str) -> str:
    """Return the role that a refusal asks for, and where."""
    return next(
        (role for pattern, role in ROLES if re.search(pattern, said)), "AzureML Data Scientist on the workspace"
    )


def is_missing(error: Exception) -> bool:
    """Tell whether Azure says that there is no such thing."""
    return getattr(error, "status_code", None) == 404 or type(error).__name__ == "ResourceNotFoundError"


def patiently(call: Callable[[], T], *, sleep: Callable[[float], None] | None = None, tries: int = 6) -> T:
    """Return what a request returns; one that was throttled or got lost is sent again after growing pauses.

    Only for requests that may be sent twice.
    """
    for number in range(tries - 1):
        try:
            return call()
        except Exception as error:
            if not _passes(error):
                raise
            (sleep or time.sleep)(_pause(error, number))
    return call()


def _passes(error: Exception) -> bool:
    from azure.core import exceptions as azure

    if isinstance(error, azure.HttpResponseError) and error.status_code is not None:
        return error.status_code in PASSING
    return isinstance(error, azure.ServiceRequestError | azure.ServiceResponseError)


def _pause(error: Any, number: int) -> float:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    asked = str(headers.get("Retry-After") or headers.get("retry-after") or "")
    seconds = float(asked) if asked.isdecimal() else 2.0 * 2**number
    return min(seconds, LONGEST_PAUSE)


def one_line(text: str) -> str:
    """Return a text of others as one line of at most 400 characters, without control codes and without secrets."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    line = without_secrets(line)
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 3]}..."


def without_secrets(text: str) -> str:
    """Return a text with tokens, keys and signatures struck out."""
    for pattern, stars in SECRETS:
        text = re.sub(pattern, stars, text)
    return text
