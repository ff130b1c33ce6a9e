"""Parameters of sampled geometry that stay float64 on the host, and the names they share."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, TypeAlias

import jax.numpy as jnp
import numpy as np
import pydantic

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.roles import Range, is_known, one_an_image
from gen_jax.errors import UserError

Resample: TypeAlias = Literal["nearest", "bilinear", "bicubic"]

Size: TypeAlias = tuple[Annotated[int, pydantic.Field(ge=1)], Annotated[int, pydantic.Field(ge=1)]]
"""(height, width)."""


@dataclasses.dataclass(frozen=True)
class Exact(Range):
    """One number an image; the plan gets [b or 1], float64 numpy where it is known, else float32."""

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return [b or 1], or None."""
        return None if value is None else one_an_image(name, value, canvas)


@dataclasses.dataclass(frozen=True)
class Corners:
    """Four points (x, y); the plan gets [b or 1, 4, 2], float64 numpy where they are known, else float32."""

    def annotation(self) -> Any:
        """Return four pairs of numbers, or None."""
        point = tuple[float, float]
        return tuple[point, point, point, point] | None

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where known values are not four pairs of finite numbers."""
        if value is None or not is_known(value):
            return
        Range().check(name, value)
        shape = np.shape(value)
        if shape[-2:] != (4, 2) or len(shape) > 3:
            raise UserError(f"{name} has shape {shape}; allowed are four points (x, y), [4, 2] or [b, 4, 2]")

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return [b or 1, 4, 2], or None."""
        if value is None:
            return None
        array = np.asarray(value, np.float64) if is_known(value) else jnp.asarray(value, jnp.float32)
        array = array.reshape(-1, 4, 2)
        if array.shape[0] not in (1, canvas.batch):
            raise UserError(f"{name} holds {array.shape[0]} sets of points, and there are {canvas.batch} images")
        return array


def check_size(size: Any) -> None:
    """Raise UserError where ``size`` is neither None nor (height, width)."""
    if size is None:
        return
    whole = len(size) == 2 and all(isinstance(side, int | np.integer) and side >= 1 for side in size)
    if not whole:
        raise UserError(f"size is {size}; allowed is (height, width), whole numbers from 1 up")
