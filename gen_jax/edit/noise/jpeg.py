"""What JPEG does to a picture, without writing a file: differentiable, one quality an image."""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from gen_jax.edit.borders import extend_edges
from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Parameter, Range

LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    np.int32,
)
"""Steps of the luminance frequencies at quality 50 (ITU-T T.81, table K.1)."""

CHROMINANCE = np.full((8, 8), 99, np.int32)
CHROMINANCE[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]
"""Steps of the chrominance frequencies at quality 50 (table K.2)."""


def _cosines() -> np.ndarray:
    """Return the orthonormal DCT of a block as one matrix: [64, 64], frequencies by pixels (T.81, A.3.3)."""
    frequency, place = np.mgrid[0:8, 0:8]
    line = np.cos((2 * place + 1) * frequency * np.pi / 16) * np.where(frequency == 0, np.sqrt(1 / 8), 0.5)
    return np.kron(line, line).astype(np.float32)


@kernel(quality=Range(1, 100, whole=True))
def jpeg(
    images: jax.Array, *, quality: Parameter = 75, subsampling: Literal[0, 1, 2] = 2, sizes: jax.Array | None = None
) -> jax.Array:
    """Spoil an image as saving it as JPEG and reading it again does.

    YCbCr, colors at half the resolution, blocks of 8x8 to frequencies, each rounded to a multiple of its step
    (tables K.1 and K.2 of the standard, scaled by quality as libjpeg does), and back. Every rounding and
    clipping passes the gradient on unchanged. Alpha stays.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1]: JPEG stores 8 bits, so floats are clipped and
        rounded to levels first, and the result lies on levels.
      quality: 1 to 100, whole, one number or one an image.
      subsampling: 0 full color resolution (4:4:4), 1 half across (4:2:2), 2 half both ways (4:2:0), as Pillow's.
      sizes: [b, 2], true (height, width) of each image.

    Returns:
      The same shape and dtype, close to libjpeg's to the rounding of its transform.

    Source: ITU-T T.81 and T.871.
    """
    height, width, channels = images.shape[1:]
    colors = images[..., : channels - 1 + channels % 2]
    levels = colors.astype(jnp.float32) if images.dtype == jnp.uint8 else _to_level(colors * 255.0)
    table = jnp.asarray(np.array([[height, width]], np.int32) if sizes is None else sizes)
    factors = ((1, 1), (1, 2), (2, 2))[subsampling] if colors.shape[-1] == 3 else (1, 1)
    around = ((0, 0), (0, -height % (8 * factors[0])), (0, -width % (8 * factors[1])), (0, 0))
    levels = jnp.pad(levels, around)
    levels = extend_edges(levels, jnp.broadcast_to(table, (len(images), 2)))
    luminance, chrominance = (_steps(base, quality) for base in (LUMINANCE, CHROMINANCE))
    if colors.shape[-1] == 3:
        levels = _color(levels, luminance, chrominance, factors, table)
    else:
        levels = _coded(levels, luminance)
    levels = levels[:, :height, :width]
    done = levels.astype(jnp.uint8) if images.dtype == jnp.uint8 else levels / 255.0
    return jnp.concatenate([done, images[..., colors.shape[-1] :]], axis=-1)


def _straight(value: jax.Array, instead: jax.Array) -> jax.Array:
    """Return ``instead``, with the gradient of ``value``."""
    # Adding the difference to the value would not give ``instead`` back to the last bit; adding zero does.
    return lax.stop_gradient(instead) + (value - lax.stop_gradient(value))


def _to_level(values: jax.Array) -> jax.Array:
    """Round to whole levels in [0, 255], gradient unchanged."""
    return _straight(values, jnp.clip(jnp.floor(values + 0.5), 0.0, 255.0))


