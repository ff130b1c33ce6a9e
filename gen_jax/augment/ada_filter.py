"""Amplify or damp the frequency bands of an image, each image by gains of its own."""

from __future__ import annotations

import functools

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from gen_jax.augment.wavelets import frequency_bands, reflected

POWER = np.array([10.0, 1.0, 1.0, 1.0]) / 13.0
"""Share of an image's power expected in each band: the spectrum of natural images falls as 1 / f."""


def gains(factors: Array) -> Array:
    """Return the gain of each band [b, 4] of factors [b, 4, 4], one row for the amplification of each band.

    Each row multiplies all bands, after division by ``sqrt(sum POWER factor^2)``, so that the expected power stays.
    Source: Karras et al., arXiv 2006.06676, appendix B.
    """
    power = jnp.einsum("bkj,j->bk", jnp.square(factors), POWER.astype(np.float32), precision=_EXACT)[..., None]
    return jnp.prod(factors * lax.rsqrt(power), axis=1)


def filter_bands(images: Array, gain: Array) -> Array:
    """Multiply the four bands of images [b, h, w, c] by gains [b, 4], across and down, mirrored at the border.

    Each image's filter is a matrix for each of its axes: ``out = F_h image F_w'``.
    """
    down, across = (jnp.einsum("bk,kij->bij", gain, _matrices(size), precision=_EXACT) for size in images.shape[1:3])
    images = jnp.einsum("bij,bjwc->biwc", down, images, precision=_EXACT)
    return jnp.einsum("bij,bhjc->bhic", across, images, precision=_EXACT)


_EXACT = lax.Precision.HIGHEST


@functools.lru_cache(maxsize=8)
def _matrices(size: int) -> np.ndarray:
    """Return the matrices [4, n, n] of the four bands, the signal mirrored at its ends."""
    bands = frequency_bands()
    matrices = np.zeros((len(bands), size, size), np.float32)
    reach = bands.shape[1] // 2
    for pixel in range(size):
        sources = reflected(np.arange(pixel - reach, pixel + reach + 1), size)
        for tap, source in enumerate(sources):
            matrices[:, pixel, source] += bands[:, tap]
    return matrices
