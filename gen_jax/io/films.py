"""Frames to a film that repeats: MP4 through ffmpeg, frame by frame; animated WebP and GIF through Pillow."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from gen_jax.errors import UserError
from gen_jax.io.images import FILM_FORMATS, save_film

VIDEO_SUFFIX = ".mp4"
SUFFIXES = (*FILM_FORMATS, VIDEO_SUFFIX)
_SMALL = 256
"""A video whose shorter side has fewer pixels is enlarged: players blur small ones, and its color has half the
resolution."""
_QUALITY = 18
"""Constant rate factor of H.264: 0 exact, 51 worst; 18 is called visually lossless."""


def save(
    path: str | os.PathLike[str], frames: Iterable[np.ndarray], *, frames_per_second: float, scale: int | None = None
) -> None:
    """Write a film that goes round; the suffix chooses .mp4, .webp (lossless colors are not promised) or .gif.

    Args:
      path: of the file; it is whole or absent.
      frames: uint8 [h, w, c] of one shape, at least one. A video takes them one at a time, and never holds them all.
      frames_per_second: above 0; a GIF rounds a frame's time to a hundredth of a second.
      scale: whole factor of height and width, pixels repeated; left out, 1, and for a video what takes its shorter
        side to 256 pixels or more.

    Raises:
      UserError: no frames, or a video and what it needs is not installed.
    """
    path = Path(path)
    if path.suffix.lower() == VIDEO_SUFFIX:
        _save_video(path, frames, frames_per_second=frames_per_second, scale=scale)
        return
    pictures = [enlarged(frame, scale or 1) for frame in frames]
    save_film(path, pictures, seconds=len(pictures) / frames_per_second, rest=0.0)


def check_video(path: str | os.PathLike[str]) -> None:
    """Refuse a video that could not be written, before its frames are made.

    Raises:
      UserError: imageio or imageio-ffmpeg is not installed.
    """
    if Path(path).suffix.lower() != VIDEO_SUFFIX:
        return
    missing = [name for name in ("imageio", "imageio_ffmpeg") if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"--out {path}: MP4 needs {' and '.join(missing)}, not installed here: pip install 'gen_jax[video]'; "
            "or write a .webp or .gif"
        )


def enlarged(frame: np.ndarray, scale: int) -> np.ndarray:
    """Repeat every pixel ``scale`` times in both directions."""
    return frame if scale == 1 else frame.repeat(scale, axis=0).repeat(scale, axis=1)


def video_frame(frame: np.ndarray, scale: int | None) -> np.ndarray:
    """Return a frame as H.264 in 4:2:0 takes it: RGB, and height and width even, the last row or column repeated.

    Args:
      frame: uint8 [h, w, 1 | 3 | 4]; alpha is laid over white.
      scale: see ``save``.
    """
    height, width, channels = frame.shape
    if channels == 4:
        alpha = frame[..., 3:].astype(np.float32) / 255.0
        frame = np.rint(frame[..., :3] * alpha + 255.0 * (1.0 - alpha)).astype(np.uint8)
    elif channels == 1:
        frame = np.broadcast_to(frame, (height, width, 3))
    frame = enlarged(frame, scale or max(1, -(-_SMALL // min(height, width))))
    odd = [(0, size % 2) for size in frame.shape[:2]]
    return np.ascontiguousarray(np.pad(frame, [*odd, (0, 0)], mode="edge"))


def _save_video(path: Path, frames: Iterable[np.ndarray], *, frames_per_second: float, scale: int | None) -> None:
    check_video(path)
    import imageio.v2

    written = 0
    with _replacing_file(path) as temporary:
        options = {"codec": "libx264", "pixelformat": "yuv420p", "macro_block_size": 2, "ffmpeg_log_level": "error"}
        quality = ["-crf", str(_QUALITY), "-movflags", "+faststart"]
        with imageio.v2.get_writer(
            temporary, format="FFMPEG", mode="I", fps=frames_per_second, quality=None, output_params=quality, **options
        ) as writer:
            for frame in frames:
                writer.append_data(video_frame(frame, scale))
                written += 1
        if not written:
            raise UserError(f"film {path}: there are no frames; give at least one image")


@contextlib.contextmanager
def _replacing_file(path: Path) -> Iterator[Path]:
    """Give the name of a file beside ``path`` that takes its place when the block ends, and vanishes when it fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
