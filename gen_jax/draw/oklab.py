"""Colours as people see them: sRGB, linear light, OKLab and OKLCH, and the contrast that WCAG asks for.

Every function takes jax or numpy arrays [..., 3] and returns arrays of the same library. Source of the matrices:
B. Ottosson, "A perceptual color space for image processing" (2020, public domain).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Colors = Any
"""float [..., 3], a jax or numpy array."""

_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_FROM_LAB = np.linalg.inv(_TO_LAB.astype(np.float64)).astype(np.float32)
_FROM_CONE = np.linalg.inv(_TO_CONE.astype(np.float64)).astype(np.float32)


def _library(colors: Colors) -> Any:
    return jnp if isinstance(colors, jax.Array) else np


def _matrix(colors: Colors, matrix: np.ndarray) -> Colors:
    """Multiply in plain sums: a matrix product may round to fewer bits on an accelerator."""
    parts = [sum(colors[..., column] * matrix[row, column] for column in range(3)) for row in range(3)]
    return _library(colors).stack(parts, axis=-1)


def to_linear(colors: Colors) -> Colors:
    """Take sRGB in [0, 1] to linear light in [0, 1] (IEC 61966-2-1)."""
    xp = _library(colors)
    return xp.where(colors <= 0.04045, colors / 12.92, ((xp.maximum(colors, 0.04045) + 0.055) / 1.055) ** 2.4)


def from_linear(colors: Colors) -> Colors:
    """Take linear light to sRGB; outside of [0, 1] nothing is clipped but the power of what is negative."""
    xp = _library(colors)
    return xp.where(colors <= 0.0031308, colors * 12.92, 1.055 * xp.maximum(colors, 0.0031308) ** (1.0 / 2.4) - 0.055)


def to_oklab(colors: Colors) -> Colors:
    """Take sRGB in [0, 1] to OKLab: lightness in [0, 1], a and b in about [-0.4, 0.4]."""
    xp = _library(colors)
    return _matrix(xp.cbrt(_matrix(to_linear(colors), _TO_CONE)), _TO_LAB)


def from_oklab(colors: Colors) -> Colors:
    """Take OKLab to sRGB; what sRGB cannot show lies outside of [0, 1]."""
    return from_linear(_matrix(_matrix(colors, _FROM_LAB) ** 3, _FROM_CONE))


def to_oklch(colors: Colors) -> Colors:
    """Take sRGB in [0, 1] to OKLCH: lightness in [0, 1], chroma in about [0, 0.33], hue in degrees in [0, 360)."""
    lab, xp = to_oklab(colors), _library(colors)
    hue = xp.degrees(xp.arctan2(lab[..., 2], lab[..., 1])) % 360.0
    return xp.stack([lab[..., 0], xp.hypot(lab[..., 1], lab[..., 2]), hue], axis=-1)


def oklch_to_oklab(colors: Colors) -> Colors:
    """Take OKLCH (hue in degrees) to OKLab."""
    xp = _library(colors)
    hue = xp.radians(colors[..., 2])
    return xp.stack([colors[..., 0], colors[..., 1] * xp.cos(hue), colors[..., 1] * xp.sin(hue)], axis=-1)


def from_oklch(colors: Colors) -> Colors:
    """Take OKLCH (hue in degrees) to sRGB; what sRGB cannot show lies outside of [0, 1]."""
    return from_oklab(oklch_to_oklab(colors))


def luminance(colors: Colors) -> Any:
    """Return the relative luminance of sRGB colours [..., 3] in [0, 1] (WCAG 2.2): [...] in [0, 1]."""
    linear = to_linear(colors)
    return linear[..., 0] * 0.2126 + linear[..., 1] * 0.7152 + linear[..., 2] * 0.0722


def contrast(first: Colors, second: Colors) -> Any:
    """Return the contrast ratio of sRGB colours: ``(lighter + 0.05) / (darker + 0.05)``, in [1, 21] (WCAG 2.2)."""
    xp = _library(first)
    one, two = luminance(first), luminance(second)
    return (xp.maximum(one, two) + 0.05) / (xp.minimum(one, two) + 0.05)
