"""Convolution in the form its backend likes: one interface, equal results, gradients of every order at full speed."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

LAYOUT = ("NHWC", "HWIO", "NHWC")


def convolve(x: Array, kernel: Array, *, stride: int = 1, padding: int, form: str | None = None) -> Array:
    """Cross-correlate images with a kernel, zero padded.

    Args:
      x: [b, h, w, c].
      kernel: [size, size, c, o].
      stride: step between output pixels.
      padding: zeros on each side.
      form: ``native``, XLA's convolution and its derivatives; ``closed``, the same with derivatives that
        are convolutions of the same three kinds at every order; ``patches``, one matrix product. All give the
        same numbers up to rounding. Left out, what is fastest: ``closed`` on a CPU, where XLA falls back to
        a plain loop for the second derivatives that a gradient penalty takes, ``native`` elsewhere.
        ``closed`` has no forward-mode derivative.

    Returns:
      [b, h', w', o] with ``h' = (h + 2 padding - size) // stride + 1``.
    """
    if form is None:
        form = "closed" if jax.default_backend() == "cpu" else "native"
    if form == "patches":
        size, features = kernel.shape[0], kernel.shape[-1]
        x = patches(x, size=size, stride=stride, padding=padding)
        product = x.reshape(-1, x.shape[-1]) @ kernel.reshape(-1, features)
        return product.reshape(*x.shape[:-1], features)
    return (_closed if form == "closed" else _native)(x, kernel, stride, padding)


def convolve_transposed(x: Array, kernel: Array, *, stride: int, form: str | None = None) -> Array:
    """Convolve images with ``stride - 1`` zeros put between their pixels: ``y[m] = sum_i x[i] kernel[m - stride i]``.

    The kernel is not flipped, and nothing is cropped.

    Args:
      x: [b, h, w, c].
      kernel: [size, size, c, o].
      stride: output pixels for a step between input pixels.
      form: ``native`` or ``closed``, as in ``convolve``.

    Returns:
      [b, h', w', o] with ``h' = stride (h - 1) + size``.
    """
    if form is None:
        form = "closed" if jax.default_backend() == "cpu" else "native"
    height, width = (stride * (side - 1) + kernel.shape[0] for side in x.shape[1:3])
    transposed = _input_gradient if form == "closed" else _native_transposed
    return transposed(x, kernel.swapaxes(2, 3), stride, 0, (height, width))


def patches(x: Array, *, size: int, stride: int, padding: int) -> Array:
    """Lay the neighbourhood of every output pixel along the channels.

    ``[b, h, w, c] -> [b, h', w', size * size * c]``, in the order of an HWIO kernel, so that
    ``patches(x) @ kernel.reshape(-1, o)`` is the convolution.
    """
    x = jnp.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    rows = stride * ((x.shape[1] - size) // stride) + 1
    columns = stride * ((x.shape[2] - size) // stride) + 1
    shifts = [(i, j) for i in range(size) for j in range(size)]
    return jnp.concatenate([x[:, i : i + rows : stride, j : j + columns : stride] for i, j in shifts], axis=-1)


def _native(x: Array, kernel: Array, stride: int, padding: int) -> Array:
    sides = [(padding, padding)] * 2
    return lax.conv_general_dilated(x, kernel, (stride, stride), sides, dimension_numbers=LAYOUT)


def _native_transposed(g: Array, kernel: Array, stride: int, padding: int, size: tuple[int, int]) -> Array:
    shape = jax.ShapeDtypeStruct((g.shape[0], *size, kernel.shape[2]), g.dtype)
    (dx,) = jax.linear_transpose(lambda x: _native(x, kernel, stride, padding), shape)(g)
    return dx


# A convolution y = x * k is linear in x and in k. With g the gradient at y there are three bilinear maps,
#     y = closed(x, k),    dx = input_gradient(g, k),    dk = kernel_gradient(x, g),
# and the derivative of each in either argument is one of the other two: no further kind ever appears.


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _closed(x: Array, kernel: Array, stride: int, padding: int) -> Array:
    return _native(x, kernel, stride, padding)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _input_gradient(g: Array, kernel: Array, stride: int, padding: int, size: tuple[int, int]) -> Array:
    return _native_transposed(g, kernel, stride, padding, size)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _kernel_gradient(x: Array, g: Array, stride: int, padding: int, size: tuple[int, int]) -> Array:
    shape = jax.ShapeDtypeStruct((*size, x.shape[-1], g.shape[-1]), x.dtype)
    (dk,) = jax.linear_transpose(lambda kernel: _native(x, kernel, stride, padding), shape)(g)
    return dk


def _closed_forward(x: Array, kernel: Array, stride: int, padding: int) -> tuple[Array, tuple[Array, Array]]:
    return _closed(x, kernel, stride, padding), (x, kernel)


def _closed_backward(stride: int, padding: int, saved: tuple[Array, Array], g: Array) -> tuple[Array, Array]:
    x, kernel = saved
    dx: Any = _input_gradient(g, kernel, stride, padding, x.shape[1:3])
    return dx, _kernel_gradient(x, g, stride, padding, kernel.shape[:2])


def _input_gradient_forward(
    g: Array, kernel: Array, stride: int, padding: int, size: tuple[int, int]
) -> tuple[Array, tuple[Array, Array]]:
    return _input_gradient(g, kernel, stride, padding, size), (g, kernel)


def _input_gradient_backward(
    stride: int, padding: int, size: tuple[int, int], saved: tuple[Array, Array], along: Array
) -> tuple[Array, Array]:
    g, kernel = saved
    return _closed(along, kernel, stride, padding), _kernel_gradient(along, g, stride, padding, kernel.shape[:2])


def _kernel_gradient_forward(
    x: Array, g: Array, stride: int, padding: int, size: tuple[int, int]
) -> tuple[Array, tuple[Array, Array]]:
    return _kernel_gradient(x, g, stride, padding, size), (x, g)


def _kernel_gradient_backward(
    stride: int, padding: int, size: tuple[int, int], saved: tuple[Array, Array], along: Array
) -> tuple[Array, Array]:
    x, g = saved
    return _input_gradient(g, along, stride, padding, x.shape[1:3]), _closed(x, along, stride, padding)


_closed.defvjp(_closed_forward, _closed_backward)
_input_gradient.defvjp(_input_gradient_forward, _input_gradient_backward)
_kernel_gradient.defvjp(_kernel_gradient_forward, _kernel_gradient_backward)
