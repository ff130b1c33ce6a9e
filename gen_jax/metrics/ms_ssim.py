"""Structural similarity at several resolutions, which forgives a blur that small print shows and a poster does not."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.errors import UserError
from gen_jax.metrics.similarity import BLOCK, Similarity, block_of, check_pair, in_blocks, mapped, range_of
from gen_jax.metrics.ssim import WINDOWS, compare, sum_and_difference

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Exponent of each level, finest first, as Wang et al. found them in trials with people; they add up to about 1."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class MultiScaleSimilarity(Similarity):
    """How alike the images of each pair are at several resolutions; a pytree."""

    levels: int = dataclasses.field(metadata={"static": True})
    """Resolutions that were compared; values of fewer than 5 are not those of the literature."""


def ms_ssim(
    images: Any, reference: Any, *, levels: int | Literal["auto"] = 5, data_range: float | Array | None = None
) -> MultiScaleSimilarity:
    """Return the multi-scale structural similarity of each pair, 1 for equal images.

    ``l_M^w_M prod_j cs_j^w_j`` over the levels j = 1..M, each half the size of the one before: cs is contrast and
    structure of ``ssim`` with the Gaussian window, l (times cs, at the coarsest level) luminance, each a mean over
    the pixels and at least 0. One value a channel, then their mean. Between levels 2 x 2 pixels are averaged; where
    a side is odd the first row and column are doubled before. So does piq; other libraries leave the odd row out, or
    average the channels before the powers, and differ in the third decimal. Differentiable, also where the images
    are equal or constant, and usable inside ``jax.jit``.

    Args:
      images: [b, h, w, c] or [h, w, c], c 1, 3 or 4; uint8 or float; 161 pixels a side or more for 5 levels.
      reference: the same shape and type.
      levels: 1 to 5; or ``auto``, as many as fit. Fewer than 5 use the first weights, scaled to the sum 1.
      data_range: white minus black; left out, 255 for uint8 and 1 for float.

    Returns:
      The mean over the pairs, the value of each, and the levels; higher is more alike.

    Raises:
      UserError: the two are not images of one shape and type, or too small for so many levels.

    Source: Wang et al., "Multi-scale structural similarity for image quality assessment", 2003, equation 7.
    """
    first, second = check_pair(images, reference)
    count = _checked(levels, first.shape[1], first.shape[2])
    program = functools.partial(_ms_ssim, data_range=range_of(first, data_range), levels=count)
    each = in_blocks(program, first, second, block=block_of(first, BLOCK))
    return MultiScaleSimilarity(mean=jnp.mean(each), each=each, levels=count)


def weights_of(levels: int) -> tuple[float, ...]:
    """Return the exponents of so many levels: the five of the paper, or the first of them scaled to the sum 1."""
    if levels == len(WEIGHTS):
        return WEIGHTS
    return tuple(weight / sum(WEIGHTS[:levels]) for weight in WEIGHTS[:levels])


def most_levels(height: int, width: int) -> int:
    """Return how many levels images of that size have room for: 5 from 161 pixels, 0 below 11."""
    side, count = min(height, width), 0
    while side >= WINDOWS["gaussian"].size and count < len(WEIGHTS):
        side, count = (side + 1) // 2, count + 1
    return count


def _checked(levels: int | Literal["auto"], height: int, width: int) -> int:
    most = most_levels(height, width)
    if levels != "auto" and (not isinstance(levels, int | np.integer) or not 1 <= levels <= len(WEIGHTS)):
        raise UserError(f'levels: {levels!r}, must be 1 to {len(WEIGHTS)}, or "auto" for as many as fit')
    if most == 0:
        raise UserError(f"images: {height}x{width}, and the window needs 11x11 or more; enlarge them, or use psnr")
    if levels != "auto" and levels > most:
        least = (WINDOWS["gaussian"].size - 1) * 2 ** (levels - 1) + 1
        raise UserError(
            f"images: {height}x{width}, and {levels} levels need {least} pixels a side; {most} fit: "
            f'pass levels={most} or levels="auto", which the result then says'
        )
    return most if levels == "auto" else int(levels)


@functools.partial(jax.jit, static_argnames="levels")
def _ms_ssim(images: Array, reference: Array, *, data_range: Array, levels: int) -> Array:
    def measure(images: Array, reference: Array) -> Array:
        total, difference = sum_and_difference(images, reference, data_range)
        product = jnp.ones((images.shape[0], images.shape[3]))
        for level, weight in enumerate(weights_of(levels)):
            if level:
                total, difference = _halved(total), _halved(difference)
            found = compare(total, difference, window="gaussian", luminance=level == levels - 1)
            product *= _power(found, weight)
        return jnp.mean(product, axis=1)

    return mapped(measure, images, reference)


def _power(values: Array, exponent: float) -> Array:
    """Return ``max(values, 0) ** exponent``, with derivative 0 where the value is not positive."""
    positive = values > 0
    return jnp.where(positive, jnp.where(positive, values, 1.0) ** exponent, 0.0)


def _halved(images: Array) -> Array:
    odd = max(images.shape[1] % 2, images.shape[2] % 2)
    images = jnp.pad(images, ((0, 0), (odd, 0), (odd, 0), (0, 0)), mode="edge")
    height, width = images.shape[1] // 2 * 2, images.shape[2] // 2 * 2
    rows = images[:, 0:height:2] + images[:, 1:height:2]
    return 0.25 * (rows[:, :, 0:width:2] + rows[:, :, 1:width:2])
