"""The files of a logo: its picture, the other variants, the SVG file, the icons of a web page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from gen_jax.io.drawings import icon

if TYPE_CHECKING:
    from gen_jax.cli.draw_target import Content
    from gen_jax.draw.logo.parameters import LogoParameters

VARIANTS = ("light", "dark", "one_color", "one_color_dark")
ICON_SIZES = (16, 32, 48)
"""In an .ico file."""
PAGE_SIZES = (180, 192, 512)
"""PNGs: for iOS, for Android, for its start screen."""
ICON_PADDING = 0.04
"""Of the small sizes, where every pixel counts."""
FINE = 1024
"""Pixels a side that icons are reduced from: one program for all their sizes."""


def tails_of(output: str) -> tuple[str, ...]:
    """Return how the files of an output end, after the stem."""
    if output == "svg":
        return (".svg",)
    if output == "favicon":
        return (".ico", *(f"_{size}.png" for size in PAGE_SIZES))
    return (f"_{output}.png",)


def draw_logos(
    logos: Sequence[LogoParameters], *, size: int, outputs: Sequence[str], vector: bool
) -> list[dict[str, Content]]:
    """Draw logos and what else is asked for.

    Args:
      logos: what to draw.
      size: height in pixels.
      outputs: of ``VARIANTS``, svg, favicon.
      vector: whether the pictures themselves are SVG files.

    Returns:
      For each, "" -> the picture, uint8 [h, w, 4] or the bytes of an SVG file, and how a file ends -> its content.
    """
    from gen_jax.draw.logo.design import scene_of
    from gen_jax.draw.logo.raster import rasters
    from gen_jax.draw.logo.svg import svg

    scenes = [scene_of(logo) for logo in logos]
    files = [svg(scene, title=logo.text).encode() for scene, logo in zip(scenes, logos, strict=True)]
    pictures: Sequence[Content] = files if vector else rasters(scenes, size)
    drawn: list[dict[str, Content]] = [{"": picture} for picture in pictures]
    for output in outputs:
        if output == "svg":
            made: Sequence[Sequence[Content]] = [[file] for file in files]
        elif output == "favicon":
            made = icons(logos)
        else:
            others = [scene_of(dataclasses.replace(logo, variant=output)) for logo in logos]
            made = [[picture] for picture in rasters(others, size)]
        for one, contents in zip(drawn, made, strict=True):
            one |= dict(zip(tails_of(output), contents, strict=True))
    return drawn


def icons(logos: Sequence[LogoParameters]) -> list[list[Content]]:
    """Return the .ico file and the PNGs of every logo's mark, each pixel the mean of what it covers."""
    from gen_jax.draw.logo.design import scene_of
    from gen_jax.draw.logo.raster import rasters

    marks = [dataclasses.replace(logo, layout="mark") for logo in logos]
    tight = [dataclasses.replace(mark, padding=min(mark.padding, ICON_PADDING)) for mark in marks]
    drawn = [Image.fromarray(picture) for picture in rasters([scene_of(mark) for mark in (*tight, *marks)], FINE)]
    return [
        [icon([_reduced(small, size) for size in ICON_SIZES]), *(_reduced(large, size) for size in PAGE_SIZES)]
        for small, large in zip(drawn[: len(logos)], drawn[len(logos) :], strict=True)
    ]


def _reduced(picture: Image.Image, size: int) -> np.ndarray:
    return np.asarray(picture.resize((size, size), Image.Resampling.BOX))
