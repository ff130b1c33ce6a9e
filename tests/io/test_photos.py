"""Photos keep what belongs to them: orientation, profile, resolution, alpha; damaged ones are told apart."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from gen_jax.data.decode import BadImageError
from gen_jax.errors import UserError
from gen_jax.io import drawings
from gen_jax.io.drawings import Record
from gen_jax.io.photos import Photo, Writing, encode_photo, measure, read_photo, write_photo

ORIENTATION, DESCRIPTION = 0x0112, 0x010E


@pytest.fixture
def pixels() -> np.ndarray:
    rows, columns = np.mgrid[0:40, 0:56]
    return np.stack([rows * 6, columns * 4, rows + columns], axis=-1).astype(np.uint8)


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[ORIENTATION], tags[DESCRIPTION] = orientation, "a slope"
    return tags


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_read_as_it_is_shown(orientation: int, pixels: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    Image.fromarray(pixels).save(path, exif=exif(orientation))
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    photo = read_photo(path)
    np.testing.assert_array_equal(photo.pixels, expected)
    assert measure(path) == expected.shape


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
def test_exif_profile_and_resolution_are_kept_and_the_turn_is_spent(
    suffix: str, pixels: np.ndarray, tmp_path: Path
) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source, target = tmp_path / "source.jpg", tmp_path / f"target{suffix}"
    Image.fromarray(pixels).save(source, exif=exif(6), icc_profile=profile, dpi=(300, 300))
    write_photo(target, read_photo(source))
    with Image.open(target) as image:
        assert image.size == (40, 56)  # width, height: turned by a quarter
        tags = image.getexif()
        assert tags[DESCRIPTION] == "a slope"
        assert tags.get(ORIENTATION, 1) == 1
        assert image.info["icc_profile"] == profile
        if suffix != ".webp":  # WebP has no place for it
            assert [round(float(value)) for value in image.info["dpi"]] == [300, 300]


def test_metadata_can_be_left_out(pixels: np.ndarray, tmp_path: Path) -> None:
    source, target = tmp_path / "source.jpg", tmp_path / "target.jpg"
    Image.fromarray(pixels).save(source, exif=exif(1), icc_profile=b"\0" * 16 + b"RGB " + b"\0" * 108)
    write_photo(target, read_photo(source), Writing(metadata=False))
    with Image.open(target) as image:
        assert not image.getexif() and "icc_profile" not in image.info


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4), ("P", 3), ("I;16", 1)]
)
def test_every_mode_has_its_channels(mode: str, channels: int, pixels: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    grey = Image.fromarray(pixels[..., 2])
    image = (
        Image.fromarray(pixels).convert(mode)
        if mode != "I;16"
        else Image.fromarray(pixels[..., 2].astype(np.uint16) * 257)
    )
    image.save(path)
    photo = read_photo(path)
    assert photo.pixels.shape == measure(path) == (40, 56, channels)
    if mode == "I;16":  # 257 levels to one: 16 bits become 8 without clipping
        np.testing.assert_array_equal(photo.pixels[..., 0], np.asarray(grey))


def test_alpha_is_kept_where_the_format_has_it_and_laid_over_white_where_not(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[..., 0], pixels[:4, :, 3] = 200, 255
    photo = Photo(pixels=pixels)
    write_photo(tmp_path / "kept.png", photo)
    np.testing.assert_array_equal(read_photo(tmp_path / "kept.png").pixels, pixels)
    write_photo(tmp_path / "flat.bmp", photo)
    flat = read_photo(tmp_path / "flat.bmp").pixels
    assert flat[0, 0].tolist() == [200, 0, 0] and flat[7, 0].tolist() == [255, 255, 255]


def test_a_profile_of_color_is_not_given_to_grey_pixels(pixels: np.ndarray, tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    write_photo(tmp_path / "grey.png", Photo(pixels=pixels[..., :1], icc_profile=profile))
    with Image.open(tmp_path / "grey.png") as image:
        assert "icc_profile" not in image.info


def test_quality_is_obeyed(pixels: np.ndarray, tmp_path: Path) -> None:
    sizes = []
    for quality in (10, 90):
        write_photo(tmp_path / "photo.jpg", Photo(pixels=pixels), Writing(quality=quality))
        sizes.append((tmp_path / "photo.jpg").stat().st_size)
    assert sizes[0] < sizes[1]
    write_photo(tmp_path / "photo.webp", Photo(pixels=pixels))
    np.testing.assert_array_equal(read_photo(tmp_path / "photo.webp").pixels, pixels)  # lossless unless asked


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_what_is_no_image_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    for read in (measure, read_photo):
        with pytest.raises(BadImageError):
            read(path)


def test_a_damaged_image_is_told_when_it_is_read(pixels: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.fromarray(pixels).save(path)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(BadImageError):
        read_photo(path)


def test_an_unknown_suffix_is_the_user_s_mistake(pixels: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.gif"):
        write_photo(tmp_path / "photo.gif", Photo(pixels=pixels))


def test_an_image_too_wide_for_its_format_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="WEBP"):
        write_photo(tmp_path / "long.webp", Photo(pixels=np.zeros((1, 20_000, 3), np.uint8)))
    assert not list(tmp_path.iterdir())


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">von einem Modell \xc3\xa4</x:xmpmeta>'


@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_xmp_goes_from_every_format_that_has_it_to_every_other(source: str, pixels: np.ndarray) -> None:
    """It is where a picture says that a model made it."""
    photo = Photo(pixels=pixels, exif=exif(1).tobytes(), xmp=XMP)
    photo = read_photo(io.BytesIO(encode_photo(photo, source, Writing())))
    assert (photo.xmp, photo.format) == (XMP, source)
    for target in ("PNG", "JPEG", "WEBP", "TIFF"):
        kept = read_photo(io.BytesIO(encode_photo(photo, target, Writing())))
        assert kept.xmp == XMP
        with Image.open(io.BytesIO(encode_photo(photo, target, Writing()))) as image:
            assert image.getexif()[DESCRIPTION] == "a slope"
        assert not read_photo(io.BytesIO(encode_photo(photo, target, Writing(metadata=False)))).xmp


def test_xmp_that_a_format_cannot_hold_is_left_out(pixels: np.ndarray) -> None:
    long, foreign = Photo(pixels=pixels, xmp=XMP * 2000), Photo(pixels=pixels, xmp=XMP.decode().encode("utf-16"))
    assert not read_photo(io.BytesIO(encode_photo(long, "JPEG", Writing()))).xmp
    assert read_photo(io.BytesIO(encode_photo(long, "WEBP", Writing()))).xmp == long.xmp
    assert not read_photo(io.BytesIO(encode_photo(foreign, "PNG", Writing()))).xmp


def test_a_turn_that_xmp_asks_for_is_spent_once(pixels: np.ndarray) -> None:
    turned = b'<x xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"></x>'
    photo = read_photo(io.BytesIO(encode_photo(Photo(pixels=pixels, xmp=turned), "PNG", Writing())))
    assert photo.pixels.shape == (56, 40, 3)
    assert read_photo(io.BytesIO(encode_photo(photo, "PNG", Writing()))).pixels.shape == (56, 40, 3)


def test_the_record_of_a_drawn_picture_does_not_outlive_an_edit(pixels: np.ndarray) -> None:
    """It would claim to draw the edited picture again."""
    record = Record(draw="logo", size=(40, 56), recipes=({"seed": 1},))
    photo = read_photo(io.BytesIO(drawings.encode(pixels, ".png", record)))
    with Image.open(io.BytesIO(encode_photo(photo, "PNG", Writing()))) as image:
        assert "gen_jax" not in image.info
