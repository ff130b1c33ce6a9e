"""Files of drawn pictures: the recipe beside each as JSON and inside its PNG, sheets, 16-bit heights, icons."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from PIL import Image, PngImagePlugin

from gen_jax import __version__
from gen_jax.errors import UserError
from gen_jax.io import images

KEY = "gen_jax"
"""Of the text in a PNG (a tEXt chunk) that is the record of the picture."""

_MOST_ASPECT = 2
"""Width to height of the places on a contact sheet, for pictures of several widths."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """All that draws a file again, byte for byte."""

    draw: Literal["noise", "texture", "logo"]
    size: tuple[int, int]
    """Height and width in pixels."""
    outputs: tuple[str, ...] = ()
    """What was drawn besides the picture: a normal map, an SVG file."""
    sheet: bool = False
    """Whether the pictures are on one contact sheet."""
    recipes: tuple[dict[str, Any], ...]
    """One a picture."""
    version: str = __version__
    """Of gen_jax; another one may draw otherwise."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def text(self) -> str:
        """Return the record as JSON, in ASCII."""
        return json.dumps(dataclasses.asdict(self), indent=2, allow_nan=False) + "\n"


def read_record(path: str) -> Record:
    """Read the record of a picture from its JSON file, or from the PNG itself.

    Raises:
      UserError: no such file, or there is none in it.
    """
    import pydantic

    file = Path(path).expanduser()
    try:
        text = _text_of_png(file) if file.suffix.lower() == ".png" else file.read_text()
    except (OSError, SyntaxError) as error:
        raise UserError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise UserError(f"{path}: holds no recipe; give the .json beside it, or a .png of `gen-jax draw`")
    try:
        return pydantic.TypeAdapter(Record).validate_json(text)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"{part}: " for part in first["loc"])
        raise UserError(f"{path}: {place}{first['msg']}; it must be what `gen-jax draw` wrote") from None


def _text_of_png(file: Path) -> str | None:
    try:
        with Image.open(file, formats=["PNG"]) as image:
            text = image.info.get(KEY)
    except Image.UnidentifiedImageError:
        return None
    return text if isinstance(text, str) else None


def encode(image: np.ndarray, suffix: str, record: Record) -> bytes:
    """Return the bytes of an image file; a PNG holds the record.

    Args:
      image: uint8 as ``images.encode`` takes it, or uint16 [h, w, 1] for a PNG.
      suffix: of ``images.FORMATS``.
      record: of the picture.

    Raises:
      UserError: the image is too large for the format.
    """
    format, options = images.FORMATS[suffix], {}
    if format == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text(KEY, record.text())
    try:
        return images.encode(image, format, **options)
    except (ValueError, OSError) as error:
        height, width = image.shape[:2]
        raise UserError(f"{height}x{width} pixels cannot be written as {format} ({error}); use .png") from None


def icon(pictures: Sequence[np.ndarray]) -> bytes:
    """Return the bytes of an .ico file that holds square pictures uint8 [s, s, 4], one a size, 256 pixels at most."""
    frames = [Image.fromarray(picture) for picture in pictures]
    largest = max(frames, key=lambda frame: frame.width)
    buffer = io.BytesIO()
    others = [frame for frame in frames if frame is not largest]
    largest.save(buffer, "ICO", sizes=[frame.size for frame in frames], append_images=others)
    return buffer.getvalue()


def for_sheet(picture: np.ndarray) -> np.ndarray:
    """Return a picture uint8 [h, w, c] made smaller where it is so wide that a sheet would be left mostly empty."""
    height, width = picture.shape[:2]
    if width <= _MOST_ASPECT * height or picture.shape[-1] != 4:
        return picture
    size = round(_MOST_ASPECT * height), max(1, round(_MOST_ASPECT * height * height / width))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def contact_sheet(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Return pictures uint8 [h, w, c] on one white sheet, each in the middle of its place; alpha is laid over white."""
    channels = 1 if all(picture.shape[-1] == 1 for picture in pictures) else 3
    height, width = (max(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    places = np.full((len(pictures), height, width, channels), 255, np.uint8)
    for place, picture in zip(places, pictures, strict=True):
        top, left = (height - picture.shape[0]) // 2, (width - picture.shape[1]) // 2
        if picture.shape[-1] == 4:
            alpha = picture[..., 3:].astype(np.uint32)
            picture = ((picture[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
        place[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return images.grid(places, padding=max(2, min(height, width) // 32))
