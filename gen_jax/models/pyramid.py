"""The resolutions of a network that halves its images down to 4x4, or to 7x7 from 28."""

from __future__ import annotations

from gen_jax.errors import UserError

SIZES = (16, 28, 32, 64, 128)


def smallest(size: int) -> int:
    """Return the height of the smallest feature map: 7 for 28, else 4."""
    return 7 if size == 28 else 4


def widths(size: int, *, width: int, most: int) -> list[int]:
    """Return the channels after each halving, largest resolution first: ``width`` doubled, up to ``most``."""
    halvings = (size // smallest(size)).bit_length() - 1
    return [min(width * 2**i, most) for i in range(halvings)]


def check_size(size: int, *, kind: str) -> None:
    """Refuse a size that halving does not take to the smallest feature map.

    Raises:
      UserError: ``size`` is not one of SIZES.
    """
    if size not in SIZES:
        allowed = ", ".join(map(str, SIZES))
        raise UserError(f"--model.size {size}: a {kind} takes one of {allowed}; choose the nearest, data are resized")


def check_at_least_one(**fields: int) -> None:
    """Refuse a network without channels.

    Raises:
      UserError: a field is below 1.
    """
    for name, value in fields.items():
        if value < 1:
            raise UserError(f"--model.{name} {value}: must be 1 or more")
