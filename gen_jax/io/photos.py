"""A photograph with what its file holds besides: EXIF, XMP, colour profile, resolution; files are whole or absent."""

from __future__ import annotations

import dataclasses
import io
import os
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

from gen_jax.data.decode import PILLOW_PIXEL_LIMIT, BadImageError, to_eight_bits
from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.io.tags import check_tags
from gen_jax.registry import lookup

READS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
"""What a file may hold, whatever its name."""
SUFFIXES = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
"""Suffix -> format, for reading a folder and for writing."""

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_EXIF_AS_TEXT = "Raw profile type exif"
"""Where older PNGs have it, as hexadecimal numbers."""
_XMP_IN_PNG = "XML:com.adobe.xmp"
_XMP_IN_TIFF = 700
_MOST_XMP_IN_JPEG = 65_504
"""Bytes that fit in one segment; what is longer is left out."""
_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)
"""EXIF orientations that exchange height and width."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Photo:
    """An image and what its file says besides."""

    pixels: np.ndarray
    """uint8 [h, w, c], turned as EXIF says; c is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA."""
    exif: bytes = b""
    """Without the orientation, which is spent."""
    xmp: bytes = b""
    """XML in UTF-8; it says where a picture is from, such as from a model."""
    icc_profile: bytes = b""
    """Colour profile of the pixels; empty where there is none."""
    dpi: tuple[float, float] | None = None
    """Resolution, horizontal and vertical."""
    format: str = ""
    """Of the file that it was read from, one of ``READS``; empty where it came from none."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Writing:
    """How files are written."""

    quality: int | None = None
    """JPEG and WebP, 1 to 100; left out, JPEG 95 and lossless WebP."""
    compression: int = 6
    """PNG, 0 to 9: higher is smaller and slower."""
    metadata: bool = True
    """Keep EXIF, XMP, colour profile and resolution."""


def measure(file: str | os.PathLike[str] | IO[bytes]) -> tuple[int, int, int]:
    """Return (height, width, channels) that ``read_photo`` will give, from the head of the file alone.

    Raises:
      BadImageError: the file cannot be read as an image, or has too many pixels.
    """
    try:
        with Image.open(file, formats=READS) as image:
            _check_head(image)
            turned = _orientation(image) in _TURNED
            height, width = (image.width, image.height) if turned else (image.height, image.width)
            return height, width, _channels(image)
    except MemoryError:
        raise
    except Exception as error:
        raise _bad(error) from error


def read_photo(file: str | os.PathLike[str] | IO[bytes]) -> Photo:
    """Read an image file, by its path or open, as it is shown.

    EXIF turns it; 16-bit grey becomes 8 bits; a palette becomes RGB or RGBA; CMYK becomes sRGB, through its
    profile where it has one. Of several frames the first is read.

    Raises:
      BadImageError: the file cannot be read as an image, is damaged, or has too many pixels.
    """
    try:
        with Image.open(file, formats=READS) as image:
            _check_head(image)
            image.load()
            return _photo(image)
    except MemoryError:
        raise
    except Exception as error:
        raise _bad(error) from error


def _photo(image: Image.Image) -> Photo:
    profile, dpi = image.info.get("icc_profile") or b"", image.info.get("dpi")
    format = "JPEG" if image.format == "MPO" else image.format or ""
    channels = _channels(image)
    if _orientation(image) != 1:
        image = ImageOps.exif_transpose(image)
    exif, xmp = _exif_without_orientation(image), _xmp(image)
    image = to_eight_bits(image)
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        image, profile = _to_srgb(image, profile)
    if image.mode != _MODES[channels]:
        image = image.convert(_MODES[channels])
    pixels = np.asarray(image)
    return Photo(
        pixels=pixels.reshape(image.height, image.width, channels),
        exif=exif,
        xmp=xmp,
        icc_profile=profile,
        dpi=None if dpi is None else (float(dpi[0]), float(dpi[1])),
        format=format,
    )


def _xmp(image: Image.Image) -> bytes:
    found = image.info.get("xmp", b"")
    return found if isinstance(found, bytes) else b""


def _channels(image: Image.Image) -> int:
    grey = image.mode in ("1", "L", "LA", "La", "I", "F") or image.mode.startswith("I;")
    return (2 if image.has_transparency_data else 1) if grey else (4 if image.has_transparency_data else 3)


def _to_srgb(image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes]:
    """Return RGB pixels and their profile: none, which means sRGB."""
    from PIL import ImageCms

    if profile and image.mode == "CMYK":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted, b""
        except (ImageCms.PyCMSError, OSError):  # a profile that cannot be read: as if there were none
            pass
    return image.convert("RGB"), b""


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # EXIF that cannot be read turns nothing
        return 1


def _exif_without_orientation(image: Image.Image) -> bytes:
    try:
        exif = image.getexif()
        if not exif:
            return b""
        for spent in (_ORIENTATION, _XMP_IN_TIFF):
            exif.pop(spent, None)
        return exif.tobytes()
    except Exception:  # EXIF that cannot be read cannot be kept
        return b""


