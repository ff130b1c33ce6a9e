"""What ``gen-jax draw`` draws and which files that makes; refused before anything is drawn where it cannot be."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gen_jax.cli.draw_options import DrawOptions
from gen_jax.errors import UserError
from gen_jax.io import images
from gen_jax.registry import lookup

_MOST_SIDE = {".png": 1 << 20, ".jpg": 65500, ".jpeg": 65500, ".webp": 16383, ".svg": 1 << 20}
_BYTES_A_PIXEL = 64
"""About so many are needed while a picture is drawn."""

Content = np.ndarray | bytes
"""Of a file: an image uint8 [h, w, c] or uint16 [h, w, 1], or its bytes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drawing:
    """What is to be drawn."""

    kind: Literal["noise", "texture", "logo"]
    size: tuple[int, int]
    """Height and width in pixels."""
    recipes: Sequence[Any]
    stems: Sequence[str]
    """Names of the pictures' files, without suffix."""
    to_json: Callable[[Any], dict[str, Any]]
    draw: Callable[[Sequence[Any]], list[dict[str, Content]]]
    """Of some recipes at once: for each "" -> the picture, and tail -> content of every other file."""
    outputs: tuple[str, ...] = ()
    """What is drawn besides the picture, by name."""
    tails: tuple[str, ...] = ()
    """How those files end, such as ``_normal.png`` after the stem."""
    sheet: bool = False
    vector: bool = False
    """Whether the pictures are SVG files."""


@dataclasses.dataclass(frozen=True)
class Target:
    """Where it goes."""

    folder: Path
    stems: Sequence[str]
    """Of the pictures; none where they are on a sheet alone."""
    suffix: str
    """Of the pictures."""
    sheet: Path | None


def target_of(drawing: Drawing, command: DrawOptions) -> Target:
    """Return where the files go.

    Raises:
      UserError: ``--out`` is missing, of an unknown suffix, one file for several pictures, or a folder that is none.
    """
    if command.out is None:
        raise UserError("--out: name the file to write, such as out.png, or a folder for several pictures")
    out = Path(command.out).expanduser()
    folder = out if command.out.endswith(("/", "\\")) or out.is_dir() or not out.suffix else out.parent
    above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not above.is_dir():
        raise UserError(f"--out {command.out}: {above} is a file, not a folder; choose another name")
    if not os.access(above, os.W_OK):
        raise UserError(f"--out {command.out}: {above} may not be written to; choose another folder")
    if folder == out:
        sheet = out / "sheet.png" if drawing.sheet else None
        return Target(out, drawing.stems, f".{command.format or 'png'}", sheet)
    suffix = out.suffix.lower()
    formats = {**images.FORMATS, **({".svg": "SVG"} if drawing.vector and not drawing.sheet else {})}
    format = lookup(formats, suffix, what=f"suffix in {command.out!r}:")
    if command.format and images.FORMATS[f".{command.format}"] != format:
        raise UserError(f"--format {command.format}: --out {command.out} says otherwise; leave one out")
    if drawing.sheet and drawing.outputs:
        raise UserError(f"--sheet: {', '.join(drawing.outputs)} has no place on a sheet; let --out be a folder")
    if drawing.sheet:
        return Target(folder, (), suffix, out)
    if len(drawing.recipes) > 1:
        raise UserError(
            f"--out {command.out}: is one file, and there are {len(drawing.recipes)} pictures; "
            f"give a folder, such as {out.stem}/, or add --sheet"
        )
    return Target(folder, (out.stem,), suffix, None)


def check_size(drawing: Drawing, target: Target) -> None:
    """Refuse pictures that no file can hold, or this machine's memory cannot.

    Raises:
      UserError: names the size and the limit.
    """
    shown = "x".join(map(str, drawing.size))
    most = _MOST_SIDE[target.suffix]
    if max(drawing.size) > most:
        raise UserError(f"--size {shown}: a {target.suffix} file holds {most} pixels a side at most")
    pixels = drawing.size[0] * drawing.size[1]
    needed = pixels * (_BYTES_A_PIXEL + (8 * len(drawing.recipes) if target.sheet else 0))
    memory = _memory()
    if memory is not None and needed > memory:
        sheet = f" with {len(drawing.recipes)} pictures on a sheet" if target.sheet else ""
        raise UserError(
            f"--size {shown}{sheet}: takes about {needed / 2**30:.0f} GiB of memory, and this machine has "
            f"{memory / 2**30:.0f}; choose a smaller size"
        )


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def paths_of(target: Target, stem: str, tails: Sequence[str], *, json: bool) -> list[Path]:
    """Return the files of one picture."""
    endings = [target.suffix, *tails, *([".json"] if json else [])]
    return [target.folder / f"{stem}{ending}" for ending in endings]


def check_absent(target: Target, drawing: Drawing, *, json: bool) -> None:
    """Refuse to write over a file.

    Raises:
      UserError: names the first that is there.
    """
    paths = [path for stem in target.stems for path in paths_of(target, stem, drawing.tails, json=json)]
    if target.sheet:
        paths += [target.sheet, *([target.sheet.with_suffix(".json")] if json else [])]
    there = next((path for path in paths if path.exists()), None)
    if there is not None:
        raise UserError(f"{there}: is there already; choose another --out, or add --overwrite")
