"""A fused run is one resampling that shows what its steps show one after another."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.color.enhance import brightness
from gen_jax.edit.geometry.affine import scale, translate
from gen_jax.edit.geometry.flip import flip_left_right, rotate90
from gen_jax.edit.geometry.fused import Fused, fuse_geometry
from gen_jax.edit.geometry.perspective import perspective
from gen_jax.edit.geometry.rotate import rotate
from gen_jax.edit.kernel import plan_of

from .peers import smooth

TOLERANCE = 2 / 255
"""Levels, inside: two bilinear interpolations of smooth pictures blur more than one."""


def planned(canvas, *edits):
    steps = []
    for edit, parameters in edits:
        steps.append(plan_of(edit)(canvas, **parameters))
        canvas = steps[-1].canvas
    return steps


def run(steps, images):
    def chain(steps, images):
        for step in steps:
            images = step.images(images)
        return images

    return np.asarray(jax.jit(chain)(steps, images))


def inside(steps, shape, margin=2):
    """The pixels that no step filled, nor their neighbours."""

    def chain(steps, masks):
        for step in steps:
            masks = step.labels(masks)
        return masks

    kept = np.asarray(jax.jit(chain)(steps, np.ones((*shape[:3], 1), np.uint8)))[..., 0] > 0
    core = kept.copy()
    for axis in (1, 2):
        for shift in range(-margin, margin + 1):
            core &= np.roll(kept, shift, axis)
    core[:, :margin], core[:, -margin:], core[:, :, :margin], core[:, :, -margin:] = (False,) * 4
    return core


BILINEAR = {"resample": "bilinear"}
RUNS = {
    "rotate and flip": [(rotate, {"degrees": np.array([20.0, 77.0]), **BILINEAR}), (flip_left_right, {})],
    "turn, expand, scale": [
        (rotate90, {"turns": 1}),
        (rotate, {"degrees": 25.0, "expand": True, "fill": 60, **BILINEAR}),
        (scale, {"x": 1.2, "fill": 200, **BILINEAR}),
    ],
    "perspective and move": [
        (perspective, {"matrix": (1.0, 0.1, -2.0, 0.05, 0.9, 2.0, 0.001, -0.001), **BILINEAR}),
        (translate, {"x": 3.5, "y": -2.25, "fill": 255, **BILINEAR}),
    ],
}


@pytest.mark.parametrize("name", RUNS)
def test_fused_is_unfused_inside(name):
    images = smooth(2, 48, 60)
    steps = planned(canvas_of(images), *RUNS[name])
    (fused,) = fuse_geometry(steps)
    assert isinstance(fused, Fused) and fused.canvas is steps[-1].canvas
    apart, once, core = run(steps, images), run([fused], images), inside(steps, images.shape)
    assert core.mean() > 0.2
    assert np.abs(apart - once)[core].max() <= TOLERANCE
    points = jnp.asarray(np.random.default_rng(0).uniform(5, 40, (2, 7, 2)), jnp.float32)
    expected = points
    for step in steps:
        expected = step.points(expected)
    np.testing.assert_allclose(fused.points(points), expected, atol=1e-3)


def test_each_stage_fills_what_it_does_not_see():
    images = np.full((1, 40, 40, 1), 0.5, np.float32)
    steps = planned(
        canvas_of(images), (translate, {"x": 10.0, "fill": 51, **BILINEAR}), (translate, {"x": -20.0, "fill": 102})
    )
    (fused,) = fuse_geometry(steps)
    expected = np.repeat([0.5, 0.4], [20, 20]).astype(np.float32)
    np.testing.assert_allclose(run([fused], images)[0, 0, :, 0], expected, atol=1e-6)
    np.testing.assert_allclose(run(steps, images)[0, 0, :, 0], expected, atol=1e-6)
    labels = fused.labels(jnp.ones((1, 40, 40, 1), jnp.int32))
    np.testing.assert_array_equal(labels[0, 0, :, 0], np.repeat([1, 0], [20, 20]))


def test_moves_alone_and_single_steps_stay_as_they_are():
    images = smooth(2, 12, 10)
    steps = planned(
        canvas_of(images),
        (flip_left_right, {}),
        (rotate90, {"turns": 1}),
        (brightness, {"factor": 1.1}),
        (rotate, {"degrees": 9.0}),
    )
    kept = fuse_geometry(steps)
    assert len(kept) == 4 and all(one is other for one, other in zip(kept, steps, strict=True))


def test_a_warp_by_whole_turns_and_moves_is_exact_when_fused():
    images = smooth(2, 16, 16)
    steps = planned(
        canvas_of(images), (flip_left_right, {}), (rotate, {"degrees": 90.0, **BILINEAR}), (rotate90, {"turns": 1})
    )
    (fused,) = fuse_geometry(steps)
    np.testing.assert_allclose(run([fused], images), run(steps, images), atol=1e-6)


def test_images_of_different_sizes_fuse_each_as_alone():
    images, sizes = smooth(2, 30, 40), np.array([(30, 21), (22, 40)])
    edits = RUNS["rotate and flip"]
    (fused,) = fuse_geometry(planned(canvas_of(images, sizes), *edits))
    together = run([fused], images)
    for index, (height, width) in enumerate(sizes):
        one = images[index : index + 1, :height, :width]
        angle = edits[0][1]["degrees"][index]
        (alone,) = fuse_geometry(
            planned(canvas_of(one), (rotate, {"degrees": angle, **BILINEAR}), (flip_left_right, {}))
        )
        np.testing.assert_allclose(together[index : index + 1, :height, :width], run([alone], one), atol=1e-6)


def test_traced_angles_fuse_and_differentiate():
    images = smooth(1, 24, 28)

    @jax.jit
    @jax.value_and_grad
    def loss(degrees, images):
        edits = (rotate, {"degrees": degrees, **BILINEAR}), (flip_left_right, {}), (scale, {"x": 1.1, **BILINEAR})
        (fused,) = fuse_geometry(planned(canvas_of(images), *edits))
        return jnp.mean(jnp.square(fused.images(images)))

    value, gradient = loss(20.0, images)
    edits = (rotate, {"degrees": 20.0, **BILINEAR}), (flip_left_right, {}), (scale, {"x": 1.1, **BILINEAR})
    known = run(fuse_geometry(planned(canvas_of(images), *edits)), images)
    np.testing.assert_allclose(value, np.mean(np.square(known)), rtol=1e-3)
    assert np.isfinite(gradient)
