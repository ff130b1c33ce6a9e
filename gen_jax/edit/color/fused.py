"""Runs of linear colour edits as one: the matrix that does to float images what the edits do one after another."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.color import enhance, hue, linear, tone
from gen_jax.edit.color.levels import has_color, is_levels, means
from gen_jax.edit.step import PixelStep, Step

Arrays = dict[str, Any]
Options = dict[str, Any]
Linear = tuple[jax.Array, jax.Array]
"""matrix [b or 1, 3, 3] and offset [b or 1, 3] in [0, 1]."""

_IDENTITY = np.eye(3, dtype=np.float32)[None]
_NOTHING = np.zeros((1, 3), np.float32)


def _scale(gain: jax.Array) -> Linear:
    return gain.reshape(-1, 1, 1) * _IDENTITY, jnp.asarray(_NOTHING)


def _brightness(_mean: jax.Array, arrays: Arrays, _options: Options) -> Linear:
    return _scale(arrays["factor"])


def _exposure(_mean: jax.Array, arrays: Arrays, _options: Options) -> Linear:
    return _scale(jnp.exp2(arrays["stops"]))


def _contrast(mean: jax.Array, arrays: Arrays, _options: Options) -> Linear:
    factor = arrays["factor"].reshape(-1, 1)
    grey = jnp.sum(linear.LUMA_ROW[0] * mean, axis=1, keepdims=True)
    return factor[:, :, None] * _IDENTITY, jnp.broadcast_to((1.0 - factor) * grey, mean.shape)


def _saturation(_mean: jax.Array, arrays: Arrays, _options: Options) -> Linear:
    factor = arrays["factor"].reshape(-1, 1, 1)
    return factor * _IDENTITY + (1.0 - factor) * linear.LUMA_ROW, jnp.asarray(_NOTHING)


def _grayscale(_mean: jax.Array, _arrays: Arrays, _options: Options) -> Linear:
    return jnp.broadcast_to(linear.LUMA_ROW, (1, 3, 3)), jnp.asarray(_NOTHING)


def _invert(_mean: jax.Array, _arrays: Arrays, _options: Options) -> Linear:
    return jnp.asarray(-_IDENTITY), jnp.ones((1, 3), jnp.float32)


def _sepia(_mean: jax.Array, arrays: Arrays, _options: Options) -> Linear:
    return linear.sepia_matrix(arrays["amount"]), jnp.asarray(_NOTHING)


def _color_matrix(_mean: jax.Array, arrays: Arrays, _options: Options) -> Linear:
    rows = jnp.asarray(arrays["matrix"], jnp.float32).reshape(-1, 3, 4)
    return rows[:, :, :3], rows[:, :, 3] / 255.0


def _temperature(_mean: jax.Array, arrays: Arrays, _options: Options) -> Linear:
    return arrays["kelvin"][:, :, None] * _IDENTITY, jnp.asarray(_NOTHING)


def _hue(_mean: jax.Array, arrays: Arrays, _options: Options) -> Linear:
    return hue.hue_rotation(arrays["shift"][0]), jnp.asarray(_NOTHING)


def _body(edit: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    return edit.__wrapped__  # type: ignore[attr-defined]


LINEAR: dict[Callable[..., jax.Array], Callable[[jax.Array, Arrays, Options], Linear]] = {
    _body(enhance.brightness): _brightness,
    _body(enhance.contrast): _contrast,
    _body(enhance.saturation): _saturation,
    _body(tone.exposure): _exposure,
    _body(tone.invert): _invert,
    _body(linear.grayscale): _grayscale,
    _body(linear.sepia): _sepia,
    _body(linear.color_matrix): _color_matrix,
    _body(linear.temperature): _temperature,
    _body(hue.hue): _hue,
}
"""The body of an edit -> (mean [b, 3] of what it is given, its arrays, its static choices) -> its matrix and offset."""

_ONLY_WHERE: dict[Callable[..., jax.Array], tuple[str, object]] = {
    _body(tone.exposure): ("linear", False),
    _body(linear.grayscale): ("channels", 3),
    _body(hue.hue): ("method", "rotation"),
}
"""The static choice with which an edit is linear in the values, where not with all."""


def is_linear(step: Step) -> bool:
    """Return whether a step is a matrix and an offset on red, green and blue."""
    if not isinstance(step, PixelStep) or step.body not in LINEAR or step.canvas.channels < 3:
        return False
    choice, value = _ONLY_WHERE.get(step.body, (None, None))
    return choice is None or dict(step.options)[choice] == value


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LinearColorStep:
    """Linear colour edits in a row, as one matrix an image; uint8 and grey images take them one by one."""

    steps: tuple[PixelStep, ...]

    @property
    def canvas(self) -> Canvas:
        """What it leaves."""
        return self.steps[-1].canvas

    def images(self, images: jax.Array) -> jax.Array:
        """Return the edited images."""
        if is_levels(images) or not has_color(images):
            for step in self.steps:
                images = step.images(images)
            return images
        matrix, offset = self._product(images)
        return linear.mix(images, matrix, offset)

    def _product(self, images: jax.Array) -> Linear:
        """Return the matrix and offset of all steps; each is told the mean that those before it leave."""
        first = jnp.zeros((1, 3), jnp.float32)
        if any(step.body is _body(enhance.contrast) for step in self.steps):
            first = means(images[..., :3], self.canvas.sizes)[:, 0, 0]
        matrix, offset = jnp.asarray(_IDENTITY), jnp.asarray(_NOTHING)
        for step in self.steps:
            mean = _applied(matrix, first) + offset
            factor, addend = LINEAR[step.body](mean, step.arrays, dict(step.options))
            matrix, offset = _multiplied(factor, matrix), _applied(factor, offset) + addend
        return matrix, offset


jax.tree_util.register_dataclass(LinearColorStep, data_fields=["steps"], meta_fields=[])


def _multiplied(left: jax.Array, right: jax.Array) -> jax.Array:
    """Return the products of matrices [b or 1, 3, 3], in full float32 on every device."""
    return jnp.sum(left[:, :, :, None] * right[:, None], axis=2)


def _applied(matrix: jax.Array, vector: jax.Array) -> jax.Array:
    return jnp.sum(matrix * vector[:, None], axis=2)


def fuse_color(steps: Sequence[Step]) -> list[Step]:
    """Return steps that do the same, with each run of two or more linear colour edits made one."""
    return list(itertools.chain.from_iterable(_runs(steps)))


def _runs(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    for linear_run, run in itertools.groupby(steps, key=is_linear):
        members: list[Any] = list(run)
        yield [LinearColorStep(steps=tuple(members))] if linear_run and len(members) > 1 else members
