"""Structural similarity of image pairs, in Wang's setting and in scikit-image's."""

from __future__ import annotations

import functools
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from gen_jax.edit.apart import apart
from gen_jax.errors import UserError
from gen_jax.metrics.similarity import BLOCK, Similarity, block_of, check_pair, in_blocks, mapped, of_pairs, range_of

Window = Literal["gaussian", "uniform"]

LUMINANCE_CONSTANT = 0.01**2
"""(K1 L)^2 in units of the data range L."""
CONTRAST_CONSTANT = 0.03**2
"""(K2 L)^2 in units of the data range L."""


def ssim(
    images: Any, reference: Any, *, window: Window = "gaussian", data_range: float | Array | None = None
) -> Similarity:
    """Return the structural similarity of each pair, 1 for equal images.

    ``(2 m_x m_y + C1) (2 s_xy + C2) / ((m_x^2 + m_y^2 + C1) (s_x^2 + s_y^2 + C2))`` with the means, variances and
    covariance in a window around each pixel, C1 = (0.01 L)^2, C2 = (0.03 L)^2; its mean over the pixels whose window
    lies within the image, then over the channels. Differentiable everywhere, and usable inside ``jax.jit``.

    Args:
      images: [b, h, w, c] or [h, w, c], c 1, 3 or 4; uint8 or float.
      reference: the same shape and type.
      window: ``gaussian``, the paper's: 11 x 11, standard deviation 1.5, plain variances (scikit-image with
        ``gaussian_weights=True, sigma=1.5, use_sample_covariance=False``); or ``uniform``, the default of scikit-image:
        7 x 7, every pixel alike, variances over n - 1. The two differ by some hundredths.
      data_range: L, white minus black; left out, 255 for uint8 and 1 for float.

    Returns:
      The mean over the pairs and the value of each; higher is more alike, negative where structure is inverted.

    Raises:
      UserError: the two are not images of one shape and type, smaller than the window, or an unknown window.

    Source: Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004, equation 13.
    """
    if window not in WINDOWS:
        raise UserError(f"window: {window!r}, must be gaussian (Wang et al.) or uniform (scikit-image's default)")
    first, second = check_pair(images, reference)
    side, least = len(WINDOWS[window].taps()), min(first.shape[1:3])
    if least < side:
        raise UserError(
            f"images: {first.shape[1]}x{first.shape[2]}, and the {window} window needs {side}x{side} or more; "
            "enlarge them, or use psnr"
        )
    program = functools.partial(_ssim, data_range=range_of(first, data_range), window=window)
    return of_pairs(in_blocks(program, first, second, block=block_of(first, BLOCK)))


@functools.partial(jax.jit, static_argnames="window")
def _ssim(images: Array, reference: Array, *, data_range: Array, window: Window) -> Array:
    def measure(images: Array, reference: Array) -> Array:
        return jnp.mean(compare(*sum_and_difference(images, reference, data_range), window=window), axis=1)

    return mapped(measure, images, reference)


def sum_and_difference(images: Array, reference: Array, data_range: Array) -> tuple[Array, Array]:
    """Return ``x + y`` and ``x - y`` in units of the data range, float32, the shape of the images."""
    first, second = images.astype(jnp.float32), reference.astype(jnp.float32)
    return (first + second) / data_range, (first - second) / data_range


def compare(total: Array, difference: Array, *, window: Window, luminance: bool = True) -> Array:
    """Return the similarity of two images given their sum and their difference, [b, h, w, c] -> [b, c].

    With p = x + y and q = x - y, the first factor is ``1 - 2 m_q^2 / (m_p^2 + m_q^2 + 2 C1)`` and the second
    ``1 - 2 s_q^2 / (s_p^2 + s_q^2 + 2 C2)``: four filters in place of five, and exact where the images agree.

    Args:
      total: x + y in units of the data range.
      difference: x - y.
      window: of the means.
      luminance: False leaves the first factor out: contrast and structure alone.
    """
    width, channels = total.shape[2:]
    taps, scale = WINDOWS[window].taps(), WINDOWS[window].variance_scale
    # Variances do not change with the middle, but the squares of what is left keep their digits in float32.
    middle = lax.stop_gradient(jnp.mean(jnp.mean(total, axis=1), axis=1))
    middle = jnp.tile(middle, (1, width))[:, None, :]
    centred, difference = _rows(total) - middle, _rows(difference)
    # One array of all four compiles once; between the passes it is stored, see ``apart``.
    parts = jnp.concatenate([centred, difference, jnp.square(centred), jnp.square(difference)])
    parts = apart(functools.partial(_shifted_sum, taps=taps, axis=1, step=1), parts)
    parts = apart(functools.partial(_shifted_sum, taps=taps, axis=2, step=channels), parts)
    mean_p, mean_q, square_p, square_q = jnp.split(parts, 4)
    variance_p, variance_q = (scale * (square_p - mean_p**2), scale * (square_q - mean_q**2))
    similarity = 1.0 - 2.0 * variance_q / (variance_p + variance_q + 2.0 * CONTRAST_CONSTANT)
    if luminance:
        level = mean_p + middle[:, :, : mean_p.shape[2]]
        similarity *= 1.0 - 2.0 * mean_q**2 / (level**2 + mean_q**2 + 2.0 * LUMINANCE_CONSTANT)
    # Sums of columns, then of their sums: no float32 sum is long.
    return jnp.mean(jnp.mean(similarity, axis=1).reshape(len(similarity), -1, channels), axis=1)


class _Window(NamedTuple):
    size: int
    sigma: float | None
    variance_scale: float
    """n / (n - 1) where variances are those of a sample."""

    def taps(self) -> list[float]:
        """Return the weights along one axis; they add up to 1."""
        if self.sigma is None:
            return [1.0 / self.size] * self.size
        distance = np.arange(self.size) - self.size // 2
        weights = np.exp(-0.5 * (distance / self.sigma) ** 2)
        return [float(weight) for weight in weights / weights.sum()]


WINDOWS: dict[Window, _Window] = {"gaussian": _Window(11, 1.5, 1.0), "uniform": _Window(7, None, 49.0 / 48.0)}
"""Every window by the name that ``ssim`` gives it."""


def _rows(images: Array) -> Array:
    """``[b, h, w, c] -> [b, h, w c]``: long rows are what vector units like."""
    return images.reshape(*images.shape[:2], -1)


def _shifted_sum(rows: Array, *, taps: list[float], axis: int, step: int) -> Array:
    """Return ``sum_k taps[k] rows[.., i + k step, ..]`` along an axis, where the whole window lies within."""
    length = rows.shape[axis] - (len(taps) - 1) * step
    shifted = [lax.slice_in_dim(rows, k * step, k * step + length, axis=axis) for k in range(len(taps))]
    return functools.reduce(jnp.add, [weight * part for weight, part in zip(taps, shifted, strict=True)])
