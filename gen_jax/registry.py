"""Look a name up in a table, with an error that lists what the table holds."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeVar

from gen_jax.errors import UserError

T = TypeVar("T")


def lookup(table: Mapping[str, T], name: str, *, what: str) -> T:
    """Return ``table[name]``.

    Args:
      table: the names that exist.
      name: the name asked for.
      what: what the table holds, in the words of the user ("model", "config").

    Raises:
      UserError: the name is unknown; the message lists the known names, nearest first.
    """
    if name in table:
        return table[name]
    near = difflib.get_close_matches(name, table, n=1)
    hint = f" Perhaps you meant {near[0]!r}." if near else ""
    raise UserError(f"unknown {what} {name!r}.{hint} Known: {', '.join(sorted(table))}.")
