"""Gabor noise: wavelets strewn at random, so that the noise has the frequencies and directions that are asked for.

Source: A. Lagae, S. Lefebvre, G. Drettakis, P. Dutre, "Procedural noise using sparse Gabor convolution", SIGGRAPH 2009.
Two deviations: a cell holds a fixed number of wavelets, not a Poisson distributed one (as their weights have mean 0,
the power spectrum is the same); and a wavelet reaches to where its envelope is 1/200, not 1/20.
"""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.draw import hashing
from gen_jax.draw.texture.antialias import length
from gen_jax.draw.texture.cells import bits_of, four_of
from gen_jax.draw.texture.field import Field, Lattice
from gen_jax.draw.texture.kind import Choice, Layers, Number, texture

_REACH = float(np.sqrt(np.log(200.0) / np.pi))
"""From the middle of an envelope exp(-pi r^2) to where it is 1/200."""

_WAVELETS = 6
"""In a cell, whose side is the reach: about a dozen sum up to a pixel."""


def envelope(frequency: Array, bandwidth: Array) -> Array:
    """Return the ``a`` of the envelope exp(-pi a^2 r^2) that gives a bandwidth in octaves (at half the amplitude).

    The transform of the envelope, exp(-pi f^2 / a^2), is one half at f = a sqrt(ln 2 / pi); the octaves lie between
    frequency - f and frequency + f.
    """
    ratio = 2.0**bandwidth
    return frequency * (ratio - 1.0) / (ratio + 1.0) * np.float32(np.sqrt(np.pi / np.log(2.0)))


def _cells(field: Field, inverse: Array) -> tuple[Lattice, Array, Array]:
    """Return cells at least as wide as a wavelet reaches, and their sides in units; whole ones where it tiles."""
    least = _REACH / inverse
    if not field.tile:
        return Lattice(field.x / least, field.y / least, None, None), least, least
    height, width = field.extent
    across, down = (jnp.maximum(jnp.floor(side / least), 1.0) for side in (width, height))
    return Lattice(field.x * (across / width), field.y * (down / height), across, down), width / across, height / down


def gabor_noise(
    field: Field, *, frequency: Array, bandwidth: Array, angle: Array, spread: Array
) -> tuple[Array, Array]:
    """Return Gabor noise and the same with every wave a quarter turn on, float32 [b, h, w], mean 0 and variance 1.

    The sum of ``exp(-pi a^2 r^2) cos(2 pi frequency . (x, y) + phase)`` over wavelets; the second has sines. With
    random phases its variance is density * mean(cos^2) * integral(exp(-2 pi a^2 r^2)) = density / (4 a^2).

    Args:
      field: of the pixels.
      frequency: waves a unit, [b, 1, 1].
      bandwidth: octaves, more than 0.
      angle: degrees in which the waves run, from the right, clockwise.
      spread: how far the direction of a wavelet may lie from that either way, as a share of 90 degrees.
    """
    inverse = envelope(frequency, bandwidth)
    grid, wide, tall = _cells(field, inverse)
    column, row = jnp.floor(grid.x), jnp.floor(grid.y)
    middle, half = angle * np.float32(np.pi / 180.0), spread * np.float32(0.5 * np.pi)
    sharp = np.float32(np.pi) * inverse * inverse

    def add(total: tuple[Array, Array], part: Array) -> tuple[tuple[Array, Array], None]:
        seed = hashing.fold(field.seed, part)
        for right, below in itertools.product((-1.0, 0.0, 1.0), repeat=2):
            bits = bits_of(seed, column + right, row + below, grid)
            across, down, turn, phase = four_of(bits)
            dx = (grid.x - column - right - across) * wide
            dy = (grid.y - row - below - down) * tall
            way = middle + half * (2.0 * turn - 1.0)
            wave = np.float32(2.0 * np.pi) * (frequency * (jnp.cos(way) * dx + jnp.sin(way) * dy) + phase)
            weight = jnp.exp(-sharp * (dx * dx + dy * dy))
            total = total[0] + weight * jnp.cos(wave), total[1] + weight * jnp.sin(wave)
        return total, None

    start = jnp.zeros((field.seed.shape[0], field.height, field.width), jnp.float32)
    (even, odd), _ = jax.lax.scan(add, (start, start), jnp.arange(_WAVELETS, dtype=jnp.uint32))
    scale = 2.0 * inverse * jnp.sqrt(wide * tall / _WAVELETS)
    return even * scale, odd * scale


@texture(
    scale=Number(12.0, 1.0, 128.0, "waves a unit", vary=0.2),
    bandwidth=Number(0.8, 0.2, 2.5, "octaves of frequencies about that", vary=0.1),
    angle=Number(0.0, -180.0, 180.0, "degrees in which the waves run, clockwise from the right"),
    spread=Number(0.1, 0.0, 1.0, "how far the waves stray from that direction; 1: all directions alike"),
    contrast=Number(1.5, 0.0, 8.0, "of black and white; at 1, three standard deviations, or one wave"),
    profile=Choice("noise", ("noise", "ridges"), "noise: faint and strong waves; ridges: all as strong as each other"),
)
def gabor(
    field: Field, *, scale: Array, bandwidth: Array, angle: Array, spread: Array, contrast: Array, profile: str
) -> Layers:
    """Noise of one wavelength, in one direction or in all: ripples, fibres, skin; as ridges: dunes, fingerprints.

    Ridges are the cosine of the phase of the noise: T. Tricard et al., "Procedural phasor noise", SIGGRAPH 2019.
    """
    even, odd = gabor_noise(field, frequency=scale, bandwidth=bandwidth, angle=angle, spread=spread)
    wave = even / 3.0 if profile == "noise" else even / length(even, odd)
    return Layers(jnp.clip(0.5 + 0.5 * contrast * wave, 0.0, 1.0))
