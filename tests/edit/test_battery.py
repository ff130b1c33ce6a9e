"""What every operation does: keep dtype and shape, equal itself image by image, never recompile, differentiate."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax import edit, pixels
from gen_jax.edit import step as step_module
from gen_jax.edit.canvas import canvas_of
from gen_jax.edit.kernel import roles_of
from gen_jax.edit.operation import EDITS, OPERATIONS, Operation, parameters_of
from gen_jax.edit.roles import Range
from gen_jax.errors import UserError
from tests.edit.examples import (
    AS_LARGE_AS_THE_IMAGES,
    DRAWN_ON_THE_HOST,
    EXAMPLES,
    LEVELS_APART,
    OF_HISTOGRAMS,
    RANDOM,
    STAND_IN,
    SWITCHING,
)

HEIGHT, WIDTH = 9, 11
KINDS = list(OPERATIONS)


def example(kind: str) -> Operation:
    return OPERATIONS[kind](**EXAMPLES[kind])


def smooth(channels: int = 3, batch: int = 2, seed: int = 0) -> np.ndarray:
    """Return uint8 pictures with flat and steep places, away from 0 and 255."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    generator = np.random.default_rng(seed)
    layers = [
        [
            110 + 50 * np.sin(rows / a + b) + 40 * np.cos(columns / c + d)
            for a, b, c, d in generator.uniform(1.5, 4, (channels, 4))
        ]
        for _ in range(batch)
    ]
    noise = generator.normal(0, 4, (batch, channels, HEIGHT, WIDTH))
    return np.clip(np.moveaxis(np.array(layers) + noise, 1, -1), 3, 250).astype(np.uint8)


def test_every_operation_has_an_example() -> None:
    assert set(EXAMPLES) == set(OPERATIONS)


@pytest.mark.parametrize("kind", KINDS)
def test_uint8_stays_uint8_and_one_image_is_a_batch_of_one(kind: str) -> None:
    images = smooth()
    edited = example(kind)(images)
    alone = example(kind)(images[0])
    assert edited.dtype == alone.dtype == jnp.uint8
    assert edited.shape == (2, *alone.shape)
    if kind not in RANDOM:
        np.testing.assert_array_equal(edited[0], alone)


@pytest.mark.parametrize("channels", [1, 2, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_grey_and_alpha_are_images_too(kind: str, channels: int) -> None:
    edited = example(kind)(smooth(channels))
    assert edited.dtype == jnp.uint8
    assert edited.ndim == 4
    assert edited.shape[-1] in (channels, channels - 2)  # grayscale leaves grey, and alpha if there was any


@pytest.mark.parametrize("kind", KINDS)
def test_float_is_the_same_formula_without_rounding(kind: str) -> None:
    images = smooth()
    exact = np.asarray(example(kind)(images)).astype(int)
    unrounded = example(kind)(pixels.to_unit(images))
    assert unrounded.dtype == jnp.float32
    assert np.isfinite(unrounded).all()
    apart = np.abs(np.asarray(pixels.from_unit(unrounded)).astype(int) - exact)
    assert apart.max() <= LEVELS_APART.get(kind, 1)


@functools.cache
def program(kind: str) -> Callable[[jax.Array, jax.Array], tuple[jax.Array, jax.Array]]:
    """Return ``(images, weights) -> (edited, gradient of sum(edited * weights))``, compiled once for all its tests."""
    operation = example(kind)

    def both(images: jax.Array, weights: jax.Array) -> tuple[jax.Array, jax.Array]:
        edited, pull = jax.vjp(operation, images)
        return edited, pull(weights)[0]

    return jax.jit(both, compiler_options={"xla_backend_optimization_level": 0})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in STAND_IN | OF_HISTOGRAMS | SWITCHING])
def test_the_gradient_is_that_of_finite_differences(kind: str) -> None:
    # Between levels, so that no step of a threshold or a tie of neighbours lies within the finite difference.
    jitter = jax.random.uniform(jax.random.key(0), (2, HEIGHT, WIDTH, 3), minval=0.25, maxval=0.75)
    images = pixels.to_unit(smooth()) + jitter / 255.0
    run = program(kind)
    weights = jax.random.normal(jax.random.key(1), jax.eval_shape(example(kind), images).shape)
    direction = jax.random.normal(jax.random.key(2), images.shape)
    slope = jnp.sum(run(images, weights)[1] * direction)
    assert jnp.isfinite(slope)
    step = 1e-4
    change = run(images + step * direction, weights)[0] - run(images - step * direction, weights)[0]
    expected = float(jnp.sum(change.astype(jnp.float32) * weights)) / (2 * step)
    scale = max(1.0, abs(expected), float(jnp.linalg.norm(weights)))
    assert abs(float(slope) - expected) <= 0.06 * scale


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_finite_on_black_white_and_grey(kind: str) -> None:
    run = program(kind)
    for level in (0.0, 1.0, 0.5):
        images = jnp.full((2, HEIGHT, WIDTH, 3), level)
        edited = jax.eval_shape(example(kind), images)
        assert jnp.isfinite(run(images, jnp.ones(edited.shape, edited.dtype))[1]).all()


def numeric(kind: str) -> list[str]:
    return [name for name, role in roles_of(EDITS[kind]).items() if isinstance(role, Range)]


