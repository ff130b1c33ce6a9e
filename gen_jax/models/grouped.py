"""Grouped 3x3 convolution in the form its backend likes: one interface, equal results, gradients of every order."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from gen_jax.models.convolution import LAYOUT, convolve


def convolve_grouped(x: Array, kernel: Array, *, groups: int, form: str | None = None) -> Array:
    """Cross-correlate every group of channels with its own 3x3 kernel, zero padded to the same size.

    Args:
      x: [b, h, w, c].
      kernel: [3, 3, c / groups, o]; output channel j belongs to group ``j // (o / groups)``.
      groups: how many; divides c and o.
      form: ``native``, XLA's convolution and its derivatives; ``cells``, products of matrices, a batch of one for each
        group. Both give the same numbers up to rounding. Left out, what is fastest: ``cells`` on a CPU, where
        XLA's gradient of a grouped convolution is a plain loop, ``native`` elsewhere. ``cells`` has no forward-mode
        derivative.

    Returns:
      [b, h, w, o].
    """
    if groups == 1:
        return convolve(x, kernel, padding=1)
    if form is None:
        form = "cells" if jax.default_backend() == "cpu" else "native"
    if form == "native":
        sides = [(1, 1), (1, 1)]
        return lax.conv_general_dilated(x, kernel, (1, 1), sides, dimension_numbers=LAYOUT, feature_group_count=groups)
    h, w = x.shape[1:3]
    even = jnp.pad(x, ((0, 0), (0, h % 2), (0, w % 2), (0, 0)))
    y: Any = _convolve(even, kernel, groups)
    return y[:, :h, :w]


# The images are cut into cells of 2x2 pixels, one pixel off the grid, so that the 4x4 pixels which 2x2 outputs depend
# on are four whole cells. One product takes every cell to its share in the outputs at its four corners, and the four
# shares of an output are added. That is 16 / 9 of the operations, but products of 64 columns in place of 16, and
# a quarter of the copying: laying out the neighbourhood of every pixel costs more than the products.


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _convolve(x: Array, kernel: Array, groups: int) -> Array:
    b, h, w, _ = x.shape
    cells = _cells(x, groups, margin=1)  # [groups, b, h / 2 + 1, w / 2 + 1, 4 i]
    spread = _spread(kernel, groups).transpose(0, 2, 1, 3)  # [groups, 4 i, 4 corners, 4 o]
    shares = cells.reshape(groups, -1, cells.shape[-1]) @ spread.reshape(groups, cells.shape[-1], -1)
    shares = shares.reshape(*cells.shape[:-1], 4, -1)
    y = shares[:, :, :-1, :-1, 0] + shares[:, :, :-1, 1:, 1] + shares[:, :, 1:, :-1, 2] + shares[:, :, 1:, 1:, 3]
    y = y.reshape(groups, b, h // 2, w // 2, 2, 2, -1).transpose(1, 2, 4, 3, 5, 0, 6)
    return y.reshape(b, h, w, -1)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _kernel_gradient(x: Array, g: Array, groups: int) -> Array:
    """Return the gradient at the kernel, given that at the output."""
    cells, outputs = _cells(x, groups, margin=1), _cells(g, groups, margin=0)
    inside, features = cells.shape[-1] // 4, outputs.shape[-1] // 4
    outputs = outputs.reshape(groups, -1, outputs.shape[-1])
    corners = (cells[:, :, :-1, :-1], cells[:, :, :-1, 1:], cells[:, :, 1:, :-1], cells[:, :, 1:, 1:])
    of_spread = [jnp.einsum("gnk,gno->gko", corner.reshape(*outputs.shape[:2], -1), outputs) for corner in corners]
    kernel = jax.ShapeDtypeStruct((3, 3, inside, groups * features), x.dtype)
    (of_kernel,) = jax.linear_transpose(lambda k: _spread(k, groups), kernel)(jnp.stack(of_spread, axis=1))
    return of_kernel


def _cells(x: Array, groups: int, *, margin: int) -> Array:
    """Cut into cells of 2x2 pixels: ``[b, h, w, c] -> [groups, b, h / 2 + margin, w / 2 + margin, 4 c / groups]``."""
    x = jnp.pad(x, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    b, h, w, c = x.shape
    x = x.reshape(b, h // 2, 2, w // 2, 2, groups, c // groups).transpose(5, 0, 1, 3, 2, 4, 6)
    return x.reshape(groups, b, h // 2, w // 2, -1)


def _spread(kernel: Array, groups: int) -> Array:
    """Lay a kernel out between the cells at the corners and the 2x2 outputs: ``[groups, 4 corners, 4 i, 4 o]``."""
    inside, features = kernel.shape[2], kernel.shape[3] // groups
    kernel = kernel.reshape(3, 3, inside, groups, features)
    shifts = [(i, j) for i in (0, 1) for j in (0, 1)]
    shifted = [jnp.pad(kernel, ((i, 1 - i), (j, 1 - j), (0, 0), (0, 0), (0, 0))) for i, j in shifts]
    # [output, row of the cell, row in it, column of the cell, column in it, i, groups, o]
    shifted = jnp.stack(shifted).reshape(4, 2, 2, 2, 2, inside, groups, features)
    return shifted.transpose(6, 1, 3, 2, 4, 5, 0, 7).reshape(groups, 4, 4 * inside, 4 * features)


def _transposed(kernel: Array, groups: int) -> Array:
    """Return the kernel that takes a gradient at the output to that at the input."""
    inside, features = kernel.shape[2], kernel.shape[3] // groups
    kernel = kernel[::-1, ::-1].reshape(3, 3, inside, groups, features)
    return kernel.transpose(0, 1, 4, 3, 2).reshape(3, 3, features, groups * inside)


# Both maps are bilinear, and the derivative of each in either argument is one of the two again, at every order.


def _convolve_forward(x: Array, kernel: Array, groups: int) -> tuple[Array, tuple[Array, Array]]:
    return _convolve(x, kernel, groups), (x, kernel)


def _convolve_backward(groups: int, saved: tuple[Array, Array], g: Array) -> tuple[Array, Array]:
    x, kernel = saved
    return _convolve(g, _transposed(kernel, groups), groups), _kernel_gradient(x, g, groups)


def _kernel_gradient_forward(x: Array, g: Array, groups: int) -> tuple[Array, tuple[Array, Array]]:
    return _kernel_gradient(x, g, groups), (x, g)


def _kernel_gradient_backward(groups: int, saved: tuple[Array, Array], along: Array) -> tuple[Array, Array]:
    x, g = saved
    return _convolve(g, _transposed(along, groups), groups), _convolve(x, along, groups)


_convolve.defvjp(_convolve_forward, _convolve_backward)
_kernel_gradient.defvjp(_kernel_gradient_forward, _kernel_gradient_backward)
