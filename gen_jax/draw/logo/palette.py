"""The colours of a logo: harmonies of hue in OKLCH, fitted to sRGB and readable on their ground (WCAG 2.2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np

from gen_jax.draw import hexcolor, oklab
from gen_jax.draw.logo import chance

CONTRAST = 4.5
"""The least contrast of every ink with its ground: WCAG 2.2, 1.4.3, level AA."""

Scheme = Literal["mono", "analogous", "complementary", "split", "triadic", "tetradic"]
"""How the hues of the inks lie to one another."""

SCHEMES: Mapping[str, tuple[float, float]] = {
    "mono": (0.0, 0.0),
    "analogous": (30.0, -30.0),
    "complementary": (0.0, 180.0),
    "split": (150.0, 210.0),
    "triadic": (120.0, 240.0),
    "tetradic": (90.0, 180.0),
}
"""Scheme -> degrees from the hue of the first ink to those of the second and the third."""

_FAMOUS_HUES = (22.0, 32.0, 48.0, 148.0, 162.0, 184.0, 212.0, 238.0, 256.0, 266.0, 282.0, 300.0, 328.0, 352.0, 10.0)
"""Hues that are clean when dark enough for white paper; there is no such yellow."""

_MUDDY = (62.0, 132.0)
"""Between these hues, what is dark enough for white paper is olive or brown."""

_EARTH = (36.0, 145.0)
"""Between these hues, what is darker still is brown."""

_STEPS_ON_LIGHT = (0.51, 0.33, 0.58)
_STEPS_ON_DARK = (0.84, 0.92, 0.75)
_GROUNDS = {"black": (0.19, 0.02), "deep": (0.29, 0.10), "rich": (0.36, 0.14), "vivid": (0.50, 0.21)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Palette:
    """Three inks for a light ground and three for a dark one, most used first, ``#rrggbb`` each."""

    scheme: Scheme
    """How the hues lie to one another."""
    hue: float
    """Of the first ink, in degrees of OKLCH."""
    light: tuple[str, str, str]
    """Inks on ``paper``."""
    dark: tuple[str, str, str]
    """Inks on ``ground``."""
    paper: str = "#ffffff"
    """The light ground."""
    ground: str
    """The dark ground."""


def palette(seed: str, *, scheme: Scheme | None = None, hue: float | None = None) -> Palette:
    """Draw a palette; what is given is not drawn, and every ink is readable on its ground."""
    drawn: Scheme = chance.choice(seed, "palette/scheme", get_args(Scheme), (3.0, 2.0, 2.0, 1.5, 1.0, 0.8))
    scheme = scheme or drawn
    if hue is None:
        hue = chance.choice(seed, "palette/hue", _FAMOUS_HUES) + chance.real(seed, "palette/hue_shift", -6.0, 6.0)
        hue = round(hue % 360.0, 2)
    hues = (hue, *((hue + step) % 360.0 for step in SCHEMES[scheme]))
    neutral = scheme != "mono" and chance.unit(seed, "palette/neutral") < 0.35
    steps = tuple(np.roll(_STEPS_ON_LIGHT, chance.whole(seed, "palette/light_order", 0, 2)).tolist())
    paper, ground = "#ffffff", _ground(seed, hue)
    light = [(_not_brown(steps[index], _clean(hues[index])), 0.24, _clean(hues[index])) for index in range(3)]
    dark = [(_STEPS_ON_DARK[index], 0.17, hues[index]) for index in range(3)]
    if neutral:
        light[1], dark[1] = (0.30, 0.035, hue), (0.97, 0.012, hue)
    return Palette(
        scheme=scheme,
        hue=hue,
        light=_inks(light, paper),
        dark=_inks(dark, ground),
        paper=paper,
        ground=ground,
    )


def readable(color: str, ground: str) -> str:
    """Return the colour, moved in lightness as little as it takes to be readable on ``ground``."""
    level = oklab.to_oklch(hexcolor.parse(color, where="ink").astype(np.float64))
    if oklab.contrast(hexcolor.parse(color, where="ink"), hexcolor.parse(ground, where="ground")) >= CONTRAST:
        return color
    return fit(float(level[0]), float(level[1]), float(level[2]), ground=ground)


def fit(lightness: float, chroma: float, hue: float, *, ground: str | None = None) -> str:
    """Return the nearest colour that sRGB holds and that is readable on ``ground``, as ``#rrggbb``.

    The lightness moves away from that of the ground in steps of 0.01 until the contrast is 4.5 or more; at every
    lightness the chroma is the largest within sRGB, in steps of 4 % of the one asked for. The hue stays.
    """
    if ground is None:
        return hexcolor.text_of(_in_gamut(np.array([lightness]), chroma, hue)[0])
    behind = hexcolor.parse(ground, where="ground").astype(np.float64)
    away = 0.01 if float(oklab.luminance(behind)) < 0.18 else -0.01
    colors = np.zeros((1, 3))
    for first in range(0, 100, 10):
        levels = np.clip(lightness + away * np.arange(first, first + 10), 0.0, 1.0)
        colors = _in_gamut(levels, chroma, hue)
        enough = oklab.contrast(colors, behind) >= CONTRAST + 0.01
        if enough.any():
            return hexcolor.text_of(colors[int(np.argmax(enough))])
    return hexcolor.text_of(colors[-1])


def _in_gamut(levels: np.ndarray, chroma: float, hue: float) -> np.ndarray:
    """Return sRGB [n, 3] of n lightnesses, the chroma as large as sRGB holds, rounded to 8 bits."""
    share = np.linspace(1.0, 0.0, 26)
    wanted = np.stack(np.broadcast_arrays(levels[:, None], chroma * share, np.float64(hue)), axis=-1)
    colors = oklab.from_oklch(wanted.astype(np.float32))
    inside = np.all((colors >= -1e-4) & (colors <= 1.0 + 1e-4), axis=-1)
    inside[:, -1] = True
    mapped = colors[np.arange(len(levels)), np.argmax(inside, axis=1)].astype(np.float64)
    return np.round(np.clip(mapped, 0.0, 1.0) * 255.0) / 255.0


def _ground(seed: str, hue: float) -> str:
    depth = chance.choice(seed, "palette/ground", tuple(_GROUNDS), (1.0, 2.0, 2.0, 1.5))
    lightness, chroma = _GROUNDS[depth]
    shift = chance.choice(seed, "palette/ground_hue", (0.0, 25.0, -25.0, 180.0), (3.0, 1.0, 1.0, 1.5))
    behind = (hue + shift) % 360.0
    if _EARTH[0] < behind < _EARTH[1]:
        behind = (behind + 180.0) % 360.0
    return fit(lightness, chroma, behind, ground="#ffffff")


def _inks(wanted: list[tuple[float, float, float]], ground: str) -> tuple[str, str, str]:
    first, second, third = (fit(*lch, ground=ground) for lch in wanted)
    return first, second, third


def _not_brown(lightness: float, hue: float) -> float:
    """Return the lightness, no darker than a clean orange or green where the hue asks for it."""
    return max(lightness, 0.57) if _EARTH[0] < hue < _EARTH[1] else lightness


def _clean(hue: float) -> float:
    """Return the hue, moved out of where dark colours are muddy."""
    low, high = _MUDDY
    if not low < hue < high:
        return hue
    return (low if hue - low < high - hue else high) % 360.0
