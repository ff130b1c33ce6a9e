"""OpenCV on all cores, uint8; its resize is INTER_AREA, the antialiased one that it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

GREY = np.float32([0.299, 0.587, 0.114])


def version() -> str:
    """Return the version measured."""
    return cv2.__version__


def flip(image: np.ndarray) -> np.ndarray:
    """Flip left to right."""
    return cv2.flip(image, 1)


def rotate(image: np.ndarray) -> np.ndarray:
    """Rotate by 30 degrees about the centre of the image."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 30, 1.0)
    return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR)


def resize(image: np.ndarray) -> np.ndarray:
    """Halve."""
    return cv2.resize(image, (image.shape[1] // 2, image.shape[0] // 2), interpolation=cv2.INTER_AREA)


def color(image: np.ndarray) -> np.ndarray:
    """Brightness, contrast, saturation, as Pillow defines them."""
    image = cv2.convertScaleAbs(image, alpha=1.2)
    mean = float(cv2.mean(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))[0])
    image = (
        cv2.convertScaleAbs(image, alpha=1.3, beta=-0.3 * round(mean))
        if mean == 0
        else cv2.addWeighted(image, 1.3, image, 0.0, -0.3 * round(mean))
    )
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(image, 1.4, grey, -0.4, 0.0)


def blur(image: np.ndarray) -> np.ndarray:
    """Blur by 2 pixels."""
    return cv2.GaussianBlur(image, (0, 0), 2)


def chain(image: np.ndarray) -> np.ndarray:
    """All but the blur."""
    return color(resize(rotate(flip(image))))


def programs(images: np.ndarray) -> dict[str, tuple[Callable[[], Any], Callable[[], np.ndarray]]]:
    """Return for each row the work to time, and what gives its result."""

    def program(edit: Callable[[np.ndarray], np.ndarray]) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
        return lambda: [edit(image) for image in images], lambda: np.stack([edit(image) for image in images])

    edits = {"flip": flip, "rotate": rotate, "resize": resize, "color": color, "blur": blur, "chain": chain}
    return {row: program(edit) for row, edit in edits.items()}
