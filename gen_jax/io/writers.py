"""Where metrics go: ``metrics.jsonl``, which is the truth, and TensorBoard, which is a view."""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gen_jax.io import files
from gen_jax.io.hiccups import retrying

_log = logging.getLogger(__name__)


class Writer(Protocol):
    """Takes what the loop measured; images seen are the clock."""

    def write(self, images: int, scalars: Mapping[str, float]) -> None:
        """Write numbers; ``loss/gen`` belongs to the group ``loss``."""
        ...

    def write_image(self, images: int, name: str, array: np.ndarray) -> None:
        """Write one uint8 image [h, w, c]."""
        ...

    def close(self) -> None:
        """Write what is held back and let go of the files."""
        ...


class JsonlWriter:
    """One JSON object a line, ``{"images": 12800, "loss/gen": 1.25}``, on the disk when ``write`` returns.

    JSON has no NaN and no infinity: they are written as the strings ``"nan"``, ``"inf"`` and ``"-inf"``.
    """

    def __init__(self, path: str | os.PathLike[str], resume_from: int | None) -> None:
        """Open ``path``: afresh, or with ``resume_from`` keeping the lines up to that count of images.

        A last line torn by a kill goes too.
        """
        kept = [] if resume_from is None else [line for line in read_metrics(path) if line["images"] <= resume_from]
        text = "".join(_line(values) for values in kept)
        files.write_text(path, text)
        self._path, self._length = Path(path), len(text.encode())

    def write(self, images: int, scalars: Mapping[str, float]) -> None:
        """Append one line; storage that fails for a moment is tried again."""
        data = _line({"images": images, **scalars}).encode()
        retrying(lambda: self._append(data), what=f"writing {self._path}")
        self._length += len(data)

    def _append(self, data: bytes) -> None:
        # Opened for each line: a mounted folder may send a file off only when it is closed, and a file that was
        # open while the folder was gone stays broken.
        with open(self._path, "ab", buffering=0) as file:
            if file.tell() > self._length:  # the part of a line that an attempt before this one wrote
                file.truncate(self._length)
            file.write(data)

    def write_image(self, images: int, name: str, array: np.ndarray) -> None:
        """Do nothing: the run directory keeps images as files."""

    def close(self) -> None:
        """Do nothing: no file is left open."""


class TensorBoardWriter:
    """Event files for TensorBoard, through tensorboardX."""

    def __init__(self, directory: str | os.PathLike[str], resume_from: int | None) -> None:
        """Begin a new event file; with ``resume_from``, TensorBoard forgets what older files say after it."""
        from tensorboardX import SummaryWriter

        purge = None if resume_from is None else resume_from + 1
        self._writer = SummaryWriter(str(directory), purge_step=purge)

    def write(self, images: int, scalars: Mapping[str, float]) -> None:
        """Write the finite numbers; TensorBoard draws no others."""
        for name, value in scalars.items():
            if math.isfinite(value):
                self._writer.add_scalar(name, float(value), images)

    def write_image(self, images: int, name: str, array: np.ndarray) -> None:
        """Write one uint8 image [h, w, c] with 1, 3 or 4 channels."""
        self._writer.add_image(name, np.asarray(array), images, dataformats="HWC")

    def close(self) -> None:
        """Flush and close the event file."""
        self._writer.close()


class MultiWriter:
    """Hands everything to several writers, in order."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self._writers = tuple(writers)

    def write(self, images: int, scalars: Mapping[str, float]) -> None:
        """Write numbers everywhere."""
        for writer in self._writers:
            writer.write(images, scalars)

    def write_image(self, images: int, name: str, array: np.ndarray) -> None:
        """Write an image everywhere."""
        for writer in self._writers:
            writer.write_image(images, name, array)

    def close(self) -> None:
        """Close every writer, also where one of them fails; the first error is raised at the end."""
        errors = []
        for writer in self._writers:
            try:
                writer.close()
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]


def read_metrics(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Read ``metrics.jsonl``: numbers by name, and ``images``; none where there is no such file.

    A torn last line is left out; a broken line elsewhere is, too, and is logged.
    """
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    metrics = []
    for number, line in enumerate(lines, 1):
        values = parse_line(line)
        if values is not None:
            metrics.append(values)
        elif line and number < len(lines):
            _log.warning("%s: line %d is not a line of metrics and is left out", path, number)
    return metrics


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps({name: _number(value) for name, value in values.items()}, allow_nan=False) + "\n"


def _number(value: Any) -> int | float | str:
    if isinstance(value, int):
        return int(value)
    value = float(value)
    # Nine digits are all that a float32 has.
    return float(f"{value:.9g}") if math.isfinite(value) else str(value)


def parse_line(line: bytes) -> dict[str, Any] | None:
    """Return one line of ``metrics.jsonl``: numbers by name, and ``images``; None where it is none."""
    try:
        values = json.loads(line)
        images = values.pop("images")
        return {"images": int(images), **{name: float(value) for name, value in values.items()}}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
