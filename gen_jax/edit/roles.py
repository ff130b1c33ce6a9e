"""What a parameter of an edit may be, said once: its range, its form in JSON, its form inside the kernel."""

from __future__ import annotations

import dataclasses
from numbers import Integral
from typing import Annotated, Any, Protocol, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import pydantic
from jax.core import Tracer

from gen_jax.edit.canvas import Canvas
from gen_jax.errors import UserError

Parameter: TypeAlias = Any
"""A number, or an array [b] of one value an image; inside a kernel, what its role prepares."""

Color: TypeAlias = Any
"""Levels in [0, 255], whatever the dtype of the images: one number for all channels, a tuple of one a channel,
an array [b] of one number an image, or an array [b, c]."""

Seed: TypeAlias = Any
"""A whole number, an array [b] of whole numbers, one an image, or a jax.random key."""


class Role(Protocol):
    """How the values of one parameter are checked, described and brought to the kernel."""

    def annotation(self) -> Any:
        """Return the type for pydantic, range included: it reads, checks and describes the JSON."""
        ...

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a value known now is not allowed; a traced value passes."""
        ...

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return the arrays that the kernel computes with; numpy where the value is known, for exactness."""
        ...


def is_known(value: Any) -> bool:
    """Return whether a value can be read now: it is no tracer, no placeholder of a pytree, and holds none."""
    return not any(isinstance(leaf, Tracer) or type(leaf) is object for leaf in jax.tree.leaves(value))


def one_an_image(name: str, value: Any, canvas: Canvas) -> Any:
    """Return a number, or one number an image, as an array [1] or [b]: float64 numpy where known, else float32.

    Raises:
      UserError: neither a number nor [b] numbers.
    """
    array = np.asarray(value, np.float64) if is_known(value) else jnp.asarray(value, jnp.float32)
    if array.shape not in ((), (1,), (canvas.batch,)):
        raise UserError(
            f"{name} has shape {array.shape}, and there are {canvas.batch} images: give one number, or {canvas.batch}"
        )
    return array.reshape(-1)


@dataclasses.dataclass(frozen=True)
class Range:
    """One number an image, ``low`` and ``high`` included; the kernel gets float32 [b or 1, 1, 1, 1]."""

    low: float | None = None
    high: float | None = None
    whole: bool = False
    """Whole numbers only."""
    optional: bool = False
    """None is allowed, and reaches the kernel as None."""

    def annotation(self) -> Any:
        """Return ``float`` or ``int`` with the bounds."""
        limits = {"ge": self.low, "le": self.high, "allow_inf_nan": None if self.whole else False}
        given = {key: limit for key, limit in limits.items() if limit is not None}
        number: Any = Annotated[int if self.whole else float, pydantic.Field(**given)]
        return number | None if self.optional else number

    def allowed(self) -> str:
        """Return the range in words."""
        kind = "whole numbers" if self.whole else "numbers"
        if self.low is not None and self.high is not None:
            return f"{kind} from {self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"{kind} from {self.low:g} up"
        return kind if self.high is None else f"{kind} up to {self.high:g}"

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is outside, not finite or not a number."""
        if not is_known(value) or (value is None and self.optional):
            return
        try:
            array = np.asarray(value, np.float64)
        except (TypeError, ValueError):
            raise UserError(f"{name} is {value!r}; allowed are {self.allowed()}, one or one an image") from None
        outside = ~np.isfinite(array)
        if self.low is not None:
            outside |= array < self.low
        if self.high is not None:
            outside |= array > self.high
        if self.whole:
            outside |= array != np.round(array)
        if outside.any():
            raise UserError(f"{name} is {array[outside].reshape(-1)[0]:g}; allowed are {self.allowed()}")

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return float32 [b or 1, 1, 1, 1]."""
        if value is None:
            return None
        return one_an_image(name, value, canvas).astype(np.float32).reshape(-1, 1, 1, 1)


@dataclasses.dataclass(frozen=True)
class Levels:
    """A colour in [0, 255]; the kernel gets float32 [b or 1, 1, 1, c or 1], still in [0, 255]."""

    def annotation(self) -> Any:
        """Return a number or a tuple of numbers, each in [0, 255]."""
        level = Annotated[float, pydantic.Field(ge=0, le=255)]
        return level | tuple[level, ...]

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is outside [0, 255]."""
        Range(0, 255).check(name, value)

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Tell a colour (a tuple) from one number an image (an array)."""
        if isinstance(value, tuple | list):
            if is_known(value):
                return np.asarray(_suited(name, tuple(value), canvas.channels), np.float32).reshape(1, 1, 1, -1)
            if len(value) != canvas.channels:
                raise UserError(f"{name} has {len(value)} values, and the images have {canvas.channels} channels")
            return jnp.stack([jnp.asarray(level, jnp.float32) for level in value]).reshape(1, 1, 1, -1)
        shape = np.shape(value)
        if len(shape) == 2 and shape[0] in (1, canvas.batch) and shape[1] in (1, canvas.channels):
            value = np.asarray(value, np.float32) if is_known(value) else jnp.asarray(value, jnp.float32)
            return value.reshape(shape[0], 1, 1, shape[1])
        return Range().prepare(name, value, canvas)


