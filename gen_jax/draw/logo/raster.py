"""Scenes as images: antialiased signed distances, in batches, in one compiled program for all scenes.

What a pixel shows of a layer is ``clip(1/2 - d / pixel, 0, 1)`` of the layer's signed distance d. Shapes join by
min(d, e), max(d, -e), max(d, e); layers are painted over one another in sRGB values, as browsers paint SVG.
"""

from __future__ import annotations

import collections
import functools
import math
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.logo import distance
from gen_jax.draw.logo import pack as packing
from gen_jax.draw.logo.pack import Packed
from gen_jax.draw.logo.reach import reached
from gen_jax.draw.logo.scene import Scene

TILE = 64
"""Side in samples of the squares that a processor draws one by one, leaving out the shapes that do not reach them."""
CHUNK = 1 << 22
"""Most pixels, about, that ``raster`` draws in one go."""
FINE = 256
"""Samples down a picture that ``raster`` draws at least, a pixel being the mean of several where it has fewer."""

Slot = dict[str, Array]
"""The arrays of one slot, by their names in Packed."""


KINDS: dict[int, Callable[[Array, Array, Array], Array]] = {
    packing.EMPTY: lambda x, y, numbers: jnp.full_like(x, distance.FAR),
    packing.DISC: distance.disc,
    packing.ELLIPSE: distance.ellipse,
    packing.BOX: distance.box,
    packing.QUAD: functools.partial(distance.polygon, corners=distance.QUAD_CORNERS),
    packing.POLYGON: distance.polygon,
    packing.STAR: distance.star,
    packing.RING: distance.ring,
    packing.ARC_ROUND: distance.arc_round,
    packing.ARC_BUTT: distance.arc_butt,
    packing.BEZIER: distance.bezier,
}
"""The distance of every kind but text."""


