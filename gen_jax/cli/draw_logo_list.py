"""``gen-jax draw logo --list``: families of marks, layouts, variants, fonts; what a family's parameters may be."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Any

from gen_jax.cli.draw_list import table
from gen_jax.draw.logo import chance
from gen_jax.draw.logo.letters import FONTS
from gen_jax.draw.logo.marks.catalog import FAMILIES
from gen_jax.draw.logo.palette import Scheme
from gen_jax.draw.logo.parameters import Accent, Case
from gen_jax.errors import UserError
from gen_jax.registry import lookup


def explain(words: Sequence[str]) -> str:
    """Return everything that can be chosen, or the parameters of the family that is named.

    Raises:
      UserError: there is no such family.
    """
    if len(words) > 1:
        raise UserError(f"{' '.join(words)}: name one family")
    if words:
        kind = lookup(FAMILIES, words[0], what="family of marks")
        hints = typing.get_type_hints(kind, include_extras=True)
        forms = {name: _form(hints[name]) for name in chance.names(kind)}
        return f"{words[0]}: {_story(kind)}\n{table(forms)}"
    lines = ["Families of marks (--family)", table({name: _story(kind) for name, kind in FAMILIES.items()})]
    lines += ["", "Fonts (--font)", table({name: font.doc for name, font in FONTS.items()})]
    choices = {
        "hue": "number from 0 to 360, in OKLCH",
        "scheme": " | ".join(typing.get_args(Scheme)),
        "case": " | ".join(typing.get_args(Case)),
        "accent": " | ".join(typing.get_args(Accent)),
        "tracking": "number from -0.05 to 0.6",
        "initials": "one to three letters",
    }
    lines += ["", "Parameters, as KEY=VALUE; left out, of the seed", table(choices)]
    return "\n".join([*lines, "", "`gen-jax draw logo FAMILY --list` shows the parameters of a family."])


def _story(kind: type) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _form(hint: Any) -> str:
    extras = getattr(hint, "__metadata__", ())
    base = typing.get_args(hint)[0] if extras else hint
    if base is bool:
        return "true | false"
    limits = next((extra for extra in extras if isinstance(extra, chance.Range)), None)
    if limits is None:
        return " | ".join(map(str, typing.get_args(base)))
    return f"{'whole number' if base is int else 'number'} from {limits.low:g} to {limits.high:g}"
