"""gen_jax: uint8 on its device, one compiled program a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

import gen_jax
from gen_jax import edit


def version() -> str:
    """Return the version measured."""
    return f"{gen_jax.__version__} (jax {jax.__version__})"


def programs(images: np.ndarray) -> dict[str, tuple[Callable[[], Any], Callable[[], np.ndarray]]]:
    """Return for each row the work to time, and what gives its result."""
    half = (images.shape[1] // 2, images.shape[2] // 2)
    flip, rotate = edit.FlipLeftRight(), edit.Rotate(degrees=30, resample="bilinear")
    resize = edit.Resize(size=half, resample="bilinear")
    color = [edit.Brightness(factor=1.2), edit.Contrast(factor=1.3), edit.Saturation(factor=1.4)]
    chains = {
        "flip": edit.Chain([flip]),
        "rotate": edit.Chain([rotate]),
        "resize": edit.Chain([resize]),
        "color": edit.Chain(color),
        "blur": edit.Chain([edit.GaussianBlur(radius=2)]),
        "chain": edit.Chain([flip, rotate, resize, *color]),
    }
    array = jax.device_put(images)

    def program(chain: edit.Chain) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
        return lambda: chain(array).block_until_ready(), lambda: np.asarray(chain(array))

    return {row: program(chain) for row, chain in chains.items()}
