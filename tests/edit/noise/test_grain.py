"""Noise: its statistics, and that an image's noise is its own whatever stands beside it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.edit.noise.grain import gaussian_noise, salt_and_pepper, speckle
from gen_jax.errors import UserError

GREY = np.full((200, 210, 3), 128, np.uint8)


def test_gaussian_noise_has_the_mean_and_deviation_that_were_asked_for():
    difference = np.asarray(gaussian_noise(GREY, amount=12.0, seed=1)).astype(int) - 128
    assert abs(difference.mean()) < 0.2
    assert difference.std() == pytest.approx(12.0, rel=0.02)
    assert abs(np.corrcoef(difference[..., 0].ravel(), difference[..., 1].ravel())[0, 1]) < 0.02
    unit = np.asarray(gaussian_noise(GREY / np.float32(255), amount=12.0, seed=1)) * 255 - 128
    np.testing.assert_allclose(unit, difference, atol=0.51)


def test_noise_shared_by_the_channels_is_grey():
    for edit in (gaussian_noise, speckle):
        got = np.asarray(edit(GREY, amount=0.2, seed=1, per_channel=False))
        assert np.all(got == got[..., :1])


def test_speckle_is_a_share_of_the_level():
    for level in (0, 50, 100):
        got = np.asarray(speckle(np.full((200, 200, 1), level, np.uint8), amount=0.1, seed=2)).astype(float)
        assert got.std() == pytest.approx(level * 0.1, rel=0.03, abs=1e-9)


@pytest.mark.parametrize("amount", [0.0, 0.1, 1.0])
def test_salt_and_pepper_replaces_that_share_half_and_half(amount):
    got = np.asarray(salt_and_pepper(GREY, amount=amount, seed=3))
    assert (got == 0).mean() == pytest.approx(amount / 2, abs=0.01)
    assert (got == 255).mean() == pytest.approx(amount / 2, abs=0.01)
    assert np.all((got == 0) | (got == 128) | (got == 255))
    assert np.all(got == got[..., :1])


@pytest.mark.parametrize("edit", [gaussian_noise, speckle, salt_and_pepper])
def test_noise_is_a_function_of_the_image_seed_and_of_the_place(edit):
    images = np.full((3, 20, 30, 3), 100, np.uint8)
    together = np.asarray(edit(images, amount=0.5, seed=np.array([5, 6, 7])))
    alone = np.asarray(edit(images[1:2, :9, :13], amount=0.5, seed=np.array([6])))
    np.testing.assert_array_equal(together[1, :9, :13], alone[0])
    assert np.any(together[0] != together[1])
    np.testing.assert_array_equal(edit(images, amount=0.5, seed=8), edit(images, amount=0.5, seed=8))
    assert np.any(np.asarray(edit(images, amount=0.5, seed=8)) != np.asarray(edit(images, amount=0.5, seed=9)))


@pytest.mark.parametrize("edit", [gaussian_noise, speckle, salt_and_pepper])
def test_noise_leaves_alpha_alone_and_has_finite_gradients(edit):
    for channels in (2, 4):
        image = np.random.default_rng(0).integers(0, 256, (20, 30, channels), np.uint8)
        np.testing.assert_array_equal(np.asarray(edit(image, amount=0.5, seed=1))[..., -1], image[..., -1])
    unit = jnp.asarray(GREY[:20, :30], jnp.float32) / 255
    slopes = jax.grad(lambda x, amount: edit(x, amount=amount, seed=1).sum(), (0, 1))(unit, 0.3)
    assert all(np.isfinite(slope).all() for slope in slopes)


def test_amounts_out_of_range_are_refused():
    with pytest.raises(UserError, match="amount is 2"):
        salt_and_pepper(GREY, amount=2)
    with pytest.raises(UserError, match="amount is -1"):
        gaussian_noise(GREY, amount=-1)
