"""Whether the files of a manifest are still what they were when they were made."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image

from gen_jax.data.threads import map_in_threads
from gen_jax.io.pieces import Made, Pieces, Record, made_of


class Fault(NamedTuple):
    """A file that is not as it should be."""

    kind: Literal["missing", "broken", "skipped"]
    name: str
    """Below the folder."""
    reason: str


def inspect(path: str | os.PathLike[str]) -> Made | None:
    """Return what an image file holds; None where it cannot be read to its end as an image."""
    try:
        data = Path(path).read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            image.verify()  # every chunk of a PNG, of which reading passes over the last
        with Image.open(io.BytesIO(data)) as image:
            image.load()
        return made_of(data)
    except MemoryError:
        raise
    except Exception:  # Pillow raises many kinds for damaged files
        return None


def faults(pieces: Pieces, number: int, *, folder: Path, names: Sequence[str]) -> Iterator[Fault]:
    """Yield the faults of a piece; a file that no record names must at least be an image that can be read.

    Args:
      pieces: of the folder.
      number: of the piece.
      folder: of the files.
      names: of the files of this piece, below the folder.
    """
    record = pieces.read(number) or Record({}, {})
    whole = (name for name in map_in_threads(lambda name: _fault(folder / name, name, record), names))
    yield from (fault for fault in whole if fault is not None)


def _fault(path: Path, name: str, record: Record) -> Fault | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if name in record.skipped:
            return Fault("skipped", name, record.skipped[name])
        return Fault("missing", name, "was made, and is gone" if name in record.made else "is not made yet")
    known = record.made.get(name)
    if known is None:
        return None if inspect(path) is not None else Fault("broken", name, "cannot be read as an image")
    if len(data) != known.bytes:
        return Fault("broken", name, f"has {len(data)} bytes and should have {known.bytes}")
    return None if made_of(data) == known else Fault("broken", name, "has changed since it was made")
