"""Patterns: what each must be (one battery over all), and what is known of them in closed form."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.texture import (
    bricks,
    checker,
    dots,
    gabor,
    gradients,
    hexagons,
    plaid,
    scales,
    stripes,
    truchet,
    weave,
)
from gen_jax.draw.texture.bonds import BONDS
from gen_jax.draw.texture.field import Field
from gen_jax.draw.texture.kind import Texture

fast = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})

PATTERNS: dict[str, tuple[Texture, dict[str, str]]] = {
    "brick": (bricks.brick, {"bond": "herringbone"}),
    "checker": (checker.checker, {}),
    "grid": (checker.grid, {}),
    "stripes": (stripes.stripes, {}),
    "chevron": (stripes.chevron, {}),
    "dots": (dots.dots, {"packing": "hexagonal"}),
    "hexagons": (hexagons.hexagons, {}),
    "weave": (weave.weave, {"weave": "satin"}),
    "truchet": (truchet.truchet, {}),
    "gradient": (gradients.gradient, {"kind": "conic"}),
    "plaid": (plaid.plaid, {}),
    "houndstooth": (plaid.houndstooth, {}),
    "scales": (scales.scales, {}),
    "gabor": (gabor.gabor, {}),
}

SIZE = 36, 52


def field(seeds: Any, size: tuple[int, int], tile: bool) -> Field:
    return Field(jnp.asarray(seeds, jnp.uint32)[:, None, None], *size, tile, 4)


def numbers(texture: Texture, count: int, **given: Any) -> dict[str, jax.Array]:
    values = {name: given.get(name, number.default) for name, number in texture.numbers.items()}
    return {
        name: jnp.broadcast_to(jnp.asarray(value, jnp.float32).reshape(-1, 1, 1), (count, 1, 1))
        for name, value in values.items()
    }


def layers(texture: Texture, where: Field, **parameters: Any) -> dict[str, np.ndarray]:
    """Draw one picture with what is given and the defaults."""
    choices = {name: parameters.get(name, choice.default) for name, choice in texture.choices.items()}

    def draw(given: dict[str, jax.Array]) -> dict[str, jax.Array]:
        drawn = texture.draw(where, **given, **choices)
        found = {"height": drawn.height, "tone": drawn.tone, "mask": drawn.mask, "cover": drawn.cover}
        shape = where.seed.shape[0], where.height, where.width
        return {name: jnp.broadcast_to(layer, shape) for name, layer in found.items() if layer is not None}

    return jax.tree.map(np.asarray, fast(draw)(numbers(texture, where.seed.shape[0], **parameters)))


@functools.cache
def program(name: str) -> Callable[..., Any]:
    """Compile what draws a batch, and how it moves as all numbers move, and keep it: most tests use the same."""
    texture, choices = PATTERNS[name]
    chosen = {key: choices.get(key, choice.default) for key, choice in texture.choices.items()}

    def draw(given: dict[str, jax.Array], seeds: jax.Array) -> list[jax.Array]:
        drawn = texture.draw(field(seeds, SIZE, True), **given, **chosen)
        found = [layer for layer in (drawn.height, drawn.tone, drawn.mask, drawn.cover) if layer is not None]
        return [jnp.broadcast_to(layer, (len(seeds), *SIZE)) for layer in found]

    def both(given: dict[str, jax.Array], seeds: jax.Array) -> tuple[list[jax.Array], list[jax.Array]]:
        return jax.jvp(lambda numbers: draw(numbers, seeds), (given,), (jax.tree.map(jnp.ones_like, given),))

    return fast(both)


@functools.cache
def battery(name: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the layers of three pictures, of three seeds and three scales that are no whole numbers, and slopes."""
    texture, _ = PATTERNS[name]
    default = texture.numbers["scale"].default
    given = numbers(texture, 3, scale=[default, 0.61 * default, 0.83 * default])
    return jax.tree.map(np.asarray, program(name)(given, jnp.arange(7, 10, dtype=jnp.uint32)))


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_lies_in_the_unit_range_and_shows_something(name: str) -> None:
    found, _ = battery(name)
    for layer in found:
        assert layer.shape[0] == 3 and np.isfinite(layer).all()
        assert layer.min() >= 0.0 and layer.max() <= 1.0
    assert (found[0].std(axis=(1, 2)) > 0.02).all()


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_has_no_seam(name: str) -> None:
    """Over the edge, pixels differ no more than inside: at most, and on the mean of a row or a column."""
    for layer in battery(name)[0]:
        for axis in (1, 2):
            inner = np.abs(np.diff(layer, axis=axis))
            wrapped = np.abs(np.take(layer, 0, axis=axis) - np.take(layer, -1, axis=axis))
            # A little more: by chance the cells at the edge differ more than any inside.
            assert wrapped.max() <= 1.1 * inner.max() + 1e-4
            assert (wrapped.mean(axis=1) <= 1.25 * inner.mean(axis=3 - axis).max(axis=1) + 1e-4).all()


