"""Signed distances to the shapes of a logo: below 0 inside, above 0 outside, in the unit of the coordinates.

Every function takes coordinates relative to the shape's centre in the shape's own turned frame (float32 arrays of one
shape; x right, y down) and the shape's numbers, a vector that ``logo/pack.py`` lays out. Distances are exact, but for
the ellipse, and for regions far inside of strokes; they never say more than the true distance outside of a shape.
Gradients are finite everywhere.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

MOST_CORNERS = 12
"""Of a polygon."""
NUMBERS = 2 * MOST_CORNERS + 1
"""Length of the vector of a shape's numbers."""
FAR = 1e4
"""Distance from nothing at all."""

_TINY = np.float32(1e-18)


def length(x: Array, y: Array) -> Array:
    """Return ``sqrt(x^2 + y^2)`` with gradient 0, not NaN, at the origin."""
    return jnp.sqrt(jnp.maximum(x * x + y * y, _TINY))


def ellipse(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to an ellipse of half-axes numbers[0:2]; exact for a disc and on the axes.

    Elsewhere to first order, ``F / |grad F|`` with ``F = |p / axes| - 1``, whose zero set and slope there are exact.
    Source: G. Taubin, "Estimation of planar curves..." (1991), equation 4.
    """
    across, down = x / numbers[0], y / numbers[1]
    reach = length(across, down)
    return (reach - 1.0) * reach / jnp.maximum(length(across / numbers[0], down / numbers[1]), 1e-9)


def box(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to a box of half-sides numbers[0:2] with corners of radius numbers[2]."""
    across, down = jnp.abs(x) - numbers[0] + numbers[2], jnp.abs(y) - numbers[1] + numbers[2]
    outside = length(jnp.maximum(across, 0.0), jnp.maximum(down, 0.0))
    return outside + jnp.minimum(jnp.maximum(across, down), 0.0) - numbers[2]


def polygon(x: Array, y: Array, numbers: Array, *, corners: int = MOST_CORNERS) -> Array:
    """Return the distance to a polygon grown by numbers[0]; its corners follow as x, y, the last one repeated.

    The least distance to an edge; inside where a ray to the right crosses an odd number of edges.
    """
    nearest = jnp.full_like(x, FAR * FAR)
    inside = jnp.zeros(x.shape, bool)
    for first in range(corners):
        second = (first + 1) % corners
        ax, ay, bx, by = (numbers[1 + index] for point in (first, second) for index in (2 * point, 2 * point + 1))
        squared = _segment(x, y, (ax, ay), (bx, by))
        below = (ay > y) != (by > y)
        right = (x - ax) * (by - ay) < (bx - ax) * (y - ay)
        nearest = jnp.minimum(nearest, squared)
        inside = inside ^ (below & (right == (by > ay)))
    distance = jnp.sqrt(jnp.maximum(nearest, _TINY))
    return jnp.where(inside, -distance, distance) - numbers[0]


def _segment(x: Array, y: Array, start: tuple[Array, Array], end: tuple[Array, Array]) -> Array:
    """Return the squared distance to a straight line between two points, which may be one."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    px, py = x - start[0], y - start[1]
    share = jnp.clip((px * dx + py * dy) / jnp.maximum(dx * dx + dy * dy, _TINY), 0.0, 1.0)
    px, py = px - share * dx, py - share * dy
    return px * px + py * py


def star(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to a star grown by numbers[0]: numbers[1] points at radius numbers[2], notches at [3].

    The plane folds onto half a point of the star, where one edge is left, as mirrors preserve distances.
    """
    half = np.float32(np.pi) / numbers[1]
    radius = length(x, y)
    turn = jnp.arctan2(x, jnp.where((x == 0) & (y == 0), 1.0, -y))
    turn = jnp.abs(turn - 2.0 * half * jnp.round(turn / (2.0 * half)))
    along, across = radius * jnp.cos(turn), radius * jnp.sin(turn)
    notch = (numbers[3] * jnp.cos(half), numbers[3] * jnp.sin(half))
    distance = jnp.sqrt(jnp.maximum(_segment(along, across, (numbers[2], jnp.zeros_like(half)), notch), _TINY))
    inside = (along - numbers[2]) * notch[1] < across * (notch[0] - numbers[2])
    return jnp.where(inside, -distance, distance) - numbers[0]


def ring(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to a whole ring of radius numbers[0] and half-width numbers[1]."""
    return jnp.abs(length(x, y) - numbers[0]) - numbers[1]


def _arc(x: Array, y: Array, numbers: Array) -> tuple[Array, Array, Array, Array]:
    """Return |distance to the circle|, whether beside the arc, and where the point lies from the nearer end."""
    radius, sine, cosine = length(x, y), numbers[2], numbers[3]
    right, up = jnp.abs(x), -y
    along, across = right * sine + up * cosine, right * cosine - up * sine
    return jnp.abs(radius - numbers[0]), up >= radius * cosine, along - numbers[0], across


def arc_round(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to an arc, round at its ends, about "up".

    numbers[0:4]: radius, half of the width, and sine and cosine of half the sweep.
    """
    beside, within, along, across = _arc(x, y, numbers)
    return jnp.where(within, beside, length(along, across)) - numbers[1]


def arc_butt(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to an arc, cut straight at its ends; numbers as for ``arc_round``."""
    beside, within, along, across = _arc(x, y, numbers)
    beside = beside - numbers[1]
    past = length(jnp.maximum(jnp.abs(along) - numbers[1], 0.0), across)
    before = jnp.where(along + numbers[0] > 0, across, -FAR)
    return jnp.where(within, jnp.maximum(beside, before), past)


_PIECES = 6
_STEPS = 2


def bezier(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to a stroke of half-width numbers[0] along the quadratic curve start, control, end.

    The nearest of six chords gives the first guess of the nearest place, two Newton steps the place; any curve will do,
    a straight one too. At the nearest place the distance does not change with the place, so that gradients pass it by.
    """
    start, bend, back = (numbers[1:3], numbers[3:5], numbers[5:7])
    first, second = 2.0 * (bend - start), start - 2.0 * bend + back
    place = jax.lax.stop_gradient(_nearest(x, y, *jax.lax.stop_gradient((start, first, second))))
    dx = start[0] + place * (first[0] + place * second[0]) - x
    dy = start[1] + place * (first[1] + place * second[1]) - y
    return length(dx, dy) - numbers[0]


def _nearest(x: Array, y: Array, start: Array, first: Array, second: Array) -> Array:
    """Return where in [0, 1] the curve ``start + t first + t^2 second`` is nearest."""
    best = jnp.full_like(x, FAR)
    place = jnp.zeros_like(x)
    for piece in range(_PIECES):
        low, high = piece / _PIECES, (piece + 1) / _PIECES
        a, b = (start + t * (first + t * second) for t in (low, high))
        dx, dy = b[0] - a[0], b[1] - a[1]
        px, py = x - a[0], y - a[1]
        share = jnp.clip((px * dx + py * dy) / jnp.maximum(dx * dx + dy * dy, _TINY), 0.0, 1.0)
        squared = (px - share * dx) ** 2 + (py - share * dy) ** 2
        place = jnp.where(squared < best, low + share / _PIECES, place)
        best = jnp.minimum(best, squared)
    for _ in range(_STEPS):
        rx = start[0] - x + place * (first[0] + place * second[0])
        ry = start[1] - y + place * (first[1] + place * second[1])
        vx, vy = first[0] + 2.0 * place * second[0], first[1] + 2.0 * place * second[1]
        slope = vx * vx + vy * vy
        curvature = slope + 2.0 * (rx * second[0] + ry * second[1])
        # Where the squared distance is not convex, a Newton step would climb: the step of a straight curve is taken.
        curvature = jnp.maximum(jnp.where(curvature > 0.1 * slope, curvature, slope), _TINY)
        place = jnp.clip(place - (rx * vx + ry * vy) / curvature, 0.0, 1.0)
    return place


def text(x: Array, y: Array, numbers: Array, atlas: Array) -> Array:
    """Return the distance to letters from their table of distances.

    numbers: [0] which row of the atlas, [1:3] columns and rows of the table, [3] size of a texel, [4:6] the corner of
    the table's first texel, [6] size of the letters; lengths but the last in units of it. atlas: [texts, texels], the
    tables' rows one after the other, distances in texels.
    """
    columns, rows, texel = numbers[1], numbers[2], numbers[3] * numbers[6]
    u = x / texel - (numbers[4] / numbers[3] + 0.5)
    v = y / texel - (numbers[5] / numbers[3] + 0.5)
    inner_u, inner_v = jnp.clip(u, 0.0, columns - 1.0), jnp.clip(v, 0.0, rows - 1.0)
    left, top = (
        jnp.minimum(jnp.floor(inner), most) for inner, most in ((inner_u, columns - 2.0), (inner_v, rows - 2.0))
    )
    first = numbers[0].astype(np.int32) * atlas.shape[1] + (top * columns + left).astype(np.int32)
    flat = atlas.reshape(-1)
    stride = columns.astype(np.int32)
    values = [flat[first + shift].astype(np.float32) for shift in (0, 1, stride, stride + 1)]
    across, down = inner_u - left, inner_v - top
    upper, lower = (one + (two - one) * across for one, two in (values[:2], values[2:]))
    inner = upper + (lower - upper) * down
    off_u, off_v = u - inner_u, v - inner_v
    # Beyond the table the letters are at least this far, as the table is convex.
    beyond = jnp.sqrt(jnp.maximum(off_u * off_u + off_v * off_v + jnp.maximum(inner, 0.0) ** 2, _TINY))
    return jnp.where((off_u == 0.0) & (off_v == 0.0), inner, beyond) * texel
