"""All geometric transforms of adaptive augmentation as one band-limited resampling by one matrix an image.

An image goes on beyond its border as its own mirror image. It is enlarged twofold with the sym6 filter, read bilinearly
where the matrix says, and halved with the same filter; where the matrix is the identity this returns the image.

Mirrored, an image of side n repeats every 2 (n - 1) pixels, so one period is enough to read any point: four times the
pixels of the image, whatever the matrix, where padding by all that the published code may need takes nine.

The published code mirrors only as far as its batch needs, n - 1 pixels at most, and reads zeros beyond. The two are
equal up to rounding, border included, until a matrix reaches further out than that: an image shrunk to less than about
a third, or shrunk less and moved. There the published code shows grey, and this one the next mirror image.

Cost in memory traffic, for an image of n x n x c: 16 n^2 c floats written once, 4 (2 n + 10)^2 c read, about 11 n^2 c
more in the filters, which are products with banded matrices; at 256 x 256 x 3 about 30 MB. Every derivative is the
resampling again or its transpose, which adds where the other reads.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from gen_jax.augment.wavelets import SYM6, reflected

_TAPS = len(SYM6)
_DELAY = _TAPS // 2 - 1
_BLOCK = 128
"""Rows of a banded matrix that are multiplied at once: enough for a fast product, few enough to skip the zeros."""


def identity(count: int) -> Array:
    """Return the matrices [b, 3, 3] that leave every image as it is."""
    return jnp.broadcast_to(jnp.eye(3), (count, 3, 3))


def shift(x: Array, y: Array) -> Array:
    """Return the matrices [b, 3, 3] that move a point by ``x`` and ``y``, [b] in pixels."""
    one, zero = jnp.ones_like(x), jnp.zeros_like(x)
    return _matrix((one, zero, x), (zero, one, y))


def scale(x: Array, y: Array) -> Array:
    """Return the matrices [b, 3, 3] that move a point from the middle by the factors ``x`` and ``y``, [b]."""
    zero = jnp.zeros_like(x)
    return _matrix((x, zero, zero), (zero, y, zero))


def rotate(angle: Array) -> Array:
    """Return the matrices [b, 3, 3] that turn a point about the middle by ``angle``, [b] in radians."""
    cos, sin, zero = jnp.cos(angle), jnp.sin(angle), jnp.zeros_like(angle)
    return _matrix((cos, -sin, zero), (sin, cos, zero))


def _matrix(*rows: tuple[Array, ...]) -> Array:
    zero = jnp.zeros_like(rows[0][0])
    last = (zero, zero, jnp.ones_like(zero))
    return jnp.stack([jnp.stack(row, axis=-1) for row in (*rows, last)], axis=-2)


@jax.custom_vjp
def resample(images: Array, matrix: Array) -> Array:
    """Move the points of images: the result at point r is the image at ``matrix r``, band-limited.

    Linear in the images; the matrices take no gradient. It has no forward-mode derivative.

    Args:
      images: float32 [b, h, w, c], sides of 2 or more.
      matrix: [b, 3, 3]; acts on (x, y, 1), in pixels from the middle of the image, x to the right, y down.

    Returns:
      float32 [b, h, w, c].

    Source: Karras et al., arXiv 2006.06676, appendix B.
    """
    height, width = images.shape[1:3]
    doubled = _separable(images.transpose(0, 3, 2, 1), _doubling(height), _doubling(width))
    halved = _separable(_read(doubled, matrix, (height, width)), _halving(width), _halving(height))
    return halved.transpose(0, 3, 2, 1)


@jax.custom_vjp
def transposed_resample(images: Array, matrix: Array) -> Array:
    """Return the transpose of ``resample`` at ``matrix``, applied to images [b, h, w, c]."""
    height, width = images.shape[1:3]
    doubled = _separable(images.transpose(0, 3, 2, 1), _halving(height).T, _halving(width).T)
    halved = _separable(_add(doubled, matrix, (height, width)), _doubling(width).T, _doubling(height).T)
    return halved.transpose(0, 3, 2, 1)


def _resample_forward(images: Array, matrix: Array) -> tuple[Array, Array]:
    return resample(images, matrix), matrix


def _resample_backward(matrix: Array, gradient: Array) -> tuple[Array, Array]:
    return transposed_resample(gradient, matrix), jnp.zeros_like(matrix)


def _transposed_forward(images: Array, matrix: Array) -> tuple[Array, Array]:
    return transposed_resample(images, matrix), matrix


def _transposed_backward(matrix: Array, gradient: Array) -> tuple[Array, Array]:
    return resample(gradient, matrix), jnp.zeros_like(matrix)


resample.defvjp(_resample_forward, _resample_backward)
transposed_resample.defvjp(_transposed_forward, _transposed_backward)


def _period(size: int) -> int:
    """Return after how many points the doubled mirrored signal repeats."""
    return 4 * (size - 1)


def _points(size: int) -> int:
    """Return how many points of the doubled signal the halving looks at: those of the image and 5 on each side."""
    return 2 * size + _TAPS - 2


@functools.lru_cache(maxsize=16)
def _doubling(size: int) -> np.ndarray:
    """Return the matrix [4 (n - 1), n] of one period of the mirrored signal, filtered to twice the rate."""
    period = _period(size)
    matrix = np.zeros((period, size), np.float32)
    taps = 2 * SYM6 / SYM6.sum()
    for point in range(period):
        for pixel in range((point - _TAPS) // 2, (point + _TAPS) // 2 + 1):
            tap = point - 2 * pixel + _DELAY
            if 0 <= tap < _TAPS:
                matrix[point, reflected(np.array(pixel), size)] += taps[tap]
    return matrix


@functools.lru_cache(maxsize=16)
def _halving(size: int) -> np.ndarray:
    """Return the matrix [n, 2 n + 10] of the filter that halves the rate."""
    matrix = np.zeros((size, _points(size)), np.float32)
    for pixel in range(size):
        matrix[pixel, 2 * pixel : 2 * pixel + _TAPS] = SYM6 / SYM6.sum()
    return matrix


def _separable(x: Array, first: np.ndarray, second: np.ndarray) -> Array:
    """Multiply the last axis by ``first``, the one before by ``second``, and leave the two axes swapped.

    ``[b, c, v, u] -> [b, c, u', v']``.
    """
    return _product(jnp.swapaxes(_product(x, first), 2, 3), second)


def _product(x: Array, matrix: np.ndarray) -> Array:
    """Return ``x @ matrix.T`` along the last axis, skipping what is zero in a matrix of one or two bands."""
    pieces = []
    for start in range(0, len(matrix), _BLOCK):
        rows = matrix[start : start + _BLOCK]
        used = np.flatnonzero(rows.any(axis=0))
        bands = np.split(used, np.flatnonzero(np.diff(used) > _BLOCK) + 1)
        spans = [slice(band[0], band[-1] + 1) for band in bands]
        terms = [jnp.matmul(x[..., span], rows[:, span].T, precision=lax.Precision.HIGHEST) for span in spans]
        pieces.append(sum(terms[1:], start=terms[0]))
    return jnp.concatenate(pieces, axis=-1)


def _read(doubled: Array, matrix: Array, size: tuple[int, int]) -> Array:
    """Read doubled images [b, c, 4 (h - 1), 4 (w - 1)] bilinearly: ``[b, c, 2 h + 10, 2 w + 10]``."""

    def read(image: Array, of_image: Array) -> Array:
        flat = image.reshape(image.shape[0], -1)
        terms = [flat.at[:, at].get(mode="promise_in_bounds") * weight[None] for at, weight in _corners(of_image, size)]
        return sum(terms[1:], start=terms[0])

    return jax.vmap(read)(doubled, matrix)


def _add(values: Array, matrix: Array, size: tuple[int, int]) -> Array:
    """Add values where ``_read`` would have read them, with its weights: its transpose."""
    height, width = _period(size[0]), _period(size[1])

    # One image at a time under vmap, so that a batch spread over devices stays where it is; flat indices and one sum
    # carried through, because XLA's scatter on a CPU is several times slower without.
    def add(value: Array, of_image: Array) -> Array:
        flat = jnp.zeros((value.shape[0], height * width), value.dtype)
        for at, weight in _corners(of_image, size):
            flat = flat.at[:, at].add(value * weight[None], mode="promise_in_bounds")
        return flat.reshape(-1, height, width)

    return jax.vmap(add)(values, matrix)


def _corners(matrix: Array, size: tuple[int, int]) -> list[tuple[Array, Array]]:
    """Return flat index and weight [2 h + 10, 2 w + 10] of the four points around what one matrix [3, 3] reads."""
    height, width = size
    # The filter is not symmetric: pixel m of the image comes to lie at point 2 m, and the middle at n - 1.
    middle_x, middle_y = width - 1.0, height - 1.0
    x = (jnp.arange(_points(width), dtype=jnp.float32) - _DELAY - middle_x)[None, :]
    y = (jnp.arange(_points(height), dtype=jnp.float32) - _DELAY - middle_y)[:, None]
    (xx, xy, x1), (yx, yy, y1) = matrix[0], matrix[1]
    left, share_x = _floor(xx * x + xy * y + 2.0 * x1 + middle_x)
    top, share_y = _floor(yx * x + yy * y + 2.0 * y1 + middle_y)
    columns = [jnp.mod(left, _period(width)), jnp.mod(left + 1, _period(width))]
    rows = [jnp.mod(top, _period(height)) * _period(width), jnp.mod(top + 1, _period(height)) * _period(width)]
    shares_x, shares_y = (1.0 - share_x, share_x), (1.0 - share_y, share_y)
    return [(rows[i] + columns[j], shares_y[i] * shares_x[j]) for i in (0, 1) for j in (0, 1)]


def _floor(coordinate: Array) -> tuple[Array, Array]:
    whole = jnp.floor(coordinate)
    return whole.astype(jnp.int32), coordinate - whole