@pytest.mark.parametrize("name", PATTERNS)
def test_every_slope_is_finite(name: str) -> None:
    """Along a way on which every number moves; what is not finite in one of them is not finite in the sum."""
    slopes = battery(name)[1]
    assert all(np.isfinite(slope).all() for slope in slopes)
    if name != "houndstooth":  # its one number is the scale, which is rounded where it tiles
        assert any(np.abs(slope).max() > 0.0 for slope in slopes)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_picture_does_not_depend_on_the_others_of_its_batch(name: str) -> None:
    texture, _ = PATTERNS[name]
    default = texture.numbers["scale"].default
    given = numbers(texture, 3, scale=[0.7 * default, 0.83 * default, default])
    found, _ = program(name)(given, jnp.asarray([1, 9, 7], jnp.uint32))
    for old, new in zip(battery(name)[0], found, strict=True):
        np.testing.assert_array_equal(old[0], np.asarray(new)[2])
        np.testing.assert_array_equal(old[2], np.asarray(new)[1])


def test_a_picture_alone_is_the_same_as_in_a_batch() -> None:
    """But for rounding: another shape is another program, which may fuse other sums and products."""
    texture, choices = PATTERNS["stripes"]
    together = layers(texture, field([3, 4, 5], SIZE, True), **choices)
    alone = layers(texture, field([4], SIZE, True), **choices)
    np.testing.assert_allclose(together["height"][1], alone["height"][0], atol=1e-5)


