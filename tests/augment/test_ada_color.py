"""Colors, frequency bands and rectangles of adaptive augmentation: closed forms."""

import functools

import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.augment import ada_color, ada_filter, wavelets


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def color_matrix(**changes):
    plain = {"brightness": 0.0, "contrast": 1.0, "flip": 1.0, "hue": 0.0, "saturation": 1.0} | changes
    return np.asarray(ada_color.matrix(**{name: jnp.full((1,), value, jnp.float32) for name, value in plain.items()}))[
        0
    ]


def homogeneous(name, value):
    """One transform as the 4x4 matrix that the paper writes."""
    matrix = np.eye(4)
    axis = np.ones(3) / np.sqrt(3)
    along = np.outer(axis, axis)
    if name == "brightness":
        matrix[:3, 3] = value
    elif name == "contrast":
        matrix[:3, :3] *= value
    elif name == "flip":
        matrix[:3, :3] -= (1 - value) * along
    elif name == "saturation":
        matrix[:3, :3] = along + value * (np.eye(3) - along)
    else:
        x, y, z = axis
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        matrix[:3, :3] += np.sin(value) * cross + (1 - np.cos(value)) * cross @ cross
    return matrix


def test_the_color_matrix_is_the_product_of_the_five_in_their_order():
    values = {"brightness": 0.3, "contrast": 1.7, "flip": -1.0, "hue": 2.2, "saturation": 0.4}
    product = functools.reduce(lambda before, name: homogeneous(name, values[name]) @ before, values, np.eye(4))
    np.testing.assert_allclose(color_matrix(**values), product[:3], rtol=0, atol=1e-6)


def test_a_third_of_a_turn_of_hue_moves_red_to_green():
    np.testing.assert_allclose(color_matrix(hue=2 * np.pi / 3)[:, 0], [0, 1, 0], rtol=0, atol=1e-6)


def test_a_luma_flip_keeps_differences_of_channels_and_twice_is_nothing():
    matrix = color_matrix(flip=-1.0)[:, :3]
    colors = noise(5, 3)
    out = colors @ matrix.T
    np.testing.assert_allclose(out - out[:, :1], colors - colors[:, :1], rtol=0, atol=1e-5)
    np.testing.assert_allclose(matrix @ matrix, np.eye(3), rtol=0, atol=1e-6)


def test_no_saturation_leaves_the_mean_of_the_channels():
    out = ada_color.recolor(noise(1, 4, 4, 3), color_matrix(saturation=0.0)[None])
    np.testing.assert_allclose(out, np.repeat(noise(1, 4, 4, 3).mean(-1, keepdims=True), 3, -1), rtol=0, atol=1e-6)


def test_a_rectangle_covers_its_pixels_and_is_cut_off_at_the_border():
    images = jnp.ones((3, 8, 4, 2))
    rectangle = jnp.array([[0.5, 0.5, 0.5], [0.0, 1.0, 0.5], [0.3, 0.3, 0.0]])
    out = np.asarray(ada_color.cut_out(images, rectangle))
    assert (out[0] == 0).sum() == 2 * 4 * 2 and (out[0, 2:6, 1:3] == 0).all()
    assert (out[1] == 0).sum() == 2 * 2 * 1 and (out[1, 6:, :1] == 0).all()
    assert (out[2] == 1).all()


@pytest.mark.parametrize(("taps", "moments"), [(wavelets.SYM2, 2), (wavelets.SYM6, 6)], ids=["sym2", "sym6"])
def test_a_symlet_is_orthonormal_with_its_vanishing_moments(taps, moments):
    shifted = [taps @ np.concatenate([np.zeros(2 * k), taps])[: len(taps)] for k in range(len(taps) // 2)]
    np.testing.assert_allclose(shifted, [1.0] + [0.0] * (len(shifted) - 1), rtol=0, atol=1e-11)
    np.testing.assert_allclose(taps.sum(), np.sqrt(2), rtol=1e-12)
    at = np.arange(len(taps)) / len(taps)
    signs = (-1.0) ** np.arange(len(taps))
    np.testing.assert_allclose([signs * taps @ at**k for k in range(moments)], 0.0, rtol=0, atol=1e-9)
    assert abs(signs * taps @ at**moments) > 1e-4


def test_the_bands_add_up_to_the_identity_and_each_lets_its_octave_pass():
    bands = wavelets.frequency_bands()
    assert bands.shape == (4, 43)
    np.testing.assert_allclose(bands.sum(axis=0), np.eye(43)[21], rtol=0, atol=1e-12)
    np.testing.assert_allclose(bands, bands[:, ::-1], rtol=0, atol=1e-12)
    response = np.abs(np.fft.rfft(bands, 512, axis=1))
    middles = [256 // 32, 3 * 256 // 16, 3 * 256 // 8, 3 * 256 // 4]
    assert [int(response[:, at].argmax()) for at in middles] == [0, 1, 2, 3]


def test_gains_keep_the_expected_power():
    factors = np.ones((1, 4, 4), np.float32)
    np.testing.assert_allclose(ada_filter.gains(factors), np.ones((1, 4)), rtol=1e-6)
    factors[0, 2, 2] = 3.0
    gain = np.asarray(ada_filter.gains(factors))[0]
    np.testing.assert_allclose(ada_filter.POWER @ gain**2, 1.0, rtol=1e-5)
    np.testing.assert_allclose(gain / gain[0], [1, 1, 3, 1], rtol=1e-5)


def test_filtering_is_a_convolution_of_the_mirrored_image():
    images, gain = noise(2, 7, 30, 2), np.array([[1.0, 2.0, 0.5, 1.5], [0.3, 1.0, 1.0, 4.0]], np.float32)
    out = np.asarray(ada_filter.filter_bands(images, gain))
    for image, gains, result in zip(images, gain, out, strict=True):
        taps = gains @ wavelets.frequency_bands()
        wide = np.pad(image, ((21, 21), (21, 21), (0, 0)), mode="reflect")
        across = np.apply_along_axis(np.convolve, 1, wide, taps, "valid")
        expected = np.apply_along_axis(np.convolve, 0, across, taps, "valid")
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-4)
