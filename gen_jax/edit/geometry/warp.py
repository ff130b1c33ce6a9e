"""One resampling: every output pixel reads the input where a matrix says (Pillow, ``Image.transform``)."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.grid import Grid, Plane, known_grid
from gen_jax.edit.geometry.matrices import Matrix, inverse, project
from gen_jax.edit.geometry.sample import RESAMPLES, fill_levels, premultiplied, sample, straight
from gen_jax.edit.geometry.stage import Stage
from gen_jax.edit.roles import is_known
from gen_jax.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Warp:
    """A planned resampling: pixel centres go through ``matrix``, read there, and show ``fill`` outside."""

    entered: Canvas
    canvas: Canvas
    matrix: Matrix
    """[b or 1, 3, 3] output -> input."""
    backward: Matrix
    """[b or 1, 3, 3] input -> output."""
    positions: Grid | Plane
    fill: Any
    """[b or 1, 1, 1, c or 1], levels in [0, 255]."""
    copied: Any
    """[b or 1] bool: images that Pillow moves as they are, not by way of colour times alpha; None: none."""
    resample: str
    projective: bool

    def images(self, images: jax.Array) -> jax.Array:
        """Return the images resampled, alpha blended as Pillow does: colours weigh as much as they cover."""
        if self.resample == "nearest":
            return self._nearest(images)
        place = self.positions.place(self.entered, between=True)
        return resampled(images, place, self, copies=self._nearest)

    def _nearest(self, images: jax.Array) -> jax.Array:
        place = self.positions.place(self.entered, between=False)
        found = sample(images, place, self.entered, "nearest")
        return jnp.where(place.inside[..., None], found, fill_levels(self.fill, images))

    def labels(self, labels: jax.Array) -> jax.Array:
        """Return maps moved without mixing, 0 outside."""
        place = self.positions.place(self.entered, between=False)
        found = sample(labels, place, self.entered, "nearest")
        return jnp.where(place.inside[..., None], found, jnp.zeros((), labels.dtype))

    def points(self, points: jax.Array) -> jax.Array:
        """Return where points [b, n, 2] land."""
        return project(self.backward, points)

    def stage(self) -> Stage:
        """Return what ``fuse_geometry`` needs."""
        return Stage(
            matrix=self.matrix,
            entered=self.entered,
            left=self.canvas,
            fill=self.fill,
            projective=self.projective,
            resample=self.resample,
        )


jax.tree_util.register_dataclass(
    Warp,
    data_fields=["entered", "canvas", "matrix", "backward", "positions", "fill", "copied"],
    meta_fields=["resample", "projective"],
)


def resampled(images: jax.Array, place: Any, step: Any, *, copies: Any = None) -> jax.Array:
    """Return images read between pixels at ``place``, and the fill outside.

    Args:
      images: [b, h, w, c].
      place: a ``Place`` between centres.
      step: has ``entered``, ``fill``, ``resample`` and ``copied``.
      copies: a function of the images that takes the place of all this for those in ``step.copied``.
    """
    has_alpha = images.shape[-1] in (2, 4)
    blended = premultiplied(images) if has_alpha else images
    found = sample(blended, place, step.entered, step.resample, fine=has_alpha)
    found = jnp.where(place.inside[..., None], found, fill_levels(step.fill, images))
    if not has_alpha:
        return found
    found = straight(found)
    if copies is None or step.copied is None:
        return found
    copied = jnp.asarray(step.copied)
    return jax.lax.cond(
        copied.any(),
        lambda: jnp.where(copied[:, None, None, None], copies(images), found),
        lambda: found,
    )


def warp(
    canvas: Canvas,
    left: Canvas,
    matrix: Matrix,
    *,
    resample: str,
    fill: Any,
    projective: bool = False,
    copied: Any = None,
) -> Warp:
    """Plan a resampling of ``canvas`` to ``left`` by a matrix [b or 1, 3, 3] from output to input.

    Raises:
      UserError: an unknown ``resample``.
    """
    check_resample(resample)
    if is_known((matrix, canvas.sizes, left.sizes)):
        matrix = np.asarray(matrix, np.float64)
        positions = known_grid(matrix, canvas, left, resample=resample, projective=projective)
    else:
        matrix = jnp.asarray(matrix, jnp.float32)
        positions = Plane(matrix=matrix, shape=(left.height, left.width), projective=projective)
    return Warp(
        entered=canvas,
        canvas=left,
        matrix=matrix,
        backward=inverse(matrix),
        positions=positions,
        fill=fill,
        copied=copied,
        resample=resample,
        projective=projective,
    )


def check_resample(resample: str) -> None:
    """Raise UserError where it is none of Pillow's three for ``transform``."""
    if resample not in RESAMPLES:
        raise UserError(f"resample is {resample!r}; allowed are {', '.join(RESAMPLES)}")
