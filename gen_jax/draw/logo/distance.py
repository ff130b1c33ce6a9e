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
QUAD_CORNERS = 4
"""Of the polygons that have a kind of their own, as they are the most common and take a third of the time."""
NUMBERS = 2 * MOST_CORNERS + 1
"""Length of the vector of a shape's numbers."""
FAR = 1e4
"""Distance from nothing at all."""

_TINY = np.float32(1e-18)


def length(x: Array, y: Array) -> Array:
    """Return ``sqrt(x^2 + y^2)`` with gradient 0, not NaN, at the origin."""
    return jnp.sqrt(jnp.maximum(x * x + y * y, _TINY))


def disc(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to a disc of radius numbers[0]."""
    return length(x, y) - numbers[0]


def ellipse(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to an ellipse of half-axes numbers[0:2], by the nearest place on it.

    A place on the ellipse gets nearer by taking the curve for its osculating circle there, three times over: the centre
    of curvature at (a cos t, b sin t) is ((a^2 - b^2) cos^3 t / a, (b^2 - a^2) sin^3 t / b).
    """
    a, b = numbers[0], numbers[1]
    right, up = jnp.abs(x), jnp.abs(y)
    cosine, sine = jax.lax.stop_gradient(_nearest_on_ellipse(right, up, a, b))
    outside = (x / a) ** 2 + (y / b) ** 2 > 1.0
    distance = length(right - a * cosine, up - b * sine)
    return jnp.where(outside, distance, -distance)


def _nearest_on_ellipse(x: Array, y: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Return cos t and sin t of the place nearest to points of the first quadrant."""

    def nearer(_: Array, place: tuple[Array, Array]) -> tuple[Array, Array]:
        cosine, sine = place
        centre_x, centre_y = (a * a - b * b) / a * cosine**3, (b * b - a * a) / b * sine**3
        radius = length(a * cosine - centre_x, b * sine - centre_y)
        stretch = radius / length(x - centre_x, y - centre_y)
        cosine = jnp.clip(((x - centre_x) * stretch + centre_x) / a, 0.0, 1.0)
        sine = jnp.clip(((y - centre_y) * stretch + centre_y) / b, 0.0, 1.0)
        size = length(cosine, sine)
        return cosine / size, sine / size

    middle = jnp.full_like(x, np.sqrt(0.5))
    return jax.lax.fori_loop(0, 3, nearer, (middle, middle))


def box(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to a box of half-sides numbers[0:2] with corners of radius numbers[2]."""
    across, down = jnp.abs(x) - numbers[0] + numbers[2], jnp.abs(y) - numbers[1] + numbers[2]
    outside = length(jnp.maximum(across, 0.0), jnp.maximum(down, 0.0))
    return outside + jnp.minimum(jnp.maximum(across, down), 0.0) - numbers[2]


def polygon(x: Array, y: Array, numbers: Array, *, corners: int = MOST_CORNERS) -> Array:
    """Return the distance to a polygon grown by numbers[0]; its corners follow as x, y, the last one repeated.

    The least distance to an edge; inside where a ray to the right crosses an odd number of edges.
    """
    points = numbers[1 : 2 * corners + 1].reshape(corners, 2)

    def edge(found: tuple[Array, Array], ends: tuple[Array, Array]) -> tuple[tuple[Array, Array], None]:
        nearest, inside = found
        (ax, ay), (bx, by) = ends
        below = (ay > y) != (by > y)
        right = (x - ax) * (by - ay) < (bx - ax) * (y - ay)
        nearest = jnp.minimum(nearest, _segment(x, y, (ax, ay), (bx, by)))
        return (nearest, inside ^ (below & (right == (by > ay)))), None

    start = jnp.full_like(x, FAR * FAR), jnp.zeros(x.shape, bool)
    (nearest, inside), _ = jax.lax.scan(edge, start, (points, jnp.roll(points, -1, axis=0)), unroll=QUAD_CORNERS)
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


_PIECES = 8
_STEPS = 3


def bezier(x: Array, y: Array, numbers: Array) -> Array:
    """Return the distance to a stroke of half-width numbers[0] along the quadratic curve start, control, end.

    The nearest of eight chords gives the first guess of the nearest place, Newton steps that lead nearer the place; any
    curve will do, a straight one too. Where two places are nearly as near, it may be off by the height of a chord's
    segment. At the nearest place the distance does not change with the place, so that gradients pass it by.
    """
    start, bend, back = (numbers[1:3], numbers[3:5], numbers[5:7])
    first, second = 2.0 * (bend - start), start - 2.0 * bend + back
    place = jax.lax.stop_gradient(_nearest(x, y, *jax.lax.stop_gradient((start, first, second))))
    dx, dy = (start[axis] + place * (first[axis] + place * second[axis]) - p for axis, p in enumerate((x, y)))
    return length(dx, dy) - numbers[0]


def _nearest(x: Array, y: Array, start: Array, first: Array, second: Array) -> Array:
    """Return where in [0, 1] the curve ``start + t first + t^2 second`` is nearest."""
    place = _on_chords(x, y, start, first, second)

    def offset(t: Array) -> tuple[Array, Array]:
        rx = start[0] - x + t * (first[0] + t * second[0])
        return rx, start[1] - y + t * (first[1] + t * second[1])

    def nearer(_: Array, place: Array) -> Array:
        rx, ry = offset(place)
        vx, vy = first[0] + 2.0 * place * second[0], first[1] + 2.0 * place * second[1]
        slope = vx * vx + vy * vy
        curvature = slope + 2.0 * (rx * second[0] + ry * second[1])
        # Where the squared distance is not convex, a Newton step would climb: the step of a straight curve is taken.
        curvature = jnp.maximum(jnp.where(curvature > 0.1 * slope, curvature, slope), _TINY)
        following = jnp.clip(place - (rx * vx + ry * vy) / curvature, 0.0, 1.0)
        nx, ny = offset(following)
        return jnp.where(nx * nx + ny * ny < rx * rx + ry * ry, following, place)

    return jax.lax.fori_loop(0, _STEPS, nearer, place)


def _on_chords(x: Array, y: Array, start: Array, first: Array, second: Array) -> Array:
    """Return the place on the nearest chord of the curve."""

    def chord(piece: Array, found: tuple[Array, Array]) -> tuple[Array, Array]:
        nearest, place = found
        low = piece.astype(np.float32) / _PIECES
        a, b = (start + t * (first + t * second) for t in (low, low + 1.0 / _PIECES))
        dx, dy = b[0] - a[0], b[1] - a[1]
        px, py = x - a[0], y - a[1]
        share = jnp.clip((px * dx + py * dy) / jnp.maximum(dx * dx + dy * dy, _TINY), 0.0, 1.0)
        squared = (px - share * dx) ** 2 + (py - share * dy) ** 2
        return jnp.minimum(nearest, squared), jnp.where(squared < nearest, low + share / _PIECES, place)

    return jax.lax.fori_loop(0, _PIECES, chord, (jnp.full_like(x, FAR), jnp.zeros_like(x)))[1]


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