def test_large_squares_are_black_and_white_and_small_ones_grey() -> None:
    where = field([0, 0, 0], (32, 32), False)
    found = layers(checker.checker, where, scale=[4.0, 31.0, 200.0])["height"]
    squares = (np.add.outer(np.arange(32) // 8, np.arange(32) // 8) + 1) % 2
    np.testing.assert_allclose(found[0], squares, atol=1e-5)
    assert abs(found[1].mean() - 0.5) < 0.01
    assert np.abs(found[2] - 0.5).max() < 0.02


@pytest.mark.parametrize("profile", ["square", "sine"])
def test_the_mean_of_stripes_is_their_duty_at_any_angle(profile: str) -> None:
    angles = [0.0, 20.0, 90.0, -131.0]
    found = layers(
        stripes.stripes,
        field([0] * 4, (32, 48), True),
        angle=angles,
        duty=0.3,
        scale=[3.0, 9.0, 40.0, 5.0],
        profile=profile,
    )["height"]
    np.testing.assert_allclose(found.mean(axis=(1, 2)), 0.3 if profile == "square" else 0.5, atol=2e-3)


@pytest.fixture
def smooth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the noise on bricks, whose program takes longest to compile."""
    monkeypatch.setattr(bricks, "_noise", lambda field, scale, part: jnp.zeros_like(scale))


@pytest.mark.usefixtures("smooth")
def test_bricks_cover_what_the_joints_leave() -> None:
    """Of a brick 2 x 1 with joints of 0.2: (1 - 0.2) (1 - 0.2 / 2)."""
    plain = {"wear": 0.0, "corner": 0.0, "aspect": 2.0, "mortar": 0.2, "scale": 4.0}
    mask = layers(bricks.brick, field([0], (64, 64), True), **plain)["mask"]
    assert mask.mean() == pytest.approx(0.8 * 0.9, abs=0.005)


@pytest.mark.parametrize("bond", BONDS)
def test_every_brick_is_whole_and_has_a_name_of_its_own(bond: str) -> None:
    """Counted over a picture that tiles, the pixels of a name are as many as its brick is large."""
    where = field([0], (96, 144), True)
    scale, aspect, offset = (jnp.full((1, 1, 1), value) for value in (8.0, 3.0, 0.5))
    laid = fast(lambda: BONDS[bond](where, scale, aspect, offset))()
    shape = 1, where.height, where.width
    column, row, half_width, half_height = (
        np.broadcast_to(part, shape).ravel() for part in (laid.column, laid.row, laid.half_width, laid.half_height)
    )
    _, first, count = np.unique(row * 10_000 + column, return_index=True, return_counts=True)
    size = (4.0 * half_width * half_height)[first] / where.pixel**2
    np.testing.assert_allclose(count, size, rtol=0.1)
    assert count.sum() == where.height * where.width


@pytest.mark.parametrize(("packing", "density"), [("square", 1.0), ("hexagonal", 2.0 / math.sqrt(3.0))])
def test_dots_cover_pi_r_squared(packing: str, density: float) -> None:
    found = layers(dots.dots, field([0], (64, 64), False), packing=packing, scale=6.93, radius=0.31, tone_variation=0.5)
    assert found["mask"].mean() == pytest.approx(math.pi * 0.31**2 * density, rel=0.04)


def test_a_gap_narrows_hexagons_by_its_square() -> None:
    found = layers(hexagons.hexagons, field([0, 0], (64, 64), True), gap=[0.0, 0.2], scale=7.0)["mask"]
    np.testing.assert_allclose(found.mean(axis=(1, 2)), [1.0, 0.64], atol=0.01)


def test_arcs_are_as_long_as_two_quarter_circles() -> None:
    mask = layers(truchet.truchet, field([2], (64, 64), True), width=0.2, scale=5.0)["mask"]
    assert mask.mean() == pytest.approx(0.2 * math.pi / 2.0, rel=0.02)


@pytest.mark.parametrize(
    ("kind", "repeat", "share"), [("plain", 2, 1 / 2), ("twill", 4, 1 / 2), ("denim", 4, 3 / 4), ("satin", 5, 4 / 5)]
)
def test_in_a_weave_every_thread_goes_over_and_under_alike(kind: str, repeat: int, share: float) -> None:
    places = jnp.arange(repeat, dtype=jnp.float32)
    up = np.asarray(weave.over(places[None, :], places[:, None], kind)) > 0.0
    np.testing.assert_allclose(up.mean(axis=0), share)
    np.testing.assert_allclose(up.mean(axis=1), share)


def test_plaid_without_twill_is_the_same_across_as_down() -> None:
    found = layers(plaid.plaid, field([5], (48, 48), True), sett="windowpane", twill=0.0, scale=2.0)["height"][0]
    np.testing.assert_allclose(found, found.T, atol=1e-6)


def test_a_linear_gradient_runs_from_black_to_white_once() -> None:
    found = layers(gradients.gradient, field([0, 0], (16, 16), False), angle=[90.0, 180.0])["height"]
    ramp = (np.arange(16) + 0.5) / 16.0
    np.testing.assert_allclose(found[0], np.repeat(ramp[:, None], 16, axis=1), atol=1e-5)
    np.testing.assert_allclose(found[1], np.repeat(ramp[None, ::-1], 16, axis=0), atol=1e-5)


def test_a_radial_gradient_is_the_distance_from_its_centre() -> None:
    found = layers(gradients.gradient, field([0], (16, 16), False), kind="radial", scale=0.5)["height"][0]
    places = (np.arange(16) + 0.5) / 16.0 - 0.5
    np.testing.assert_allclose(found, np.hypot(*np.meshgrid(places, places)), atol=1e-5)


@pytest.mark.usefixtures("smooth")
@pytest.mark.parametrize(
    ("texture", "parameters"),
    [
        (bricks.brick, {"bond": "herringbone", "scale": 5.0}),
        (scales.scales, {"scale": 6.0}),
    ],
    ids=["herringbone", "scales"],
)
def test_edges_are_what_many_more_pixels_would_show(texture: Texture, parameters: dict[str, Any]) -> None:
    """Against the mean of 8 x 8 pixels of the same program, each of which is filtered too."""
    coarse = layers(texture, field([1], (48, 48), False), **parameters)
    fine = layers(texture, field([1], (384, 384), False), **parameters)
    for name in coarse.keys() & {"height", "mask"}:
        mean = fine[name].reshape(48, 8, 48, 8).mean(axis=(1, 3))
        assert np.abs(coarse[name][0] - mean).mean() < 2.0 / 255.0
