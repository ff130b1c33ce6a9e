"""What ``gen-jax draw KIND --list`` shows: names with what they are, parameters with their ranges and defaults."""

from __future__ import annotations

from collections.abc import Mapping

from gen_jax.draw.texture.kind import Choice, Number


def table(rows: Mapping[str, str]) -> str:
    """Return a line a name, stories in a column."""
    width = max(map(len, rows))
    return "\n".join(f"  {name:{width}}  {story}" for name, story in rows.items())


def parameters(specs: Mapping[str, Number | Choice]) -> str:
    """Return a line a parameter: what it may be, its default, what it does."""
    return table({name: f"{_form(spec)} (default {_default(spec)}): {spec.doc}" for name, spec in specs.items()})


def _form(spec: Number | Choice) -> str:
    if isinstance(spec, Choice):
        return " | ".join(spec.allowed)
    return f"{'whole number' if spec.whole else 'number'} from {spec.low:g} to {spec.high:g}"


def _default(spec: Number | Choice) -> str:
    return spec.default if isinstance(spec, Choice) else f"{spec.default:g}"
