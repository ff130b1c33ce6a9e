"""Coloured noise: power falls with frequency as 1 / f^slope, and phases are random; seamless."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hashing
from gen_jax.draw.noise.white import pixel_bits


def colored(seeds: Array, slopes: Array, *, size: tuple[int, int]) -> Array:
    """Return noise of a given spectrum.

    The phases are those of white Gaussian noise. The power of every frequency f (cycles a pixel, in any direction) is
    exactly proportional to ``f^-slope``, none at frequency 0, so that all pictures of a slope have one contrast.

    Args:
      seeds: uint32 [b].
      slopes: float32 [b]; 0 white, 1 pink, 2 brown, -2 violet.
      size: height and width.

    Returns:
      float32 [b, h, w], mean 0, standard deviation 1 (0 for a single pixel).
    """
    height, width = size
    frequencies = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    nonzero = frequencies > 0.0
    steps = jnp.asarray(np.log(np.where(nonzero, frequencies, 1.0)), jnp.float32)
    # A real picture's spectrum is symmetric: columns between the first and the last stand for two.
    column = np.arange(width // 2 + 1)
    twice = np.where((column == 0) | (2 * column == width), 1.0, 2.0) * nonzero

    def one(seed_and_slope: tuple[Array, Array]) -> Array:
        seed, slope = seed_and_slope
        spectrum = jnp.fft.rfft2(_normal(pixel_bits(seed[None], size=size)[0]))
        length = jnp.abs(spectrum)
        phase = jnp.where(length > 0.0, spectrum / jnp.where(length > 0.0, length, 1.0), 1.0)
        power = jnp.where(nonzero, jnp.exp(-slope * steps), 0.0)
        power = power / jnp.maximum(jnp.sum(power * twice.astype(np.float32)), np.finfo(np.float32).tiny)
        return jnp.fft.irfft2(phase * jnp.sqrt(power) * (height * width), s=size)

    # One by one, so that no batch changes how a transform is rounded.
    return jax.lax.map(one, (seeds, slopes))


def _normal(bits: Array) -> Array:
    """Return standard normal numbers of random bits (G. Box and M. Muller, 1958)."""
    radius = jnp.sqrt(-2.0 * jnp.log(1.0 - hashing.unit(bits)))
    return radius * jnp.cos(np.float32(2.0 * np.pi) * hashing.unit(hashing.fold(bits, 1)))
