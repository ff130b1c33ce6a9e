"""Gabor noise: its spectrum lies where it was asked for, and its variance is the closed form's."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.texture.field import Field
from gen_jax.draw.texture.gabor import envelope, gabor_noise

SIZE = 64
SEEDS = 6
FREQUENCY = 11.0


@functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
def draw(angle: jax.Array, spread: jax.Array) -> tuple[jax.Array, jax.Array]:
    where = Field(jnp.arange(SEEDS, dtype=jnp.uint32)[:, None, None], SIZE, SIZE, True, 1)
    shape = SEEDS, 1, 1
    return gabor_noise(
        where,
        frequency=jnp.full(shape, FREQUENCY),
        bandwidth=jnp.full(shape, 0.6),
        angle=jnp.full(shape, angle),
        spread=jnp.full(shape, spread),
    )


def spectrum(pictures: jax.Array) -> np.ndarray:
    """Return the mean power [h, w] of the pictures, frequencies as of ``fftfreq``."""
    return (np.abs(np.fft.fft2(np.asarray(pictures))) ** 2).mean(axis=0)


def frequencies() -> tuple[np.ndarray, np.ndarray]:
    """Return the frequencies downwards and to the right, in waves a picture."""
    waves = np.fft.fftfreq(SIZE) * SIZE
    return waves[:, None], waves[None, :]


@pytest.mark.parametrize("angle", [0.0, 35.0, -60.0])
def test_the_power_lies_at_the_frequency_and_in_the_direction(angle: float) -> None:
    power = spectrum(draw(angle, 0.0)[0])
    down, right = frequencies()
    # Of the two halves of a real picture's spectrum, the one about the direction.
    half = right * np.cos(np.radians(angle)) + down * np.sin(np.radians(angle)) > 0.0
    centre = [(power * half * part).sum() / (power * half).sum() for part in (right, down)]
    assert np.hypot(*centre) == pytest.approx(FREQUENCY, rel=0.1)
    assert np.degrees(np.arctan2(centre[1], centre[0])) == pytest.approx(angle, abs=6.0)


def test_with_every_direction_the_power_lies_on_a_ring() -> None:
    power = spectrum(draw(0.0, 1.0)[0])
    down, right = frequencies()
    radius = np.hypot(down, right)
    rings = [power[(radius >= ring - 0.5) & (radius < ring + 0.5)].mean() for ring in range(1, 30)]
    assert 1 + int(np.argmax(rings)) == pytest.approx(FREQUENCY, rel=0.1)
    quarters = [power[(np.sign(down) == 1) & (np.sign(right) == side)].sum() for side in (1, -1)]
    assert min(quarters) > 0.6 * max(quarters)


def test_the_variance_is_one_and_the_mean_nought() -> None:
    even, odd = (np.asarray(part) for part in draw(20.0, 0.5))
    for part in (even, odd):
        assert abs(part.mean()) < 0.05
        assert part.var() == pytest.approx(1.0, rel=0.15)
    assert abs((even * odd).mean()) < 0.1


def test_an_envelope_falls_to_half_where_the_bandwidth_says() -> None:
    """The transform exp(-pi f^2 / a^2) is one half at both ends of an octave about 3: at 2 and at 4."""
    a = float(envelope(jnp.asarray(3.0), jnp.asarray(1.0)))
    assert np.exp(-np.pi * 1.0 / a**2) == pytest.approx(0.5, rel=1e-5)
