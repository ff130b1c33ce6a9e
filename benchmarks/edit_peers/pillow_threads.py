"""Pillow in as many threads as cores; it leaves the interpreter lock while it works."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.edit_peers.pillow import EDITS
from benchmarks.edit_peers.pillow import version as version


def programs(images: np.ndarray) -> dict[str, tuple[Callable[[], Any], Callable[[], np.ndarray]]]:
    """Return for each row the work to time, and what gives its result."""
    pictures = [Image.fromarray(image) for image in images]
    pool = ThreadPoolExecutor(os.cpu_count())

    def program(edit: Callable[[Image.Image], Image.Image]) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
        return lambda: list(pool.map(edit, pictures)), lambda: np.stack([*pool.map(edit, pictures)])

    return {row: program(edit) for row, edit in EDITS.items()}
