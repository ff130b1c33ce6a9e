"""kornia, eager, float32 in [0, 1], on the GPU where torch has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kornia
import numpy as np
import torch


def version() -> str:
    """Return the version measured."""
    return f"{kornia.__version__} (torch {torch.__version__})"


def rotate(images: torch.Tensor) -> torch.Tensor:
    """Rotate by 30 degrees."""
    angle = torch.full((images.shape[0],), 30.0, device=images.device)
    return kornia.geometry.rotate(images, angle, mode="bilinear", align_corners=True)


def resize(images: torch.Tensor) -> torch.Tensor:
    """Halve."""
    return kornia.geometry.resize(images, (images.shape[2] // 2, images.shape[3] // 2), "bilinear", antialias=True)


def color(images: torch.Tensor) -> torch.Tensor:
    """Brightness, contrast, saturation: the functions nearest to Pillow's."""
    images = kornia.enhance.adjust_brightness_accumulative(images, 1.2)
    images = kornia.enhance.adjust_contrast_with_mean_subtraction(images, 1.3)
    return kornia.enhance.adjust_saturation_with_gray_subtraction(images, 1.4)


def programs(images: np.ndarray) -> dict[str, tuple[Callable[[], Any], Callable[[], np.ndarray]]]:
    """Return for each row the work to time, and what gives its result."""
    edits: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "flip": kornia.geometry.hflip,
        "rotate": rotate,
        "resize": resize,
        "color": color,
        "blur": lambda x: kornia.filters.gaussian_blur2d(x, (13, 13), (2.0, 2.0)),
        "chain": lambda x: color(resize(rotate(kornia.geometry.hflip(x)))),
    }
    device = "cuda" if torch.cuda.is_available() else "cpu"
    array = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous().to(device).float() / 255.0

    def program(edit: Callable[[torch.Tensor], torch.Tensor]) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
        def work() -> torch.Tensor:
            with torch.no_grad():
                result = edit(array)
            if device == "cuda":
                torch.cuda.synchronize()
            return result

        return work, lambda: work().permute(0, 2, 3, 1).cpu().numpy()

    return {row: program(edit) for row, edit in edits.items()}
