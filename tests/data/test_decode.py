"""Every kind of image file becomes the uint8 array that a person would see."""

import io

import numpy as np
import pytest
from PIL import Image

from gen_jax.data.config import FolderData
from gen_jax.data.decode import BadImageError, Form, decode, form_of, probe
from gen_jax.errors import UserError

GENERATOR = np.random.default_rng(0)
COLOR = GENERATOR.integers(0, 256, (12, 16, 3), np.uint8)


def encode(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(data, **form):
    return decode(data, Form(**form), "x.png")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_lossless_color_is_unchanged(kind):
    np.testing.assert_array_equal(decoded(encode(Image.fromarray(COLOR), kind, lossless=True)), COLOR)


def test_jpeg_is_what_pillow_decodes():
    data = encode(Image.fromarray(COLOR), "JPEG")
    np.testing.assert_array_equal(decoded(data), np.asarray(Image.open(io.BytesIO(data))))


# What the eye should see for each EXIF orientation, by the TIFF standard: how row 0 and column 0 of the file are shown.
SHOWN = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", SHOWN)
def test_exif_orientation_is_applied(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(Image.fromarray(COLOR), exif=exif)
    np.testing.assert_array_equal(decoded(data), SHOWN[orientation](COLOR))
    found = probe(data, 10**6, "x")
    assert (found.height, found.width) == SHOWN[orientation](COLOR).shape[:2]


def test_broken_exif_turns_nothing():
    data = encode(Image.fromarray(COLOR), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
    np.testing.assert_array_equal(decoded(data), COLOR)


def test_sixteen_bit_grey_is_scaled_and_not_clipped():
    levels = np.array([[0, 128, 129, 257], [32768, 65407, 65408, 65535]], np.uint16)
    grey = decoded(encode(Image.fromarray(levels)))
    assert grey.shape == (2, 4, 1)
    # round(v / 257): 128 / 257 < 1/2 < 129 / 257, and 65407 = 254.5 * 257 + 0.5.
    assert grey[..., 0].tolist() == [[0, 0, 1, 1], [128, 255, 255, 255]]
    assert probe(encode(Image.fromarray(levels)), 10**6, "x").grey


def test_bilevel_becomes_black_and_white():
    bits = np.array([[True, False], [False, True]])
    assert decoded(encode(Image.fromarray(bits)))[..., 0].tolist() == [[255, 0], [0, 255]]


def test_alpha_is_laid_over_white_unless_four_channels_are_asked_for():
    pixels = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 200, 128]]], np.uint8)
    data = encode(Image.fromarray(pixels))
    np.testing.assert_array_equal(decoded(data, channels=4), pixels)
    shown = decoded(data)[0].tolist()
    assert shown[:2] == [[10, 20, 30], [255, 255, 255]]
    # c a + 255 (1 - a), a = 128 / 255
    np.testing.assert_allclose(shown[2], [127, 177, 227], atol=1)


def test_grey_with_alpha_stays_grey():
    pixels = np.array([[[0, 255], [0, 0], [100, 255]]], np.uint8)
    data = encode(Image.fromarray(pixels))
    assert decoded(data)[..., 0].tolist() == [[0, 255, 100]]
    assert decoded(data, channels=4).tolist() == [[[0, 0, 0, 255], [0, 0, 0, 0], [100, 100, 100, 255]]]


def test_palette_with_transparency():
    image = Image.new("P", (2, 1))
    image.putpalette([0, 0, 0, 200, 50, 10])
    image.putdata([0, 1])
    data = encode(image, transparency=0)
    assert decoded(data)[0].tolist() == [[255, 255, 255], [200, 50, 10]]
    assert decoded(data, channels=4)[0].tolist() == [[0, 0, 0, 0], [200, 50, 10, 255]]
    assert decoded(encode(image))[0].tolist() == [[0, 0, 0], [200, 50, 10]]


def test_a_transparent_color_of_an_rgb_or_grey_png():
    data = encode(Image.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)), transparency=(1, 2, 3))
    assert decoded(data)[0].tolist() == [[255, 255, 255], [4, 5, 6]]
    data = encode(Image.fromarray(np.array([[7, 9]], np.uint8)), transparency=7)
    assert decoded(data)[0].tolist() == [[255], [9]]


