"""An edit as data: the parameters of an edit's function as a frozen, checked dataclass with a ``kind``."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from typing import Any, Concatenate, Literal, ParamSpec

import jax

from gen_jax.edit.canvas import Canvas, Images, canvas_of
from gen_jax.edit.kernel import plan_of, roles_of
from gen_jax.edit.step import Step, execute

P = ParamSpec("P")


class Operation:
    """One edit with its parameters; made by ``operation``. A pytree whose leaves are the numbers."""

    kind: str

    def plan(self, canvas: Canvas) -> Step:
        """Return the planned edit of a batch of this shape.

        Raises:
          UserError: a parameter does not suit the shape.
        """
        return plan_of(EDITS[self.kind])(canvas, **parameters_of(self))

    def __call__(self, images: Images) -> jax.Array:
        """Return the edited images, as the function of this kind does."""
        return execute(self.plan(canvas_of(images)), images)


EDITS: dict[str, Callable[..., jax.Array]] = {}
"""kind -> the function; filled by ``operation`` where the operations are declared, in declaration order."""

OPERATIONS: dict[str, type[Operation]] = {}
"""kind -> the dataclass."""


def parameters_of(operation: Operation) -> dict[str, Any]:
    """Return the parameters by name, ``kind`` left out."""
    fields = dataclasses.fields(operation)  # type: ignore[arg-type]
    return {field.name: getattr(operation, field.name) for field in fields if field.name != "kind"}


def operation(edit: Callable[Concatenate[Images, P], jax.Array]) -> Callable[P, Operation]:
    """Make a dataclass of the parameters of an edit.

    ``Rotate = operation(rotate)`` makes ``Rotate(degrees=12)``.

    Its fields are the parameters of the function, with their defaults; its ranges are those of the roles;
    its documentation is the function's. Wrong values raise UserError when it is made.
    """
    name = edit.__name__  # type: ignore[attr-defined]
    roles, hints = roles_of(edit), typing.get_type_hints(edit, include_extras=True)
    fields: list[Any] = [("kind", Literal[name], dataclasses.field(default=name))]
    for parameter in inspect.signature(edit).parameters.values():
        if parameter.kind is not parameter.KEYWORD_ONLY or parameter.name == "sizes":
            continue
        kind = roles[parameter.name].annotation() if parameter.name in roles else hints[parameter.name]
        if parameter.default is parameter.empty:
            fields.append((parameter.name, kind))
        else:
            fields.append((parameter.name, kind, dataclasses.field(default=parameter.default)))

    def check(self: Operation) -> None:
        for key, role in roles.items():
            role.check(f"{name}.{key}", getattr(self, key))

    made = dataclasses.make_dataclass(
        "".join(part.capitalize() for part in name.split("_")),
        fields,
        bases=(Operation,),
        namespace={
            "__post_init__": check,
            "__doc__": edit.__doc__,
            "__module__": edit.__module__,
            "__pydantic_config__": {"extra": "forbid"},
        },
        frozen=True,
        kw_only=True,
    )
    static = [field[0] for field in fields if field[0] not in roles]
    jax.tree_util.register_dataclass(made, data_fields=list(roles), meta_fields=static)
    EDITS[name], OPERATIONS[name] = edit, made
    return typing.cast("Callable[P, Operation]", made)
