"""Rewrite a function so that a converter to ONNX understands all of it: the same numbers by fewer kinds of operations.

Convolutions get images and kernels in the usual order of axes, padding becomes concatenation with zeros, and functions
with derivatives of their own become what they compute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

_INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")
_INLINED = ("pjit", "jit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")
_REVERSED = (2, 3, 0, 1)
"""Where a kernel [h, w, o, i] has its axes: outputs, inputs, rows, columns."""


def rewritten(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of arrays that computes the same by the operations that converters know."""

    def call(*inputs: Array) -> Any:
        closed = jax.make_jaxpr(function)(*inputs)
        (output,) = _run(closed.jaxpr, closed.consts, inputs)
        return output

    return call


def _run(jaxpr: Any, constants: Any, inputs: Any) -> list[Any]:
    values: dict[Any, Any] = dict(zip(jaxpr.constvars, constants, strict=True))
    values |= dict(zip(jaxpr.invars, inputs, strict=True))

    def read(place: Any) -> Any:
        return place.val if hasattr(place, "val") else values[place]

    for equation in jaxpr.eqns:
        found = _apply(equation, [read(place) for place in equation.invars])
        values |= dict(zip(equation.outvars, found, strict=True))
    return [read(place) for place in jaxpr.outvars]


def _apply(equation: Any, inputs: list[Any]) -> list[Any]:
    name, options = equation.primitive.name, equation.params
    if name in _INLINED:
        inner = next(options[key] for key in _INNER if key in options)
        return _run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), inputs)
    if name == "conv_general_dilated":
        return [_convolution(inputs[0], inputs[1], **options)]
    if name == "pad" and not any(inside for _, _, inside in options["padding_config"]):
        return [_padded(inputs[0], inputs[1], options["padding_config"])]
    found = equation.primitive.bind(*inputs, **options)
    return list(found) if equation.primitive.multiple_results else [found]


def _convolution(x: Array, kernel: Array, *, dimension_numbers: Any, **options: Any) -> Array:
    axes = dimension_numbers.rhs_spec
    if tuple(axes) == _REVERSED:
        kernel, axes = kernel.swapaxes(2, 3), (3, 2, 0, 1)
    names = dimension_numbers._replace(rhs_spec=tuple(axes))
    options = {key: value for key, value in options.items() if key not in ("lhs_shape", "rhs_shape", "out_sharding")}
    return lax.conv_general_dilated(x, kernel, dimension_numbers=names, **options)


def _padded(x: Array, value: Array, edges: Any) -> Array:
    """Pad and crop, axis by axis."""
    for axis, (before, after, _) in enumerate(edges):
        if before < 0 or after < 0:
            x = lax.slice_in_dim(x, max(-before, 0), x.shape[axis] - max(-after, 0), axis=axis)
        parts = [x]
        for count, place in ((before, 0), (after, 1)):
            if count > 0:
                shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
                parts.insert(place * len(parts), jnp.broadcast_to(value, shape))
        x = lax.concatenate(parts, axis) if len(parts) > 1 else x
    return x
