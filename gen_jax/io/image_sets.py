"""Large sets of images on disk: a folder of numbered files that can be continued, or one ``.npz`` file."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from gen_jax.data.threads import map_in_threads
from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.io.images import encode
from gen_jax.io.pieces import Made, made_of
from gen_jax.io.whole import inspect

SETTINGS = ".samples.json"
"""What the images of a folder were made with; hidden, so that the folder holds images alone."""
_LABELS = "dataset.json"
_LABELS_AT_ONCE = 65_536
_NUMBERED = re.compile(r"(\d{6,})\.(?:png|webp)")
_FORMATS = {"png": "PNG", "webp": "WEBP"}


class NumberedImages:
    """``DIR/000000.png`` and so on. A file is whole or absent, so what is there need not be made again."""

    def __init__(self, path: str | os.PathLike[str], *, format: str) -> None:
        """Name the folder; ``format`` is png or webp (lossless). Nothing is touched on the disk."""
        self.path = Path(path)
        self._format = format

    def name(self, number: int) -> str:
        """Return the file name of an image."""
        return f"{number:06d}.{self._format}"

    def open(self, settings: Mapping[str, Any], *, total: int) -> np.ndarray:
        """Make the folder, or continue it, and return which images are there, bool [total].

        Raises:
          UserError: it holds images made with other settings, or more than ``total``, or numbered files of
            another origin.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        # Listed before the settings are read: another process writes them before its first image.
        there, largest = self._listed(total)
        if not self.check(settings):
            if largest >= 0:
                raise UserError(f"--out {self.path}: holds numbered images of another origin; choose another folder")
            files.write_json(self.path / SETTINGS, self._whole(settings))
        if largest >= total:
            raise UserError(
                f"--out {self.path}: holds an image {self.name(largest)}, and --num makes {total}; "
                f"raise --num to {largest + 1} or more, or choose another folder"
            )
        return there

    def _listed(self, total: int) -> tuple[np.ndarray, int]:
        """Return which of the images are there, and the largest number of any, -1 without one."""
        there, largest = np.zeros(total, bool), -1
        with os.scandir(self.path) as entries:
            for entry in entries:
                match = _NUMBERED.fullmatch(entry.name)
                if match:
                    number = int(match[1])
                    largest = max(largest, number)
                    if number < total:
                        there[number] = True
        return there, largest

    def check(self, settings: Mapping[str, Any]) -> bool:
        """Tell whether the folder was begun; raises ``UserError`` where it was with other settings."""
        try:
            old = json.loads((self.path / SETTINGS).read_bytes())
        except FileNotFoundError:
            return False
        new = self._whole(settings)
        changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
        if changed:
            shown = ", ".join(f"{name} {old.get(name)} there and {new.get(name)} now" for name in changed)
            raise UserError(f"--out {self.path}: holds images made otherwise ({shown}); choose another folder")
        return True

    def _whole(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        return json.loads(json.dumps(dict(settings, format=self._format)))

    def write(self, images: Iterable[tuple[int, np.ndarray]]) -> dict[int, Made]:
        """Write images by their numbers, several at a time, and return what was made; raises ``OSError``."""
        waiting: deque[tuple[int, Future[Made]]] = deque()
        made: dict[int, Made] = {}

        def take_one() -> None:
            number, future = waiting.popleft()
            made[number] = future.result()

        threads = min(16, 4 * (os.cpu_count() or 1))  # each mostly waits for the disk
        with ThreadPoolExecutor(threads, thread_name_prefix="images") as pool:
            try:
                for number, image in images:
                    waiting.append((number, pool.submit(self._write_one, number, image)))
                    while len(waiting) > 4 * threads:
                        take_one()
                while waiting:
                    take_one()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        return made

    def inspect(self, numbers: Sequence[int]) -> dict[int, Made]:
        """Return what those images are that are there and whole."""
        found = zip(
            numbers, map_in_threads(lambda number: inspect(self.path / self.name(number)), numbers), strict=True
        )
        return {number: made for number, made in found if made is not None}

    def has_labels(self) -> bool:
        """Tell whether ``write_labels`` was called."""
        return (self.path / _LABELS).exists()

    def write_labels(self, labels: np.ndarray) -> None:
        """Write ``dataset.json``, as a folder of training images has it: ``{"labels": [["000000.png", 3], ...]}``."""
        with files.replacing(self.path / _LABELS) as file:
            file.write(b'{"labels": [')
            for first in range(0, len(labels), _LABELS_AT_ONCE):
                part = enumerate(labels[first : first + _LABELS_AT_ONCE].tolist(), start=first)
                listed = ", ".join(json.dumps([self.name(number), label]) for number, label in part)
                file.write(f"{', ' if first else ''}{listed}".encode())
            file.write(b"]}\n")

    def _write_one(self, number: int, image: np.ndarray) -> Made:
        data = encode(image, _FORMATS[self._format])
        files.write_bytes(self.path / self.name(number), data)
        return made_of(data)


def write_npz(
    path: str | os.PathLike[str],
    parts: Iterable[np.ndarray],
    *,
    shape: tuple[int, ...],
    labels: np.ndarray | None = None,
    class_names: tuple[str, ...] = (),
) -> None:
    """Write ``images`` uint8 [n, h, w, c], and where there are classes ``labels`` and ``class_names``.

    The parts go to the disk as they come, so that the set may be larger than the memory. Equal arrays give
    equal bytes. ``--data.kind array`` reads such a file.

    Args:
      path: of the ``.npz`` file; it is whole or absent.
      parts: the images in order, cut anywhere.
      shape: of all of them together.
      labels: int [n].
      class_names: one a class.
    """
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    with files.replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        with archive.open("images.npy", "w", force_zip64=True) as member:
            np.lib.format.write_array_header_1_0(member, header)
            for part in parts:
                member.write(np.ascontiguousarray(part).tobytes())
        if labels is not None:
            named = {"labels": labels.astype(np.int64), "class_names": np.array(class_names, dtype=np.str_)}
            for name, array in named.items():
                with archive.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