def raster(scenes: Sequence[Scene], *, size: int) -> np.ndarray:
    """Draw scenes of one canvas width.

    Args:
      scenes: any number.
      size: height in pixels, at least 1.

    Returns:
      uint8 [b, size, round(size * width), 4], sRGB with straight alpha: the colours are not multiplied by it.
    """
    width = max(1, round(size * scenes[0].width)) if scenes else size
    samples = int(np.clip(-(-FINE // size), 1, 4))
    texels = 1 << int(np.clip(np.ceil(np.log2(size * samples * width * samples / 4)), 12, 20))
    chunk = 1 << max(0, (CHUNK // (size * width * samples**2)).bit_length() - 1)
    images = np.empty((len(scenes), size, width, 4), np.uint8)
    shapes, texts = packing.room(scenes)
    count = min(chunk, 1 << max(len(scenes) - 1, 0).bit_length())
    for first in range(0, len(scenes), chunk):
        some = scenes[first : first + chunk]
        filled = [*some, *([Scene(layers=())] * (count - len(some)))]
        packed = packing.pack(filled, shapes=shapes, texts=texts, texels=texels)
        images[first : first + chunk] = _levels(packed, size=(size, width), samples=samples)[: len(some)]
    return images


def rasters(scenes: Sequence[Scene], size: int) -> list[np.ndarray]:
    """Return the pictures of scenes of any widths, uint8 [size, w, 4]; a program draws all of one width."""
    alike: dict[float, list[int]] = collections.defaultdict(list)
    for place, scene in enumerate(scenes):
        alike[scene.width].append(place)
    pictures: list[np.ndarray] = [np.empty(0)] * len(scenes)
    for places in alike.values():
        for place, picture in zip(places, raster([scenes[place] for place in places], size=size), strict=True):
            pictures[place] = picture
    return pictures


@functools.partial(jax.jit, static_argnames=("size", "samples"))
def _levels(packed: Packed, *, size: tuple[int, int], samples: int) -> Array:
    levels = jnp.round(draw(packed, size=size, samples=samples) * 255.0).astype(np.uint8)
    return jnp.where(levels[..., 3:] > 0, levels, np.uint8(0))


def draw(packed: Packed, *, size: tuple[int, int], samples: int = 1) -> Array:
    """Draw packed scenes; pure, differentiable with respect to all floats but those of letters' tables.

    Args:
      packed: of b scenes.
      size: height and width in pixels; the canvas is 1 high, so that its width is width / height.
      samples: a pixel's coverage is the mean of samples x samples places in it: sharper corners and thin lines in
        small pictures, for as many times the work.

    Returns:
      float32 [b, h, w, 4]: sRGB and straight alpha in [0, 1]; colour 0 where alpha is 0.
    """
    packed = jax.tree.map(jnp.asarray, packed)
    side, columns = size[0] * samples, size[1] * samples
    if jax.default_backend() == "cpu":
        tile = min(-(-TILE // samples) * samples, -(-max(side, columns) // samples) * samples)
        painted = _draw_tiles(packed, size=(side, columns), tile=tile, samples=samples)
    else:
        painted = _draw_whole(packed, size=(side, columns), samples=samples)
    alpha = painted[..., 3:]
    straight = jnp.where(alpha > 0.0, painted[..., :3] / jnp.where(alpha > 0.0, alpha, 1.0), 0.0)
    return jnp.clip(jnp.concatenate([straight, alpha], axis=-1), 0.0, 1.0)


def _draw_whole(packed: Packed, *, size: tuple[int, int], samples: int) -> Array:
    """Draw all pictures at once, every kind of distance for every slot: what an accelerator does fastest."""
    x = ((jnp.arange(size[1], dtype=np.float32) + 0.5) / size[0])[None, :]
    y = ((jnp.arange(size[0], dtype=np.float32) + 0.5) / size[0])[:, None]
    paint = functools.partial(_paint, x=x, y=y, pixel=1.0 / size[0], samples=samples)
    return jax.vmap(lambda scene: paint(scene, reached=scene.kind > 0))(packed)


def _draw_tiles(packed: Packed, *, size: tuple[int, int], tile: int, samples: int) -> Array:
    """Draw one tile after the other, and of its shapes those that reach it."""
    rows, columns = (-(-side // tile) for side in size)
    pixel = 1.0 / size[0]
    offset = ((jnp.arange(tile, dtype=np.float32) + 0.5) * pixel).astype(np.float32)
    corners = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")[::-1], -1).reshape(-1, 2)
    corners = jnp.asarray(corners * (tile * pixel), np.float32)
    middles = corners + np.float32(tile * pixel / 2)
    reach = (tile / 2 * math.sqrt(2.0) + 1.0) * pixel

    def picture(scene: Packed) -> Array:
        def one(place: tuple[Array, Array]) -> Array:
            corner, near = place
            x, y = (corner[0] + offset)[None, :], (corner[1] + offset)[:, None]
            return _paint(scene, x=x, y=y, pixel=pixel, samples=samples, reached=near)

        tiles = jax.lax.map(one, (corners, reached(scene, middles, reach=reach))).reshape(
            rows, columns, tile // samples, tile // samples, 4
        )
        whole = tiles.transpose(0, 2, 1, 3, 4).reshape(rows * tile // samples, columns * tile // samples, 4)
        return whole[: size[0] // samples, : size[1] // samples]

    return jax.lax.map(picture, packed)


def _slots(scene: Packed) -> Slot:
    return {name: getattr(scene, name) for name in ("kind", "op", "last", "place", "numbers", "color")}


def _paint(scene: Packed, *, x: Array, y: Array, pixel: float, samples: int, reached: Array) -> Array:
    """Return one scene at columns x [1, w] and rows y [h, 1]: float32 [h, w, 4], colours multiplied by alpha."""
    height, width = y.shape[0] // samples, x.shape[1] // samples
    alpha = scene.background[3]
    ground = jnp.concatenate([scene.background[:3] * alpha, alpha[None]])
    painted = jnp.broadcast_to(ground[:, None, None], (4, height, width))
    nothing = jnp.full((y.shape[0], x.shape[1]), distance.FAR, np.float32)

    # Going back for gradients, a slot is drawn again: what all kinds of distances would keep does not fit in memory.
    @functools.partial(jax.checkpoint, prevent_cse=False)
    def shape(carry: tuple[Array, Array, Array], slot: Slot) -> tuple[tuple[Array, Array, Array], None]:
        layer, painted, started = carry
        started = started | slot["reached"]
        layer = jax.lax.cond(slot["reached"], lambda: _join(layer, slot, scene.atlas, x, y), lambda: layer)
        done = slot["last"] & started
        painted = jax.lax.cond(done, lambda: _over(painted, layer / pixel, slot["color"], samples), lambda: painted)
        layer = jax.lax.cond(done, lambda: nothing, lambda: layer)
        return (layer, painted, started & ~slot["last"]), None

    start = (nothing, painted, jnp.zeros((), bool))
    (_, painted, _), _ = jax.lax.scan(shape, start, {**_slots(scene), "reached": reached})
    return painted.transpose(1, 2, 0)


def _join(layer: Array, slot: Slot, atlas: Array, x: Array, y: Array) -> Array:
    """Return a layer's distance with one more shape joined to it."""
    e = _distance(slot, atlas, x, y)
    cut = jnp.maximum(layer, jnp.where(slot["op"] == packing.OPS["subtract"], -e, e))
    return jnp.where(slot["op"] == packing.OPS["union"], jnp.minimum(layer, e), cut)


def _over(painted: Array, layer: Array, color: Array, samples: int) -> Array:
    """Paint a layer, its distance in samples [h, w], over what is there [4, h, w]."""
    cover = jnp.clip(0.5 - layer, 0.0, 1.0)
    if samples > 1:
        height, width = painted.shape[1:]
        cover = cover.reshape(height, samples, width, samples).mean(axis=(1, 3))
    ink = jnp.concatenate([color, jnp.ones(1, np.float32)])[:, None, None]
    return painted + (ink - painted) * cover[None]


def _distance(slot: Slot, atlas: Array, x: Array, y: Array) -> Array:
    """Return the signed distance to the shape of a slot: [h, w]."""
    turn = jnp.radians(slot["place"][2])
    cosine, sine = jnp.cos(turn), jnp.sin(turn)
    dx, dy = x - slot["place"][0], y - slot["place"][1]
    across, down = cosine * dx + sine * dy, cosine * dy - sine * dx
    branches = [KINDS[kind] for kind in range(packing.TEXT)]
    branches.append(functools.partial(distance.text, atlas=atlas))
    return jax.lax.switch(slot["kind"], branches, across, down, slot["numbers"])
