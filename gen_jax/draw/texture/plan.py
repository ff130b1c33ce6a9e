"""From a name to what a seed decides: the value that each parameter and colour varies about, and how far.

What varies is computed alike in numpy, one seed at a time, and in jax.numpy within a compiled program.
"""

from __future__ import annotations

import dataclasses
import math
import zlib
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.draw import hashing, oklab
from gen_jax.draw.texture import colormap
from gen_jax.draw.texture.catalog import TEXTURES
from gen_jax.draw.texture.kind import Choice, Number, Texture
from gen_jax.draw.texture.presets import PRESETS, Preset
from gen_jax.registry import lookup

SURFACE = {
    "relief": Number(0.0, 0.0, 1.0, "how far a height of 1 stands out, in shorter sides of the picture"),
    "light": Number(0.0, 0.0, 1.0, "how much of the light on the relief is in the colours"),
}
"""What every texture has beside its own parameters."""

_COLORS = ("hue", "lightness", "chroma")


@dataclasses.dataclass(frozen=True)
class Plan:
    """A texture with everything said but the seed."""

    texture: str
    preset: str | None
    numbers: Mapping[str, Number]
    """The parameters that are numbers, with the value that each varies about as its default."""
    steps: Mapping[str, float]
    """How far a seed moves each, either way."""
    choices: Mapping[str, str]
    colors: tuple[tuple[float, str], ...]
    color_steps: Mapping[str, float]
    """How far a seed moves the colours: degrees of hue, lightness, share of chroma."""

    def numbers_of(self, seeds: Any) -> dict[str, Any]:
        """Return the value of every number for seeds, uint32 [b]: float32 [b] each, in the library of the seeds."""
        return {name: _varied(seeds, name, number, self.steps[name]) for name, number in self.numbers.items()}

    def colors_of(self, seeds: Any) -> Any:
        """Return the colours at the stops for seeds, uint32 [b]: sRGB [b, k, 3], multiples of 1/255."""
        xp = _library(seeds)
        _, colors = colormap.arrays(self.colors)
        if not any(self.color_steps.values()):
            return xp.broadcast_to(xp.asarray(colors), (*seeds.shape, *colors.shape))
        hue, lightness, chroma = (_swing(seeds, name)[:, None] * self.color_steps[name] for name in _COLORS)
        base = oklab.to_oklch(colors)[None]
        turned = [base[..., 0] + lightness, base[..., 1] * (1.0 + chroma), base[..., 2] + hue]
        shown = oklab.from_oklch(xp.stack([part.astype(np.float32) for part in turned], axis=-1))
        return xp.round(xp.clip(shown, 0.0, 1.0) * 255.0) / 255.0


def known(name: str) -> dict[str, Number | Choice]:
    """Return the parameters of a texture or preset, each with its own default.

    Raises:
      UserError: there is no such texture or preset.
    """
    texture, preset = _find(name)
    parameters: dict[str, Number | Choice] = {**SURFACE, **texture.numbers, **texture.choices}
    if preset is None:
        return parameters
    values = {"relief": preset.relief, "light": preset.light, **preset.parameters}
    return {
        key: dataclasses.replace(spec, default=values[key]) if key in values else spec  # type: ignore[type-var]
        for key, spec in parameters.items()
    }


def plan(
    name: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    colors: colormap.Stops | None = None,
    vary: float = 1.0,
) -> Plan:
    """Return what a seed decides of a texture or preset.

    Args:
      name: of a preset or of a texture.
      parameters: values that are given: they do not vary.
      colors: stops that are given: they do not vary.
      vary: share of the usual variation; 0 for none.

    Raises:
      UserError: an unknown name or parameter, or a value that is not allowed.
    """
    specs, (_, preset) = known(name), _find(name)
    given = {
        key: lookup(specs, key, what=f"parameter of {name}").check(f"{name}.{key}", value)
        for key, value in (parameters or {}).items()
    }
    vary = Number(1.0, 0.0, 10.0, "share of the usual variation").check("vary", vary)
    numbers = {key: spec for key, spec in specs.items() if isinstance(spec, Number)}
    numbers = {
        key: dataclasses.replace(spec, default=float(given.get(key, spec.default))) for key, spec in numbers.items()
    }
    shares = {key: spec.vary for key, spec in numbers.items()} | dict(preset.vary if preset else {})
    shown = preset is not None and colors is None
    return Plan(
        texture=preset.texture if preset else name,
        preset=name if preset else None,
        numbers=numbers,
        steps={
            key: 0.0 if key in given else _short(abs(spec.default) * shares[key] * vary)
            for key, spec in numbers.items()
        },
        choices={key: str(given.get(key, spec.default)) for key, spec in specs.items() if isinstance(spec, Choice)},
        colors=colormap.check(colors, where="colors") if colors is not None else _colors(preset),
        color_steps={key: getattr(preset, key) * vary if shown else 0.0 for key in _COLORS},
    )


def _find(name: str) -> tuple[Texture, Preset | None]:
    if name in PRESETS:
        return TEXTURES[PRESETS[name].texture], PRESETS[name]
    lookup({**TEXTURES, **PRESETS}, name, what="texture or preset")
    return TEXTURES[name], None


def _colors(preset: Preset | None) -> tuple[tuple[float, str], ...]:
    return colormap.check(preset.colors, where="colors") if preset else colormap.GREYS


def _library(seeds: Any) -> Any:
    return jnp if isinstance(seeds, jax.Array) else np


def _short(step: float) -> float:
    """Return the step with 12 significant bits: times a number of 11 bits the product is then exact in float32.

    So a compiler that fuses the product with the sum that follows gives what numpy gives, bit for bit.
    """
    mantissa, exponent = math.frexp(step)
    return math.ldexp(round(mantissa * 4096.0), exponent - 12)


def _swing(seeds: Any, name: str) -> Any:
    """Return a multiple of 2^-10 in [-1, 1) that a seed and a name decide, float32 [b]."""
    bits = hashing.fold(hashing.fold(seeds, 0x76617279), zlib.crc32(name.encode()))
    return (bits >> np.uint32(21)).astype(np.float32) * np.float32(2.0**-10) - np.float32(1.0)


def _varied(seeds: Any, name: str, number: Number, step: float) -> Any:
    xp = _library(seeds)
    value = np.float32(number.default) + np.float32(step) * _swing(seeds, name)
    value = xp.round(value) if number.whole else value
    return xp.clip(value, np.float32(number.low), np.float32(number.high))
