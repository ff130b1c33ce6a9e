"""Checks of the options that measures take."""

from __future__ import annotations

import operator
from typing import Any

from gen_jax.errors import UserError


def whole_number(value: Any, *, name: str, least: int, most: int | None = None, why: str = "") -> int:
    """Return an option that must be a whole number, as int.

    Args:
      value: anything that is a whole number to Python or NumPy; a float is refused.
      name: of the option, for the message.
      least: smallest value that is allowed.
      most: largest value that is allowed, where there is one.
      why: the rest of the message, such as what the largest value depends on.

    Raises:
      UserError: no whole number, or out of range.
    """
    span = f"{least} or more" if most is None else f"{least} to {most}"
    message = f"{name}: {value!r}, must be a whole number, {span}" + (f"; {why}" if why else "")
    try:
        number = operator.index(value)
    except TypeError:
        raise UserError(message) from None
    if number < least or (most is not None and number > most):
        raise UserError(message)
    return number
