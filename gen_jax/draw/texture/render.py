"""From recipes to pictures: colours, heights, normal maps and masks, one at a time or inside a compiled program."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw.texture import colormap, shading
from gen_jax.draw.texture.catalog import TEXTURES
from gen_jax.draw.texture.field import Field
from gen_jax.draw.texture.kind import Layers
from gen_jax.draw.texture.once import settled
from gen_jax.draw.texture.plan import plan
from gen_jax.draw.texture.recipe import TextureRecipe
from gen_jax.errors import UserError
from gen_jax.pixels import from_unit

OUTPUTS = ("color", "height", "normal", "mask", "height16", "normal_directx")
"""What can be drawn of a texture; height16 is the height as uint16, normal_directx the normal map with y down."""


def draw_textures(
    recipes: Sequence[TextureRecipe], *, size: tuple[int, int], outputs: Sequence[str] = ("color",)
) -> dict[str, np.ndarray]:
    """Draw pictures, each as its recipe says, whatever the others are.

    They are drawn one after the other, so that one program serves any number of them and memory stays bounded.

    Args:
      recipes: what to draw; textures may differ.
      size: height and width in pixels.
      outputs: of ``OUTPUTS``.

    Returns:
      Output -> uint8 [n, h, w, c] (c is 3 for color and normal maps, 1 for height and mask), uint16 for height16.

    Raises:
      UserError: an output that there is none of.
    """
    wanted = _checked(outputs)
    drawn = [_draw_one(recipe, size, wanted) for recipe in recipes]
    return {name: np.concatenate([np.asarray(images[name]) for images in drawn]) for name in wanted}


def make_drawer(
    name: str,
    *,
    size: tuple[int, int],
    tile: bool = True,
    output: str = "color",
    vary: float = 1.0,
    parameters: Mapping[str, Any] | None = None,
) -> Callable[[Array], tuple[Array, dict[str, Array]]]:
    """Return a pure function that draws a picture a seed: for use inside a compiled program.

    Args:
      name: of a preset or of a texture.
      size: height and width in pixels.
      tile: whether pictures continue at their own opposite edges, where the texture can.
      output: one of ``OUTPUTS``.
      vary: share of the usual variation by seed.
      parameters: values that are given: they do not vary.

    Returns:
      ``draw(seeds: uint32 [b]) -> (images [b, h, w, c], numbers: name -> float32 [b])``; the numbers are those of
      ``texture_recipe`` with the same seed, and so are the images up to rounding.

    Raises:
      UserError: an unknown name, parameter or output, or a value that is not allowed.
    """
    said, wanted = plan(name, parameters=parameters, vary=vary), _checked((output,))
    positions, _ = colormap.arrays(said.colors)
    octaves = said.numbers.get("octaves")
    most_octaves = 1 if octaves is None else min(octaves.high, octaves.default + said.steps["octaves"])
    texture = TEXTURES[said.texture]

    def draw(seeds: Array) -> tuple[Array, dict[str, Array]]:
        numbers = said.numbers_of(seeds)
        field = Field(seeds[:, None, None], *size, tile and texture.tiles, math.ceil(most_octaves))
        places = jnp.broadcast_to(positions, (seeds.shape[0], len(positions)))
        images = paint(
            field, said.texture, numbers, said.choices, stops=(places, said.colors_of(seeds)), outputs=wanted
        )
        return images[output], numbers

    return draw


def paint(
    field: Field,
    texture: str,
    numbers: Mapping[str, Array],
    choices: Mapping[str, str],
    *,
    stops: tuple[Array, Array],
    outputs: Sequence[str],
) -> dict[str, Array]:
    """Return what is asked for of a batch of one texture; pure.

    Args:
      field: seeds and pixels.
      texture: name in ``catalog.TEXTURES``.
      numbers: every parameter that is a number, relief and light too, float32 [b].
      choices: every parameter that is a word.
      stops: positions [b, k] and sRGB colours [b, k, 3] of the colour map.
      outputs: of ``OUTPUTS``.
    """
    shaped = {name: value[:, None, None] for name, value in numbers.items()}
    relief, light = shaped.pop("relief"), shaped.pop("light")
    layers = settled(TEXTURES[texture].draw(field, **shaped, **choices))
    normal = shading.normals(layers.height, relief, pixel=field.pixel, tile=field.tile)
    return {name: _output(name, layers, normal, light, stops) for name in outputs}


def _output(name: str, layers: Layers, normal: Array, light: Array, stops: tuple[Array, Array]) -> Array:
    if name == "color":
        colors = colormap.look_up(layers.height if layers.tone is None else layers.tone, *stops)
        if layers.cover is not None:
            base = stops[1][:, None, None, 0, :]
            colors = base + layers.cover[..., None] * (colors - base)
        return from_unit(shading.lit(colors, normal, light))
    if name in ("normal", "normal_directx"):
        return from_unit(shading.encode(normal, directx=name == "normal_directx"))
    if name == "mask":
        mask = jnp.where(layers.height > 0.5, 1.0, 0.0) if layers.mask is None else layers.mask
        return from_unit(mask[..., None])
    if name == "height16":
        return jnp.round(jnp.clip(layers.height[..., None], 0.0, 1.0) * 65535.0).astype(jnp.uint16)
    return from_unit(layers.height[..., None])


def _draw_one(recipe: TextureRecipe, size: tuple[int, int], outputs: tuple[str, ...]) -> dict[str, Array]:
    positions, colors = colormap.arrays(recipe.colors)
    return _program(
        np.array([recipe.seed & 0xFFFFFFFF], np.uint32),
        {name: np.array([value], np.float32) for name, value in recipe.numbers.items()},
        (positions[None], colors[None]),
        texture=recipe.texture,
        choices=tuple(recipe.choices.items()),
        shape=(*size, recipe.tile, math.ceil(recipe.numbers.get("octaves", 1.0))),
        outputs=outputs,
    )


@functools.partial(jax.jit, static_argnames=("texture", "choices", "shape", "outputs"))
def _program(
    seeds: Array,
    numbers: dict[str, Array],
    stops: tuple[Array, Array],
    *,
    texture: str,
    choices: tuple[tuple[str, str], ...],
    shape: tuple[int, int, bool, int],
    outputs: tuple[str, ...],
) -> dict[str, Array]:
    field = Field(seeds[:, None, None], *shape)
    return paint(field, texture, numbers, dict(choices), stops=stops, outputs=outputs)


def _checked(outputs: Sequence[str]) -> tuple[str, ...]:
    for name in outputs:
        if name not in OUTPUTS:
            raise UserError(f"output is {name!r}; allowed are {', '.join(OUTPUTS)}")
    return tuple(outputs)