def varied(kind: str, name: str) -> tuple[float, float]:
    """Return two values that are allowed for a parameter: that of the example, and another."""
    role = roles_of(EDITS[kind])[name]
    assert isinstance(role, Range)
    value = parameters_of(example(kind))[name]
    value = 1.0 if value is None else float(value)
    for other in (value + 1, value * 0.5, value - 1, value + 0.25):
        try:
            role.check(name, other)
        except UserError:
            continue
        if other != value:
            return value, other
    raise AssertionError(f"{kind}.{name}: no second value is allowed")


BATCHED = [(kind, name) for kind in KINDS for name in numeric(kind)]


@pytest.mark.parametrize(("kind", "name"), BATCHED)
def test_one_value_an_image_is_each_image_with_its_value(kind: str, name: str) -> None:
    images, values = smooth(), varied(kind, name)
    try:
        together = dataclasses.replace(example(kind), **{name: np.array(values)})(images)  # type: ignore[type-var]
    except UserError as error:
        pytest.skip(f"has one value a batch: {error}")
    for index, value in enumerate(values):
        both = dataclasses.replace(example(kind), **{name: value})(images)  # type: ignore[type-var]
        np.testing.assert_array_equal(together[index], both[index])


def count_traces(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by one whenever an edit is traced anew."""
    traces: list[int] = []

    def run(step: Any, images: jax.Array) -> jax.Array:
        traces.append(1)
        return step.images(images)

    monkeypatch.setattr(step_module, "_execute", jax.jit(run))
    return traces


@pytest.mark.parametrize(("kind", "name"), BATCHED)
def test_new_values_never_recompile(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    images, values = smooth(), varied(kind, name)
    traces = count_traces(monkeypatch)
    for value in values:
        dataclasses.replace(example(kind), **{name: np.array([value, value])})(images)  # type: ignore[type-var]
    assert len(traces) == 1


@pytest.mark.parametrize(("kind", "name"), BATCHED)
def test_a_traced_value_is_nearly_a_known_one(kind: str, name: str) -> None:
    images, value = smooth(), varied(kind, name)[0]
    known = np.asarray(example(kind)(images)).astype(int)
    run = jax.jit(lambda traced: dataclasses.replace(example(kind), **{name: traced})(images))  # type: ignore[type-var]
    if (kind, name) in DRAWN_ON_THE_HOST:
        with pytest.raises(UserError, match=name):
            run(value)
        return
    if parameters_of(example(kind))[name] is None:
        known = np.asarray(dataclasses.replace(example(kind), **{name: value})(images)).astype(int)  # type: ignore[type-var]
    assert np.abs(np.asarray(run(value)).astype(int) - known).max() <= 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in RANDOM | AS_LARGE_AS_THE_IMAGES])
def test_an_image_in_a_padded_batch_is_as_it_is_alone(kind: str) -> None:
    sizes = np.array([[HEIGHT, WIDTH], [5, 8]], np.int32)
    images = smooth()
    images[1, 5:], images[1, :, 8:] = 255, 0  # what must not matter
    chain = edit.Chain([example(kind)])
    together = chain(edit.Frames(images=jnp.asarray(images), sizes=jnp.asarray(sizes)))
    left = np.array([together.images.shape[1:3]] * 2) if together.sizes is None else np.asarray(together.sizes)
    for index, (height, width) in enumerate(sizes):
        alone = np.asarray(chain(images[index, :height, :width]))
        assert tuple(left[index]) == alone.shape[:2]
        np.testing.assert_array_equal(together.images[index, : left[index, 0], : left[index, 1]], alone)


@pytest.mark.parametrize("kind", KINDS)
def test_json_is_the_same_edit(kind: str) -> None:
    try:
        text = edit.Chain([example(kind)]).to_json()
    except UserError:
        assert any(isinstance(value, np.ndarray) for value in EXAMPLES[kind].values())
        return
    [again] = edit.Chain.from_json(text).operations
    assert again == example(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_plan_says_the_shape_that_comes(kind: str) -> None:
    images = smooth()
    step = example(kind).plan(canvas_of(images))
    shape = example(kind)(images).shape
    assert (step.canvas.batch, step.canvas.height, step.canvas.width, step.canvas.channels) == shape


def bad_calls() -> list[tuple[Callable[[], Any], str]]:
    return [
        (lambda: edit.invert(np.zeros((4, 4), np.uint8)), "shape (4, 4)"),
        (lambda: edit.invert(np.zeros((4, 4, 5), np.uint8)), "shape (4, 4, 5)"),
        (lambda: edit.invert(np.zeros((0, 4, 4, 3), np.uint8)), "empty"),
        (lambda: edit.invert(np.zeros((4, 4, 3), np.int32)), "int32"),
        (lambda: edit.invert("photo.jpg"), "shape ()"),
        (lambda: edit.brightness(smooth(), factor=float("nan")), "factor is nan"),
        (lambda: edit.brightness(smooth(), factor=[1, 2, 3]), "factor has shape (3,), and there are 2 images"),
    ]


@pytest.mark.parametrize("index", range(len(bad_calls())))
def test_what_is_no_image_or_no_value_is_refused(index: int) -> None:
    call, says = bad_calls()[index]
    with pytest.raises(UserError) as caught:
        call()
    assert says in str(caught.value)


def test_a_misspelt_parameter_names_the_right_ones() -> None:
    with pytest.raises(TypeError, match=r"brightness: .*'fctor'.* its parameters are factor"):
        edit.brightness(smooth(), fctor=1)  # type: ignore[call-arg]
