"""Who may use the service: bearer tokens of its own, tokens of Microsoft Entra ID, or everybody."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping

from gen_jax.errors import UserError
from gen_jax.serve.access.bearer_tokens import BearerTokens, tokens_from
from gen_jax.serve.access.entra import EntraTokens
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import Access

_log = logging.getLogger(__name__)

_MOST_CHARACTERS = 1 << 14
"""Of a token; those of Entra have some two thousand."""


class Gate:
    """Lets a request pass or raises a problem; safe to use from several threads.

    Args:
      access: who may pass.
      environment: where GEN_JAX_TOKEN is looked for.
      keys_url: of the JSON Web Key Set that Entra signs with; left out, that of the tenant in the public cloud.
      issuers: of Entra's tokens; left out, those of the tenant in the public cloud.

    Raises:
      UserError: a token file that cannot be read or holds none, a token that is easily guessed, a tenant without an
        audience, a library that is missing.
    """

    def __init__(
        self,
        access: Access,
        *,
        environment: Mapping[str, str] = os.environ,
        keys_url: str | None = None,
        issuers: Collection[str] | None = None,
    ) -> None:
        self._tokens: BearerTokens | None = tokens_from(access.token_file, environment)
        self._entra: EntraTokens | None = None
        if access.entra_tenant is not None:
            self._entra = EntraTokens(access, keys_url=keys_url, issuers=issuers)
        elif access.entra_audience is not None or access.entra_role is not None:
            raise UserError("access.entra_tenant is left out; name the directory that issues the tokens")

    @property
    def open(self) -> bool:
        """Whether everybody may pass."""
        return self._tokens is None and self._entra is None

    def check(self, authorization: str | None) -> None:
        """Let the sender of a request pass, or raise.

        It may fetch Entra's keys, so call it in a thread.

        Args:
          authorization: the header of that name, or None.

        Raises:
          Problem: ``unauthorized`` without a valid token, ``forbidden`` without the role, ``not-ready`` where tokens
            cannot be checked.
        """
        if self.open:
            return
        token = _bearer(authorization)
        if self._tokens is not None and self._tokens.holds(token):
            return
        if self._entra is not None:
            self._entra.check(token)
            return
        _log.warning("refused: a token that is none of this service")
        raise Problem("unauthorized", "the token is not valid here; ask whoever runs the service for one")


def _bearer(authorization: str | None) -> str:
    """Return the token of a header ``Bearer TOKEN``."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _MOST_CHARACTERS or not token.isascii():
        raise Problem("unauthorized", "send a token in the header Authorization: Bearer TOKEN")
    return token