def _suited(name: str, color: tuple[float, ...], channels: int) -> tuple[float, ...]:
    """Return a color for so many channels: RGB becomes its grey, alpha is 255 where it is missing, or left out.

    Raises:
      UserError: 2 values for RGB, or more than 4.
    """
    if len(color) == channels:
        return color
    if len(color) in (3, 4) and channels in (1, 2):
        grey = (19595 * color[0] + 38470 * color[1] + 7471 * color[2] + 32768) // 65536
        color = (grey, *color[3:])
    if channels in (1, 3):
        color = color[:channels]
    elif len(color) == channels - 1:
        color = (*color, 255.0)
    if len(color) != channels:
        raise UserError(f"{name} has {len(color)} values, and the images have {channels} channels")
    return color


@dataclasses.dataclass(frozen=True)
class Numbers:
    """A fixed count of numbers, one set or one set an image; the kernel gets [b or 1, count], float64 where known."""

    count: int
    optional: bool = False
    """None is allowed, and reaches the kernel as None."""

    def annotation(self) -> Any:
        """Return a tuple of ``count`` numbers."""
        numbers: Any = Annotated[tuple[float, ...], pydantic.Field(min_length=self.count, max_length=self.count)]
        return numbers | None if self.optional else numbers

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is not finite or has another count."""
        if value is None and self.optional:
            return
        Range().check(name, value)
        size = np.asarray(value).size if is_known(value) else self.count
        if size == 0 or size % self.count:
            raise UserError(f"{name} has {size} numbers; allowed are {self.count}, or {self.count} an image")

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return [b or 1, count]."""
        if value is None:
            return None
        array = np.asarray(value, np.float64) if is_known(value) else jnp.asarray(value, jnp.float32)
        array = array.reshape(-1, self.count)
        if array.shape[0] not in (1, canvas.batch):
            raise UserError(f"{name} has {array.shape[0]} sets of numbers, and there are {canvas.batch} images")
        return array


@dataclasses.dataclass(frozen=True)
class Random:
    """The source of chance; the kernel gets one jax.random key an image, [b]."""

    def annotation(self) -> Any:
        """Return a whole number."""
        return Annotated[int, pydantic.Field(ge=0, lt=2**32)]

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where a known value is not a key and not whole numbers in [0, 2**32)."""
        if not _is_key(value):
            Range(0, 2**32 - 1, whole=True).check(name, value)

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return keys [b]: of image ``i``, ``fold_in(key(seed), i)``, or ``key(seeds[i])`` where each has its own."""
        if _is_key(value):
            return value if value.shape else jax.random.split(value, canvas.batch)
        if isinstance(value, Integral):  # a Python int above 2**31 is no int32
            value = np.uint32(value)
        seeds = jnp.asarray(value).astype(jnp.uint32)
        if seeds.shape == (canvas.batch,) and np.shape(value):
            return jax.vmap(jax.random.key)(seeds)
        if seeds.shape:
            raise UserError(
                f"{name} has shape {seeds.shape}: give one seed, one of each of {canvas.batch} images, or a key"
            )
        key = jax.random.key(seeds)
        return jax.vmap(lambda index: jax.random.fold_in(key, index))(jnp.arange(canvas.batch))


def _is_key(value: Any) -> bool:
    return isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key)


@dataclasses.dataclass(frozen=True)
class Pixels:
    """Another picture, [h, w, c] or [b, h, w, c]; the kernel gets [b or 1, h, w, c] as it is."""

    optional: bool = False

    def annotation(self) -> Any:
        """Return a string: the path of a file, which the command line reads before the edit is planned."""
        return str | None if self.optional else str

    def check(self, name: str, value: Any) -> None:
        """Raise UserError where it is neither an array nor the name of one."""
        if value is None and self.optional:
            return
        shape = getattr(value, "shape", ())
        if not isinstance(value, str) and type(value) is not object and len(shape) not in (3, 4):
            raise UserError(f"{name} has shape {shape}; allowed is an array [h, w, c] or [b, h, w, c]")

    def prepare(self, name: str, value: Any, canvas: Canvas) -> Any:
        """Return [b or 1, h, w, c]."""
        if value is None:
            return None
        if isinstance(value, str):
            raise UserError(f"{name} is {value[:60]!r}, which has not been read: give the array of its pixels")
        array = value if np.ndim(value) == 4 else value[None]
        if np.shape(array)[0] not in (1, canvas.batch):
            raise UserError(f"{name} holds {np.shape(array)[0]} pictures, and there are {canvas.batch} images")
        return array
