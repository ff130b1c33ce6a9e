"""Bend the picture like rubber: a smooth random displacement of every pixel (Simard et al. 2003)."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.grid import Place, limits, place
from gen_jax.edit.geometry.parameters import Resample
from gen_jax.edit.geometry.sample import fill_levels, sample
from gen_jax.edit.geometry.warp import check_resample, resampled
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Color, Levels, Parameter, Random, Range, Seed

ROUNDS = 20
"""Of the search for the point that is displaced to a given one; each divides the error by 1 / slope."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Elastic:
    """A planned elastic bend: output pixel centre ``p`` reads the input at ``p + d(p)``."""

    canvas: Canvas
    alpha: Any
    sigma: Any
    keys: Any
    fill: Any
    resample: str

    copied = None

    @property
    def entered(self) -> Canvas:
        """What it takes: a bend leaves the canvas as it is."""
        return self.canvas

    def images(self, images: jax.Array) -> jax.Array:
        """Return the bent images."""
        if self.resample != "nearest":
            return resampled(images, self._place(between=True), self)
        at = self._place(between=False)
        found = sample(images, at, self.canvas, "nearest")
        return jnp.where(at.inside[..., None], found, fill_levels(self.fill, images))

    def labels(self, labels: jax.Array) -> jax.Array:
        """Return maps bent without mixing, 0 outside."""
        at = self._place(between=False)
        found = sample(labels, at, self.canvas, "nearest")
        return jnp.where(at.inside[..., None], found, jnp.zeros((), labels.dtype))

    def points(self, points: jax.Array) -> jax.Array:
        """Return the points that are displaced to these, [b, n, 2]: ``q = p - d(q)``, repeated."""
        field = self.displacement()
        return jax.lax.fori_loop(0, ROUNDS, lambda _, found: points - _field_at(field, found, self.canvas), points)

    def displacement(self) -> jax.Array:
        """Return (x, y) pixels of every output pixel, [b, h, w, 2]: uniform noise in [-1, 1), smoothed, times alpha."""
        canvas = self.canvas
        width, height = limits(canvas)
        rows, columns = jnp.arange(canvas.height)[None, :, None], jnp.arange(canvas.width)[None, None]
        inside = (rows < height) & (columns < width)
        noise = jnp.where(inside[..., None], _noise(self.keys, canvas), 0.0)
        down, across = _gaussian(self.sigma, canvas.height), _gaussian(self.sigma, canvas.width)
        smooth = jnp.einsum("bij,bjkd->bikd", jnp.broadcast_to(down, (canvas.batch, *down.shape[1:])), noise)
        smooth = jnp.einsum("bij,bkjd->bkid", jnp.broadcast_to(across, (canvas.batch, *across.shape[1:])), smooth)
        return self.alpha * smooth

    def _place(self, *, between: bool) -> Place:
        field = self.displacement()
        x = jnp.arange(self.canvas.width, dtype=jnp.float32)[None, None] + 0.5 + field[..., 0]
        y = jnp.arange(self.canvas.height, dtype=jnp.float32)[None, :, None] + 0.5 + field[..., 1]
        return place(x, y, self.canvas, between=between)


jax.tree_util.register_dataclass(
    Elastic, data_fields=["canvas", "alpha", "sigma", "keys", "fill"], meta_fields=["resample"]
)


def _noise(keys: jax.Array, canvas: Canvas) -> jax.Array:
    """Return uniform noise [b, h, w, 2] that does not depend on how far the canvas reaches beyond an image."""

    def line(key: jax.Array, row: jax.Array) -> jax.Array:
        return jax.random.uniform(jax.random.fold_in(key, row), (canvas.width, 2), minval=-1.0, maxval=1.0)

    rows = jnp.arange(canvas.height)
    return jax.vmap(lambda key: jax.vmap(lambda row: line(key, row))(rows))(keys)


def _gaussian(sigma: jax.Array, count: int) -> jax.Array:
    """Return the matrices [b or 1, n, n] of a Gaussian filter with nothing beyond the ends; sums of a row are <= 1."""
    sigma = jnp.asarray(sigma)[:, :, 0]
    distance = (jnp.arange(count)[:, None] - jnp.arange(count)[None]).astype(jnp.float32)[None]
    steps = jnp.arange(-count, count + 1, dtype=jnp.float32)[None, None]
    total = jnp.exp(-0.5 * jnp.square(steps / sigma)).sum(axis=-1, keepdims=True)
    return jnp.exp(-0.5 * jnp.square(distance / sigma)) / total


def _field_at(field: jax.Array, points: jax.Array, canvas: Canvas) -> jax.Array:
    """Return the displacement [b, n, 2] at points [b, n, 2], between pixel centres linearly."""
    at = place(points[:, None, :, 0], points[:, None, :, 1], canvas, between=True)
    return sample(field, at, canvas, "bilinear")[:, 0]


@planned(alpha=Range(low=0), sigma=Range(low=0.1), seed=Random(), fill=Levels())
def elastic(
    canvas: Canvas,
    *,
    alpha: Parameter = 34.0,
    sigma: Parameter = 4.0,
    seed: Seed = 0,
    resample: Resample = "bilinear",
    fill: Color = 0,
) -> Elastic:
    """Bend by a smooth random field.

    Output pixel centre ``p`` reads the input at ``p + alpha (g_sigma * u)(p)``, ``u`` uniform in [-1, 1) a pixel
    and an axis, 0 outside of the image, ``g_sigma`` a Gaussian. The standard deviation of a displacement is
    about ``alpha 0.163 / sigma`` pixels; where it exceeds sigma the picture folds over, and the points of a
    fold have no one place.

    Args:
      canvas: of the images, [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      alpha: the strength, 0 and up; one or one an image.
      sigma: of the Gaussian, in pixels, 0.1 and up.
      seed: of the field; images of a batch get different ones.
      resample: "nearest", "bilinear" or "bicubic".
      fill: levels in [0, 255] of what lies outside, as for ``rotate``.

    Returns:
      The same shape and dtype.

    Source: Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks".
    """
    check_resample(resample)
    return Elastic(canvas=canvas, alpha=alpha, sigma=sigma, keys=seed, fill=fill, resample=resample)
