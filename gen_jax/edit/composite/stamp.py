"""What a watermark prints: a text or a picture as RGBA, drawn on the host at the size that suits the image."""

from __future__ import annotations

import functools

import numpy as np

_TRIAL_SIZE = 64.0  # of the font whose text is measured first; widths grow about in proportion


@functools.lru_cache(maxsize=256)
def text_stamp(text: str, width: int, height: int) -> np.ndarray:
    """Draw a text, white with a dark edge, as large as fits into a box.

    Args:
      text: one line or more.
      width: of the box, in pixels.
      height: of the box, in pixels.

    Returns:
      uint8 [h, w, 4], RGBA, at most the size of the box, but where the smallest letters are larger.
    """
    size = _TRIAL_SIZE
    for _ in range(4):  # edges and gaps are whole pixels, so that small letters are not quite in proportion
        left, top, right, bottom = _box(text, size)
        share = min(width / max(1.0, right - left), height / max(1.0, bottom - top))
        if size < _TRIAL_SIZE and share >= 1.0:
            break
        size = max(1.0, np.floor(size * share * 4.0) / 4.0)
    return _draw(text, size)


def _box(text: str, size: float) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of a text drawn at (0, 0), its edge included."""
    from PIL import Image, ImageDraw, ImageFont

    draw = ImageDraw.Draw(Image.new("L", (1, 1)))
    font = ImageFont.load_default(size)
    return draw.multiline_textbbox((0, 0), text, font=font, spacing=size / 8, stroke_width=_stroke(size))


def _stroke(size: float) -> int:
    return max(1, round(size / 24))  # white letters must be seen on white as well


def _draw(text: str, size: float) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    left, top, right, bottom = _box(text, size)
    shape = (max(1, int(np.ceil(right - left))), max(1, int(np.ceil(bottom - top))))
    font, stroke, spacing = ImageFont.load_default(size), _stroke(size), size / 8
    body, whole = Image.new("L", shape), Image.new("L", shape)
    ImageDraw.Draw(body).multiline_text((-left, -top), text, fill=255, font=font, spacing=spacing)
    ImageDraw.Draw(whole).multiline_text((-left, -top), text, fill=255, font=font, spacing=spacing, stroke_width=stroke)
    letters = np.asarray(body, np.float32)[..., None] / 255.0
    edged = np.maximum(np.asarray(whole, np.float32)[..., None] / 255.0, letters)
    # Black below, white above: the color of what is seen, and how much of the image it hides.
    color = np.broadcast_to(letters / np.maximum(edged, 1e-6), (*letters.shape[:2], 3))
    return np.round(np.concatenate([color, edged], axis=-1) * 255.0).astype(np.uint8)


def picture_stamp(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resize a picture [h, w, c] of 1 to 4 channels so that it fits into a box, its shape kept; as RGBA."""
    from PIL import Image

    levels = picture if picture.dtype == np.uint8 else np.round(np.clip(picture, 0.0, 1.0) * 255.0).astype(np.uint8)
    image = Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels).convert("RGBA")
    scale = min(width / image.width, height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))
