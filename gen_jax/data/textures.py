"""Textures as a source of images: number i is drawn when it is asked for, on the device."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.data.config import Channels, TextureData
from gen_jax.data.drawn import check_drawn, with_channels
from gen_jax.draw.hashing import fold
from gen_jax.errors import UserError
from gen_jax.registry import lookup

_AT_ONCE = 64  # images drawn in one call on behalf of the host
_TRIALS = 4096  # images whose numbers tell the range of a number

Drawer = Callable[[Array], tuple[Array, dict[str, Array]]]
"""Seeds uint32 [b] to images uint8 [b, h, w, c] and the numbers they were drawn with."""


class Bins(NamedTuple):
    """The range of a number, cut into classes of equal width."""

    name: str
    low: float
    high: float
    classes: int

    def label(self, values: Array) -> Array:
        """Return the class of each value, int32 in [0, classes)."""
        share = (values - self.low) / (self.high - self.low)
        return jnp.clip(jnp.floor(share * self.classes), 0, self.classes - 1).astype(jnp.int32)

    def names(self) -> tuple[str, ...]:
        """Return what to call each class."""
        edges = np.linspace(self.low, self.high, self.classes + 1)
        return tuple(f"{self.name} {a:.4g} to {b:.4g}" for a, b in itertools.pairwise(edges))


class TextureSource:
    """Images by number: number i shows texture ``names[i % k]`` with the seed that ``fold(seed, i)`` is."""

    def __init__(self, config: TextureData, size: int | None) -> None:
        _check(config, size)
        assert size is not None
        self.names, self.seed = config.names, config.seed
        self._drawers = [_drawer(config, name, size) for name in config.names]
        self._compiled = [jax.jit(lambda seeds, draw=draw: draw(seeds)[0]) for draw in self._drawers]
        self._bins = _bins(config, self._drawers[0]) if config.label else None
        count = config.images + config.test_images
        self.image_shape: tuple[int, int, int] | None = (size, size, _channels(config))
        self.class_names = self._bins.names() if self._bins else config.names if len(config.names) > 1 else ()
        self.labels: np.ndarray | None = self._labels(count) if self.class_names else None
        self.official_test = range(config.images, count)
        self.description = f"textures {', '.join(config.names)}"
        self._count = count

    def __len__(self) -> int:
        """Return how many images have a number, those for testing included."""
        return self._count

    def name(self, index: int) -> str:
        """Return the texture and the number of the image."""
        return f"{self.names[index % len(self.names)]}[{index}]"

    def image(self, index: int) -> np.ndarray:
        """Return uint8 [h, w, c]."""
        return self.stack(np.array([index]))[0]

    def stack(self, indices: np.ndarray, *, title: str | None = None) -> np.ndarray:
        """Return uint8 [len(indices), h, w, c], drawn a few at a time."""
        from tqdm import tqdm

        assert self.image_shape is not None
        indices = np.asarray(indices, np.uint32)
        result = np.empty((len(indices), *self.image_shape), np.uint8)
        with tqdm(total=len(indices), desc=title, unit="img", disable=True if title is None else None) as bar:
            for texture, draw in enumerate(self._compiled):
                rows = np.flatnonzero(indices % len(self.names) == texture)
                for start in range(0, len(rows), _AT_ONCE):
                    part = rows[start : start + _AT_ONCE]
                    numbers = np.resize(indices[part], _AT_ONCE)  # one shape, so one program
                    result[part] = np.asarray(draw(self.seeds_of(jnp.asarray(numbers))))[: len(part)]
                    bar.update(len(part))
        return result

    def seeds_of(self, numbers: Array) -> Array:
        """Return the uint32 seed of each number."""
        return fold(fold(jnp.uint32(self.seed & 0xFFFFFFFF), self.seed >> 32), numbers)

    def draw(self, texture: int, numbers: Array) -> tuple[Array, Array | None]:
        """Draw images of one texture by their numbers; pure, for use inside a compiled function.

        Args:
          texture: which of ``names``.
          numbers: uint32 [b], each ``texture`` modulo the number of names.

        Returns:
          uint8 [b, h, w, c] and int32 [b], the classes; None without classes.
        """
        images, values = self._drawers[texture](self.seeds_of(numbers))
        if self._bins:
            return images, self._bins.label(values[self._bins.name])
        labels = jnp.full(numbers.shape, texture, jnp.int32) if self.class_names else None
        return images, labels

    def _labels(self, count: int) -> np.ndarray:
        if self._bins is None:
            return (np.arange(count) % len(self.names)).astype(np.int32)
        # Compiled, so that the images, which nobody asks for, are not drawn.
        label = jax.jit(lambda numbers: self.draw(0, numbers)[1])
        return np.asarray(label(jnp.arange(count, dtype=jnp.uint32)))


def _drawer(config: TextureData, name: str, size: int) -> Drawer:
    """Return what draws one texture in the form asked for."""
    from gen_jax.draw.texture.render import make_drawer

    draw = make_drawer(name, size=(size, size), tile=config.tile, output=config.output, vary=config.vary)

    def formed(seeds: Array) -> tuple[Array, dict[str, Array]]:
        images, values = draw(seeds)
        return with_channels(images, _channels(config)), values

    return formed


def _channels(config: TextureData) -> Channels:
    return config.channels or (3 if config.output in ("color", "normal") else 1)


def _check(config: TextureData, size: int | None) -> None:
    check_drawn(config, size)
    if not config.names:
        raise UserError("data.names is empty: name textures or presets, such as oak carrara clouds")
    if len(set(config.names)) < len(config.names):
        raise UserError(f"data.names is {' '.join(config.names)}: each name may stand there once")
    if config.vary < 0:
        raise UserError(f"data.vary must be 0 or more, not {config.vary}")
    if config.label and len(config.names) > 1:
        raise UserError(f"data.label={config.label}: goes with one name alone, and data.names has {len(config.names)}")


def _bins(source: TextureData, draw: Drawer) -> Bins:
    """Return the classes of a number over the range that its images have."""
    if source.bins < 2:
        raise UserError(f"data.bins must be 2 or more, not {source.bins}")
    values = jax.jit(lambda seeds: draw(seeds)[1])(jnp.arange(_TRIALS, dtype=jnp.uint32))
    values = lookup(values, source.label, what=f"data.label of texture {source.names[0]}")
    low, high = float(values.min()), float(values.max())
    if not low < high:
        raise UserError(
            f"data.label={source.label}: the images of {source.names[0]} all have {low:g}; "
            "name a number that varies, or raise data.vary"
        )
    return Bins(source.label, low, high, source.bins)
