"""Resampling through a filter against the published kernels, numpy, and its own adjoint."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.models import resample
from tests.golden import golden

TAPS = {"f121": (1, 3, 3, 1), "f11": (1, 2, 1)}
"""What ``conv(filter, [1, 1])`` gives."""


def random(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("tag", TAPS)
@pytest.mark.parametrize("way", ["up", "down"])
def test_resampling_equals_the_published_one(tag, way):
    data = golden("r3gan_resample")
    function = resample.upsample if way == "up" else resample.downsample
    ours = function(data[f"{tag}/input"].transpose(0, 2, 3, 1), taps=TAPS[tag])
    np.testing.assert_allclose(ours, data[f"{tag}/{way}"].transpose(0, 2, 3, 1), rtol=1e-5, atol=1e-6)


def by_hand(x, taps, pads, *, up=1, down=1, gain=1.0):
    """Zeros between, zeros around, correlation along both axes, every ``down``-th pixel; float64."""
    b, h, w, c = x.shape
    spread = np.zeros((b, h * up, w * up, c))
    spread[:, ::up, ::up] = x
    spread = np.pad(spread, ((0, 0), pads, pads, (0, 0)))
    kernel = np.outer(taps, taps) / np.sum(taps) ** 2 * gain
    windows = np.lib.stride_tricks.sliding_window_view(spread, kernel.shape, axis=(1, 2))
    return np.einsum("bhwcij,ij->bhwc", windows, kernel)[:, ::down, ::down]


@pytest.mark.parametrize("taps", [(1, 3, 3, 1), (1, 2, 3, 4, 5), (1, 4, 6, 2, 7, 3)])
@pytest.mark.parametrize("pads", [None, (3, 2), (1, 4)])
def test_every_filter_and_padding_matches_numpy(taps, pads):
    x, n = random(0, 2, 6, 8, 3), len(taps)
    up = jax.jit(lambda x: resample.upsample(x, taps=taps, pads=pads))(x)
    expected = by_hand(x, taps, pads or resample.up_pads(n), up=2, gain=4.0)
    np.testing.assert_allclose(up, expected, rtol=1e-5, atol=1e-5)
    down = jax.jit(lambda x: resample.downsample(x, taps=taps, pads=pads))(x)
    np.testing.assert_allclose(down, by_hand(x, taps, pads or resample.down_pads(n), down=2), rtol=1e-5, atol=1e-5)
    if pads is not None:
        blurred = jax.jit(lambda x: resample.blur(x, taps=taps, pads=pads, gain=4.0))(x)
        np.testing.assert_allclose(blurred, by_hand(x, taps, pads, gain=4.0), rtol=1e-5, atol=1e-5)


def test_negative_pads_crop():
    x = random(1, 1, 8, 8, 2)
    cropped = resample.blur(x, pads=(-1, -2))
    np.testing.assert_allclose(cropped, resample.blur(x[:, 1:-2, 1:-2], pads=(0, 0)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 12])
def test_the_usual_pads_double_and_halve(n):
    x = random(2, 1, 16, 12, 1)
    assert jax.eval_shape(lambda x: resample.upsample(x, taps=[1.0] * n), x).shape == (1, 32, 24, 1)
    assert jax.eval_shape(lambda x: resample.downsample(x, taps=[1.0] * n), x).shape == (1, 8, 6, 1)


def test_a_flat_image_stays_flat_inside():
    x = np.full((1, 8, 8, 1), 0.7, np.float32)
    np.testing.assert_allclose(resample.upsample(x)[:, 2:-2, 2:-2], 0.7, rtol=1e-6)
    np.testing.assert_allclose(resample.downsample(x)[:, 1:-1, 1:-1], 0.7, rtol=1e-6)


def test_halving_is_the_transpose_of_doubling_up_to_the_gain():
    """<up(x), y> = 4 <x, down(y)> for the symmetric filter of the networks."""
    x, y = random(3, 2, 8, 6, 3), random(4, 2, 16, 12, 3)
    up, down = np.asarray(resample.upsample(x), np.float64), np.asarray(resample.downsample(y), np.float64)
    np.testing.assert_allclose(np.sum(up * y), 4.0 * np.sum(x * down), rtol=1e-5)


def test_the_type_stays():
    x = jax.ShapeDtypeStruct((1, 8, 8, 2), jnp.bfloat16)
    for function in (resample.upsample, resample.downsample):
        assert jax.eval_shape(function, x).dtype == jnp.bfloat16
