"""Colours in words: ``#ff8000``, ``#f80``, or a name that CSS knows, to sRGB and back."""

from __future__ import annotations

import numpy as np

from gen_jax.errors import UserError


def parse(text: str, *, where: str) -> np.ndarray:
    """Return float32 [3], sRGB in [0, 1], of a colour in words.

    Raises:
      UserError: it is none; ``where`` says what was to have that colour.
    """
    from PIL import ImageColor

    try:
        levels = ImageColor.getrgb(text)[:3]
    except ValueError:
        raise UserError(f"{where} is {text!r}; allowed are #rrggbb, #rgb, or a name such as teal") from None
    return np.array(levels, np.float32) / np.float32(255.0)


def text_of(color: np.ndarray) -> str:
    """Return ``#rrggbb`` of sRGB [3] in [0, 1], clipped and rounded to 8 bits."""
    levels = np.round(np.clip(np.asarray(color, np.float64), 0.0, 1.0) * 255.0).astype(int)
    return "#" + "".join(f"{level:02x}" for level in levels)
