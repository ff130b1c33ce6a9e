"""``--verify``: which images of a folder are missing or broken, without making any."""

from __future__ import annotations

import collections
from collections.abc import Callable
from pathlib import Path

from gen_jax.io.pieces import Pieces
from gen_jax.io.whole import faults


def verify(pieces: Pieces, folder: Path, name_of: Callable[[int], str]) -> int:
    """Print each image that is not as it should be, and at last how many; return the exit code, 0 where all are there.

    Args:
      pieces: of the folder; with a fixed share the images of that share alone.
      folder: of the images.
      name_of: name of an image below the folder.
    """
    counts: collections.Counter[str] = collections.Counter()
    total = 0
    for number in pieces.own():
        names = [name_of(member) for member in pieces.members(number)]
        total += len(names)
        for kind, name, reason in faults(pieces, number, folder=folder, names=names):
            counts[kind] += 1
            print(f"{kind} {name}: {reason}")
    wrong = [f"{counts[kind]} {kind}" for kind in ("missing", "broken", "skipped") if counts[kind]]
    print(f"{folder}: {', '.join([f'{total - counts.total()} of {total} there', *wrong])}{_remedy(counts)}")
    return 1 if counts else 0


def _remedy(counts: collections.Counter[str]) -> str:
    if counts["broken"]:
        return "; remove the broken ones, and the command without --verify makes them again"
    return "; the command without --verify makes what is missing" if counts["missing"] else ""
