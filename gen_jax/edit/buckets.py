"""Which images share a batch: few shapes to compile for, little padding, a bounded number of pixels at once."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

ENOUGH = 8
"""So many images of exactly one size are worth a program of their own, without padding."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bucket:
    """Images that are edited together."""

    height: int
    width: int
    channels: int
    padded: bool
    """Whether some image may be smaller than this."""
    members: tuple[int, ...]
    """Their places in the list."""
    batch: int
    """Images a call: a power of two, so that a short last call is one of few programs."""


def rounded_up(length: int) -> int:
    """Return the next of the lengths that buckets have: four to an octave, so that at most a quarter is padding.

    16, 20, 24, 28, 32, 40, 48, 56, 64, 80, ...; what is below 16 becomes 16.
    """
    if length <= 16:
        return 16
    step = 1 << ((length - 1).bit_length() - 3)
    return -(-length // step) * step


def make_buckets(shapes: Sequence[tuple[int, int, int]], *, most_pixels: int) -> list[Bucket]:
    """Sort images into buckets.

    Args:
      shapes: (height, width, channels) of each image.
      most_pixels: in one call, padding included; a single image may have more.

    Returns:
      Buckets in the order of their first member; every image is in exactly one.
    """
    counts = collections.Counter(shapes)
    members: dict[tuple[int, int, int, bool], list[int]] = {}
    for place, shape in enumerate(shapes):
        height, width, channels = shape
        if counts[shape] >= ENOUGH:
            key = (height, width, channels, False)
        else:
            key = (rounded_up(height), rounded_up(width), channels, True)
        members.setdefault(key, []).append(place)
    return [_bucket(key, places, shapes, most_pixels) for key, places in members.items()]


def _bucket(
    key: tuple[int, int, int, bool], places: list[int], shapes: Sequence[tuple[int, int, int]], most_pixels: int
) -> Bucket:
    height, width, channels, padded = key
    if len({shapes[place] for place in places}) == 1:  # nobody to share with: its own size, and no padding
        (height, width, channels), padded = shapes[places[0]], False
    return Bucket(
        height=height,
        width=width,
        channels=channels,
        padded=padded,
        members=tuple(places),
        batch=_batch(height * width, len(places), most_pixels),
    )


def _batch(pixels: int, count: int, most_pixels: int) -> int:
    """Return the largest power of two that fits, and is not twice as many as there are."""
    most = max(1, most_pixels // pixels)
    return min(1 << (most.bit_length() - 1), 1 << (count - 1).bit_length())


def power_of_two(count: int) -> int:
    """Return the smallest power of two that is at least ``count``."""
    return 1 << (count - 1).bit_length()
