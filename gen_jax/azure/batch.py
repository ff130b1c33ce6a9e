"""The driver of a batch endpoint that edits photos: Azure calls ``init()`` once, ``run(paths)`` for each mini-batch.

The edits are in GEN_JAX_EDITS, as words of ``gen-jax edit``; the photos go to AZUREML_BI_OUTPUT_PATH.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import shlex
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gen_jax.data.decode import BadImageError
from gen_jax.data.threads import map_in_threads
from gen_jax.edit.buckets import Bucket, make_buckets
from gen_jax.edit.chain import Chain
from gen_jax.edit.roles import Pixels
from gen_jax.edit.syntax import parse_operation
from gen_jax.edit.together import edit_together, mapped
from gen_jax.errors import UserError
from gen_jax.io.photos import SUFFIXES, Photo, Writing, format_of, measure, read_photo, write_photo

MOST_PIXELS = 1 << 22
"""Pixels edited at a time; one photo may have more."""

_log = logging.getLogger(__name__)
_driver: list[Driver] = []
"""Azure calls two functions and keeps nothing between them: the driver that ``init`` made."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Driver:
    """Photos in, edited photos out."""

    chain: Chain
    out: Path
    suffix: str | None = None
    """Of the edited files; None keeps that of each photo."""
    folders: int = 0
    """How many folders of a photo's path its edited file keeps."""
    writing: Writing = dataclasses.field(default_factory=Writing)
    owners: dict[Path, Path] = dataclasses.field(default_factory=dict)
    """Edited file -> its photo, of what this process has made."""

    @classmethod
    def open(cls, environment: Mapping[str, str]) -> Driver:
        """Return the driver that the environment describes.

        Raises:
          UserError: no edits, one that is not known, no place to write to, or an unknown format.
        """
        words = shlex.split(environment.get("GEN_JAX_EDITS", ""))
        if not words:
            raise UserError("GEN_JAX_EDITS: is not set; give edits such as 'autocontrast=1 resize=512x512'")
        if not environment.get("AZUREML_BI_OUTPUT_PATH"):
            raise UserError("AZUREML_BI_OUTPUT_PATH: is not set; Azure does so with output_action: summary_only")
        chain = Chain([parse_operation(word) for word in words], fuse=True)
        mapped(chain, Pixels, _no_picture)
        suffix = environment.get("GEN_JAX_FORMAT")
        if suffix:
            format_of(f"x.{suffix}")
        return cls(
            chain=chain,
            out=Path(environment["AZUREML_BI_OUTPUT_PATH"]),
            suffix=f".{suffix}" if suffix else None,
            folders=_count(environment.get("GEN_JAX_FOLDERS", "0")),
        )

    def edit(self, paths: Sequence[str]) -> list[str]:
        """Edit the photos; return the file made of each, those left out that cannot be read."""
        sources = [Path(path) for path in paths if Path(path).suffix.lower() in SUFFIXES]
        targets = {source: self.target(source) for source in sources}
        shapes = {
            source: shape for source, shape in zip(sources, map_in_threads(_shape, sources), strict=True) if shape
        }
        known = list(shapes)
        made = []
        for bucket in make_buckets(list(shapes.values()), most_pixels=MOST_PIXELS):
            for members in _calls(bucket):
                for source, photo in self._edited(bucket, [known[place] for place in members]):
                    targets[source].parent.mkdir(parents=True, exist_ok=True)
                    write_photo(targets[source], photo, self.writing)
                    made.append(str(targets[source]))
        return made

    def target(self, source: Path) -> Path:
        """Return where a photo's edited file goes.

        Raises:
          UserError: another photo's went there.
        """
        # The old suffix stays in the name: one.jpg and one.png are two photos.
        other = self.suffix is not None and format_of(f"x{self.suffix}") != format_of(source)
        name = f"{source.name}{self.suffix}" if other else source.name
        parents = source.parent.parts[-self.folders :] if self.folders else ()
        target = self.out.joinpath(*parents, name)
        if self.owners.setdefault(target, source) != source:
            raise UserError(f"{source} and {self.owners[target]} would both become {target}: raise GEN_JAX_FOLDERS")
        return target

    def _edited(self, bucket: Bucket, sources: Sequence[Path]) -> Iterator[tuple[Path, Photo]]:
        read = zip(sources, map_in_threads(_read, sources), strict=True)
        photos = [(source, photo) for source, photo in read if photo is not None]
        if not photos:
            return
        # The name alone decides an edit's chance, as for `gen-jax edit`, so that no batch changes it.
        seeds = np.array([zlib.crc32(source.name.encode()) for source, _ in photos], np.uint32)
        images = edit_together(self.chain, bucket, [photo.pixels for _, photo in photos], seeds, "uint8")
        for (source, photo), image in zip(photos, images, strict=True):
            yield source, dataclasses.replace(photo, pixels=image)


def init() -> None:
    """Read the settings; Azure calls it once a process."""
    _driver[:] = [Driver.open(os.environ)]


def run(mini_batch: Sequence[str]) -> list[str]:
    """Edit the photos of a mini-batch; return a line for each that was made: Azure counts the others as failed."""
    return _driver[0].edit(mini_batch)


def _no_picture(name: str, value: Any, kind: str) -> Any:
    if value is None:
        return value
    raise UserError(f"GEN_JAX_EDITS: {kind} takes a picture, which a driver does not have; use a job with gen-jax edit")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise UserError(f"GEN_JAX_FOLDERS {text!r}: must be a whole number, 0 or more")
    return int(text)


def _shape(source: Path) -> tuple[int, int, int] | None:
    try:
        return measure(source)
    except BadImageError as error:
        _log.warning("skipped %s: %s", source, error)
        return None


def _read(source: Path) -> Photo | None:
    try:
        return read_photo(source)
    except BadImageError as error:
        _log.warning("skipped %s: %s", source, error)
        return None


def _calls(bucket: Bucket) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(bucket.members), bucket.batch):
        yield bucket.members[start : start + bucket.batch]
