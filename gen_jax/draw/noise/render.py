"""From recipes of random pixels to pictures."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hashing, hexcolor, oklab
from gen_jax.draw.noise import white
from gen_jax.draw.noise.blue import ranks
from gen_jax.draw.noise.colored import colored
from gen_jax.draw.noise.recipe import NoiseRecipe
from gen_jax.pixels import from_unit, to_unit

_CHANCES = {"uniform": white.uniform, "gaussian": white.gaussian, "salt_pepper": white.salt_pepper}


def draw_noise(recipes: Sequence[NoiseRecipe], *, size: tuple[int, int]) -> list[np.ndarray]:
    """Draw pictures, each as its recipe says, whatever the others are.

    A picture of another size is another picture. Uniform, Gaussian, salt-and-pepper and blue noise are the same on
    every device; in coloured noise devices may round a level differently.

    Args:
      recipes: what to draw.
      size: height and width in pixels.

    Returns:
      uint8 [h, w, c] each; c is 3 where the recipe has colours, else 1.
    """
    return [np.asarray(_draw(recipe, size))[0] for recipe in recipes]


def _draw(recipe: NoiseRecipe, size: tuple[int, int]) -> Array:
    seeds = np.array([recipe.seed & 0xFFFFFFFF], np.uint32)
    arrays: tuple[np.ndarray, ...] = tuple(np.array([value], np.float32) for value in recipe.numbers.values())
    if recipe.kind in _CHANCES:
        arrays = white.alias_table(tuple(_CHANCES[recipe.kind](**recipe.numbers)))
        arrays = tuple(table[None] for table in arrays)
    palette = None
    if recipe.palette:
        palette = np.stack([hexcolor.parse(color, where="palette") for color in recipe.palette])
    source = "white" if recipe.kind in _CHANCES else recipe.kind
    return _program(seeds, arrays, palette, source=source, rgb=recipe.rgb, cell=recipe.cell, size=size)


@functools.partial(jax.jit, static_argnames=("source", "rgb", "cell", "size"))
def _program(
    seeds: Array,
    arrays: tuple[Array, ...],
    palette: Array | None,
    *,
    source: str,
    rgb: bool,
    cell: int,
    size: tuple[int, int],
) -> Array:
    """Return uint8 [b, h, w, c] of seeds [b], from what the source of randomness takes, one each picture."""
    cells = math.ceil(size[0] / cell), math.ceil(size[1] / cell)
    channels = 3 if rgb else 1
    apart = hashing.fold(seeds[:, None], np.arange(channels, dtype=np.uint32)[None]).reshape(-1)
    each = tuple(jnp.repeat(array, channels, axis=0) for array in arrays)
    values, levels = _SOURCES[source](apart, *each, size=cells)
    values, images = (part.reshape(-1, channels, *cells).transpose(0, 2, 3, 1) for part in (values, levels))
    if palette is not None and rgb:
        images = _nearest(images, palette)
    elif palette is not None:
        images = _by_rank(values[..., 0], hashing.fold(seeds, 3), palette)
    return jnp.repeat(jnp.repeat(images, cell, axis=1), cell, axis=2)[:, : size[0], : size[1]]


def _white(seeds: Array, stay: Array, other: Array, *, size: tuple[int, int]) -> tuple[Array, Array]:
    levels = white.levels(white.pixel_bits(seeds, size=size), stay, other)
    return levels, levels.astype(jnp.uint8)


def _blue(seeds: Array, *, size: tuple[int, int]) -> tuple[Array, Array]:
    ranked = ranks(seeds, size=size)
    return ranked, jnp.asarray(_shares(256, math.prod(size)).astype(np.uint8))[ranked]


def _colored(seeds: Array, slope: Array, mean: Array, std: Array, *, size: tuple[int, int]) -> tuple[Array, Array]:
    field = colored(seeds, slope, size=size)
    return field, from_unit(mean[:, None, None] + std[:, None, None] * field)


_SOURCES = {"white": _white, "blue": _blue, "colored": _colored}
"""Source -> function of seeds [b] that returns values to rank and levels uint8, both [b, h, w]."""


def _shares(parts: int, count: int) -> np.ndarray:
    """Return for every rank below ``count`` which of ``parts`` equal shares it belongs to."""
    return np.arange(count, dtype=np.int64) * parts // count


def _by_rank(values: Array, seeds: Array, palette: Array) -> Array:
    """Return uint8 [b, h, w, 3]: every colour on as many pixels, the first on the least values; equals by chance."""
    batch, height, width = values.shape
    chance = white.pixel_bits(seeds, size=(height, width))
    flat = [part.reshape(batch, -1) for part in (chance, values)]
    order = jnp.lexsort(flat, axis=-1)
    chosen = jnp.asarray(_shares(len(palette), height * width).astype(np.uint8))
    chosen = jnp.zeros(order.shape, jnp.uint8).at[jnp.arange(batch)[:, None], order].set(chosen[None])
    return from_unit(palette)[chosen.reshape(batch, height, width)]


def _nearest(images: Array, palette: Array) -> Array:
    """Return uint8 images [b, h, w, 3] with every pixel the palette's nearest colour in OKLab."""
    pixels, colors = oklab.to_oklab(to_unit(images)), oklab.to_oklab(palette)
    distance = jnp.sum((pixels[..., None, :] - colors[None, None, None]) ** 2, axis=-1)
    return from_unit(palette)[jnp.argmin(distance, axis=-1)]
