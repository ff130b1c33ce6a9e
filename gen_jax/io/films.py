"""Frames to a film that repeats: MP4 through ffmpeg, frame by frame; animated WebP and GIF through Pillow."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
import subprocess
import tempfile
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
    """Write a film that goes round; the suffix chooses .mp4, .webp or .gif.

    Args:
      path: of the file; it is whole or absent.
      frames: uint8 [h, w, c] of one shape, at least one. A video takes them one at a time, and never holds them all.
      frames_per_second: above 0; a GIF rounds a frame's time to a hundredth of a second.
      scale: whole factor of height and width, pixels repeated; left out, 1, and for a video what takes its shorter
        side to 256 pixels or more.

    Raises:
      UserError: no frames, or a video and ffmpeg is not installed.
      OSError: the folder may not be written or is full, or ffmpeg failed.
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
      UserError: ffmpeg is not installed.
    """
    if Path(path).suffix.lower() == VIDEO_SUFFIX:
        _ffmpeg(Path(path))


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
    program = _ffmpeg(path)
    pictures = (video_frame(frame, scale) for frame in frames)
    first = next(pictures, None)
    if first is None:
        raise UserError(f"film {path}: there are no frames; give at least one image")
    height, width, _ = first.shape
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(frames_per_second), "-i", "-"]
    coding = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", str(_QUALITY), "-movflags", "+faststart"]
    with _replacing_file(path) as temporary, tempfile.TemporaryFile() as complaints:
        command = [program, "-y", "-loglevel", "error", *source, "-an", *coding, str(temporary)]
        # A group of its own: Ctrl-C is for us to answer. ffmpeg is not started through a library, for those that do it
        # run code between fork and exec, which may hang beside the threads of jax.
        encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=complaints, process_group=0)
        assert encoder.stdin is not None
        try:
            with contextlib.suppress(BrokenPipeError):  # the exit code tells, and stderr says why
                for picture in itertools.chain([first], pictures):
                    encoder.stdin.write(picture.data)
                encoder.stdin.close()
            code = encoder.wait()
        finally:
            encoder.kill()
            encoder.wait()
            with contextlib.suppress(BrokenPipeError):
                encoder.stdin.close()
        if code:
            complaints.seek(0)
            raise OSError(f"ffmpeg could not write {path}: {complaints.read(300).decode(errors='replace').strip()}")


def _ffmpeg(path: Path) -> str:
    """Return the program: the one that imageio-ffmpeg brings, else the system's."""
    with contextlib.suppress(ImportError, RuntimeError):  # not installed; or no binary in it for this machine
        import imageio_ffmpeg  # pyright: ignore[reportMissingImports]

        return imageio_ffmpeg.get_ffmpeg_exe()
    program = shutil.which("ffmpeg")
    if program is None:
        raise UserError(
            f"--out {path}: MP4 needs ffmpeg, which is not installed: pip install 'gen_jax[video]'; "
            "or write a .webp or .gif"
        )
    return program


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
