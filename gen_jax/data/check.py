"""Look a source over before training on it: counts, sizes, classes, duplicates, bad files, and a contact sheet."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from gen_jax.data.config import DataConfig, FileData
from gen_jax.data.dataset import open_source
from gen_jax.data.decode import Form, fit
from gen_jax.data.files import FileSource, bad_files, list_files, verify
from gen_jax.data.order import indices
from gen_jax.data.source import Source
from gen_jax.data.threads import map_in_threads
from gen_jax.errors import UserError

TILE, TILES = 96, 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """What was found; lists are complete, the text shows their beginnings."""

    source: str
    images: int
    official_test: int
    """How many of the images are an official test set."""
    sizes: dict[str, int]
    """Images by "WIDTHxHEIGHT"; the most frequent first."""
    modes: dict[str, int]
    """Images by pixel format."""
    classes: dict[str, int]
    """Images by class; empty without labels."""
    duplicates: list[list[str]]
    """Groups of images with equal pixels."""
    near_duplicates: list[list[str]] | None
    """Groups of images that look nearly the same (equal 256-bit difference hash); None where that was not asked."""
    bad: list[tuple[str, str]]
    """File and reason."""
    ignored: dict[str, int]
    """Other files by suffix."""


def check_source(config: DataConfig, *, near: bool = False) -> tuple[Report, Source]:
    """Read every image of a source and report; bad files are reported rather than stop it.

    Raises:
      UserError: the source cannot be opened, holds a decompression bomb, or no good image.
    """
    bad: list[tuple[str, str]] = []
    ignored: dict[str, int] = {}
    if isinstance(config, FileData):
        listing = list_files(config)
        probes = verify(listing, config.max_pixels)
        bad, ignored = bad_files(listing, probes), dict(listing.ignored)
        if len(bad) == len(listing.files):
            raise UserError(f"none of the {len(bad)} files of {listing.path} can be read as an image: {bad[0]}")
        source: Source = FileSource(listing, probes, Form(max_pixels=config.max_pixels), labels=config.labels)
        modes = collections.Counter(found.mode for found in probes if not found.reason)
    else:
        source = open_source(config, size=None)
        modes = collections.Counter[str]()

    def look(index: int) -> tuple[tuple[int, ...], bytes, bytes]:
        pixels = source.image(index)
        digest = hashlib.blake2b(repr(pixels.shape).encode() + pixels.tobytes(), digest_size=16).digest()
        return pixels.shape, digest, _difference_hash(pixels) if near else b""

    seen = list(map_in_threads(look, range(len(source)), title="reading images"))
    shapes = collections.Counter(shape for shape, _, _ in seen)
    if not modes:
        for shape, count in shapes.items():
            modes[{1: "L", 3: "RGB", 4: "RGBA"}[shape[2]]] += count
    sizes = collections.Counter[str]()
    for (height, width, _), count in shapes.items():
        sizes[f"{width}x{height}"] += count
    report = Report(
        source=source.description,
        images=len(source),
        official_test=len(source.official_test),
        sizes=dict(sizes.most_common()),
        modes=dict(modes.most_common()),
        classes=_class_counts(source),
        duplicates=_groups(source, [digest for _, digest, _ in seen]),
        near_duplicates=_groups(source, [digest for _, _, digest in seen]) if near else None,
        bad=bad,
        ignored=ignored,
    )
    return report, source


def contact_sheet(source: Source, *, seed: int = 0) -> np.ndarray:
    """Return a random choice of at most 100 images as one picture, uint8 [h, w, 3]; tiles are 96 pixels wide."""
    count = min(len(source), TILES * TILES)
    chosen = indices(seed, np.arange(count), len(source), np)
    columns = min(TILES, count)
    rows = -(-count // columns)
    sheet = np.full((rows * TILE, columns * TILE, 3), 255, np.uint8)
    form = Form(size=TILE, channels=3, on_small_image="enlarge")
    for place, index in enumerate(chosen):
        top, left = place // columns * TILE, place % columns * TILE
        sheet[top : top + TILE, left : left + TILE] = fit(_pillow(source.image(int(index))), form, "")
    return sheet


def report_text(report: Report) -> str:
    """Write a report for a person."""
    lines = [f"source      {report.source}", f"images      {report.images:,}"]
    if report.official_test:
        lines.append(f"            of which {report.official_test:,} are the official test set")
    lines += [f"sizes       {_short(report.sizes)}", f"modes       {_short(report.modes)}"]
    if report.classes:
        counts = report.classes.values()
        lines.append(f"classes     {len(report.classes)}, from {min(counts):,} to {max(counts):,} images each")
        lines += [f"            {count:>9,}  {name}" for name, count in list(report.classes.items())[:20]]
        lines += [f"            ... and {len(report.classes) - 20} more"] if len(report.classes) > 20 else []
    else:
        lines.append("classes     none")
    lines += _group_lines("duplicates", report.duplicates)
    if report.near_duplicates is not None:
        lines += _group_lines("look alike", report.near_duplicates)
    lines.append(f"bad files   {len(report.bad):,}")
    lines += [f"            {name}: {reason}" for name, reason in report.bad[:20]]
    lines += [f"            ... and {len(report.bad) - 20} more"] if len(report.bad) > 20 else []
    if report.ignored:
        lines.append(f"ignored     {_short(report.ignored)}")
    return "\n".join(lines)


def _short(counts: dict[str, int]) -> str:
    shown = ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:6])
    return shown + (f", and {len(counts) - 6} more" if len(counts) > 6 else "")


def _group_lines(title: str, groups: Sequence[Sequence[str]]) -> list[str]:
    extra = sum(len(group) - 1 for group in groups)
    lines = [
        f"{title:<12}{extra:,} images more than needed, in {len(groups):,} groups" if groups else f"{title:<12}none"
    ]
    return lines + [f"            {' = '.join(group[:4])}{' = ...' if len(group) > 4 else ''}" for group in groups[:5]]


def _class_counts(source: Source) -> dict[str, int]:
    if source.labels is None:
        return {}
    counts = np.bincount(source.labels, minlength=len(source.class_names))
    return {name: int(count) for name, count in zip(source.class_names, counts, strict=True)}


def _groups(source: Source, keys: Sequence[Any]) -> list[list[str]]:
    """Return the names of the images whose keys are equal, group by group."""
    found: dict[Any, list[int]] = collections.defaultdict(list)
    for index, key in enumerate(keys):
        found[key].append(index)
    return [[source.name(index) for index in group] for group in found.values() if len(group) > 1]


def _difference_hash(pixels: np.ndarray) -> bytes:
    """Return 32 bytes: whether each of 16 x 16 grey pixels is brighter than its right neighbour."""
    from PIL import Image

    small = np.asarray(_pillow(pixels).convert("L").resize((17, 16), Image.Resampling.BOX))
    return np.packbits(small[:, :-1] > small[:, 1:]).tobytes()


def _pillow(pixels: np.ndarray) -> Any:
    from PIL import Image

    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
