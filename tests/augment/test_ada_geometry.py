"""The one resampling of adaptive augmentation: against an obvious padded one, closed forms, and its derivatives."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage

from gen_jax.augment import ada_geometry as geometry
from gen_jax.augment.wavelets import SYM6

SIDES = (9, 12)
"""Height and width; not square, so that no axis can stand for the other."""

resample = jax.jit(geometry.resample)
transposed = jax.jit(geometry.transposed_resample)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def of_one(value):
    return jnp.full((1,), value, jnp.float32)


def matrices():
    """Six: turned, stretched, enlarged and moved; shrunk to a quarter; shrunk to a tenth and turned."""
    turn = [geometry.rotate(of_one(angle)) for angle in (0.3, 2.0, -1.1, 3.0)]
    chosen = [
        turn[0] @ geometry.scale(of_one(1.3), of_one(0.8)) @ geometry.shift(of_one(2.3), of_one(-1.7)),
        turn[1],
        geometry.scale(of_one(-0.4), of_one(0.5)) @ geometry.shift(of_one(30.0), of_one(20.5)),
        geometry.scale(of_one(4.0), of_one(4.0)),
        geometry.scale(of_one(10.0), of_one(10.0)) @ turn[2],
        geometry.shift(of_one(0.25), of_one(0.0)) @ turn[3],
    ]
    return jnp.concatenate(chosen)


def padded_resample(image, matrix, margin):
    """Pad, double, read and halve a channel [h, w] in float64, in the order of the published description."""
    height, width = image.shape
    x = np.pad(image.astype(np.float64), margin, mode="reflect")
    doubled = np.zeros((2 * x.shape[0], 2 * x.shape[1]))
    doubled[::2, ::2] = x
    taps = SYM6 / SYM6.sum()
    for axis in (0, 1):
        doubled = ndimage.convolve1d(doubled, 2 * taps, axis=axis, mode="constant", origin=-1)
    y, x = np.mgrid[-5 : 2 * height + 5, -5 : 2 * width + 5].astype(np.float64)
    x, y = (x - (width - 1)) / 2, (y - (height - 1)) / 2
    (xx, xy, x1), (yx, yy, y1) = np.asarray(matrix, np.float64)[:2]
    at_y = 2 * (yx * x + yy * y + y1) + (height - 1) + 2 * margin
    at_x = 2 * (xx * x + xy * y + x1) + (width - 1) + 2 * margin
    read = ndimage.map_coordinates(doubled, [at_y, at_x], order=1, mode="constant", prefilter=False)
    rows = np.stack([np.correlate(row, taps, "valid")[::2] for row in read])
    return np.stack([np.correlate(column, taps, "valid")[::2] for column in rows.T]).T


def test_every_matrix_gives_what_padding_gives():
    images, given = noise(6, *SIDES, 2), matrices()
    out = np.asarray(resample(images, given))
    for i, image in enumerate(images):
        for channel in range(2):
            expected = padded_resample(image[..., channel], given[i], margin=110)
            np.testing.assert_allclose(out[i, ..., channel], expected, rtol=0, atol=2e-5)


def test_the_published_padding_differs_only_where_more_than_one_mirror_image_is_needed():
    """Padded by ``side - 1``: equal for a turn and a stretch; beyond that margin published code has zeros."""
    image = noise(24, 24)
    stretch = geometry.rotate(of_one(0.6)) @ geometry.scale(of_one(1.4), of_one(1 / 1.4))
    shrink = geometry.scale(of_one(5.0), of_one(5.0))
    for matrix, same in ((stretch, True), (shrink, False)):
        out = np.asarray(resample(image[None, ..., None], matrix))[0, ..., 0]
        expected = padded_resample(image, matrix[0], margin=23)
        close = np.abs(out - expected) < 1e-4
        assert close.all() == same
        assert close[10:-10, 10:-10].all()  # the shrunk image itself and its first mirror image


def test_the_identity_changes_nothing_not_even_at_the_border():
    images = noise(2, *SIDES, 3)
    np.testing.assert_allclose(resample(images, geometry.identity(2)), images, rtol=0, atol=2e-6)


def test_a_shift_by_whole_pixels_is_a_shift_of_the_mirrored_image():
    images = noise(1, *SIDES, 1)
    wide = np.pad(images, ((0, 0), (20, 20), (20, 20), (0, 0)), mode="reflect")
    out = resample(images, geometry.shift(of_one(5.0), of_one(-3.0)))
    np.testing.assert_allclose(out, wide[:, 17 : 17 + SIDES[0], 25 : 25 + SIDES[1]], rtol=0, atol=2e-6)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (geometry.scale, lambda image: image[:, ::-1]),
        (geometry.rotate, lambda image: np.rot90(image)),
    ],
    ids=["mirror", "quarter"],
)
def test_a_smooth_picture_is_mirrored_and_turned_as_it_should(matrix, expected):
    """But for a fiftieth of a pixel: the filter is not symmetric, and waves near the shortest fare worse."""
    y, x = np.mgrid[:16, :16] / 15.0
    image = (np.cos(np.pi * x) * np.cos(2 * np.pi * y) + 0.5 * np.cos(np.pi * y)).astype(np.float32)
    given = matrix(of_one(-1.0), of_one(1.0)) if matrix is geometry.scale else matrix(of_one(np.pi / 2))
    out = np.asarray(resample(image[None, ..., None], given))[0, ..., 0]
    np.testing.assert_allclose(out, expected(image), rtol=0, atol=0.03)


def test_a_wave_is_read_between_the_pixels():
    """Cos with a mirror at both ends, moved by a third of a pixel: the closed form."""
    n, frequency = 32, 3
    wave = np.cos(np.pi * frequency * np.arange(n) / (n - 1)).astype(np.float32)
    images = np.broadcast_to(wave[None, None, :, None], (1, 4, n, 1))
    out = resample(images, geometry.shift(of_one(1 / 3), of_one(0.0)))
    expected = np.cos(np.pi * frequency * (np.arange(n) + 1 / 3) / (n - 1))
    np.testing.assert_allclose(out[0, 0, :, 0], expected, rtol=0, atol=0.02)


def test_it_is_linear_and_its_transpose_is_its_transpose():
    given = matrices()
    a, b = noise(6, *SIDES, 2, seed=1), noise(6, *SIDES, 2, seed=2)
    both = resample(2.0 * a - 0.5 * b, given)
    np.testing.assert_allclose(both, 2.0 * resample(a, given) - 0.5 * resample(b, given), rtol=0, atol=1e-5)
    forth = np.sum(np.asarray(resample(a, given), np.float64) * b, axis=(1, 2, 3))
    back = np.sum(a * np.asarray(transposed(b, given), np.float64), axis=(1, 2, 3))
    np.testing.assert_allclose(forth, back, rtol=1e-5, atol=1e-4)


@functools.cache
def dense():
    """The resampling of each matrix as a matrix of numbers [6, h w, h w], column by column."""
    pixels = SIDES[0] * SIDES[1]
    basis = jnp.eye(pixels).reshape(1, pixels, *SIDES).transpose(0, 2, 3, 1)
    columns = resample(jnp.broadcast_to(basis, (6, *SIDES, pixels)), matrices())
    return columns.reshape(6, pixels, pixels)


def test_the_gradient_of_a_gradient_penalty_is_that_of_the_written_out_matrices():
    """A critic sees the images through it; its penalty is differentiated by the weights, as a training step does."""
    images, given, written = noise(6, *SIDES, 1, seed=3), matrices(), dense()
    weights = noise(SIDES[0] * SIDES[1], 5, seed=4) / 10.0

    def penalty(weights, through):
        def critic(images):
            return jnp.sum(jnp.tanh(through(images).reshape(6, -1) @ weights) ** 2)

        return jnp.sum(jnp.square(jax.grad(critic)(images)))

    def ours(images):
        return geometry.resample(images, given)

    def theirs(images):
        return jnp.einsum("bij,bj->bi", written, images.reshape(6, -1)).reshape(images.shape)

    gradient = jax.jit(jax.grad(lambda weights: penalty(weights, ours)))(weights)
    expected = jax.jit(jax.grad(lambda weights: penalty(weights, theirs)))(weights)
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_the_filters_of_a_large_image_are_multiplied_in_blocks(monkeypatch):
    """Products in blocks equal one product."""
    images, given = noise(6, *SIDES, 2), matrices()
    whole, back = resample(images, given), transposed(images, given)
    monkeypatch.setattr(geometry, "_BLOCK", 4)
    again, back_again = jax.jit(lambda *a: (geometry.resample(*a), geometry.transposed_resample(*a)))(images, given)
    np.testing.assert_allclose(again, whole, rtol=0, atol=1e-5)
    np.testing.assert_allclose(back_again, back, rtol=0, atol=1e-5)


@pytest.mark.devices(4)
def test_a_batch_spread_over_devices_stays_where_it_is():
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    mesh = Mesh(np.array(jax.devices()[:4]), ("batch",))
    spread = NamedSharding(mesh, PartitionSpec("batch"))
    images = noise(8, 6, 6, 1)
    given = geometry.rotate(jnp.linspace(0.0, 3.0, 8))

    def there_and_back(images, given):
        return geometry.transposed_resample(geometry.resample(images, given), given)

    program = jax.jit(there_and_back, in_shardings=(spread, spread), out_shardings=spread)
    text = program.lower(images, given).compile().as_text()
    assert not any(word in text for word in ("all-gather", "all-reduce", "all-to-all", "collective-permute"))
    out = program(jax.device_put(images, spread), jax.device_put(given, spread))
    np.testing.assert_allclose(out, jax.jit(there_and_back)(images, given), rtol=0, atol=1e-6)
