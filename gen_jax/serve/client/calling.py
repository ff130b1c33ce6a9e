"""One request to a service and its answer: tried again while the service is busy, every failure one line."""

from __future__ import annotations

import email.utils
import json
import os
import random
import time
from types import ModuleType
from typing import Any

from gen_jax.errors import RunError, UserError
from gen_jax.serve.problem import MEDIA_TYPE

PLACES = {
    "generate": "/generate",
    "edit": "/edit",
    "texture": "/draw/texture",
    "logo": "/draw/logo",
    "reconstruct": "/reconstruct",
    "models": "/models",
    "operations": "/operations",
    "ready": "/readyz",
}
"""What is asked for -> its place below the address of a service."""

PATIENCE = 60.0
"""Seconds that a service may ask us to stay away; beyond them its refusal is the answer."""

_BUSY = (429, 503)
_BEHIND_AZURE = 424
"""What an Azure endpoint answers in place of every status of the model but 200."""


class Refused(UserError):
    """The service answers 4xx; the message is its line.

    Args:
      line: what was wrong.
      status: of the answer.
      kind: of the problem, as in ``problem.KINDS``; empty where the answer is no problem document.
    """

    def __init__(self, line: str, *, status: int, kind: str) -> None:
        super().__init__(line)
        self.status = status
        self.kind = kind


class Caller:
    """Connections to one service; used by any number of threads at once.

    Args:
      url: address of the service, or the scoring address of an Azure endpoint, which ends with ``/score``.
      token: bearer token; None: GEN_JAX_TOKEN, where it is set. Redirects are not followed, so it goes nowhere else.
      timeout: seconds without a byte after which a request has failed.
      retries: how often a request that found the service busy, or lost its connection, is sent again. The same
        request has the same answer, so that one sent twice does no harm.

    Raises:
      UserError: the address is none, the token cannot be sent, or httpx is missing.
    """

    def __init__(self, url: str, *, token: str | None, timeout: float, retries: int) -> None:
        self._httpx = _library()
        self.url = _checked(url, self._httpx)
        self._retries = retries
        headers = {"Authorization": f"Bearer {_token(token)}"} if _token(token) else {}
        limits = self._httpx.Timeout(timeout, connect=min(10.0, timeout))
        self._connections = self._httpx.Client(headers=headers, timeout=limits, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def call(self, what: str, *, retries: int | None = None, **content: Any) -> Any:
        """Return httpx's response of status 200 to what is asked for.

        Args:
          what: of ``PLACES``.
          retries: as for the constructor; None: those.
          content: of the request, as httpx names it: json, data, files.

        Raises:
          Refused: 4xx.
          UserError: the service lies elsewhere.
          RunError: 5xx, 429 to the end, or no answer.
        """
        retries = self._retries if retries is None else retries
        for number in range(retries + 1):
            last = number == retries
            response = self._sent(what, content, last=last)
            if response is None:
                _wait(_backoff(number))
                continue
            status = _status(response)
            if status == 200:
                return response
            pause = _pause(response, number)
            if status not in _BUSY or last or pause > PATIENCE:
                raise _failure(response, status, self.url)
            _wait(pause)
        raise AssertionError("the last try returns or raises")

    def _sent(self, what: str, content: dict[str, Any], *, last: bool) -> Any:
        """Return the response, or None where the connection was lost and it is worth another try."""
        method = "POST" if content or self._is_scoring else "GET"
        try:
            return self._connections.request(method, self._address(what), **content)
        except self._httpx.TimeoutException:
            raise RunError(
                f"{self.url}: no answer in time; is the service overloaded, or the address another's?"
            ) from None
        except self._httpx.ConnectError as error:
            raise RunError(f"{self.url}: cannot be reached ({one_line(str(error))})") from None
        except self._httpx.RequestError as error:
            if last:
                lost = one_line(str(error)) or type(error).__name__
                raise RunError(f"{self.url}: the connection was lost before an answer came ({lost})") from None
            return None

    @property
    def _is_scoring(self) -> bool:
        return self.url.endswith("/score")

    def _address(self, what: str) -> str:
        if self._is_scoring:
            return f"{self.url}?do={'models' if what == 'ready' else what}"
        return self.url + PLACES[what]


def one_line(text: str) -> str:
    """Return at most 500 letters of a text that others wrote, without line ends and control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:500]


def _library() -> ModuleType:
    try:
        import httpx
    except ImportError:
        raise UserError("calling a service needs httpx; run `pip install 'gen_jax[serve]'`") from None
    return httpx


def _checked(url: str, httpx: ModuleType) -> str:
    """Return the address without a slash at its end."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise UserError(f"{one_line(url)}: is no address of a service ({one_line(str(error))})") from None
    if parts.scheme not in ("http", "https") or not parts.host or parts.query or parts.fragment:
        raise UserError(f"{one_line(url)}: is no address of a service; write one such as http://127.0.0.1:8080")
    if parts.userinfo:
        raise UserError(f"http address of {parts.host}: holds a name or password; give a token, in GEN_JAX_TOKEN")
    return str(parts).rstrip("/")


def _token(given: str | None) -> str:
    token = (os.environ.get("GEN_JAX_TOKEN", "") if given is None else given).strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UserError("the token holds characters that no token has; see GEN_JAX_TOKEN")
    return token


def _status(response: Any) -> int:
    """Return the status that the service gave, also where an Azure endpoint put its own in front."""
    inner = response.headers.get("ms-azureml-model-error-statuscode", "")
    return int(inner) if response.status_code == _BEHIND_AZURE and inner.isdecimal() else response.status_code


def _pause(response: Any, number: int) -> float:
    """Return the seconds that the service asks for, and a little more, so that not all come back at once."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isdecimal():
        seconds = float(asked)
    else:
        try:
            seconds = max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
        except ValueError:
            return _backoff(number)
    return seconds * random.uniform(1.0, 1.25)


def _backoff(number: int) -> float:
    return min(0.25 * 2**number, 8.0) * random.uniform(1.0, 1.25)


def _wait(seconds: float) -> None:
    time.sleep(seconds)


def _failure(response: Any, status: int, url: str) -> Exception:
    line, kind = _story(response, status, url)
    if 300 <= status < 400:
        elsewhere = one_line(response.headers.get("location", "another address"))
        return UserError(f"{url}: has moved to {elsewhere}; give that address")
    if status >= 500 or status in (408, 429):
        return RunError(line)
    return Refused(line, status=status, kind=kind)


def _story(response: Any, status: int, url: str) -> tuple[str, str]:
    """Return the line and the kind of a problem document, or what else there is to say of the answer."""
    if response.headers.get("content-type", "").partition(";")[0].strip() == MEDIA_TYPE:
        try:
            document = json.loads(response.content)
            line = one_line(f"{document.get('detail') or document['title']}")
            return line, str(document.get("type", "")).removeprefix("urn:gen-jax:problem:")
        except (ValueError, KeyError, AttributeError):
            pass
    said = one_line(response.text[:2000])[:120]
    return f"{url}: answered {status} and no problem document; is it a gen_jax service? It says: {said!r}", ""
