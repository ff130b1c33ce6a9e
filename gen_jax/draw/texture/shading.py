"""From a height to the way its surface faces, and to the light that falls on it."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture.once import settled

LIGHT = np.array([-0.45, 0.55, 0.70], np.float32)
"""Where the light comes from: left, above, and in front of the picture."""


def slopes(height: Array, *, tile: bool) -> tuple[Array, Array]:
    """Return what the height gains a pixel to the right and downwards, by central differences.

    Args:
      height: [b, h, w].
      tile: whether the picture continues at its opposite edges; if not, the slope at an edge is that just inside.

    Returns:
      Two arrays [b, h, w].
    """
    height = settled(height)
    mode = {"mode": "wrap"} if tile else {"mode": "reflect", "reflect_type": "odd"}
    wide = jnp.pad(height, ((0, 0), (0, 0), (1, 1)), **mode)
    high = jnp.pad(height, ((0, 0), (1, 1), (0, 0)), **mode)
    return (wide[:, :, 2:] - wide[:, :, :-2]) * 0.5, (high[:, 2:, :] - high[:, :-2, :]) * 0.5


def normals(height: Array, relief: Array, *, pixel: float, tile: bool) -> Array:
    """Return the unit normal of each pixel in tangent space.

    ``n = (-dz/dx, -dz/dy, 1) / |...|`` with ``z = relief * height`` and y upwards, as OpenGL, Blender and glTF have it.

    Args:
      height: [b, h, w] in [0, 1].
      relief: how far a height of 1 stands out, in units (shorter sides of the picture), [b, 1, 1].
      pixel: side of a pixel in units.
      tile: whether the picture continues at its opposite edges.

    Returns:
      [b, h, w, 3], x to the right, y up, z towards the viewer.
    """
    right, down = slopes(height, tile=tile)
    steep = relief / pixel
    normal = jnp.stack([-right * steep, down * steep, jnp.ones_like(height)], axis=-1)
    return normal / jnp.sqrt(jnp.sum(normal * normal, axis=-1, keepdims=True))


def encode(normal: Array, *, directx: bool = False) -> Array:
    """Return normals [..., 3] as colours in [0, 1]: ``(n + 1) / 2``; for DirectX the second one upside down."""
    if directx:
        normal = normal * jnp.array([1.0, -1.0, 1.0], normal.dtype)[(None,) * (normal.ndim - 1)]
    return normal * 0.5 + 0.5


def lit(colors: Array, normal: Array, amount: Array) -> Array:
    """Return sRGB colours with the light of a lamp at the upper left on them; a flat surface keeps its colour.

    A wrapped Lambert term, ``1 + amount (n . l / l_z - 1)``, multiplies the colours as they are shown.

    Args:
      colors: sRGB [b, h, w, 3] in [0, 1].
      normal: [b, h, w, 3].
      amount: 0 for none, 1 for all of it, [b, 1, 1].
    """
    direction = LIGHT / np.linalg.norm(LIGHT)
    facing = sum(normal[..., axis] * direction[axis] for axis in range(3)) / direction[2]
    shade = 1.0 + amount * (jnp.clip(facing, 0.0, 1.6) - 1.0)
    return jnp.clip(colors * shade[..., None], 0.0, 1.0)
