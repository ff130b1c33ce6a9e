"""Scenes as arrays of one shape, so that any scene is drawn by the same compiled program."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from gen_jax.draw import hexcolor
from gen_jax.draw.logo import distance, lettertable
from gen_jax.draw.logo.scene import Arc, Bezier, Box, Circle, Layer, Polygon, Scene, Shape, Star, Text
from gen_jax.errors import UserError

EMPTY, DISC, ELLIPSE, BOX, QUAD, POLYGON, STAR, RING, ARC_ROUND, ARC_BUTT, BEZIER, TEXT = range(12)
"""Kinds of shapes: which distance a slot needs. QUAD is a polygon of at most 4 corners."""

OPS = {"union": 0, "subtract": 1, "intersect": 2}
"""Numbers of the ops."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Packed:
    """``b`` scenes of ``n`` slots for a shape each, numpy or jax arrays; the slots are in the order of painting."""

    kind: Any
    """int32 [b, n]; EMPTY: nothing here."""
    op: Any
    """int32 [b, n], a number of OPS."""
    last: Any
    """bool [b, n]: the shape is the last one of its layer."""
    place: Any
    """float32 [b, n, 3]: x, y, angle in degrees."""
    numbers: Any
    """float32 [b, n, distance.NUMBERS]: what the distance of the kind takes."""
    color: Any
    """float32 [b, n, 3], sRGB in [0, 1]: of the shape's layer."""
    background: Any
    """float32 [b, 4]: sRGB and alpha in [0, 1], alpha 0 where it is transparent."""
    atlas: Any
    """float16 [b, texts, texels]: tables of distances to letters, in texels; see ``distance.text``."""


def pack(
    scenes: Sequence[Scene], *, shapes: int | None = None, texts: int | None = None, texels: int = 1 << 14
) -> Packed:
    """Return scenes as numpy arrays.

    Args:
      scenes: of any canvas width.
      shapes: slots of a scene; left out, the least of 8, 16, 32, ... that holds every scene.
      texts: tables for letters of a scene; left out, the least of 1, 2, 4, ... that holds every scene.
      texels: of a table. A line of letters that covers a share s of a canvas of p pixels is drawn sharply from
        s * p texels and more.

    Raises:
      UserError: a scene holds more shapes or texts than there are slots, or a number no shape can have.
    """
    shapes, texts = room(scenes, shapes=shapes, texts=texts)
    rows = [_pack_scene(scene, shapes, texts, texels) for scene in scenes]
    return Packed(**{name: np.stack([row[name] for row in rows]) for name in rows[0]})


def room(scenes: Sequence[Scene], *, shapes: int | None = None, texts: int | None = None) -> tuple[int, int]:
    """Return how many slots for shapes and for texts hold every scene; arguments and errors as ``pack`` has them."""
    counts = [(len(_all(scene)), sum(isinstance(shape, Text) for shape in _all(scene))) for scene in scenes]
    most_shapes, most_texts = (max((count[index] for count in counts), default=0) for index in (0, 1))
    return _slots("shapes", most_shapes, shapes, 8), _slots("texts", most_texts, texts, 1)


def _all(scene: Scene) -> list[Shape]:
    return [shape for layer in scene.layers for shape in layer.shapes]


def _slots(what: str, needed: int, most: int | None, least: int) -> int:
    """Return how many slots there are: ``most``, or a power of two where it is left out."""
    if most is None:
        return max(least, 1 << max(needed - 1, 0).bit_length())
    if needed > most:
        raise UserError(f"a scene holds {needed} {what}; there is room for {most}: pass {what}={needed} or more")
    return most


def _pack_scene(scene: Scene, shapes: int, texts: int, texels: int) -> dict[str, np.ndarray]:
    arrays = {
        "kind": np.zeros(shapes, np.int32),
        "op": np.zeros(shapes, np.int32),
        "last": np.zeros(shapes, bool),
        "place": np.zeros((shapes, 3), np.float32),
        "numbers": np.zeros((shapes, distance.NUMBERS), np.float32),
        "color": np.zeros((shapes, 3), np.float32),
        "background": np.zeros(4, np.float32),
        "atlas": np.full((texts, texels), 16.0, np.float16),
    }
    if scene.background is not None:
        arrays["background"][:] = [*_color(scene.background, "the background of a logo"), 1.0]
    slot = text = 0
    for layer in scene.layers:
        for shape in layer.shapes:
            if isinstance(shape, Text):
                table = lettertable.table(shape.text, shape.font, shape.tracking, texels=texels)
                arrays["atlas"][text, : table.distances.size] = table.distances.reshape(-1)
                kind, numbers = TEXT, [text, *table.distances.shape[::-1], table.texel, *table.corner, shape.size]
                text += 1
            else:
                kind, numbers = _NUMBERS[type(shape)](shape)
            arrays["kind"][slot], arrays["numbers"][slot, : len(numbers)] = kind, numbers
            _place(arrays, slot, layer, shape)
            slot += 1
    return arrays


def _place(arrays: dict[str, np.ndarray], slot: int, layer: Layer, shape: Shape) -> None:
    """Fill in what every shape has; the first shape of a layer is its start, whatever its op."""
    arrays["op"][slot] = 0 if shape is layer.shapes[0] else OPS[shape.op]
    arrays["last"][slot] = shape is layer.shapes[-1]
    arrays["place"][slot] = shape.x, shape.y, shape.angle
    arrays["color"][slot] = _color(layer.color, "the colour of a layer")


@functools.lru_cache(maxsize=1024)
def _color(text: str, where: str) -> tuple[float, ...]:
    return tuple(hexcolor.parse(text, where=where).tolist())


Numbers = tuple[int, Sequence[float]]
"""Kind of a shape, and its numbers."""


def _circle(shape: Circle) -> Numbers:
    if shape.ratio == 1.0:
        return DISC, (shape.radius,)
    return ELLIPSE, (shape.radius, shape.radius * shape.ratio)


def _box(shape: Box) -> Numbers:
    corner = min(shape.corner, shape.width / 2, shape.height / 2)
    return BOX, (shape.width / 2, shape.height / 2, corner)


def _polygon(shape: Polygon) -> Numbers:
    count = len(shape.corners)
    if not 3 <= count <= distance.MOST_CORNERS:
        raise UserError(f"a polygon has {count} corners; allowed are 3 to {distance.MOST_CORNERS}")
    corners = (*shape.corners, *([shape.corners[-1]] * (distance.MOST_CORNERS - count)))
    return QUAD if count <= distance.QUAD_CORNERS else POLYGON, (
        shape.round,
        *(value for corner in corners for value in corner),
    )


def _star(shape: Star) -> Numbers:
    return STAR, (shape.round, shape.points, shape.radius, shape.inner * shape.radius)


def _arc(shape: Arc) -> Numbers:
    half_width = min(shape.width / 2, shape.radius)
    if shape.sweep >= 360.0:
        return RING, (shape.radius, half_width)
    half = math.radians(shape.sweep / 2)
    kind = ARC_ROUND if shape.cap == "round" else ARC_BUTT
    return kind, (shape.radius, half_width, math.sin(half), math.cos(half))


def _bezier(shape: Bezier) -> Numbers:
    return BEZIER, (shape.width / 2, *shape.start, *shape.control, *shape.end)


_NUMBERS: dict[type, Callable[[Any], Numbers]] = {
    Circle: _circle,
    Box: _box,
    Polygon: _polygon,
    Star: _star,
    Arc: _arc,
    Bezier: _bezier,
}
