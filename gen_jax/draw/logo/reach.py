"""Which squares of a picture a shape reaches, so that the others are drawn without it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.draw.logo import pack as packing
from gen_jax.draw.logo.pack import Packed


def reached(scene: Packed, middles: Array, *, reach: float) -> Array:
    """Return which shapes of one scene can change what is drawn within ``reach`` of places.

    Args:
      scene: of n slots, without a batch axis.
      middles: x and y of m places, float32 [m, 2].
      reach: in units of the canvas.

    Returns:
      bool [m, n]. What is intersected changes everything.
    """
    place, low, high = jax.lax.stop_gradient((scene.place, *_boxes(scene.kind, scene.numbers)))
    turn = jnp.radians(place[:, 2])
    cosine, sine = jnp.cos(turn)[None], jnp.sin(turn)[None]
    dx, dy = middles[:, :1] - place[None, :, 0], middles[:, 1:] - place[None, :, 1]
    local = jnp.stack([cosine * dx + sine * dy, cosine * dy - sine * dx], axis=-1)
    beyond = jnp.maximum(jnp.maximum(low[None] - local, local - high[None]), 0.0)
    near = (beyond**2).sum(axis=-1) < reach**2
    return (near | (scene.op == packing.OPS["intersect"])[None]) & (scene.kind != packing.EMPTY)[None]


def _boxes(kind: Array, numbers: Array) -> tuple[Array, Array]:
    """Return the least and the greatest x and y [n, 2] of shapes in their own frames."""
    points = numbers[:, 1:].reshape(len(kind), -1, 2)
    bent, grow = points[:, :3], numbers[:, :1]
    corner, size = numbers[:, 4:6] * numbers[:, 6:7], numbers[:, 1:3] * numbers[:, 3:4] * numbers[:, 6:7]

    def about(axes: Array) -> tuple[Array, Array]:
        return -axes, axes

    both = jnp.ones((1, 2), numbers.dtype)
    boxes = {
        packing.DISC: about(numbers[:, :1] * both),
        packing.ELLIPSE: about(numbers[:, :2]),
        packing.BOX: about(numbers[:, :2]),
        packing.QUAD: (points.min(axis=1) - grow, points.max(axis=1) + grow),
        packing.POLYGON: (points.min(axis=1) - grow, points.max(axis=1) + grow),
        packing.STAR: about((numbers[:, 2:3] + grow) * both),
        packing.RING: about((numbers[:, :1] + numbers[:, 1:2]) * both),
        packing.ARC_ROUND: about((numbers[:, :1] + numbers[:, 1:2]) * both),
        packing.ARC_BUTT: about((numbers[:, :1] + numbers[:, 1:2]) * both),
        packing.BEZIER: (bent.min(axis=1) - grow, bent.max(axis=1) + grow),
        packing.TEXT: (corner, corner + size),
    }
    chosen = [(kind == number)[:, None] for number in boxes]
    low, high = (
        jnp.select(chosen, [box[side] for box in boxes.values()], jnp.zeros_like(bent[:, 0])) for side in (0, 1)
    )
    return low, high
