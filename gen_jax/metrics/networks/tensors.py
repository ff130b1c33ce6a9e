"""Checks of the tensors that a file of weights holds, before a network takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gen_jax.errors import UserError


def check_tensors(state: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]], *, wanted: str) -> None:
    """Raise UserError unless ``state`` holds exactly the tensors of ``shapes``, all finite.

    Args:
      state: tensors as arrays, by name.
      shapes: the shape that each must have.
      wanted: the file that would be right, in words, for the message.
    """
    for problem, names in (("lacks", shapes.keys() - state.keys()), ("also holds", state.keys() - shapes.keys())):
        if names:
            raise UserError(
                f"weights: the file {problem} {len(names)} tensors, {min(names)!r} among them; give {wanted}"
            )
    for name, shape in shapes.items():
        if np.shape(state[name]) != shape:
            raise UserError(f"weights: {name!r} has shape {np.shape(state[name])}, must be {shape}; give {wanted}")
        if not np.isfinite(state[name]).all():
            raise UserError(f"weights: {name!r} holds a value that is not finite; get the file again")
