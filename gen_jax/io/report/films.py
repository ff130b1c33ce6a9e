"""The sample grids as a film: a slider, a play button, a row of thumbnails; all pictures inside the page."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from gen_jax.io.report.scales import short, thin

MOST_FRAMES = 32
MOST_PIXELS = 640
"""Longest side of a frame in the page; larger grids are shrunk."""
BUDGET = 4_000_000
"""Bytes of pictures in a page, over all films."""


def film(name: str, grids: Mapping[int, Path], *, budget: int = BUDGET) -> str:
    """Return one film of ``grids`` (images seen -> file): at most ``MOST_FRAMES``, the first and last among them.

    Frames are dropped evenly until they fit ``budget`` bytes; a file that is no image is left out.
    """
    frames = _frames(grids)
    if not frames:
        return ""
    most = len(frames)
    while most > 1 and _size(frames, most) > budget:
        most = most * 3 // 4
    chosen = thin(list(frames), most)
    last = len(chosen) - 1
    sources = "".join(
        f'<button type=button title="{images:,} images"{" aria-current=true" if n == last else ""}>'
        f'<img src="{_url(frames[images])}" alt="{html.escape(name)} at {images:,} images" loading=lazy>'
        f"<span>{short(images)}</span></button>"
        for n, images in enumerate(chosen)
    )
    left_out = f"<p class=note>{len(chosen)} of {len(grids)} grids; all are in <code>samples/</code>.</p>"
    return (
        f"<section class=film><h3>{html.escape(name)}</h3>"
        f'<div class=stage><img src="{_url(frames[chosen[-1]])}" alt="{html.escape(name)}"></div>'
        f"<div class=controls><button type=button class=play aria-label=play>▶</button>"
        f'<input type=range min=0 max={last} value={last} aria-label="moment in the run">'
        f"<output>{chosen[-1]:,} images</output></div>"
        f"<div class=strip>{sources}</div>{left_out if len(chosen) < len(grids) else ''}</section>"
    )


def _size(frames: Mapping[int, bytes], most: int) -> int:
    """Return the bytes of a film of ``most`` frames; the last is in the page twice, as thumbnail and on stage."""
    chosen = thin(list(frames), most)
    return sum(len(frames[images]) for images in [*chosen, chosen[-1]])


def _frames(grids: Mapping[int, Path]) -> dict[int, bytes]:
    chosen = thin(list(grids), MOST_FRAMES)
    return {images: data for images in chosen if (data := _frame(grids[images])) is not None}


def _frame(path: Path) -> bytes | None:
    """Return a grid as WebP, at most ``MOST_PIXELS`` on its longer side; None where the file is no image."""
    try:
        with Image.open(path) as file:
            picture = file.convert("RGBA" if "A" in file.getbands() else "RGB")
    except (OSError, ValueError):
        return None
    if max(picture.size) > MOST_PIXELS:
        picture.thumbnail((MOST_PIXELS, MOST_PIXELS), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=82, method=4)
    return buffer.getvalue()


def _url(data: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"
