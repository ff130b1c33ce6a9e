"""From the bytes of an image file to uint8 [h, w, c] at the size and with the channels that were asked for.

The order is: decode, turn as EXIF says, bring to 8 bits, lay alpha over white (unless four channels are asked for),
choose the channels, cut out the centre, resize. Every step is Pillow's.
"""

from __future__ import annotations

import dataclasses
import io
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

from gen_jax.data.config import CommonData, FileData, Resample
from gen_jax.errors import UserError

FORMATS = ("PNG", "JPEG", "WEBP")
"""What a file may hold, whatever its name."""
PILLOW_PIXEL_LIMIT = 178_956_970
"""Pillow itself refuses larger images."""

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"})
_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class BadImageError(Exception):
    """The bytes are not an image that can be read; the message is the reason in a few words."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Form:
    """The form that every image of a source is brought to."""

    size: int | None = None
    """Height and width; None keeps the image's own."""
    channels: Literal[1, 3, 4] | None = None
    """1 grey, 3 RGB, 4 RGBA; None keeps grey grey and makes everything else RGB."""
    crop: Literal["center", "stretch"] = "center"
    resample: Resample = "lanczos"
    on_small_image: Literal["stop", "enlarge"] = "stop"
    max_pixels: int = PILLOW_PIXEL_LIMIT


class Probe(NamedTuple):
    """What is known of a file once it has been decoded."""

    width: int
    """As shown, that is after the turn that EXIF asks for; 0 where the file is bad."""
    height: int
    mode: str
    """Pillow's name of the pixel format in the file."""
    reason: str = ""
    """Why the file is bad; empty for a good one."""

    @property
    def grey(self) -> bool:
        """Whether the file holds no color."""
        return self.mode in _GREY_MODES


def form_of(config: CommonData, size: int | None) -> Form:
    """Return the form that a configuration and the model's size ask for.

    Raises:
      UserError: ``size`` or ``data.max_pixels`` is out of range.
    """
    if size is not None and size < 1:
        raise UserError(f"the image size must be at least 1, not {size}")
    limit = config.max_pixels if isinstance(config, FileData) else PILLOW_PIXEL_LIMIT
    if not 1 <= limit <= PILLOW_PIXEL_LIMIT:
        raise UserError(f"data.max_pixels must lie in [1, {PILLOW_PIXEL_LIMIT}], not {limit}")
    return Form(
        size=size,
        channels=config.channels,
        crop=config.crop,
        resample=config.resample,
        on_small_image=config.on_small_image,
        max_pixels=limit,
    )


def decode(data: bytes, form: Form, name: str) -> np.ndarray:
    """Decode an image file to uint8 [h, w, c] in the form asked for.

    Raises:
      BadImageError: not an image, or a damaged one.
      UserError: a decompression bomb, or smaller than ``form.size`` where that is to stop; names ``name``.
    """
    image, _ = _open(data, form.max_pixels, name)
    return fit(image, form, name)


def probe(data: bytes, max_pixels: int, name: str) -> Probe:
    """Decode a file completely and say what it is; a bad one is told by ``Probe.reason``.

    Raises:
      UserError: a decompression bomb.
    """
    try:
        image, mode = _open(data, max_pixels, name)
    except BadImageError as error:
        return Probe(0, 0, "", str(error))
    return Probe(image.width, image.height, mode)


def fit(image: Image.Image, form: Form, name: str) -> np.ndarray:
    """Bring a Pillow image to the form: channels, then crop, then resize; uint8 [h, w, c].

    Raises:
      UserError: the image is smaller than ``form.size`` and ``form.on_small_image`` is "stop".
    """
    image = _to_channels(image, form.channels)
    if form.size is not None:
        check_size(image.width, image.height, form, name)
        if form.crop == "center" and image.width != image.height:
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            image = image.crop((left, top, left + side, top + side))
        if image.size != (form.size, form.size):
            image = image.resize((form.size, form.size), _FILTERS[form.resample])
    pixels = np.asarray(image)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def check_size(width: int, height: int, form: Form, name: str) -> None:
    """Raise UserError where an image is smaller than the form and must not be enlarged."""
    if form.size is not None and form.on_small_image == "stop" and min(width, height) < form.size:
        raise UserError(
            f"{name} is {width}x{height} pixels, smaller than the model's {form.size}x{form.size}: "
            f"choose a smaller size, or data.on_small_image=enlarge"
        )


def check_pixels(width: int, height: int, max_pixels: int, name: str) -> None:
    """Raise UserError where an image has more pixels than allowed."""
    if width * height > max_pixels:
        raise UserError(
            f"{name} would have {width}x{height} pixels, more than data.max_pixels={max_pixels}: "
            "a decompression bomb? Remove it, or raise the limit if it is real"
        )


def _open(data: bytes, max_pixels: int, name: str) -> tuple[Image.Image, str]:
    """Decode and turn; return the image and the mode that the file has."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        check_pixels(*image.size, max_pixels, name)
        mode = image.mode
        image.load()
        return _turned(image), mode
    except UserError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UserError(f"{name} is a decompression bomb ({error}): remove it") from error
    except MemoryError:
        raise
    except Image.UnidentifiedImageError as error:
        raise BadImageError("not a PNG, JPEG or WebP image" if data else "the file is empty") from error
    # A damaged file can make Pillow's readers raise nearly anything: SyntaxError, struct.error, EOFError, ...
    except Exception as error:
        raise BadImageError(" ".join(str(error).split()) or type(error).__name__) from error


def _turned(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; EXIF data that cannot be read turn nothing."""
    try:
        turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        return image
    return image if turn is None else image.transpose(turn)


def _to_channels(image: Image.Image, channels: int | None) -> Image.Image:
    """Bring any mode to L, RGB or RGBA, 8 bits a channel."""
    if channels is None:
        channels = 1 if image.mode in _GREY_MODES else 3
    image = to_eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if channels != 4:
            white = Image.new("RGBA", image.size, (255, 255, 255, 255))
            image = Image.alpha_composite(white, image).convert("RGB")
    mode = _MODES[channels]
    if image.mode == mode:
        return image
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGB")  # palette, CMYK, YCbCr, ...
    return image if image.mode == mode else image.convert(mode)


def to_eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits, ``round(v / 257)``, where Pillow's own conversion would clip; bilevel becomes L."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        levels = np.clip(np.asarray(image).astype(np.uint32), 0, 65535)
        return Image.fromarray(((levels + 128) // 257).astype(np.uint8))
    return image
