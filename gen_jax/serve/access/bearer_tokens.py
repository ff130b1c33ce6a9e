"""Bearer tokens of the service's own: read from a file or the environment, kept as hashes, changed without a stop."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from gen_jax.errors import UserError
from gen_jax.serve.problem import Problem

_log = logging.getLogger(__name__)

VARIABLE = "GEN_JAX_TOKEN"
"""Of the environment: one token."""

_LEAST_CHARACTERS = 16
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What a header may carry (RFC 6750)."""
_MOST_BYTES = 1 << 20
"""Of a token file."""


def tokens_from(file: str | None, environment: Mapping[str, str]) -> BearerTokens | None:
    """Return the tokens of a file, else of GEN_JAX_TOKEN, else None.

    Raises:
      UserError: there are none where some are announced, or one that is easily guessed.
    """
    if file is not None:
        return BearerTokens(Path(file))
    if VARIABLE in environment:
        return BearerTokens(hashes=_hashes([environment[VARIABLE].strip()], VARIABLE))
    return None


class BearerTokens:
    """Hashes of the valid tokens; a file that changes is read again, and one that is gone lets nobody pass."""

    def __init__(self, file: Path | None = None, *, hashes: Sequence[bytes] = ()) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._hashes = tuple(hashes)
        self._state: object = None
        if file is not None:
            try:
                self._reread(file)
            except OSError as error:
                raise UserError(
                    f"access.token_file {file}: cannot be read ({error.strerror or error}); check the path"
                ) from None

    def holds(self, token: str) -> bool:
        """Tell whether a token is valid; the time that it takes says nothing of how nearly it is.

        Raises:
          Problem: the file cannot be read any more.
        """
        given = _hash(token)
        # Not any(): every token is compared, whichever fits.
        return sum(hmac.compare_digest(given, known) for known in self._current()) > 0

    def _current(self) -> tuple[bytes, ...]:
        if self._file is None:
            return self._hashes
        with self._lock:
            try:
                self._reread(self._file)
            except (OSError, UserError) as error:
                self._hashes, self._state = (), None
                _log.error("token file %s: %s", self._file, getattr(error, "strerror", None) or error)
                raise Problem("not-ready", "tokens cannot be checked at the moment; try again later") from None
            return self._hashes

    def _reread(self, file: Path) -> None:
        """Read the file where it is another one, or has changed, since it was last read."""
        status = os.stat(file)
        state = (status.st_ino, status.st_mtime_ns, status.st_size)
        if state == self._state:
            return
        with open(file, "rb") as opened:
            text = opened.read(_MOST_BYTES).decode("ascii", "replace")
        lines = [line.strip() for line in text.splitlines()]
        self._hashes = _hashes([line for line in lines if line and not line.startswith("#")], f"token file {file}")
        self._state = state


def _hashes(tokens: Sequence[str], where: str) -> tuple[bytes, ...]:
    """Return the hashes; a message names the line's number, never the token."""
    if not tokens or not tokens[0]:
        raise UserError(f"{where} holds no token; put one in, such as the output of `openssl rand -hex 32`")
    for number, token in enumerate(tokens, start=1):
        if len(token) < _LEAST_CHARACTERS or not _TOKEN.fullmatch(token):
            raise UserError(
                f"{where}: token {number} must have {_LEAST_CHARACTERS} or more letters, digits and - . _ ~ + /; "
                "make one with `openssl rand -hex 32`"
            )
    return tuple(map(_hash, tokens))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
