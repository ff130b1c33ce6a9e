"""Large sets of images on disk: a folder of numbered files that can be continued, or one ``.npz`` file."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.io.images import encode

SETTINGS = ".samples.json"
"""What the images of a folder were made with; hidden, so that the folder holds images alone."""
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

    def open(self, settings: Mapping[str, Any], *, total: int) -> set[int]:
        """Make the folder, or continue it, and return the numbers of the images that are there.

        Raises:
          UserError: it holds images made with other settings, or more than ``total``, or numbered files of
            another origin.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        # Listed before the settings are read: another process writes them before its first image.
        there = {int(file.stem) for file in self.path.iterdir() if re.fullmatch(r"\d{6,}\.(png|webp)", file.name)}
        path = self.path / SETTINGS
        wanted = json.loads(json.dumps(dict(settings, format=self._format)))
        if path.is_file():
            self._compare(json.loads(path.read_bytes()), wanted)
        elif there:
            raise UserError(f"--out {self.path}: holds numbered images of another origin; choose another folder")
        else:
            files.write_json(path, wanted)
        if there and max(there) >= total:
            raise UserError(
                f"--out {self.path}: holds an image {self.name(max(there))}, and --num makes {total}; "
                f"raise --num to {max(there) + 1} or more, or choose another folder"
            )
        return there

    def _compare(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        changed = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
        if changed:
            shown = ", ".join(f"{name} {old.get(name)} there and {new.get(name)} now" for name in changed)
            raise UserError(f"--out {self.path}: holds images made otherwise ({shown}); choose another folder")

    def write(self, images: Iterable[tuple[int, np.ndarray]]) -> None:
        """Write images by their numbers, several at a time; raises ``OSError``."""
        waiting: deque[Future[None]] = deque()
        threads = min(16, 4 * (os.cpu_count() or 1))  # each mostly waits for the disk
        with ThreadPoolExecutor(threads, thread_name_prefix="images") as pool:
            try:
                for number, image in images:
                    waiting.append(pool.submit(self._write_one, number, image))
                    while len(waiting) > 4 * threads:
                        waiting.popleft().result()
                while waiting:
                    waiting.popleft().result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def write_labels(self, labels: np.ndarray) -> None:
        """Write ``dataset.json``, as a folder of training images has it: ``{"labels": [["000000.png", 3], ...]}``."""
        listed = [[self.name(number), int(label)] for number, label in enumerate(labels)]
        files.write_text(self.path / "dataset.json", json.dumps({"labels": listed}) + "\n")

    def _write_one(self, number: int, image: np.ndarray) -> None:
        files.write_bytes(self.path / self.name(number), encode(image, _FORMATS[self._format]))


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
