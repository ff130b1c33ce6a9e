"""The public keys that a tenant of Microsoft Entra ID signs with: fetched seldom, kept while their server is down."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from gen_jax.errors import UserError
from gen_jax.serve.problem import Problem

_log = logging.getLogger(__name__)

_FRESH = 3600.0
"""Seconds after which keys are fetched again; Entra changes them every few weeks."""
_OLDEST = 86400.0
"""Seconds after which keys that could not be fetched again count no more."""
_PAUSE = 30.0
"""Seconds at least between fetches, whatever tokens come: an unknown key name must not make a request each."""
_PATIENCE = 5.0
"""Seconds for one fetch."""


class EntraKeys:
    """Finds a key by its name; safe to use from several threads.

    Args:
      url: of a JSON Web Key Set; from the settings, never from a token.
      clock: seconds that only grow.

    Raises:
      UserError: pyjwt is missing, or no such URL.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        try:
            import cryptography  # noqa: F401
            import jwt
        except ImportError:
            raise UserError("access.entra_tenant needs pyjwt; run `pip install 'gen_jax[serve-entra]'`") from None
        if urlsplit(url).scheme not in ("http", "https"):
            raise UserError(f"keys of Entra {url!r}: the scheme must be https")
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=_PATIENCE)
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, Any] = {}
        self._fetched = self._tried = -float("inf")

    def find(self, name: str) -> Any:
        """Return the RSA public key of that name.

        Raises:
          Problem: ``unauthorized`` where there is none of that name, ``not-ready`` where the keys cannot be had.
        """
        if name not in self._keys or self._age() > _FRESH:
            self._refresh(name)
        if self._age() > _OLDEST:
            raise Problem("not-ready", "tokens cannot be checked at the moment; try again later", retry_after=_PAUSE)
        if name not in self._keys:
            _log.warning("refused: an Entra token of an unknown key")
            raise Problem("unauthorized", "the token is not valid here; get an access token of this service's tenant")
        return self._keys[name]

    def _age(self) -> float:
        return self._clock() - self._fetched

    def _refresh(self, name: str) -> None:
        """Fetch the keys, unless somebody just tried; who has a key that still counts does not wait for another."""
        usable = name in self._keys and self._age() <= _OLDEST
        if not self._lock.acquire(blocking=not usable):
            return
        try:
            wanted = name not in self._keys or self._age() > _FRESH
            if wanted and self._clock() - self._tried > _PAUSE:
                self._fetch()
        finally:
            self._lock.release()

    def _fetch(self) -> None:
        try:
            keys = self._client.get_jwk_set().keys
        except Exception as error:  # whatever the server sent: the keys stay as they are, and grow old
            _log.error("keys of Entra cannot be fetched: %s", error)
        else:
            self._keys = {
                key.key_id: key.key
                for key in keys
                if key.key_type == "RSA" and key.public_key_use in ("sig", None) and key.key_id
            }
            self._fetched = self._clock()
        finally:
            self._tried = self._clock()