def _check_head(image: Image.Image) -> None:
    if image.width * image.height > PILLOW_PIXEL_LIMIT:
        raise BadImageError(f"{image.width}x{image.height} pixels, more than {PILLOW_PIXEL_LIMIT}")
    exif = image.info.get("exif")
    if exif is None and isinstance(image.info.get(_EXIF_AS_TEXT), str):
        exif = bytes.fromhex("".join(image.info[_EXIF_AS_TEXT].split("\n")[3:]))
    if isinstance(exif, bytes):
        check_tags(exif.removeprefix(b"Exif\0\0"), what="its EXIF")


def _bad(error: Exception) -> BadImageError:
    if isinstance(error, BadImageError):
        return error
    if isinstance(error, Image.UnidentifiedImageError):
        return BadImageError(f"not an image ({', '.join(READS)} are read)")
    return BadImageError(" ".join(str(error).split()) or type(error).__name__)


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format that a suffix asks for.

    Raises:
      UserError: an unknown suffix.
    """
    return lookup(SUFFIXES, Path(path).suffix.lower(), what="suffix of an image file")


def write_photo(path: str | os.PathLike[str], photo: Photo, writing: Writing | None = None) -> bytes:
    """Write a photo with what belongs to it, and return the file; it is whole or absent, its suffix says the format.

    Raises:
      UserError: an unknown suffix, or an image too large for the format.
      OSError: the folder may not be written, or is full.
    """
    path = Path(path)
    try:
        data = encode_photo(photo, format_of(path), writing or Writing())
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_bytes(path, data)
    return data


def encode_photo(photo: Photo, format: str, writing: Writing) -> bytes:
    """Return the file of a photo with what belongs to it.

    JPEG and BMP hold no alpha: it is laid over white.

    Args:
      photo: what to write.
      format: one of ``READS``.
      writing: how.

    Raises:
      UserError: an image too large for the format.
    """
    image = _image(photo, format)
    options = _options(format, writing)
    if writing.metadata:
        options |= _metadata(photo, image, format)
    buffer = io.BytesIO()
    try:
        image.save(buffer, format, **options)
    except (ValueError, OSError) as error:
        raise UserError(f"{image.width}x{image.height} cannot be written as {format} ({error})") from None
    return buffer.getvalue()


def _image(photo: Photo, format: str) -> Image.Image:
    pixels = photo.pixels
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    if format in ("JPEG", "BMP") and image.mode in ("LA", "RGBA"):
        white = Image.new("RGBA", image.size, "white")
        flat = Image.alpha_composite(white, image.convert("RGBA"))
        image = flat.convert("L" if image.mode == "LA" else "RGB")
    return image


def _options(format: str, writing: Writing) -> dict[str, Any]:
    if format == "JPEG":
        return {"quality": writing.quality or 95, "subsampling": 0 if (writing.quality or 95) >= 90 else 2}
    if format == "WEBP":
        lossless = writing.quality is None
        return {"lossless": lossless, "quality": writing.quality or 80, "method": 4, "exact": lossless}
    if format == "PNG":
        return {"compress_level": writing.compression}
    return {"compression": "tiff_adobe_deflate"} if format == "TIFF" else {}


def _metadata(photo: Photo, image: Image.Image, format: str) -> dict[str, Any]:
    """Return what to keep; a profile of RGB is of no use to pixels that have become grey, and the other way round."""
    kept: dict[str, Any] = {}
    if photo.icc_profile and _profile_mode(photo.icc_profile) == ("L" if image.mode in ("L", "LA") else "RGB"):
        kept["icc_profile"] = photo.icc_profile
    if photo.exif and format != "BMP":
        kept["exif"] = photo.exif
    if photo.xmp:
        kept |= _kept_xmp(photo, format)
    if photo.dpi is not None and format != "WEBP":
        kept["dpi"] = photo.dpi
    return kept


def _kept_xmp(photo: Photo, format: str) -> dict[str, Any]:
    """Return what keeps XMP; in a TIFF it is a tag beside those of EXIF."""
    if format == "PNG":
        try:
            text = PngImagePlugin.PngInfo()
            text.add_itxt(_XMP_IN_PNG, photo.xmp.decode())
        except UnicodeDecodeError:  # the chunk holds UTF-8 only
            return {}
        return {"pnginfo": text}
    if format == "TIFF":
        tags = Image.Exif()
        tags.load(photo.exif)
        tags[_XMP_IN_TIFF] = photo.xmp
        return {"exif": tags}
    fits = format == "WEBP" or (format == "JPEG" and len(photo.xmp) <= _MOST_XMP_IN_JPEG)
    return {"xmp": photo.xmp} if fits else {}


def _profile_mode(profile: bytes) -> str:
    """Return Pillow's mode for the colour space that an ICC profile names at byte 16."""
    return {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}.get(profile[16:20], "")
