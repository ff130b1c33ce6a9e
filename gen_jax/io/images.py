"""Arrays to image files: single images, contact sheets, films."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.registry import lookup

FORMATS = {".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG", ".jpeg": "JPEG"}
FILM_FORMATS = {".webp": "WEBP", ".gif": "GIF"}
# Stated in full, so that a new Pillow with other defaults writes the same bytes.
_OPTIONS = {
    "PNG": {"compress_level": 6, "optimize": False},
    "WEBP": {"lossless": True, "quality": 80, "method": 4, "exact": True},
    "JPEG": {"quality": 95, "subsampling": 0, "optimize": False},
}


def encode(image: np.ndarray, format: str = "PNG", **options: object) -> bytes:
    """Return one image as the bytes of a file; equal arrays give equal bytes.

    Args:
      image: uint8 [h, w], or [h, w, c] with 1, 3 or 4 channels; for a PNG also uint16 of one channel.
      format: ``PNG``, ``WEBP`` (lossless) or ``JPEG`` (quality 95; alpha is laid over white).
      options: of Pillow's writer, instead of those above.

    Raises:
      ValueError: not such an array.
    """
    picture = _picture(image)
    if format == "JPEG" and picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, format, **{**_OPTIONS[format], **options})
    return buffer.getvalue()


def save_image(path: str | os.PathLike[str], image: np.ndarray) -> None:
    """Write one image; the suffix chooses the format: .png, .webp, .jpg. The file is whole or absent.

    Raises:
      UserError: another suffix.
      OSError: the folder may not be written, or is full.
    """
    path = Path(path)
    data = encode(image, _format(path, FORMATS))
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_bytes(path, data)


def save_film(
    path: str | os.PathLike[str], frames: Sequence[np.ndarray], *, seconds: float = 6.0, rest: float = 1.5
) -> None:
    """Write frames of one shape as an animation (.webp or .gif) that repeats and rests on its last frame.

    Args:
      path: of the file.
      frames: uint8 images, at least one.
      seconds: from the first frame to the last, before the rest.
      rest: seconds on the last frame.
    """
    path = Path(path)
    format = _format(path, FILM_FORMATS)
    if not frames:
        raise UserError(f"film {path}: there are no frames; give at least one image")
    pictures = [_picture(frame) for frame in frames]
    each = max(20, round(1000 * seconds / len(pictures)))
    durations = [each] * (len(pictures) - 1) + [each + round(1000 * rest)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, format, save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_bytes(path, buffer.getvalue())


MOST_CLASS_COLUMNS = 16


def class_columns(num_classes: int) -> int | None:
    """Return the columns of a sheet whose images take the classes in turn: one a class, where they are not many."""
    return num_classes if 1 < num_classes <= MOST_CLASS_COLUMNS else None


def grid(images: np.ndarray, columns: int | None = None, padding: int = 2, background: int = 255) -> np.ndarray:
    """Lay images out on a sheet, row by row.

    Args:
      images: uint8 [n, h, w, c], n at least 1.
      columns: how many side by side; left out, as many as make the sheet nearest to a square.
      padding: pixels between images.
      background: level of the padding and of the places left over, in [0, 255].

    Returns:
      uint8 [H, W, c].

    Raises:
      ValueError: not such an array, or columns below 1.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.dtype != np.uint8 or len(images) == 0:
        raise ValueError(f"grid takes uint8 images [n, h, w, c] with n >= 1, not {images.dtype} {list(images.shape)}")
    if columns is not None and columns < 1:
        raise ValueError(f"columns is {columns}: it must be at least 1")
    number, height, width, channels = images.shape
    columns = min(columns or _square_columns(number, height, width, padding), number)
    rows = math.ceil(number / columns)
    cells = np.full((rows * columns, height + padding, width + padding, channels), background, np.uint8)
    cells[:number, :height, :width] = images
    sheet = cells.reshape(rows, columns, height + padding, width + padding, channels).swapaxes(1, 2)
    sheet = sheet.reshape(rows * (height + padding), columns * (width + padding), channels)
    return sheet[: sheet.shape[0] - padding, : sheet.shape[1] - padding]


def _square_columns(number: int, height: int, width: int, padding: int) -> int:
    def elongation(columns: int) -> float:
        rows = math.ceil(number / columns)
        return abs(math.log(rows * (height + padding) / (columns * (width + padding))))

    # Among equals, no empty places, then the wider sheet.
    return min(range(1, number + 1), key=lambda columns: (round(elongation(columns), 3), -number % columns, -columns))


def _format(path: Path, formats: dict[str, str]) -> str:
    return lookup(formats, path.suffix.lower(), what=f"suffix in {str(path)!r}:")


def _picture(image: np.ndarray) -> Image.Image:
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    legal = image.ndim == 2 or (image.ndim == 3 and image.shape[-1] in (3, 4))
    levels = image.dtype == np.uint8 or (image.dtype == np.uint16 and image.ndim == 2)
    if not legal or not levels or image.size == 0:
        raise ValueError(f"an image is uint8 [h, w] or [h, w, 1 | 3 | 4], not {image.dtype} {list(image.shape)}")
    return Image.fromarray(np.ascontiguousarray(image))
