"""Images with what belongs to them: masks, boxes and keypoints that travel along through an edit."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from gen_jax.edit.apart import apart
from gen_jax.edit.canvas import Canvas
from gen_jax.edit.step import GeometryStep, Step


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Frames:
    """A batch of images and its targets; a pytree, so that it goes through ``jit`` and ``vmap`` as one."""

    images: jax.Array
    """[b, h, w, c], uint8 or float32 in [0, 1]."""
    masks: jax.Array | None = None
    """[b, h, w] or [b, h, w, k], any dtype: moved without mixing values, 0 where there is nothing."""
    boxes: jax.Array | None = None
    """[b, n, 4] float32: left, top, right, bottom in pixels; a whole image is (0, 0, w, h)."""
    keypoints: jax.Array | None = None
    """[b, n, 2] float32: (x, y) in pixels; the centre of the first pixel is (0.5, 0.5)."""
    sizes: jax.Array | None = None
    """[b, 2] int32: true (height, width) of each image in the upper left corner; None: the whole array."""


jax.tree_util.register_dataclass(Frames, data_fields=["images", "masks", "boxes", "keypoints", "sizes"], meta_fields=[])


def apply(step: Step, frames: Frames, *, last: bool = False) -> Frames:
    """Return the frames after one planned edit; only geometry touches the targets.

    A box becomes the smallest upright box round its moved corners, cut to the image; one that leaves the
    image has area 0. A keypoint that leaves the image keeps its place outside.

    Args:
      step: the edit.
      frames: what it edits.
      last: whether nothing reads the result within the same program.
    """
    moves = isinstance(step, GeometryStep)
    alone = last and moves
    images = step.images(frames.images) if alone else apart(step.images, frames.images, everywhere=moves)
    if not isinstance(step, GeometryStep):
        return dataclasses.replace(frames, images=images)
    return Frames(
        images=images,
        masks=None if frames.masks is None else _move_masks(step, frames.masks),
        boxes=None if frames.boxes is None else _move_boxes(step, frames.boxes),
        keypoints=None if frames.keypoints is None else step.points(frames.keypoints.astype(jnp.float32)),
        sizes=None if step.canvas.sizes is None else jnp.asarray(step.canvas.sizes),
    )


def _move_masks(step: GeometryStep, masks: jax.Array) -> jax.Array:
    if masks.ndim == 4:
        return step.labels(masks)
    return step.labels(masks[..., None])[..., 0]


def _move_boxes(step: GeometryStep, boxes: jax.Array) -> jax.Array:
    """Move the four corners; ``left, top, right, bottom`` of what they span, inside the canvas."""
    batch, count, _ = boxes.shape
    corners = jnp.stack([boxes[..., jnp.array(pick)] for pick in ((0, 1), (2, 1), (0, 3), (2, 3))], axis=2)
    moved = step.points(corners.astype(jnp.float32).reshape(batch, count * 4, 2)).reshape(batch, count, 4, 2)
    limits = _limits(step.canvas)
    low = jnp.clip(moved.min(axis=2), 0.0, limits)
    high = jnp.clip(moved.max(axis=2), 0.0, limits)
    return jnp.concatenate([low, high], axis=-1)


def _limits(canvas: Canvas) -> jax.Array:
    """Return (width, height) of each image, [b or 1, 1, 2]."""
    return jnp.stack([jnp.asarray(canvas.widths()), jnp.asarray(canvas.heights())], axis=-1)[:, None].astype(
        jnp.float32
    )
