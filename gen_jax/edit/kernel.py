"""From a formula to an edit: the two decorators that check, plan, compile and give Python a plain function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

import jax

from gen_jax.edit.canvas import Canvas, Images, canvas_of
from gen_jax.edit.roles import Role
from gen_jax.edit.step import PixelStep, Step, execute

P = ParamSpec("P")


def kernel(
    **roles: Role,
) -> Callable[[Callable[Concatenate[jax.Array, P], jax.Array]], Callable[Concatenate[Images, P], jax.Array]]:
    """Make an edit of a body that keeps every pixel in its place.

    The body is pure: ``body(images [b, h, w, c], *, parameters)``. A parameter with a role arrives as that
    role prepares it (a ``Range`` as float32 [b or 1, 1, 1, 1]); any other is a static choice. A body with a
    parameter ``sizes`` is given the true sizes, [b, 2], or None where the images fill the array.

    The function that results takes images [b, h, w, c] or [h, w, c] and the parameters as a person writes them.
    """

    def decorate(body: Callable[Concatenate[jax.Array, P], jax.Array]) -> Callable[Concatenate[Images, P], jax.Array]:
        sized = "sizes" in inspect.signature(body).parameters

        def plan(canvas: Canvas, **parameters: Any) -> PixelStep:
            arrays, options = _prepared(body, roles, canvas, parameters)
            return PixelStep(canvas=canvas, arrays=arrays, body=body, options=options, sized=sized)

        return _public(body, roles, plan, sized=sized)

    return decorate


def planned(
    **roles: Role,
) -> Callable[[Callable[Concatenate[Canvas, P], Step]], Callable[Concatenate[Images, P], jax.Array]]:
    """Make an edit of a plan: ``plan(canvas, *, parameters) -> Step``.

    The plan gets each parameter that has a role as the role prepares it, in numpy where it is known. What moves
    pixels returns a ``GeometryStep``; what must see its parameters together, or the canvas, before the pixels
    may return a ``PixelStep``.
    """

    def decorate(plan: Callable[Concatenate[Canvas, P], Step]) -> Callable[Concatenate[Images, P], jax.Array]:
        def prepared_plan(canvas: Canvas, **parameters: Any) -> Step:
            arrays, options = _prepared(plan, roles, canvas, parameters)
            return plan(canvas, **arrays, **dict(options))  # type: ignore[call-arg]

        return _public(plan, roles, prepared_plan, sized=False)

    return decorate


def roles_of(edit: Callable[..., Any]) -> dict[str, Role]:
    """Return the role of each parameter of an edit that has one."""
    return edit.roles  # type: ignore[attr-defined]


def plan_of(edit: Callable[..., Any]) -> Callable[..., Step]:
    """Return ``plan(canvas, **parameters) -> Step`` of an edit."""
    return edit.plan  # type: ignore[attr-defined]


def _prepared(
    function: Callable[..., Any], roles: dict[str, Role], canvas: Canvas, parameters: dict[str, Any]
) -> tuple[dict[str, Any], tuple[tuple[str, Any], ...]]:
    """Return the arrays of the parameters that have a role, and the static choices, defaults filled in."""
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty
    }
    arrays, options = {}, []
    for name, value in {**defaults, **parameters}.items():
        if name == "sizes":
            continue
        if name in roles:
            roles[name].check(name, value)
            arrays[name] = roles[name].prepare(name, value, canvas)
        else:
            options.append((name, tuple(value) if isinstance(value, list) else value))
    return arrays, tuple(sorted(options))


def _public(
    function: Callable[..., Any], roles: dict[str, Role], plan: Callable[..., Step], *, sized: bool
) -> Callable[..., jax.Array]:
    signature = inspect.signature(function)
    names = [name for name in signature.parameters if name != "sizes"][1:]

    @functools.wraps(function)
    def edit(images: Images, **parameters: Any) -> jax.Array:
        sizes = parameters.pop("sizes", None) if sized else None
        try:
            signature.bind(images, **parameters)
        except TypeError as error:
            raise TypeError(f"{function.__name__}: {error}; its parameters are {', '.join(names)}") from None  # type: ignore[attr-defined]
        return execute(plan(canvas_of(images, sizes), **parameters), images)

    edit.__signature__ = _signature_of_images(signature)  # type: ignore[attr-defined]
    edit.roles, edit.plan = roles, plan  # type: ignore[attr-defined]
    return edit


def _signature_of_images(signature: inspect.Signature) -> inspect.Signature:
    """Return what ``help`` shows: images in, an array out, whatever the decorated function takes first."""
    first, *others = signature.parameters.values()
    images = first.replace(name="images", annotation="Images")
    return signature.replace(parameters=[images, *others], return_annotation="jax.Array")
