"""What a user can say to every kind of ``gen-jax draw``."""

from __future__ import annotations

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """Which pictures, how large, and where to."""

    out: str | None = None
    """A .png, .webp or .jpg file for one picture; a folder for several, whose files are numbered by their seeds."""
    size: str | None = None
    """Pixels: 512, or HEIGHTxWIDTH such as 512x1024; left out, 512, or that of --params."""
    seed: int | None = None
    """The same seed and size are the same picture; left out, 0, or that of --params."""
    num: int | None = None
    """Pictures to draw: of the seeds from --seed on; left out, 1."""
    sheet: bool = False
    """Lay the pictures on one contact sheet: --out itself, or sheet.png in it where it is a folder."""
    params: str | None = None
    """Draw again what a .json or .png file of this command holds; whatever else is said overrides it."""
    json: bool = True
    """Save NAME.json, all that draws the picture again, beside it; a PNG holds the same inside."""
    list: bool = False
    """Show what can be drawn; with a name, its parameters."""
    format: Literal["png", "webp", "jpg"] | None = None
    """Of the pictures in a folder; left out, png."""
    overwrite: bool = False
    """Replace files that are there."""
    progress: bool = True
    """Show a progress bar where stderr is a terminal."""
    compilation_cache: str | None = None
    """Folder of compiled programs, for a quick second start; left out, JAX_COMPILATION_CACHE_DIR, else the user's
    cache."""
