"""Resize images with the antialiased filters of Pillow, equal to it on uint8."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.edit.canvas import Canvas
from gen_jax.edit.geometry.parameters import Size, check_size
from gen_jax.edit.geometry.resize_passes import Pass, columns, phased, rows
from gen_jax.edit.geometry.resize_weights import FILTERS, Axis, Resample, nearest, taps
from gen_jax.edit.geometry.sample import fill_levels, premultiplied, straight
from gen_jax.edit.kernel import planned
from gen_jax.edit.roles import Numbers, is_known
from gen_jax.errors import UserError
from gen_jax.registry import lookup


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ResizeStep:
    """Weights or places for the columns, then for the rows; None where an axis stays as it is."""

    canvas: Canvas
    source: Canvas
    across: Pass | None
    down: Pass | None
    places: tuple[Any, Any]
    """The nearest column of each column and row of each row, int32 [b or 1, o]; -1: none."""
    moves: tuple[Any, Any]
    """Scale and offset of x, and of y, [b or 1, 2]."""
    fill: Any
    """Levels outside the result, [b or 1, 1, 1, c or 1], or None where it fills the canvas."""
    down_first: Any
    """Which images have their rows resized first, [b] or [1]; None where it is one order, ``order``."""
    order: bool
    """Whether the rows of all images are resized first."""
    strides: tuple[int, int] | None
    """Rows and columns of the input for one of the output, where those are whole numbers."""
    resample: str

    def images(self, images: jax.Array) -> jax.Array:
        """Return the resized images."""
        result = self._nearest(images) if self.resample == "nearest" else self._filtered(images)
        if self.fill is None:
            return result
        return jnp.where(self._inside(), result, fill_levels(self.fill, images))

    def _nearest(self, images: jax.Array) -> jax.Array:
        if self.strides is None:
            return _picked(images, self.places)
        down, across = self.strides
        return images[:, down // 2 :: down, across // 2 :: across]

    def _filtered(self, images: jax.Array) -> jax.Array:
        if self.across is None and self.down is None:
            return images
        alpha = images.shape[-1] in (2, 4)
        result = premultiplied(images) if alpha else images
        result = self._ordered(result, self.order) if self.down_first is None else self._each(result)
        return _straight(result) if alpha else result

    def _each(self, images: jax.Array) -> jax.Array:
        """Return each image resized in its own order; an order that no image has is not computed."""
        shape = (images.shape[0], self.canvas.height, self.canvas.width, images.shape[-1])
        chosen = jnp.asarray(self.down_first)

        def run(order: bool) -> jax.Array:
            return jax.lax.cond(
                jnp.any(chosen == order),
                lambda images: self._ordered(images, order),
                lambda _: jnp.zeros(shape, images.dtype),
                images,
            )

        return jnp.where(chosen[:, None, None, None], run(True), run(False))

    def _ordered(self, images: jax.Array, down_first: bool) -> jax.Array:
        result, planar = images, False
        both = self.across is not None and self.down is not None
        limits = _limits(images, self.source, self.resample) if both else None
        if self.down is not None and down_first:
            result = rows(result, self.down, planar=False)
            result = result if limits is None else jnp.clip(result, *limits)
        if self.across is not None:
            result, planar = columns(result, self.across)
        if self.down is not None and not down_first:
            result = result if limits is None else jnp.clip(result, *limits)
            return rows(result, self.down, planar=planar)
        return jnp.transpose(result, (0, 2, 3, 1)) if planar else result

    def labels(self, labels: jax.Array) -> jax.Array:
        """Return the nearest values, 0 outside."""
        result = _picked(labels, self.places)
        return result if self.fill is None else jnp.where(self._inside(), result, jnp.zeros((), labels.dtype))

    def _inside(self) -> jax.Array:
        across, down = (jnp.asarray(place) >= 0 for place in self.places)
        return (down[:, :, None] & across[:, None, :])[..., None]

    def points(self, points: jax.Array) -> jax.Array:
        """Return the scaled points."""
        scale, offset = (jnp.stack([jnp.asarray(move)[:, part] for move in self.moves], axis=-1) for part in (0, 1))
        return points * scale[:, None].astype(points.dtype) + offset[:, None].astype(points.dtype)


jax.tree_util.register_dataclass(
    ResizeStep,
    data_fields=["canvas", "source", "across", "down", "places", "moves", "fill", "down_first"],
    meta_fields=["order", "strides", "resample"],
)


def _picked(values: jax.Array, places: tuple[Any, Any]) -> jax.Array:
    """Return the rows, then the columns, of [b, h, w, k] that ``places`` names."""
    across, down = (jnp.maximum(place, 0) for place in places)
    if len(across) == 1 and len(down) == 1:
        picked = values.at[:, down[0]].get(mode="promise_in_bounds")
        return picked.at[:, :, across[0]].get(mode="promise_in_bounds")
    down, across = (jnp.broadcast_to(place, (values.shape[0], place.shape[1])) for place in (down, across))
    return jax.vmap(lambda value, i, j: value.at[i[:, None], j[None]].get(mode="promise_in_bounds"))(
        values, down, across
    )


def _straight(images: jax.Array) -> jax.Array:
    if images.dtype == jnp.uint8:
        return straight(images)
    alpha = images[..., -1:]  # what uint8 rounds to 0 divides nothing: a filter's undershoot would grow without bound
    divided = images / jnp.where(alpha < 0.5 / 255.0, 1.0, alpha)
    return jnp.concatenate([divided[..., :-1], alpha], axis=-1)


def _limits(images: jax.Array, canvas: Canvas, resample: str) -> tuple[jax.Array, jax.Array] | None:
    """Return the least and the greatest level between the passes, [b, 1, 1, 1]; None: whatever comes.

    Pillow stores uint8 between the passes, which cuts what bicubic and lanczos overshoot. Float images are
    cut too, or the two would differ by 40 levels at sharp edges, half a level outside [0, 1] so that black
    and white keep their gradients; an image that reaches beyond [0, 1] is cut at its own extremes.
    """
    if images.dtype == jnp.uint8 or resample not in ("bicubic", "lanczos"):
        return None
    least = greatest = jax.lax.stop_gradient(images)
    if canvas.sizes is not None:
        row = jnp.arange(canvas.height)[None, :] < jnp.asarray(canvas.heights())[:, None]
        column = jnp.arange(canvas.width)[None, :] < jnp.asarray(canvas.widths())[:, None]
        inside = (row[:, :, None] & column[:, None, :])[..., None]
        least, greatest = jnp.where(inside, least, 0.0), jnp.where(inside, greatest, 1.0)
    half = 0.5 / 255.0
    low = jnp.minimum(jnp.min(least, axis=(1, 2, 3), keepdims=True), 0.0) - half
    return low, jnp.maximum(jnp.max(greatest, axis=(1, 2, 3), keepdims=True), 1.0) + half


def plan_resize(
    source: Canvas,
    canvas: Canvas,
    resample: str,
    *,
    targets: tuple[Any, Any] | None = None,
    offsets: tuple[Any, Any] | None = None,
    box: Any = None,
    fill: Any = None,
) -> ResizeStep:
    """Return the step that brings a box of each image to its size in ``canvas``.

    Args:
      source: what it takes.
      canvas: what it leaves.
      resample: the filter.
      targets: height and width of each result, each [b or 1]; None: those of ``canvas``.
      offsets: top and left of each result, each [b or 1]; None: 0.
      box: left, top, right, bottom in input pixels, [b or 1, 4]; None: the image.
      fill: levels round the results, where they do not fill the canvas.
    """
    if resample != "nearest":
        lookup(FILTERS, resample, what="resample")
    targets = (canvas.heights(), canvas.widths()) if targets is None else targets
    filled = fill is None and canvas.sizes is None
    down, across = (
        Axis(
            source=lengths,
            target=targets[index],
            low=np.zeros(1) if box is None else box[:, 1 - index],
            high=lengths if box is None else box[:, 3 - index],
            offset=np.zeros(1, np.int64) if offsets is None else offsets[index],
            canvas_in=canvas_in,
            canvas_out=canvas_out,
            whole=box is None and filled and source.sizes is None,
        )
        for index, (lengths, canvas_in, canvas_out) in enumerate(
            ((source.heights(), source.height, canvas.height), (source.widths(), source.width, canvas.width))
        )
    )
    down_first = _down_first(down, across)
    each = source.sizes is not None
    return ResizeStep(
        canvas=canvas,
        source=source,
        across=_pass(across, resample, phases=True),
        down=_pass(down, resample, phases=False),
        places=(nearest(across), nearest(down)),
        moves=(_move(across), _move(down)),
        fill=fill,
        down_first=down_first if each else None,
        order=False if each else bool(down_first[0]),
        strides=_strides(down, across),
        resample=resample,
    )


def _strides(down: Axis, across: Axis) -> tuple[int, int] | None:
    if not (down.whole and across.whole) or down.canvas_in % down.canvas_out or across.canvas_in % across.canvas_out:
        return None
    return down.canvas_in // down.canvas_out, across.canvas_in // across.canvas_out


def _down_first(down: Axis, across: Axis) -> Any:
    """Return which images Pillow 13 resizes rows first, [b or 1]; found by comparing it with both orders.

    They are those that lose rows, and more than twice as many rows as columns; a box plays no part.
    """
    rows_lost, columns_lost = down.source - down.target, across.source - across.target
    return (rows_lost > 0) & (rows_lost > 2 * columns_lost)


def _pass(axis: Axis, resample: str, *, phases: bool) -> Pass | None:
    if resample == "nearest" or (axis.whole and axis.canvas_in == axis.canvas_out):
        return None
    start, weights = taps(axis, resample)
    if phases and axis.whole:
        return phased(start, weights, axis.canvas_in)
    return Pass(start=start, weights=weights, phases=None)


def _move(axis: Axis) -> Any:
    xp = np if axis.known() else jnp
    scale = xp.asarray(axis.target) / (xp.asarray(axis.high) - xp.asarray(axis.low))
    return xp.stack(xp.broadcast_arrays(scale, axis.offset - axis.low * scale), axis=-1).astype(np.float32)


def checked_resample(resample: str) -> None:
    """Raise UserError where there is no such filter."""
    lookup({"nearest": None, **FILTERS}, resample, what="resample")


def _checked_box(canvas: Canvas, box: Any) -> None:
    if box is None or not is_known((box, canvas.sizes)):
        return
    left, top, right, bottom = box.T
    outside = (left < 0) | (top < 0) | (right > canvas.widths()) | (bottom > canvas.heights())
    if (outside | (left >= right) | (top >= bottom)).any():
        raise UserError(
            f"box is {box.tolist()}; allowed are 0 <= left < right <= width ({canvas.width}) and "
            f"0 <= top < bottom <= height ({canvas.height})"
        )


@planned(box=Numbers(4, optional=True))
def resize(canvas: Canvas, *, size: Size, resample: Resample = "bicubic", box: Any = None) -> ResizeStep:
    """Resize to a height and width, antialiased.

    ``y[o] = sum_i f((i + 1/2 - (o + 1/2) s) / max(s, 1)) x[i]``, the weights made to sum to 1, ``s`` input
    pixels an output pixel; columns first. uint8 equals Pillow's ``Image.resize``; colour is weighted by alpha.
    Float images overshoot as the filter does, at the second pass; between the passes they are limited to
    [0, 1], or to their own extremes.

    Args:
      canvas: [b, h, w, c] or [h, w, c], uint8 or float32.
      size: (height, width) of the result.
      resample: nearest, box, bilinear, hamming, bicubic or lanczos.
      box: the part to resize, (left, top, right, bottom) in input pixels, fractions allowed, one or one an
        image; None: the whole image.

    Returns:
      [b, *size, c], the same dtype.

    Raises:
      UserError: an unknown filter, a size below 1, a box that is empty or not inside.
    """
    check_size(size)
    checked_resample(resample)
    _checked_box(canvas, box)
    return plan_resize(canvas, canvas.resized(size[0], size[1]), resample, box=box)
