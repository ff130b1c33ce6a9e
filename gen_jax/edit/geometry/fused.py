"""One resampling of several: positions are pulled back through all the stages before a pixel is read."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.grid import Grid, Place, Plane, exact_grid
from gen_jax.edit.geometry.matrices import Matrix, inverse, project
from gen_jax.edit.geometry.sample import RESAMPLES, fill_levels, premultiplied, sample, straight
from gen_jax.edit.geometry.stage import Fusable, Stage
from gen_jax.edit.roles import is_known
from gen_jax.edit.step import Step


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Fused:
    """A planned run of geometric steps, first to last, that reads every output pixel once.

    A position that leaves the input of one of the steps shows the fill of the last such step, as it does
    when the steps are taken one after another. Between pixels there is one interpolation where there would
    be several: inside, smooth images come out the same, and sharp ones sharper.
    """

    canvas: Canvas
    backward: Matrix
    """[b or 1, 3, 3] input of the first -> output of the last."""
    entered: tuple[Canvas, ...]
    """What each step takes."""
    positions: tuple[Grid | Plane, ...]
    """Where the output pixels of the last lie in what each step takes."""
    fills: tuple[Any, ...]
    blends: tuple[bool, ...]
    """Whether each fill counts as already multiplied by its alpha: that of a blending step."""
    resample: str

    def images(self, images: jax.Array) -> jax.Array:
        """Return the images resampled once."""
        has_alpha, between = images.shape[-1] in (2, 4), self.resample != "nearest"
        premultiplies = has_alpha and between
        place, insides = self._place(between=between)
        blended = premultiplied(images) if premultiplies else images
        found = sample(blended, place, self.entered[0], self.resample, fine=has_alpha)
        found = straight(found) if premultiplies else found
        for inside, fill, blend in zip(insides, self.fills, self.blends, strict=True):
            levels = fill_levels(0.0 if fill is None else fill, images)
            if blend and has_alpha:
                levels = straight(jnp.broadcast_to(levels, (*jnp.shape(levels)[:-1], images.shape[-1])))
            found = jnp.where(inside[..., None], found, levels)
        return found

    def labels(self, labels: jax.Array) -> jax.Array:
        """Return maps moved without mixing, 0 outside."""
        place, insides = self._place(between=False)
        found = sample(labels, place, self.entered[0], "nearest")
        for inside in insides:
            found = jnp.where(inside[..., None], found, jnp.zeros((), labels.dtype))
        return found

    def points(self, points: jax.Array) -> jax.Array:
        """Return where points [b, n, 2] land."""
        return project(self.backward, points)

    def _place(self, *, between: bool) -> tuple[Place, list[jax.Array]]:
        """Return the places in the first input, and what is inside of each input."""
        place = self.positions[0].place(self.entered[0], between=between)
        later = [
            positions.place(entered, between=False).inside
            for positions, entered in zip(self.positions[1:], self.entered[1:], strict=True)
        ]
        return place, [place.inside, *later]


jax.tree_util.register_dataclass(
    Fused,
    data_fields=["canvas", "backward", "entered", "positions", "fills"],
    meta_fields=["blends", "resample"],
)


def fuse_geometry(steps: Sequence[Step]) -> list[Step]:
    """Return steps that do the same to float images, with each run of moves and warps made one resampling.

    A run of moves alone (flips, quarter turns, crops, pads) stays as it is: it is exact, and no slower. The
    way of resampling is the best one of the run: bicubic before bilinear before nearest.
    """
    fused: list[Step] = []
    for fusable, run in itertools.groupby(steps, key=lambda step: isinstance(step, Fusable)):
        members = list(run)
        stages = [step.stage() for step in members if isinstance(step, Fusable)]
        warps = sum(stage.resample is not None for stage in stages)
        fused += [_one(stages)] if fusable and warps and len(members) > 1 else members
    return fused


def _one(stages: list[Stage]) -> Fused:
    known = is_known([(stage.matrix, stage.entered.sizes, stage.left.sizes) for stage in stages])
    xp, dtype = (np, np.float64) if known else (jnp, np.float32)
    left = stages[-1].left
    positions: list[Grid | Plane] = []
    matrix, projective = xp.eye(3, dtype=dtype)[None], False
    for stage in reversed(stages):
        matrix = xp.matmul(xp.asarray(stage.matrix, dtype), matrix)
        projective = projective or stage.projective
        if isinstance(matrix, np.ndarray):
            positions.append(exact_grid(matrix, left, projective=projective))
        else:
            positions.append(Plane(matrix=matrix, shape=(left.height, left.width), projective=projective))
    ways = [stage.resample for stage in stages if stage.resample is not None]
    return Fused(
        canvas=left,
        backward=inverse(matrix),
        entered=tuple(stage.entered for stage in stages),
        positions=tuple(reversed(positions)),
        fills=tuple(stage.fill for stage in stages),
        blends=tuple(stage.resample in ("bilinear", "bicubic") for stage in stages),
        resample=max(ways, key=RESAMPLES.index),
    )
