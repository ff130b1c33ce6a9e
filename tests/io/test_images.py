"""Image files hold the levels they were given."""

import io

import numpy as np
import pytest
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.io.images import encode, grid, save_film, save_image

SHAPES = [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)]


def _image(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
def test_png_and_webp_are_lossless_and_deterministic(shape):
    image = _image(shape)
    expected = image[..., 0] if shape[-1] == 1 else image
    decoded = np.asarray(Image.open(io.BytesIO(encode(image))))
    np.testing.assert_array_equal(decoded, expected)
    webp = np.asarray(Image.open(io.BytesIO(encode(image, "WEBP"))))
    np.testing.assert_array_equal(webp, np.repeat(expected[..., None], 3, -1) if expected.ndim == 2 else expected)
    assert encode(image) == encode(image.copy())


def test_png_bytes_carry_nothing_but_the_image():
    data = encode(_image((4, 4, 3)))
    chunks, position = [], 8
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        chunks.append(data[position + 4 : position + 8])
        position += 12 + length
    assert chunks == [b"IHDR", b"IDAT", b"IEND"]


def test_jpeg_lays_alpha_over_white():
    image = np.zeros((16, 16, 4), np.uint8)
    image[:8, :, 3] = 255
    decoded = np.asarray(Image.open(io.BytesIO(encode(image, "JPEG")))).astype(int)
    assert decoded.shape == (16, 16, 3) and decoded[:8].max() <= 2 and decoded[8:].min() >= 253


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.float32), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4), np.uint8), np.uint8(3)]
)
def test_what_is_no_image_is_refused(image):
    with pytest.raises(ValueError, match="an image is uint8"):
        encode(image)


def test_suffix_chooses_the_format(tmp_path):
    image = _image((8, 8, 3))
    for suffix, format in [(".png", "PNG"), (".webp", "WEBP"), (".jpg", "JPEG"), (".JPEG", "JPEG")]:
        save_image(tmp_path / "deep" / f"x{suffix}", image)
        with Image.open(tmp_path / "deep" / f"x{suffix}") as file:
            assert file.format == format
    with pytest.raises(UserError, match=r"unknown suffix in '.*x\.pgn': '\.pgn'.*Perhaps you meant '\.png'"):
        save_image(tmp_path / "x.pgn", image)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]


def test_grid_places_images_row_by_row():
    images = np.stack([np.full((2, 3, 1), level, np.uint8) for level in (10, 20, 30, 40, 50)])
    sheet = grid(images, columns=3, padding=1, background=255)[..., 0]
    expected = np.full((5, 11), 255)
    for number, level in enumerate((10, 20, 30, 40, 50)):
        row, column = divmod(number, 3)
        expected[row * 3 : row * 3 + 2, column * 4 : column * 4 + 3] = level
    np.testing.assert_array_equal(sheet, expected)


@pytest.mark.parametrize(
    ("number", "size", "shape"),
    [(64, (28, 28), (8, 8)), (1, (5, 5), (1, 1)), (12, (8, 8), (3, 4)), (16, (32, 8), (2, 8)), (10, (8, 8), (3, 4))],
)
def test_grid_is_nearly_square(number, size, shape):
    sheet = grid(np.zeros((number, *size, 3), np.uint8), padding=0)
    assert sheet.shape == (shape[0] * size[0], shape[1] * size[1], 3)


def test_grid_without_padding_is_the_images_themselves():
    images = _image((6, 4, 5, 4))
    np.testing.assert_array_equal(grid(images, columns=1, padding=0), images.reshape(24, 5, 4))
    np.testing.assert_array_equal(grid(images[:1]), images[0])


def test_grid_refuses_what_it_cannot_lay_out():
    for bad in (np.zeros((0, 2, 2, 1), np.uint8), np.zeros((2, 2, 1), np.uint8), np.zeros((1, 2, 2, 1))):
        with pytest.raises(ValueError, match="grid takes uint8"):
            grid(bad)
    with pytest.raises(ValueError, match="columns is 0"):
        grid(np.zeros((1, 2, 2, 1), np.uint8), columns=0)


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_film_has_every_frame(tmp_path, suffix):
    frames = [np.full((8, 8, 1), level, np.uint8) for level in (0, 100, 200)]
    save_film(tmp_path / f"film{suffix}", frames)
    with Image.open(tmp_path / f"film{suffix}") as film:
        assert film.n_frames == 3
        for number, level in enumerate((0, 100, 200)):
            film.seek(number)
            assert abs(np.asarray(film.convert("L")).astype(int) - level).max() <= 4


def test_film_without_frames_or_of_a_wrong_suffix_is_refused(tmp_path):
    with pytest.raises(UserError, match="no frames"):
        save_film(tmp_path / "film.gif", [])
    with pytest.raises(UserError, match=r"Known: \.gif, \.webp"):
        save_film(tmp_path / "film.mp4", [np.zeros((2, 2), np.uint8)])
