"""What the measures of image pairs share: the pair as they take it, and the result they return."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer

from gen_jax.errors import UserError
from gen_jax.metrics.result import Measured

CHANNELS = (1, 3, 4)

BLOCK = 1 << 24
"""Values of ``images`` that are worked on at once, so that memory is bounded: 85 colour images of 256 x 256."""

CACHED = 1 << 19
"""The same within one program on a CPU, where passes over two images of that size stay in its cache."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Similarity(Measured):
    """How alike the images of each pair are; a pytree, so that it passes through ``jax.jit`` and ``jax.grad``."""

    mean: Array
    """Mean over the pairs, float32, a scalar."""
    each: Array
    """The value of each pair, float32 [b]."""


def of_pairs(each: Array) -> Similarity:
    """Return the result for the value of each pair, [b]."""
    return Similarity(mean=jnp.mean(each), each=each)


def in_blocks(program: Callable[[Any, Any], Array], images: Any, reference: Any, *, block: int) -> Array:
    """Return ``program(images, reference)``, [b], run on so many pairs at a time.

    Traced images go through whole. Others are cut, and the last block is padded to a power of two, so that any
    number of pairs compiles few programs, and images on the host come to the device block by block.
    """
    if isinstance(images, Tracer) or isinstance(reference, Tracer):
        return program(images, reference)
    count = images.shape[0]
    found = [
        program(_block(images, start, block), _block(reference, start, block))[: count - start]
        for start in range(0, count, block)
    ]
    return jnp.concatenate(found)


def block_of(images: Any, values: int) -> int:
    """Return how many images hold about so many values: a power of two, 1 or more."""
    return 1 << (max(values // max(images[0].size, 1), 1).bit_length() - 1)


def mapped(measure: Callable[[Array, Array], Array], images: Array, reference: Array) -> Array:
    """Return ``measure(images, reference)``, [b], computed for as many pairs at a time as the device likes."""
    block = block_of(images, CACHED if jax.default_backend() == "cpu" else BLOCK)
    whole = images.shape[0] // block * block
    if whole <= block:
        return measure(images, reference)
    blocks = [array[:whole].reshape(-1, block, *array.shape[1:]) for array in (images, reference)]
    found = jax.lax.map(lambda pair: measure(*pair), tuple(blocks)).reshape(whole)
    if whole == images.shape[0]:
        return found
    return jnp.concatenate([found, measure(images[whole:], reference[whole:])])


def check_pair(images: Any, reference: Any) -> tuple[Any, Any]:
    """Return both as [b, h, w, c], uint8 or float32; numpy stays numpy.

    Args:
      images: [b, h, w, c] or [h, w, c], c 1, 3 or 4; uint8, or float of any width; numpy, jax or traced.
      reference: the same shape and type.

    Raises:
      UserError: a shape or type that is not an image, or two that do not belong together.
    """
    first, second = _as_images(images, "images"), _as_images(reference, "reference")
    if first.shape != second.shape:
        raise UserError(f"reference: shape {second.shape}, must be that of images, {first.shape}; pair them one to one")
    if first.dtype != second.dtype:
        raise UserError(
            f"reference: type {second.dtype}, must be that of images, {first.dtype}; convert one of them, "
            "uint8 being 0..255 and float 0..1"
        )
    return first, second


def range_of(images: Any, data_range: float | Array | None) -> Array:
    """Return the distance between black and white, float32 scalar: as given, else 255 for uint8 and 1 for float.

    Raises:
      UserError: a range that is not positive.
    """
    if data_range is None:
        return jnp.float32(255.0 if images.dtype == np.uint8 else 1.0)
    if not isinstance(data_range, Tracer) and not 0.0 < float(data_range) < float("inf"):
        raise UserError(f"data_range: {data_range}, must be positive and finite; give white minus black")
    return jnp.asarray(data_range, jnp.float32)


def _as_images(values: Any, name: str) -> Any:
    array = values if isinstance(values, Array) else np.asarray(values)
    if array.ndim not in (3, 4) or array.shape[-1] not in CHANNELS or 0 in array.shape:
        raise UserError(
            f"{name}: shape {array.shape}, must be [b, h, w, c] or [h, w, c] with c 1, 3 or 4; "
            "give a grey image an axis of length 1 at the end"
        )
    if array.dtype != np.uint8 and not jnp.issubdtype(array.dtype, jnp.floating):
        raise UserError(f"{name}: type {array.dtype}, must be uint8 (0..255) or float (0..1); convert it")
    array = array if array.dtype in (np.uint8, np.float32) else array.astype(np.float32)
    return array if array.ndim == 4 else array[None]


def _block(images: Any, start: int, block: int) -> Any:
    part = images[start : start + block]
    missing = (1 << (part.shape[0] - 1).bit_length()) - part.shape[0]
    if not missing:
        return part
    library: Any = jnp if isinstance(images, Array) else np
    return library.pad(part, ((0, missing), (0, 0), (0, 0), (0, 0)))
