"""SSIM against scikit-image in both of its settings, and where float32 and derivatives are in danger."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from gen_jax.errors import UserError
from gen_jax.metrics import similarity
from gen_jax.metrics.ssim import _ssim, ssim
from tests.metrics.pairs import levels, pair

SETTINGS = {
    "uniform": {},
    "gaussian": {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False},
}


def expected(images, reference, *, window, data_range):
    images, reference = images.astype(np.float64), reference.astype(np.float64)
    options = {"data_range": data_range, "channel_axis": -1, **SETTINGS[window]}
    return [structural_similarity(a, b, **options) for a, b in zip(images, reference, strict=True)]


@pytest.mark.parametrize("window", SETTINGS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_equals_scikit_image_on_float_and_on_uint8(window, channels):
    images, reference = pair(0, 3, 40, 29, channels, noise=0.15)
    np.testing.assert_allclose(
        ssim(images, reference, window=window).each,
        expected(images, reference, window=window, data_range=1.0),
        atol=2e-6,
    )
    images, reference = levels(images), levels(reference)
    np.testing.assert_allclose(
        ssim(images, reference, window=window).each,
        expected(images, reference, window=window, data_range=255),
        atol=2e-6,
    )


@pytest.mark.parametrize("window", SETTINGS)
def test_keeps_its_digits_on_nearly_constant_bright_images(window):
    random = np.random.default_rng(1)
    images = np.array([0.99, 0.5, 0.01])[None, None, None] + random.normal(0, 0.003, (2, 32, 32, 3))
    reference = images + random.normal(0, 0.003, images.shape)
    images, reference = images.astype(np.float32), reference.astype(np.float32)
    for data_range in (1.0, 0.01):  # of the smaller one the constants shrink to the variances' own rounding
        np.testing.assert_allclose(
            ssim(images, reference, window=window, data_range=data_range).each,
            expected(images, reference, window=window, data_range=data_range),
            atol=1e-5,
        )


def test_an_image_is_as_similar_to_itself_as_can_be_and_opposite_to_its_negative():
    images, _ = pair(2, 2, 24, 24, 3, noise=0.0)
    np.testing.assert_array_equal(ssim(images, images).each, np.ones(2, np.float32))
    assert float(ssim(images, 1 - images)) < 0


def test_luminance_alone_is_a_hand_calculation():
    c1 = 1e-4
    found = float(ssim(np.full((12, 12, 1), 0.2), np.full((12, 12, 1), 0.6)))
    assert found == pytest.approx((2 * 0.2 * 0.6 + c1) / (0.2**2 + 0.6**2 + c1), abs=1e-6)


@pytest.mark.parametrize("window", SETTINGS)
def test_gradient_is_finite_where_images_are_constant_or_equal_and_right_elsewhere(window):
    images, reference = pair(3, 1, 16, 16, 1, noise=0.1)
    ascend = jax.jit(jax.grad(lambda x, y: ssim(x, y, window=window).mean))
    for first, second in ((images, images), (np.full_like(images, 0.5), images), (np.ones_like(images),) * 2):
        assert np.isfinite(ascend(first, second)).all()
    direction = np.random.default_rng(4).normal(size=images.shape).astype(np.float32)
    gradient = ascend(images, reference)
    step = 1e-4
    upper, lower = (
        expected(images + sign * step * np.float64(direction), reference, window=window, data_range=1.0)[0]
        for sign in (1, -1)
    )
    assert float(np.sum(gradient * direction)) == pytest.approx((upper - lower) / (2 * step), rel=1e-3)


def test_many_pairs_give_what_each_gives_alone(monkeypatch):
    images, reference = pair(5, 7, 16, 18, 3, noise=0.1)
    alone = [float(ssim(a, b)) for a, b in zip(images, reference, strict=True)]
    # So small that the program goes through two images at a time, and the seventh comes last.
    monkeypatch.setattr(similarity, "CACHED", 2 * images[0].size)
    monkeypatch.setattr(similarity, "BLOCK", 2 * images[0].size)
    jax.clear_caches()
    np.testing.assert_allclose(jax.jit(ssim)(jnp.asarray(images), jnp.asarray(reference)).each, alone, rtol=1e-6)
    np.testing.assert_allclose(ssim(images, reference).each, alone, rtol=1e-6)


def test_other_numbers_of_pairs_compile_no_further_programs():
    images, reference = pair(6, 8, 16, 16, 1, noise=0.1)
    _ssim.clear_cache()
    for count in range(1, 9):
        ssim(images[:count], reference[:count], data_range=1.0 + count)
    assert _ssim._cache_size() == 4  # for 1, 2, 4 and 8


def test_small_images_and_unknown_windows_are_refused():
    small = np.zeros((2, 10, 40, 3))
    with pytest.raises(UserError, match="10x40, and the gaussian window needs 11x11"):
        ssim(small, small)
    ssim(small, small, window="uniform")
    with pytest.raises(UserError, match="window: 'box', must be gaussian"):
        ssim(small, small, window="box")
