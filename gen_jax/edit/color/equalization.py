"""Edits that ask the histogram: autocontrast, equalize, and matching the histogram of another picture.

uint8 images go through a table of 256 levels, in Pillow's arithmetic. Float images go through the curve that is
straight between the levels of that table; which curve it is counts as a constant when they are differentiated.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.color.cutoff import Cutoff, cut_counts, stretch_table
from gen_jax.edit.color.histogram import extremes, histogram
from gen_jax.edit.color.levels import has_alpha, has_color, is_levels, keep_alpha, luma, to_levels
from gen_jax.edit.color.tables import apply_curves, apply_tables
from gen_jax.edit.kernel import kernel
from gen_jax.edit.roles import Pixels
from gen_jax.errors import UserError


@kernel(cutoff=Cutoff(), mask=Pixels(optional=True))
def autocontrast(
    images: jax.Array,
    *,
    cutoff: Any = 0.0,
    mask: Any = None,
    ignore: int | tuple[int, ...] | None = None,
    preserve_tone: bool = False,
    sizes: jax.Array | np.ndarray | None = None,
) -> jax.Array:
    """Stretch each channel until its darkest level is 0 and its brightest 255.

    ``(x - low) 255 / (high - low)``, uint8 truncated; a channel of one level stays, and so does alpha. uint8 equals
    Pillow's ``ImageOps.autocontrast``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      cutoff: percent of the pixels in [0, 100] that are left out at either end when the darkest and the brightest
        level are looked for: a number, a tuple (dark end, bright end), or an array [b] or [b, 2].
      mask: [h, w, 1] or [b, h, w, 1]; only pixels where it is not 0 are asked. None: all.
      ignore: a level in [0, 255], or some, which are not asked.
      preserve_tone: stretch all channels alike, by what the grey image needs.
      sizes: true (height, width) of each image, [b, 2]; None: they fill the array.

    Returns:
      The same shape and dtype; float is not clipped.

    Raises:
      UserError: a mask of another shape.
    """
    asked = luma(images) if preserve_tone else _colors(images)
    low, high = _ends(asked, sizes, _fitting(mask, images, "autocontrast.mask"), cutoff=cutoff, ignore=ignore)
    stretches = high > low
    high = jnp.where(stretches, high, low + 1)
    if is_levels(images):
        tables = jnp.where(stretches, stretch_table(low, high), _levels(jnp.int32)).astype(jnp.uint8)
        return keep_alpha(apply_tables(images, _every_channel(tables, images)), images)
    low, high, stretches = (_every_channel(end, images)[:, None, None, :, 0] for end in (low, high, stretches))
    stretched = (images * 255.0 - low) / (high - low)
    return keep_alpha(jnp.where(stretches, stretched, images), images)


def _ends(
    asked: jax.Array,
    sizes: jax.Array | np.ndarray | None,
    mask: jax.Array | None,
    *,
    cutoff: Any,
    ignore: int | tuple[int, ...] | None,
) -> tuple[jax.Array, jax.Array]:
    """Return the darkest and the brightest level left after the cut, int32 [b, c, 1]; crossed where none is."""
    share = jnp.asarray(cutoff[0], jnp.uint32)[:, None, :]
    known = None if cutoff[1] is None else jnp.asarray(cutoff[1], jnp.uint32)[:, None, :]

    def after_cut() -> tuple[jax.Array, jax.Array]:
        counts = histogram(asked, sizes, mask=mask)
        if ignore is not None:
            counts = counts.at[:, :, np.array(ignore).reshape(-1)].set(0)
        upto = jnp.cumsum(counts, axis=-1)
        pixels = upto[..., -1:]
        # Pillow counts what to cut in float64, which needs a number of pixels known beforehand.
        cut = known if known is not None and mask is None and ignore is None else cut_counts(pixels, share)
        low = jnp.sum(upto <= cut[..., :1], axis=-1, keepdims=True)
        high = 255 - jnp.sum(pixels - upto + counts <= cut[..., 1:], axis=-1, keepdims=True)
        return jnp.minimum(low, 255).astype(jnp.int32), high.astype(jnp.int32)

    if ignore is not None:
        return after_cut()
    return jax.lax.cond(jnp.any(share != 0), after_cut, lambda: extremes(asked, sizes, mask=mask))


@kernel(mask=Pixels(optional=True))
def equalize(images: jax.Array, *, mask: Any = None, sizes: jax.Array | np.ndarray | None = None) -> jax.Array:
    """Spread each channel so that all levels occur about equally often.

    With the count of the brightest level left out of ``n``: ``step = n // 255``, and level i becomes
    ``(step // 2 + count of darker pixels) // step``, at most 255. A channel of one level, or with a step of 0, stays,
    and so does alpha. uint8 equals Pillow's ``ImageOps.equalize``.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      mask: [h, w, 1] or [b, h, w, 1]; only pixels where it is not 0 are counted. None: all.
      sizes: true (height, width) of each image, [b, 2]; None: they fill the array.

    Returns:
      The same shape and dtype.

    Raises:
      UserError: a mask of another shape.
    """
    counts = histogram(_colors(images), sizes, mask=_fitting(mask, images, "equalize.mask"))
    upto = jnp.cumsum(counts, axis=-1)
    pixels = upto[..., -1:]
    used = counts > 0
    darker = upto - counts
    # The count of the brightest level is what lies between the darker pixels and all of them.
    step = jnp.max(jnp.where(used, darker, 0), axis=-1, keepdims=True) // 255
    spreads = (step > 0) & (jnp.sum(used, axis=-1, keepdims=True) > 1) & (pixels > 0)
    step = jnp.maximum(step, 1)
    start = step // 2 + darker
    if is_levels(images):
        tables = jnp.where(spreads, jnp.minimum(start // step, 255), _levels(jnp.uint32)).astype(jnp.uint8)
        return keep_alpha(apply_tables(images, _every_channel(tables, images)), images)
    curves = jnp.minimum(start.astype(jnp.float32) / step.astype(jnp.float32), 255.0)
    curves = jnp.where(spreads, curves, _levels(jnp.float32))
    return keep_alpha(apply_curves(images, _every_channel(curves, images)), images)


@kernel(reference=Pixels())
def match_histogram(images: jax.Array, *, reference: Any, sizes: jax.Array | np.ndarray | None = None) -> jax.Array:
    """Give each channel the distribution of levels that the same channel of another picture has.

    Level i becomes the level of the reference below which lies the same share of pixels, interpolated between the
    levels that occur there; alpha stays; uint8 is rounded.

    Args:
      images: [b, h, w, c] or [h, w, c], uint8 or float32 in [0, 1].
      reference: [h', w', c'] or one an image, [b, h', w', c'], uint8 or float32; its alpha is not asked. Of a
        coloured one, grey images get the distribution of the grey; a grey one gives all channels the same.
      sizes: true (height, width) of each image, [b, 2]; None: they fill the array.

    Returns:
      The same shape and dtype.

    Source: the definition of ``match_histograms`` in scikit-image.
    """
    reference = jnp.asarray(reference)
    if not has_color(images):
        reference = luma(reference)
    source = _shares(histogram(_colors(images), sizes))
    target_counts = histogram(_colors(reference))
    curves = _inverse(source, _shares(target_counts), target_counts > 0)
    if is_levels(images):
        return keep_alpha(apply_tables(images, _every_channel(to_levels(curves + 0.5), images)), images)
    return keep_alpha(apply_curves(images, _every_channel(curves, images)), images)


def _shares(counts: jax.Array) -> jax.Array:
    """Return the share of pixels up to each level, float32 [b, c, 256]."""
    upto = jnp.cumsum(counts, axis=-1)
    return upto.astype(jnp.float32) / jnp.maximum(upto[..., -1:], 1).astype(jnp.float32)


def _inverse(shares: jax.Array, target: jax.Array, occurs: jax.Array) -> jax.Array:
    """Return where ``target`` reaches each share, interpolated between the levels that occur, float32 [b, c, 256]."""
    level = _levels(jnp.int32)[:, :, None]
    below = target[:, :, None] < shares[..., None]  # [b, c, of the images, of the reference]
    after = jnp.minimum(jnp.sum(below, axis=-1), 255)
    before = jnp.max(jnp.where(below & occurs[:, :, None], level, -1), axis=-1)
    pick = jnp.broadcast_to(target, shares.shape)
    share_before = jnp.take_along_axis(pick, jnp.maximum(before, 0), axis=-1)
    share_after = jnp.take_along_axis(pick, after, axis=-1)
    part = (shares - share_before) / jnp.where(share_after > share_before, share_after - share_before, 1.0)
    between = before + jnp.minimum(part, 1.0) * (after - before)
    return jnp.where(before < 0, after.astype(jnp.float32), between)


def _colors(images: jax.Array) -> jax.Array:
    return images[..., :-1] if has_alpha(images) else images


def _levels(dtype: Any) -> jax.Array:
    return jnp.arange(256, dtype=dtype)[None, None]


def _every_channel(tables: jax.Array, images: jax.Array) -> jax.Array:
    """Return [b, c, ...] of [b, colours or 1, ...]: what is there for alpha does not matter."""
    batch, channels = tables.shape[0], images.shape[-1]
    if tables.shape[1] in (1, channels):
        return jnp.broadcast_to(tables, (batch, channels, *tables.shape[2:]))
    return jnp.concatenate([tables, tables[:, :1]], axis=1)


def _fitting(mask: Any, images: jax.Array, name: str) -> jax.Array | None:
    if mask is not None and mask.shape[1:] != (*images.shape[1:3], 1):
        raise UserError(f"{name} has shape {mask.shape[1:]}; allowed is {(*images.shape[1:3], 1)}, as the images")
    return mask
