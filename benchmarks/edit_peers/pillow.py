"""Pillow: one image after another on one core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFilter


def version() -> str:
    """Return the version measured."""
    return PIL.__version__


def flip(image: Image.Image) -> Image.Image:
    """Flip left to right."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def rotate(image: Image.Image) -> Image.Image:
    """Rotate by 30 degrees."""
    return image.rotate(30, Image.Resampling.BILINEAR)


def resize(image: Image.Image) -> Image.Image:
    """Halve."""
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.BILINEAR)


def color(image: Image.Image) -> Image.Image:
    """Brightness, contrast, saturation."""
    image = ImageEnhance.Brightness(image).enhance(1.2)
    return ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(1.3)).enhance(1.4)


def blur(image: Image.Image) -> Image.Image:
    """Blur by 2 pixels."""
    return image.filter(ImageFilter.GaussianBlur(2))


def chain(image: Image.Image) -> Image.Image:
    """All but the blur."""
    return color(resize(rotate(flip(image))))


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "flip": flip,
    "rotate": rotate,
    "resize": resize,
    "color": color,
    "blur": blur,
    "chain": chain,
}


def programs(images: np.ndarray) -> dict[str, tuple[Callable[[], Any], Callable[[], np.ndarray]]]:
    """Return for each row the work to time, and what gives its result."""
    pictures = [Image.fromarray(image) for image in images]

    def program(edit: Callable[[Image.Image], Image.Image]) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
        return lambda: [edit(picture) for picture in pictures], lambda: np.stack(
            [edit(picture) for picture in pictures]
        )

    return {row: program(edit) for row, edit in EDITS.items()}