def _steps(base: np.ndarray, quality: jax.Array) -> jax.Array:
    """Return the steps of a quality, [b or 1, 1, 64]: ``(base scale + 50) // 100`` in [1, 255].

    The scale is ``5000 // quality`` below 50, ``200 - 2 quality`` from there.
    """
    whole = quality.astype(jnp.int32)[:, :, 0]
    scale = jnp.where(whole < 50, 5000 // jnp.maximum(whole, 1), 200 - 2 * whole)
    return jnp.clip((base.reshape(1, 1, 64) * scale + 50) // 100, 1, 255).astype(jnp.float32)


def _coded(plane: jax.Array, steps: jax.Array) -> jax.Array:
    """Send [b, h, w, 1], sides multiples of 8, through the frequencies and back to levels."""
    batch, height, width, _ = plane.shape
    cosines = _cosines()
    blocks = plane.reshape(batch, height // 8, 8, width // 8, 8).swapaxes(2, 3).reshape(batch, -1, 64) - 128.0
    frequencies = jnp.matmul(blocks, cosines.T, precision=lax.Precision.HIGHEST)
    scaled = frequencies / steps
    # Halves away from zero, as integers are divided in libjpeg; they are common, for a mean has eighths.
    whole = jnp.sign(scaled) * jnp.floor(jnp.abs(scaled) + 0.5)
    coded = _straight(scaled, whole) * steps
    levels = _to_level(jnp.matmul(coded, cosines, precision=lax.Precision.HIGHEST) + 128.0)
    return levels.reshape(batch, height // 8, width // 8, 8, 8).swapaxes(2, 3).reshape(plane.shape)


def _color(
    levels: jax.Array, luminance: jax.Array, chrominance: jax.Array, factors: tuple[int, int], table: jax.Array
) -> jax.Array:
    """Code RGB as one plane of luminance and two smaller ones of color (T.871, 7)."""
    red, green, blue = (levels[..., channel : channel + 1] for channel in range(3))
    light = _to_level(0.299 * red + 0.587 * green + 0.114 * blue)
    bluish = _to_level(-0.168735892 * red - 0.331264108 * green + 0.5 * blue + 128.0)
    reddish = _to_level(0.5 * red - 0.418687589 * green - 0.081312411 * blue + 128.0)
    light = _coded(light, luminance)
    cut = -(-table // jnp.array([factors]))
    bluish, reddish = (
        _enlarged(_coded(_shrunk(plane, factors), chrominance), factors, cut) - 128.0 for plane in (bluish, reddish)
    )
    parts = (
        light + 1.402 * reddish,
        light - 0.344136286 * bluish - 0.714136286 * reddish,
        light + 1.772 * bluish,
    )
    return _to_level(jnp.concatenate(parts, axis=-1))


def _shrunk(plane: jax.Array, factors: tuple[int, int]) -> jax.Array:
    """Take the mean of 1, 2 or 4 levels; half levels go up and down in turn from column to column, as in libjpeg."""
    down, across = factors
    if across == 1:
        return plane
    batch, height, width, _ = plane.shape
    sums = plane.reshape(batch, height // down, down, width // across, across).sum(axis=(2, 4))
    odd = jnp.arange(width // across) % 2
    bias = (odd + 1.0 if down == 2 else odd * 1.0)[None, None]
    mean = sums / (down * across)
    return _straight(mean, jnp.floor((sums + bias) / (down * across)))[..., None]


def _enlarged(plane: jax.Array, factors: tuple[int, int], cut: jax.Array) -> jax.Array:
    """Double the resolution: three quarters of the nearest, one of the next, the edge carried on; rounded once."""
    down, across = factors
    if across == 1:
        return plane
    plane = extend_edges(plane, jnp.broadcast_to(cut, (plane.shape[0], 2)))
    rows = _doubled(plane, 1) if down == 2 else plane
    both = _doubled(rows, 2)
    # libjpeg adds 8 of 16 on even columns and 7 on odd ones, or 1 of 4 and 2.
    odd = (jnp.arange(both.shape[2]) % 2)[None, None, :, None]
    bias = (8.0 - odd) / 16.0 if down == 2 else (1.0 + odd) / 4.0
    return _straight(both, jnp.floor(both + bias))


def _doubled(plane: jax.Array, axis: int) -> jax.Array:
    length = plane.shape[axis]
    before = jnp.concatenate(
        [lax.slice_in_dim(plane, 0, 1, axis=axis), lax.slice_in_dim(plane, 0, length - 1, axis=axis)], axis=axis
    )
    after = jnp.concatenate(
        [lax.slice_in_dim(plane, 1, length, axis=axis), lax.slice_in_dim(plane, length - 1, length, axis=axis)],
        axis=axis,
    )
    pair = jnp.stack([0.75 * plane + 0.25 * before, 0.75 * plane + 0.25 * after], axis=axis + 1)
    shape = list(plane.shape)
    shape[axis] *= 2
    return pair.reshape(shape)
