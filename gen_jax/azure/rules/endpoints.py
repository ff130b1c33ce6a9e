"""Endpoints: who may call, and which deployment answers."""

from __future__ import annotations

from collections.abc import Iterator

from gen_jax.azure.blocks import mapping
from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document


def traffic(document: Document, kind: str) -> Iterator[Finding]:
    """Shares that do not add up to 100 are refused by the service, and 0 means: nobody yet."""
    if kind != "online endpoint":
        return
    for name in ("traffic", "mirror_traffic"):
        shares = mapping(document.data, name)
        numbers = {
            key: value for key, value in shares.items() if isinstance(value, int) and not isinstance(value, bool)
        }
        for key, value in numbers.items():
            if not 0 <= value <= 100:
                yield Finding((name, key), f"{value} is no share", "give per cent: 0 to 100")
        if name == "mirror_traffic" and sum(numbers.values()) > 50:
            yield Finding((name,), f"{sum(numbers.values())} per cent are mirrored", "give 50 or less")
        elif name == "traffic" and numbers and sum(numbers.values()) not in (0, 100):
            yield Finding(
                (name,), f"the shares add up to {sum(numbers.values())}", "make them 100, or 0 for nobody yet"
            )


def authentication(document: Document, kind: str) -> Iterator[Finding]:
    """A batch endpoint knows Entra ID alone."""
    mode = document.data.get("auth_mode") if isinstance(document.data, dict) else None
    if kind == "batch endpoint" and isinstance(mode, str) and mode != "aad_token":
        yield Finding(("auth_mode",), f"{mode!r} does not exist for batch endpoints", "write aad_token")


def keys(document: Document, kind: str) -> Iterator[Finding]:
    """A key is a secret that somebody must keep; an identity is not."""
    if kind == "online endpoint" and document.data.get("auth_mode", "key") == "key":
        yield Finding(("auth_mode",), "callers need a key, which somebody must keep", "write auth_mode: aad_token")


def defaults(document: Document, kind: str) -> Iterator[Finding]:
    """The default deployment is a name, and no reference."""
    name = mapping(document.data, "defaults").get("deployment_name")
    if kind == "batch endpoint" and isinstance(name, str) and (":" in name or "/" in name):
        yield Finding(("defaults", "deployment_name"), f"{name!r} is no name of a deployment", "write its name alone")


RULES = (traffic, authentication, defaults)

ADVICE = (keys,)