def test_cmyk_jpeg():
    bands = [Image.new("L", (16, 16), level) for level in (255, 0, 0, 0)]  # full cyan
    shown = decoded(encode(Image.merge("CMYK", bands), "JPEG", quality=100))
    np.testing.assert_allclose(shown[8, 8], [0, 255, 255], atol=3)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_shows_its_first_frame(kind):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
    assert Image.open(io.BytesIO(data)).n_frames == 2
    assert decoded(data)[3, 3].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    ("channels", "shape"), [(1, (12, 16, 1)), (3, (12, 16, 3)), (4, (12, 16, 4)), (None, (12, 16, 3))]
)
def test_channels_are_as_asked(channels, shape):
    pixels = decoded(encode(Image.fromarray(COLOR)), channels=channels)
    assert pixels.shape == shape and pixels.dtype == np.uint8
    if channels == 4:
        assert (pixels[..., 3] == 255).all()
    if channels == 1:  # the luma of ITU-R 601, which Pillow documents for its mode L
        luma = COLOR @ np.array([0.299, 0.587, 0.114])
        assert np.abs(pixels[..., 0] - luma).max() <= 1


def test_the_centre_is_cut_out_and_resized_as_pillow_does():
    image = Image.fromarray(GENERATOR.integers(0, 256, (30, 41, 3), np.uint8))
    square = image.crop((5, 0, 35, 30))
    for name in ("LANCZOS", "BICUBIC", "BILINEAR", "HAMMING", "BOX", "NEAREST"):
        expected = np.asarray(square.resize((8, 8), Image.Resampling[name]))
        np.testing.assert_array_equal(decoded(encode(image), size=8, resample=name.lower()), expected)
    stretched = np.asarray(image.resize((8, 8), Image.Resampling.LANCZOS))
    np.testing.assert_array_equal(decoded(encode(image), size=8, crop="stretch"), stretched)


def test_resizing_keeps_invisible_colors_out():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, :4] = (200, 100, 50, 255)  # the right half is transparent black
    small = decoded(encode(Image.fromarray(pixels)), size=1, channels=4, resample="box")[0, 0]
    np.testing.assert_allclose(small, [200, 100, 50, 128], atol=1)


def test_a_small_image_stops_or_is_enlarged():
    data = encode(Image.fromarray(COLOR))
    with pytest.raises(UserError, match=r"x\.png is 16x12 pixels, smaller than the model's 14x14"):
        decoded(data, size=14)
    assert decoded(data, size=14, on_small_image="enlarge").shape == (14, 14, 3)
    assert decoded(data, size=12).shape == (12, 12, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_truncated_file_is_bad(kind):
    data = encode(Image.fromarray(GENERATOR.integers(0, 256, (64, 64, 3), np.uint8)), kind)
    for keep in (0, 10, len(data) // 2, len(data) * 3 // 4):
        with pytest.raises(BadImageError):
            decoded(data[:keep])
        assert probe(data[:keep], 10**6, "x").reason


def test_a_corrupt_png_and_other_formats_are_bad():
    data = bytearray(encode(Image.fromarray(COLOR)))
    data[60] ^= 0xFF  # inside the pixels: the checksum is wrong
    with pytest.raises(BadImageError):
        decoded(bytes(data))
    for kind in ("BMP", "TIFF", "GIF"):
        with pytest.raises(BadImageError, match="not a PNG, JPEG or WebP"):
            decoded(encode(Image.fromarray(COLOR), kind))
    with pytest.raises(BadImageError, match="empty"):
        decoded(b"")


def test_a_bomb_stops_even_where_bad_images_are_skipped():
    data = encode(Image.new("1", (20_000, 20_000)))
    assert len(data) < 100_000
    for limit in (10**6, 10**8):
        with pytest.raises(UserError, match=r"bomb"):
            probe(data, limit, "x.png")
    with pytest.raises(UserError, match=r"16x12 pixels, more than data.max_pixels=100"):
        decoded(encode(Image.fromarray(COLOR)), max_pixels=100)
    with pytest.raises(UserError, match=r"data.max_pixels"):
        form_of(FolderData(path="x", max_pixels=0), 8)
