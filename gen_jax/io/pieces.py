"""Work on many files in pieces that processes share, and the manifest of what is made, which outlives them.

``FOLDER/.manifest/000012-9f86d081.jsonl`` stands for piece 12: it is written when the last file of the piece is, and
has one line a file with its name, size and CRC-32, or the reason why it could not be made. The digits in the name are
a checksum of what the piece consists of: another request has other pieces. So the folder's listing alone says what is
made, whoever made it and however many they were.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gen_jax.io import files
from gen_jax.io.claims import Claims
from gen_jax.shard import Shard

log = logging.getLogger(__name__)

MANIFEST = ".manifest"
"""Folder of the records, in the folder of the files."""
_PIECES = "pieces.json"
_LONG = 30.0
"""Seconds of waiting after which a person is told."""
_RECORD = re.compile(r"(\d{6,})-[0-9a-f]{8}\.jsonl")
_CLAIM = re.compile(r"(\d{6,})-[0-9a-f]{8}\.claim")


class Made(NamedTuple):
    """A file that was made."""

    bytes: int
    crc32: int


class Record(NamedTuple):
    """What is known of a finished piece."""

    made: dict[str, Made]
    """By the name of the file below the folder."""
    skipped: dict[str, str]
    """Reason by the name of a file that could not be made."""


def made_of(data: bytes) -> Made:
    """Return what a record says of a file that holds ``data``."""
    return Made(len(data), zlib.crc32(data))


def usual_size(total: int) -> int:
    """Return how many files a piece has: about 64 pieces, of 64 to 1024 files and a multiple of 64."""
    return min(1024, 64 * max(1, -(-total // (64 * 64))))


class Pieces:
    """Files ``0 <= n < total`` in pieces; those of this process come first, and then what nobody is at."""

    def __init__(
        self, folder: Path, *, total: int, shard: Shard, digest: Callable[[range], int], claims: Claims | None = None
    ) -> None:
        """Describe the work; nothing is touched on the disk.

        Args:
          folder: of the files.
          total: how many there are to be.
          shard: the share of this process.
          digest: 32 bits that tell the files of a piece from any others, the same in every process.
          claims: of this process; left out, the usual ones.
        """
        self.path = folder / MANIFEST
        self.shard = shard
        self._total, self._digest = total, digest
        self._claims = claims or Claims(self.path)
        self._names: dict[int, str] = {}
        self._size = _known_size(self.path) or usual_size(total)
        self.numbers = range(-(-total // self._size))

    def members(self, number: int) -> range:
        """Return the files of a piece."""
        return range(number * self._size, min((number + 1) * self._size, self._total))

    def own(self) -> list[int]:
        """Return the pieces that this process answers for."""
        mine = self.numbers[self.shard.number :: self.shard.count]
        return list(mine if self.shard.fixed else self.numbers)

    def create(self) -> None:
        """Make the folder of the manifest; the size of the pieces stays when the work grows."""
        self.path.mkdir(parents=True, exist_ok=True)
        if not (self.path / _PIECES).exists():
            files.write_json(self.path / _PIECES, {"files": self._size})

    def recorded(self) -> dict[int, float]:
        """Return the pieces that are finished, with the time of each record by the clock of the file system."""
        found = {}
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    match = _RECORD.fullmatch(entry.name)
                    if match and self._is_current(match):
                        found[int(match[1])] = entry.stat().st_mtime
        except FileNotFoundError:
            pass
        return found

    def forget(self, numbers: Iterable[int]) -> None:
        """Take finished pieces for unfinished, since files of theirs are gone or out of date."""
        for number in numbers:
            self._record(number).unlink(missing_ok=True)

    def unfinished(self, *, poll: float = 2.0) -> Iterator[int]:
        """Yield the pieces to make, each claimed until the next one is asked for; call ``finish`` for each.

        It ends when all pieces that this process answers for are finished, be it by others; while others are at the
        last of them it waits, and takes over from one that dies.

        Args:
          poll: seconds between two looks at what others are doing.
        """
        count, first = self.shard.count, self.shard.number
        left = sorted(self.own(), key=lambda number: ((number - first) % count, number))
        rounds = 0
        with self._claims:
            while left:
                done = self.recorded()
                busy = []
                for number in left:
                    if number in done or self._record(number).exists():
                        continue
                    if not self._claims.take(self._name(number)):
                        busy.append(number)
                        continue
                    try:
                        if not self._record(number).exists():  # between the look and the claim
                            yield number
                    finally:
                        self._claims.drop(self._name(number))
                left = busy
                if left:
                    rounds += 1
                    if rounds == round(_LONG / poll):
                        log.warning("waiting for %d pieces that other processes are at, or were", len(left))
                    time.sleep(poll)
        self._sweep()

    def finish(self, number: int, record: Record) -> None:
        """Write down that a piece is made."""
        lines = [{"name": name, **made._asdict()} for name, made in record.made.items()]
        lines += [{"name": name, "skipped": reason} for name, reason in record.skipped.items()]
        files.write_text(self._record(number), "".join(json.dumps(line) + "\n" for line in lines))

    def read(self, number: int) -> Record | None:
        """Return the record of a piece; None where it is not finished, or its record is not readable."""
        record = Record({}, {})
        try:
            for line in self._record(number).read_text().splitlines():
                entry = json.loads(line)
                if "skipped" in entry:
                    record.skipped[entry["name"]] = entry["skipped"]
                else:
                    record.made[entry["name"]] = Made(entry["bytes"], entry["crc32"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return record

    def _name(self, number: int) -> str:
        if number not in self._names:
            self._names[number] = f"{number:06d}-{self._digest(self.members(number)):08x}"
        return self._names[number]

    def _record(self, number: int) -> Path:
        return self.path / f"{self._name(number)}.jsonl"

    def _is_current(self, match: re.Match[str]) -> bool:
        number = int(match[1])
        return number in self.numbers and match[0].startswith(f"{self._name(number)}.")

    def _sweep(self) -> None:
        """Remove what is left of an earlier request, and the claims that dead processes left on finished pieces."""
        done = self.recorded()
        for path in self.path.iterdir():
            record, claim = _RECORD.fullmatch(path.name), _CLAIM.fullmatch(path.name)
            stale = record and not self._is_current(record)
            spent = claim and (not self._is_current(claim) or int(claim[1]) in done)
            if stale or spent:
                path.unlink(missing_ok=True)


def _known_size(folder: Path) -> int | None:
    try:
        size = json.loads((folder / _PIECES).read_bytes())["files"]
        return size if isinstance(size, int) and size > 0 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def incomplete(pieces: Pieces, there: np.ndarray, numbers: Iterable[int]) -> list[int]:
    """Return those of ``numbers`` of which some file is not there, ``there`` being bool [total]."""
    return [number for number in numbers if not there[pieces.members(number).start : pieces.members(number).stop].all()]
