"""Counts of images, as people write them: 64000, 200k, 25M."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pydantic
import tyro

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def parse_count(text: Any) -> int:
    """Read a count of images: ``200k`` is 200,000 and ``1.5M`` is 1,500,000.

    Raises:
      ValueError: not a number with an optional k, M or G, negative, or not whole.
    """
    if isinstance(text, bool) or not isinstance(text, int | str):
        raise ValueError(f"a count of images is a whole number such as 64000, 200k or 25M, not {text!r}")
    match = re.fullmatch(r"(\d[\d_]*(?:\.\d+)?)\s*([kKmMgG]?)", str(text).strip())
    if match is None:
        raise ValueError(f"a count of images is a whole number such as 64000, 200k or 25M, not {text!r}")
    digits, unit = match.groups()
    whole, _, fraction = digits.replace("_", "").partition(".")
    scale = _UNITS[unit.lower()]
    thousandths = int(whole + fraction) * scale
    count, rest = divmod(thousandths, 10 ** len(fraction))
    if rest:
        raise ValueError(f"a count of images must be whole, and {text!r} is not")
    return count


def format_count(count: int) -> str:
    """Write a count the short way where that loses nothing: 200000 is ``200k``."""
    for unit, scale in (("M", 1_000_000), ("k", 1_000)):
        if count >= scale and count % scale == 0:
            return f"{count // scale}{unit}"
    return str(count)


ImageCount = Annotated[
    int,
    pydantic.BeforeValidator(parse_count),
    tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="IMAGES",
        instance_from_str=lambda words: parse_count(words[0]),
        is_instance=lambda value: isinstance(value, int),
        str_from_instance=lambda value: [format_count(value)],
    ),
]
"""A duration or interval in images; ``200k`` and ``25M`` are accepted wherever one is read."""
