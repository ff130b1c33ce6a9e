"""``gen-jax data check SOURCE`` looks images over; ``gen-jax data pack SRC DST`` makes one fast file of them."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro

from gen_jax.data.check import check_source, contact_sheet, report_text
from gen_jax.data.config import Channels, DataConfig, FileData, Resample, TfdsData
from gen_jax.data.dataset import open_dataset, parse_source
from gen_jax.data.pack import pack
from gen_jax.errors import UserError

SOURCE = "embedded, a folder, a .zip, .npy or .npz file, or a TFDS set as tfds:NAME or NAME:VERSION"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Check:
    """Count images, sizes, classes, duplicates and bad files, and draw a contact sheet."""

    source: Annotated[tyro.conf.Positional[str], tyro.conf.arg(help=SOURCE, metavar="SOURCE")]
    sheet: str = "contact_sheet.png"
    """Where to write the contact sheet; an empty text writes none."""
    near: bool = False
    """Also look for images that are nearly the same."""
    json: bool = False
    """Print the report as JSON."""
    data_dir: str | None = None
    """Folder of the prepared TFDS sets."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pack:
    """Turn a source into one .npz file that opens at once."""

    source: Annotated[tyro.conf.Positional[str], tyro.conf.arg(help=SOURCE, metavar="SRC")]
    destination: Annotated[tyro.conf.Positional[str], tyro.conf.arg(help="The .npz file to make", metavar="DST")]
    size: int | None = None
    """Height and width; left out, the images' own, which must then be the same."""
    channels: Channels | None = None
    """1 grey, 3 RGB, 4 RGBA; left out, what the source has."""
    crop: Literal["center", "stretch"] = "center"
    """How an image that is not square becomes so."""
    resample: Resample = "lanczos"
    """Filter of the resize."""
    on_small_image: Literal["stop", "enlarge"] = "stop"
    """What to do with an image smaller than the size."""
    on_bad_image: Literal["stop", "skip"] = "stop"
    """What to do with a file that cannot be read as an image."""
    max_bad_share: float = 0.01
    """With on-bad-image=skip: the share of bad files above which it still stops."""
    split: Literal["train", "test", "all"] = "all"
    """The part to pack, where the source has an official test set."""
    labels: bool = True
    """Keep the classes."""
    data_dir: str | None = None
    """Folder of the prepared TFDS sets."""


Command = (
    Annotated[Check, tyro.conf.subcommand("check", prefix_name=False)]
    | Annotated[Pack, tyro.conf.subcommand("pack", prefix_name=False)]
)


def main(argv: list[str], prog: str = "gen-jax data") -> int:
    """Run ``gen-jax data`` with the words after it; return the exit code.

    Raises:
      UserError, RunError: as the work does; ``cli/exit.py`` shows them.
    """
    command = tyro.cli(Command, args=argv, prog=prog, description=__doc__)  # type: ignore[call-overload]
    return _check(command) if isinstance(command, Check) else _pack(command)


def _source(text: str, data_dir: str | None) -> DataConfig:
    config = parse_source(text)
    if data_dir is None:
        return config
    if not isinstance(config, TfdsData):
        raise UserError(f"--data-dir={data_dir} is the folder of TFDS sets, and {text!r} is not one: leave it out")
    return dataclasses.replace(config, data_dir=data_dir)


def _check(command: Check) -> int:
    sheet = Path(command.sheet).expanduser() if command.sheet else None
    if sheet is not None and (sheet.suffix.lower() != ".png" or not sheet.parent.is_dir()):
        raise UserError(f"--sheet={command.sheet} must be a .png file in a folder that exists")
    report, source = check_source(_source(command.source, command.data_dir), near=command.near)
    if sheet is not None:
        _save_png(contact_sheet(source), sheet)
    if command.json:
        values = dataclasses.asdict(report) | {"contact_sheet": str(sheet) if sheet else None}
        print(json.dumps(values, indent=2))
    else:
        print(report_text(report))
        if sheet is not None:
            print(f"contact sheet: {sheet}")
    return 0


def _pack(command: Pack) -> int:
    config = _source(command.source, command.data_dir)
    names = ("channels", "crop", "resample", "on_small_image", "split", "labels")
    if isinstance(config, FileData):
        names += ("on_bad_image", "max_bad_share")
    config = dataclasses.replace(config, **{name: getattr(command, name) for name in names})
    dataset = open_dataset(config, size=command.size)
    path = pack(dataset, command.destination)
    height, width, channels = dataset.info.image_shape
    print(f"{len(dataset):,} images {width}x{height}x{channels}, {path.stat().st_size:,} bytes: {path}")
    return 0


def _save_png(picture: object, path: Path) -> None:
    from PIL import Image

    temporary = path.with_name(f".{path.name}.part")
    try:
        Image.fromarray(picture).save(temporary, format="PNG")  # type: ignore[arg-type]
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


if __name__ == "__main__":
    from gen_jax.cli.exit import run

    sys.exit(run(lambda: main(sys.argv[1:])))
