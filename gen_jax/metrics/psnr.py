"""Peak signal-to-noise ratio of image pairs."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax.metrics.similarity import BLOCK, Similarity, block_of, check_pair, in_blocks, of_pairs, range_of


def psnr(images: Any, reference: Any, *, data_range: float | Array | None = None) -> Similarity:
    """Return ``10 log10(R^2 / MSE)`` in decibels for each pair, infinity where a pair is equal.

    The mean square error is over pixels and channels of one image; the mean of the result is over the decibels of the
    pairs, hence infinite as soon as one pair is equal. Differentiable (an equal pair has gradient 0), and usable
    inside ``jax.jit``.

    Args:
      images: [b, h, w, c] or [h, w, c], c 1, 3 or 4; uint8 or float.
      reference: the same shape and type.
      data_range: R, white minus black; left out, 255 for uint8 and 1 for float.

    Returns:
      The mean over the pairs and the value of each; higher is more alike.

    Raises:
      UserError: the two are not images of one shape and type, or a range that is not positive.
    """
    first, second = check_pair(images, reference)
    program = functools.partial(_psnr, data_range=range_of(first, data_range))
    return of_pairs(in_blocks(program, first, second, block=block_of(first, BLOCK)))


@jax.jit
def _psnr(images: Array, reference: Array, *, data_range: Array) -> Array:
    difference = (images.astype(jnp.float32) - reference.astype(jnp.float32)) / data_range
    # A mean of the means of rows keeps the digits that one long float32 sum would lose.
    error = jnp.mean(jnp.mean(jnp.square(difference), axis=(2, 3)), axis=1)
    differ = error > 0
    return jnp.where(differ, -10.0 * jnp.log10(jnp.where(differ, error, 1.0)), jnp.inf)
