"""The source that is a folder or a .zip of images; every file is decoded once before training may begin."""

from __future__ import annotations

import dataclasses
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gen_jax.data.cache import load_note, store_note
from gen_jax.data.config import FileData, ZipData
from gen_jax.data.decode import BadImageError, Form, Probe, check_pixels, check_size, decode, form_of, probe
from gen_jax.data.listing import Listing, labels_of, list_folder, list_zip
from gen_jax.data.source import stack_in_threads
from gen_jax.data.threads import map_in_threads
from gen_jax.errors import RunError, UserError

_BYTES_A_PIXEL = 16  # no honest image file needs more; a larger one is not even read


class FileSource:
    """The good images among the files of a listing."""

    official_test = range(0)

    def __init__(self, listing: Listing, probes: Sequence[Probe], form: Form, *, labels: bool) -> None:
        good = [(name, found) for name, found in zip(listing.files, probes, strict=True) if not found.reason]
        self._read, self._path = listing.read, listing.path
        self._files = tuple(name for name, _ in good)
        self.labels, self.class_names = labels_of(listing, self._files) if labels else (None, ())
        for name, found in good:
            check_size(found.width, found.height, form, self._named(name))
        channels = form.channels or (1 if all(found.grey for _, found in good) else 3)
        self._form = dataclasses.replace(form, channels=channels)
        sizes = {(form.size, form.size)} if form.size else {(found.height, found.width) for _, found in good}
        self.image_shape: tuple[int, int, int] | None = (*sizes.pop(), channels) if len(sizes) == 1 else None
        self.description = listing.path

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._files)

    def name(self, index: int) -> str:
        """Return the path of the image."""
        return self._named(self._files[index])

    def image(self, index: int) -> np.ndarray:
        """Return uint8 [h, w, c].

        Raises:
          RunError: the file was good when the source was opened and is not any more.
        """
        name = self._files[index]
        try:
            return decode(self._read(name), self._form, self._named(name))
        except (OSError, zipfile.BadZipFile, BadImageError) as error:
            raise RunError(
                f"{self._named(name)} was a good image when the run began and is not now: {error}"
            ) from error

    def stack(self, indices: np.ndarray, *, title: str | None = None) -> np.ndarray:
        """Return uint8 [len(indices), h, w, c]."""
        return stack_in_threads(self, indices, title=title)

    def _named(self, name: str) -> str:
        return f"{self._path}/{name}"


def open_files(config: FileData, size: int | None) -> FileSource:
    """Open a folder or zip: list it, decode every file once (or believe the cache), and judge the bad ones.

    Raises:
      UserError: nothing there, a bomb, bad files beyond what is allowed, or an image that is too small.
    """
    form = form_of(config, size)
    if not 0 <= config.max_bad_share <= 1:
        raise UserError(f"data.max_bad_share must lie in [0, 1], not {config.max_bad_share}")
    listing = list_files(config)
    probes = verify(listing, form.max_pixels)
    _judge(listing, probes, config)
    return FileSource(listing, probes, form, labels=config.labels)


def list_files(config: FileData) -> Listing:
    """List the folder or the zip of a configuration."""
    return list_zip(config.path) if isinstance(config, ZipData) else list_folder(config.path)


def verify(listing: Listing, max_pixels: int) -> list[Probe]:
    """Decode every file of a listing in threads; files that have not changed since the last time are believed.

    Raises:
      UserError: a decompression bomb.
    """
    key = str(Path(listing.path).expanduser().resolve())
    known = _load(key)
    stamps = listing.stamps
    unknown = [name for name in listing.files if known.get(name, (None,))[0] != list(stamps[name])]

    def look(name: str) -> Probe:
        size = stamps[name][0]
        if size > _BYTES_A_PIXEL * max_pixels:
            raise UserError(f"{listing.path}/{name} has {size} bytes: too many for an image of {max_pixels} pixels")
        try:
            return probe(listing.read(name), max_pixels, f"{listing.path}/{name}")
        except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
            return Probe(0, 0, "", f"cannot be read: {getattr(error, 'strerror', None) or error}")
        except zlib.error as error:
            return Probe(0, 0, "", f"cannot be unpacked: {error}")

    title = "checking images" if unknown else None
    fresh = dict(zip(unknown, map_in_threads(look, unknown, title=title), strict=True))
    probes = [fresh.get(name) or known[name][1] for name in listing.files]
    for name, found in zip(listing.files, probes, strict=True):
        check_pixels(found.width, found.height, max_pixels, f"{listing.path}/{name}")
    if fresh:
        note = {name: [stamps[name], found] for name, found in zip(listing.files, probes, strict=True)}
        store_note("verified", key, note)
    return probes


def bad_files(listing: Listing, probes: Sequence[Probe]) -> list[tuple[str, str]]:
    """Return (name, reason) of every bad file."""
    return [(name, found.reason) for name, found in zip(listing.files, probes, strict=True) if found.reason]


def _judge(listing: Listing, probes: Sequence[Probe], config: FileData) -> None:
    """Raise UserError where there are more bad files than the configuration allows."""
    bad, total = bad_files(listing, probes), len(listing.files)
    if not bad:
        return
    some = "; ".join(f"{name} ({reason})" for name, reason in bad[:3]) + ("; ..." if len(bad) > 3 else "")
    what = f"{len(bad)} of {total} files of {listing.path} cannot be read as images: {some}"
    if config.on_bad_image == "stop":
        raise UserError(f"{what}. Remove them, or set data.on_bad_image=skip")
    if len(bad) > config.max_bad_share * total:
        raise UserError(f"{what}. That is more than data.max_bad_share={config.max_bad_share} allows")
    if len(bad) == total:
        raise UserError(f"{what}. No good image is left")


def _load(key: str) -> dict[str, tuple[list[int], Probe]]:
    """Read what an earlier start found; anything unexpected is forgotten."""
    note = load_note("verified", key)
    try:
        return {name: (list(stamp), Probe(*found)) for name, (stamp, found) in note.items()}
    except (AttributeError, TypeError, ValueError):
        return {}
