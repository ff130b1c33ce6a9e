"""``gen-jax azure lint [PATH ...]``: every YAML file checked, offline."""

from __future__ import annotations

from collections.abc import Sequence

from gen_jax.errors import UserError


def main(words: Sequence[str], prog: str = "gen-jax azure lint") -> int:
    """Run the command; returns the exit code."""
    raise UserError(f"{prog} {' '.join(words)}: the rules are not written yet")
