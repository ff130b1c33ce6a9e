"""``gen-jax edit photo.jpg --out out.png rotate=12,expand=true resize=512x512``: edit one photo, or folders of them."""

from __future__ import annotations

import dataclasses
import functools
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from gen_jax.cli import options
from gen_jax.errors import UserError
from gen_jax.shard import find_shard, take_device

if TYPE_CHECKING:
    from gen_jax.cli.editing import Editor

_WORDS = "Images, folders or patterns ('shots/*.jpg'), and edits such as rotate=12,expand=true or invert, in order."


@dataclasses.dataclass(frozen=True, kw_only=True)
class EditCommand:
    """Edit images: exactly as Pillow does, on the accelerator, many at a time.

    An edit is NAME or NAME=VALUE,...: the first values by their place, the others as key=value. `gen-jax edit --list`
    names them all and `gen-jax edit --list rotate` explains one. Sizes are HEIGHTxWIDTH, degrees turn
    counter-clockwise, levels and colors are 0 to 255 (a color also by name).
    """

    words: Annotated[tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="INPUT|EDIT", help=_WORDS)] = ()
    out: str | None = None
    """A file (.png, .jpg, .webp, .tiff, .bmp) for one image; a folder for several, where the same command again
    makes only what is missing."""
    recipe: str | None = None
    """JSON file with a list of edits, such as [{"kind": "rotate", "degrees": 12}]; they go before those of the line."""
    list: bool = False
    """Explain the edits: all, or those named."""
    format: Literal["png", "jpg", "webp", "tiff", "bmp"] | None = None
    """Of the files in a folder; left out, that of each input."""
    quality: int | None = None
    """Of JPEG and WebP, 1 to 100; left out, JPEG 95 and lossless WebP."""
    compression: int = 6
    """Of PNG, 0 to 9: higher is smaller and slower."""
    metadata: bool = True
    """Keep EXIF, color profile and resolution."""
    precision: Literal["uint8", "float"] = "uint8"
    """uint8: every edit rounds as Pillow does. float: rounded once at the end, and runs of geometry or of linear
    color edits are made one step."""
    overwrite: bool = False
    """Make again what is there."""
    on_bad_image: Literal["skip", "stop"] = "skip"
    """What to do with a file that cannot be read; skipped ones are named, counted, and make the exit code 1."""
    most_pixels: int = 1 << 22
    """Pixels edited at a time; one image may have more. Higher is faster on a GPU and takes more memory."""
    endpoint: str | None = None
    """Address of a service that edits in place of this machine, such as http://127.0.0.1:8080; GEN_JAX_TOKEN is its
    token."""
    shard: str | None = None
    """Make one share of a folder, such as 2/8, the second of eight. Left out, the launcher's variables say which share
    comes first; then this process helps the others, and takes over from those that die."""
    verify: bool = False
    """Make nothing: say which images of the folder are missing or broken."""
    progress: bool = True
    """Show a progress bar where stderr is a terminal."""
    compilation_cache: str | None = None
    """Folder of compiled programs, for a quick second start; left out, JAX_COMPILATION_CACHE_DIR, else the user's
    cache."""


def main(words: Sequence[str], prog: str = "gen-jax edit") -> int:
    """Run the command; returns the exit code."""
    command = options.parse(EditCommand, options.positional_first(words, EditCommand), prog=prog)
    if command.list:
        from gen_jax.cli.edit_list import explain

        print(explain(command.words))
        return 0
    check(command)
    return run(command)


def check(command: EditCommand) -> None:
    """Refuse what cannot be made, before anything is read.

    Raises:
      UserError: names the option, its value, and what is allowed.
    """
    if command.out is None:
        raise UserError("--out: name the file to write, such as out.png, or a folder for several images")
    if command.quality is not None and not 1 <= command.quality <= 100:
        raise UserError(f"--quality {command.quality}: must be from 1 to 100")
    if not 0 <= command.compression <= 9:
        raise UserError(f"--compression {command.compression}: must be from 0 to 9")
    if command.most_pixels < 1 or not math.isfinite(command.most_pixels):
        raise UserError(f"--most-pixels {command.most_pixels}: must be 1 or more")


def run(command: EditCommand) -> int:
    """Edit the images as the command says."""
    from gen_jax.cli import edit_folder, editing
    from gen_jax.edit.chain import Chain
    from gen_jax.edit.syntax import looks_like_edit, parse_operation
    from gen_jax.io.photos import Writing

    edits = [word for word in command.words if looks_like_edit(word) and not Path(word).exists()]
    inputs = [word for word in command.words if word not in edits]
    chain = editing.read_recipe(command.recipe) if command.recipe else Chain([])
    chain = Chain([*chain.operations, *map(parse_operation, edits)], fuse=True)
    if not chain.operations:
        raise UserError(
            "no edit is given: add some, such as rotate=12 or resize=512x512; gen-jax edit --list names all"
        )
    if not inputs:
        raise UserError("no image is given: name files, folders or patterns such as 'shots/*.jpg'")
    request = editing.Request(
        chain=chain,
        inputs=tuple(inputs),
        out=Path(command.out or "").expanduser(),
        into_folder=(command.out or "").endswith(("/", "\\")),
        suffix=f".{command.format}" if command.format else None,
        writing=Writing(quality=command.quality, compression=command.compression, metadata=command.metadata),
        precision=command.precision,
        overwrite=command.overwrite,
        skip_bad=command.on_bad_image == "skip",
        most_pixels=command.most_pixels,
        progress=command.progress,
        shard=find_shard(command.shard, os.environ),
    )
    take_device(request.shard)
    return edit_folder.edit_files(request, _editor(command), only_verify=command.verify)


def _editor(command: EditCommand) -> Editor:
    """Return what edits the photos: a service, or this machine."""
    if command.endpoint is not None:
        from gen_jax.cli.editing_there import edit_there

        return functools.partial(edit_there, command.endpoint)
    from gen_jax.cli.editing_here import edit_here
    from gen_jax.compilation import keep_programs

    keep_programs(command.compilation_cache)
    return edit_here
