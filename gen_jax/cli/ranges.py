"""Lists of whole numbers as people write them: ``0-15,42``."""

from __future__ import annotations

import re

from gen_jax.errors import UserError

_MOST = 1_000_000


def parse_numbers(text: str, *, option: str, below: int = 2**32) -> tuple[int, ...]:
    """Return the numbers of a text such as ``0-15,42``, in its order.

    Args:
      text: numbers and ranges, both ends included, with commas between.
      option: its name, for the message.
      below: the least number that is too large.

    Raises:
      UserError: it is not such a text, a range runs backwards, or a number is too large.
    """
    numbers: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if match is None:
            raise UserError(f"--{option} {text}: {part.strip()!r} is no number or range; write it like 0-15,42")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise UserError(f"--{option} {text}: {part.strip()} runs backwards; write {last}-{first}")
        if last >= below:
            raise UserError(f"--{option} {text}: {last} is too large; the largest is {below - 1}")
        if len(numbers) + last - first >= _MOST:
            raise UserError(f"--{option} {text}: more than {_MOST:,} numbers; give fewer")
        numbers += range(first, last + 1)
    return tuple(numbers)
