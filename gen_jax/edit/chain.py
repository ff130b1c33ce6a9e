"""Several edits as one: a list of operations that is data, and compiles once for its structure."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from typing import Annotated, Any, Union, overload

import jax
import jax.numpy as jnp
import pydantic
import pydantic_core

from gen_jax.edit.canvas import Canvas, Images, canvas_of
from gen_jax.edit.frames import Frames, apply
from gen_jax.edit.fuse import fused
from gen_jax.edit.operation import OPERATIONS, Operation
from gen_jax.edit.step import Step
from gen_jax.errors import UserError
from gen_jax.registry import lookup


class Chain:
    """Operations in their order: ``Chain([Rotate(degrees=12), Brightness(factor=1.1)])(images)``.

    Called with images it returns images; called with ``Frames`` it returns frames, whose masks, boxes and
    keypoints went through the geometry. The numbers in it may be arrays of one value an image, or traced.

    Args:
      operations: the edits, first to last.
      fuse: on float images, make one resampling of consecutive geometric operations and one matrix of
        consecutive linear colour operations; uint8 images take every step on its own, as Pillow does.
    """

    def __init__(self, operations: Iterable[Operation], *, fuse: bool = False) -> None:
        self.operations = tuple(operations)
        self.fuse = fuse
        for index, operation in enumerate(self.operations):
            if not isinstance(operation, Operation):
                raise UserError(
                    f"edits[{index}] is {type(operation).__name__}; allowed are operations such as Rotate(degrees=12)"
                )

    def __repr__(self) -> str:
        return f"Chain({list(self.operations)}, fuse={self.fuse})"

    def plan(self, canvas: Canvas, *, fuse: bool = False) -> tuple[Step, ...]:
        """Return the planned edits, each for the canvas that the one before it leaves."""
        steps = []
        for operation in self.operations:
            steps.append(operation.plan(canvas))
            canvas = steps[-1].canvas
        return fused(steps) if fuse else tuple(steps)

    @overload
    def __call__(self, images: Frames) -> Frames: ...
    @overload
    def __call__(self, images: Images) -> jax.Array: ...
    def __call__(self, images: Any) -> Any:
        """Return the edited images or frames.

        Raises:
          UserError: the images are none, or a parameter does not suit them.
        """
        if isinstance(images, Frames):
            canvas = canvas_of(images.images, images.sizes)
            return _run(self.plan(canvas, fuse=self._fuses(images.images)), images)
        canvas = canvas_of(images)
        single = jnp.ndim(images) == 3
        frames = Frames(images=images[None] if single else images)
        edited = _run(self.plan(canvas, fuse=self._fuses(images)), frames).images
        return edited[0] if single else edited

    def _fuses(self, images: Any) -> bool:
        return self.fuse and jnp.issubdtype(images.dtype, jnp.floating)

    def to_json(self) -> str:
        """Return the operations as a JSON list.

        Raises:
          UserError: a parameter is an array or a picture, which has no form in JSON.
        """
        try:
            return _adapter().dump_json(list(self.operations), indent=2, warnings="error").decode()
        except pydantic_core.PydanticSerializationError as error:
            raise UserError(f"a chain whose parameters are arrays has no form in JSON: {error}") from None

    @classmethod
    def from_json(cls, text: str | bytes, *, where: str = "edits", fuse: bool = False) -> Chain:
        """Read a JSON list such as ``[{"kind": "rotate", "degrees": 12}]``.

        Args:
          text: the list.
          where: what a message calls it, such as the name of its file.
          fuse: as for the constructor.

        Raises:
          UserError: not a list, an unknown kind, an unknown or missing parameter, a value out of its range.
        """
        try:
            entries = json.loads(text)
        except ValueError as error:
            raise UserError(f"{where}: not JSON ({error}); write a list such as {_EXAMPLE}") from None
        if not isinstance(entries, list):
            raise UserError(f"{where}: holds {type(entries).__name__}; allowed is a list such as {_EXAMPLE}")
        return cls([read_operation(entry, where=f"{where}[{index}]") for index, entry in enumerate(entries)], fuse=fuse)


_EXAMPLE = '[{"kind": "rotate", "degrees": 12}]'


def read_operation(entry: Any, *, where: str, strict: bool = False) -> Operation:
    """Return the operation that a mapping with a ``kind`` describes.

    Args:
      entry: kind and parameters.
      where: what a message begins with.
      strict: take JSON types as they are; otherwise ``"12"`` is a number too.

    Raises:
      UserError: as ``Chain.from_json``; the line begins with ``where``.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
        raise UserError(f'{where}: is {entry!r:.80}; allowed is an object with a kind, such as {{"kind": "invert"}}')
    made = lookup(OPERATIONS, entry["kind"], what=f"{where}.kind")
    try:
        return pydantic.TypeAdapter(made).validate_json(json.dumps(entry), strict=strict)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in (entry["kind"], *first["loc"]))
        value = ":" if first["type"] == "missing" else f" is {first['input']!r:.80}:"
        raise UserError(f"{where}: {path}{value} {first['msg'].removeprefix('Value error, ')}") from None


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a chain: every operation, parameter and range."""
    return _adapter().json_schema()


def _adapter() -> pydantic.TypeAdapter[list[Operation]]:
    return _adapter_of(tuple(OPERATIONS.values()))


@functools.lru_cache(maxsize=1)
def _adapter_of(operations: tuple[type[Operation], ...]) -> pydantic.TypeAdapter[list[Operation]]:
    union = Annotated[Union[operations], pydantic.Field(discriminator="kind")]  # type: ignore[valid-type]  # noqa: UP007
    return pydantic.TypeAdapter(list[union])  # type: ignore[valid-type]


@jax.jit
def _run(steps: tuple[Step, ...], frames: Frames) -> Frames:
    for step in steps:
        frames = apply(step, frames, last=step is steps[-1])
    return frames
