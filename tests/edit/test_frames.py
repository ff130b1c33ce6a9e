"""Masks, boxes and keypoints stay on what they mark, through every operation that moves pixels."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax import edit
from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.operation import OPERATIONS
from gen_jax.edit.step import GeometryStep

HEIGHT, WIDTH = 48, 64
LEFT, TOP, RIGHT, BOTTOM = 22, 14, 40, 30
MOVES: list[tuple[str, dict[str, Any]]] = [
    ("flip_left_right", {}),
    ("flip_up_down", {}),
    ("rotate90", {"turns": 1}),
    ("rotate90", {"turns": 2}),
    ("rotate90", {"turns": -1}),
    ("transpose", {}),
    ("transverse", {}),
    ("crop", {"top": 4, "left": 9, "height": 33, "width": 41}),
    ("crop", {"top": -5, "left": -3, "height": 60, "width": 80}),
    ("center_crop", {"size": (40, 50)}),
    ("pad", {"widths": (1, 2, 3, 4)}),
    ("resize", {"size": (31, 97)}),
    ("resize", {"size": (96, 64), "resample": "nearest"}),
    ("fit", {"size": (40, 40)}),
    ("cover", {"size": (40, 40)}),
    ("contain", {"size": (40, 40)}),
    ("letterbox", {"size": (40, 40)}),
    ("rotate", {"degrees": 20, "resample": "bilinear"}),
    ("rotate", {"degrees": -70, "resample": "bicubic", "expand": True}),
    ("translate", {"x": 5, "y": -7.5, "resample": "bilinear"}),
    ("scale", {"x": 1.3, "resample": "bilinear"}),
    ("shear", {"x": 12, "resample": "bilinear"}),
    ("affine", {"matrix": (0.9, 0.1, 2, -0.1, 1.1, -3), "resample": "bilinear"}),
    ("perspective", {"matrix": (1.0, 0.1, -2, 0.05, 0.9, 1, 0.001, -0.001), "resample": "bilinear"}),
    ("elastic", {"alpha": 20.0, "sigma": 6.0, "seed": 3}),
]


def frames() -> edit.Frames:
    """Return a white rectangle on black, with its mask, its box, and its centre as a keypoint."""
    image = np.zeros((1, HEIGHT, WIDTH, 3), np.uint8)
    image[:, TOP:BOTTOM, LEFT:RIGHT] = 255
    return edit.Frames(
        images=jnp.asarray(image),
        masks=jnp.asarray((image[..., 0] > 0).astype(np.int32) * 7),
        boxes=jnp.array([[[LEFT, TOP, RIGHT, BOTTOM]]], jnp.float32),
        keypoints=jnp.array([[[(LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2]]], jnp.float32),
    )


@pytest.mark.parametrize(("kind", "parameters"), MOVES, ids=lambda value: value if isinstance(value, str) else "")
def test_targets_stay_on_what_they_mark(kind: str, parameters: dict[str, Any]) -> None:
    moved = edit.Chain([OPERATIONS[kind](**parameters)])(frames())
    assert moved.masks is not None and moved.boxes is not None and moved.keypoints is not None
    white = np.asarray(moved.images)[0, ..., 0] > 127
    mask = np.asarray(moved.masks)[0]
    assert set(np.unique(mask)) == {0, 7}
    assert (white != (mask == 7)).sum() <= 0.1 * white.sum()
    rows, columns = np.nonzero(white)
    left, top, right, bottom = np.asarray(moved.boxes)[0, 0]
    found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    slack = 3.0 if kind in ("elastic",) else 1.5
    np.testing.assert_allclose((left, top, right, bottom), found, atol=slack)
    x, y = np.asarray(moved.keypoints)[0, 0]
    np.testing.assert_allclose((x, y), (columns.mean() + 0.5, rows.mean() + 0.5), atol=1.5)


def test_every_move_is_tried() -> None:
    """An operation that moves pixels and is not in the table above would go untested."""
    from tests.edit.examples import EXAMPLES

    canvas = canvas_of(np.zeros((1, 9, 11, 3), np.uint8))
    moving = {kind for kind in EXAMPLES if isinstance(OPERATIONS[kind](**EXAMPLES[kind]).plan(canvas), GeometryStep)}
    assert moving <= {kind for kind, _ in MOVES}


def test_a_pixel_edit_leaves_targets_alone() -> None:
    before = frames()
    after = edit.Chain([edit.GaussianBlur(radius=3), edit.Invert()])(before)
    for name in ("masks", "boxes", "keypoints"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


def test_a_box_that_leaves_the_image_has_no_area_and_a_point_keeps_its_place() -> None:
    moved = edit.Chain([edit.Crop(top=0, left=0, height=10, width=10)])(frames())
    assert moved.boxes is not None and moved.keypoints is not None
    left, top, right, bottom = np.asarray(moved.boxes)[0, 0]
    assert (right - left) * (bottom - top) == 0
    np.testing.assert_allclose(moved.keypoints[0, 0], [(LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2])


def test_frames_go_through_jit_as_one() -> None:
    chain = edit.Chain([edit.Rotate(degrees=20), edit.Resize(size=(20, 30))])
    known, traced = chain(frames()), jax.jit(chain)(frames())
    assert known.masks is not None and traced.masks is not None
    np.testing.assert_allclose(np.asarray(traced.images).astype(int), np.asarray(known.images).astype(int), atol=1)
    np.testing.assert_array_equal(traced.masks, known.masks)


def test_masks_may_have_several_layers() -> None:
    before = frames()
    assert before.masks is not None
    layers = jnp.stack([before.masks, before.masks // 7], axis=-1)
    moved = edit.Chain([edit.Rotate(degrees=33)])(dataclasses.replace(before, masks=layers))
    alone = edit.Chain([edit.Rotate(degrees=33)])(before)
    assert moved.masks is not None and alone.masks is not None
    np.testing.assert_array_equal(moved.masks[..., 0], alone.masks)
    np.testing.assert_array_equal(moved.masks[..., 1] * 7, alone.masks)
