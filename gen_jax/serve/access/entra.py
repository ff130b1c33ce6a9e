"""Access tokens of Microsoft Entra ID: signed by the tenant's keys, for this application, in time, with the role."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from gen_jax.errors import UserError
from gen_jax.serve.access.entra_keys import EntraKeys
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import Access

_log = logging.getLogger(__name__)

_LEEWAY = 60
"""Seconds by which clocks may differ."""
_CLOUD = "https://login.microsoftonline.com"


class EntraTokens:
    """Checks tokens of one tenant for one application; the arguments are those of ``Gate``."""

    def __init__(self, access: Access, *, keys_url: str | None = None, issuers: Collection[str] | None = None) -> None:
        tenant = _tenant(access.entra_tenant or "")
        if not access.entra_audience:
            raise UserError("access.entra_audience is left out; give the application that tokens must be for")
        self._tenant, self._audience, self._role = tenant, access.entra_audience, access.entra_role
        self._issuers = frozenset(issuers or (f"{_CLOUD}/{tenant}/v2.0", f"https://sts.windows.net/{tenant}/"))
        self._keys = EntraKeys(keys_url or f"{_CLOUD}/{tenant}/discovery/v2.0/keys")

    def check(self, token: str) -> None:
        """Let a token pass, or raise a Problem: ``unauthorized``, ``forbidden``, or ``not-ready`` without keys."""
        try:
            claims = self._claims(token)
        except Problem:
            raise
        except Exception as error:  # whatever a hostile token sets off: it does not pass
            _log.warning("refused: an Entra token: %s", type(error).__name__)
            raise Problem("unauthorized", _reason(error)) from None
        if self._role is not None and self._role not in _roles(claims):
            _log.warning("refused: an Entra token without the role")
            raise Problem("forbidden", "the token does not hold the role that this service asks for")

    def _claims(self, token: str) -> Mapping[str, Any]:
        """Return what a valid token says."""
        import jwt

        header = jwt.get_unverified_header(token)
        name = header.get("kid")
        # The algorithm is never the token's choice, and nothing is fetched for a token that cannot be right.
        if header.get("alg") != "RS256" or not isinstance(name, str):
            raise jwt.InvalidAlgorithmError("not RS256 with a named key")
        claims = jwt.decode(
            token,
            self._keys.find(name),
            algorithms=["RS256"],
            audience=self._audience,
            issuer=self._issuers,
            leeway=_LEEWAY,
            options={"require": ["exp", "iss", "aud", "tid"]},
        )
        if claims["tid"] != self._tenant:
            raise jwt.InvalidTokenError("another tenant")
        return claims


def _tenant(text: str) -> str:
    """Return the ID of a directory as tokens hold it; names such as ``common`` would let every directory in."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise UserError(
            f"access.entra_tenant {text!r} must be a directory (tenant) ID, "
            "such as 8eaef023-2b34-4da1-9baa-8bc8c9d6a490; the overview of the tenant shows it"
        ) from None


def _roles(claims: Mapping[str, Any]) -> list[str]:
    """Return app roles and delegated scopes."""
    roles, scopes = claims.get("roles"), claims.get("scp")
    return [
        *(role for role in (roles if isinstance(roles, list) else []) if isinstance(role, str)),
        *(scopes.split() if isinstance(scopes, str) else []),
    ]


def _reason(error: Exception) -> str:
    """Return what a client may know; only a token whose signature is right gets to a reason of its own."""
    import jwt

    if isinstance(error, jwt.ExpiredSignatureError):
        return "the token has expired; get a new one"
    if isinstance(error, jwt.InvalidAudienceError):
        return "the token is for another application; get one for this service"
    return "the token is not valid here; get an access token of this service's tenant"
