"""MS-SSIM against piq, and what it says of images that are too small."""

import jax
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.metrics.ms_ssim import WEIGHTS, ms_ssim, weights_of
from gen_jax.metrics.ssim import ssim
from tests.metrics.pairs import levels, pair

PIQ = [
    ((0, 2, 176, 192, 3), [0.9431710839271545, 0.9396312832832336]),
    ((1, 2, 161, 161, 1), [0.9313121438026428, 0.9338151812553406]),
    ((2, 2, 200, 180, 3), [0.9420273303985596, 0.939123809337616]),
]
"""piq 0.8.0 on torch 2.15: ``multi_scale_ssim(x, y, reduction="none")`` of ``pair(*which, noise=0.15)`` as NCHW."""


@pytest.mark.parametrize(("which", "expected"), PIQ)
def test_equals_piq_on_even_and_on_odd_sides(which, expected):
    found = ms_ssim(*pair(*which, noise=0.15))
    np.testing.assert_allclose(found.each, expected, atol=5e-6)
    assert float(found) == pytest.approx(np.mean(expected), abs=5e-6)
    assert found.levels == 5


def test_as_many_levels_as_fit_equal_piq_with_the_first_weights():
    # piq 0.8.0: the same call with scale_weights=tensor([0.0448, 0.2856, 0.3001]), which it scales to the sum 1.
    images, reference = pair(3, 2, 64, 64, 3, noise=0.15)
    for asked in ("auto", 3):
        found = ms_ssim(images, reference, levels=asked)
        np.testing.assert_allclose(found.each, [0.8977527022361755, 0.913515031337738], atol=5e-6)
        assert found.levels == found.scalars()["levels"] == 3


def test_one_level_is_ssim():
    images, reference = pair(4, 2, 32, 20, 3, noise=0.1)
    np.testing.assert_allclose(ms_ssim(images, reference, levels=1).each, ssim(images, reference).each, rtol=1e-5)


def test_uint8_and_float_say_the_same():
    images, reference = (levels(x) for x in pair(5, 2, 22, 22, 3, noise=0.1))
    in_unit = ms_ssim(images / np.float32(255), reference / np.float32(255), levels="auto")
    np.testing.assert_allclose(ms_ssim(images, reference, levels="auto").each, in_unit.each, rtol=1e-5)


def test_weights_are_the_papers_and_fewer_add_up_to_one():
    assert weights_of(5) == WEIGHTS == (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
    assert [sum(weights_of(count)) for count in range(1, 5)] == pytest.approx([1.0] * 4)


def test_gradient_is_finite_where_the_images_leave_nothing_to_compare():
    images, _ = pair(6, 1, 22, 22, 1, noise=0.0)
    descend = jax.jit(jax.value_and_grad(lambda x, y: ms_ssim(x, y, levels=2).mean))
    values, gradients = zip(*(descend(images, y) for y in (images, np.full_like(images, 0.5), 1 - images)), strict=True)
    assert np.isfinite(gradients).all()
    assert values[0] == 1.0 and 0 < values[1] < 1 and values[2] == 0.0


def test_images_too_small_are_told_how_many_levels_fit_and_how_to_ask_for_them():
    images = np.zeros((1, 160, 300, 3), np.float32)
    with pytest.raises(UserError, match=r'160x300.* need 161 pixels.*; 4 fit: pass levels=4 or levels="auto"'):
        ms_ssim(images, images)
    with pytest.raises(UserError, match="10x10, and the window needs 11x11"):
        ms_ssim(images[:, :10, :10], images[:, :10, :10], levels="auto")
    for wrong in (0, 6, "all"):
        with pytest.raises(UserError, match="levels: "):
            ms_ssim(images, images, levels=wrong)
