"""Signed distances: every one against densely sampled outlines, and gradients that stay finite."""

from __future__ import annotations

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.logo import distance

COUNT = 2000
"""Points on every sampled outline."""


def line(*corners: complex) -> np.ndarray:
    """Points along the edges of a closed polygon."""
    share = np.linspace(0, 1, COUNT // len(corners), endpoint=False)
    return np.concatenate([a + (b - a) * share for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)])


def bow(radius: float, first: float, last: float, centre: complex = 0j, count: int = COUNT) -> np.ndarray:
    """Points along a circle, by degrees from "up", clockwise."""
    turn = np.radians(np.linspace(first, last, count))
    return centre + radius * (np.sin(turn) - 1j * np.cos(turn))


def at(radius: float, degrees: float) -> complex:
    return complex(bow(radius, degrees, degrees, count=1)[0])


def curve(start: complex, control: complex, end: complex) -> np.ndarray:
    t = np.linspace(0, 1, COUNT)
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end


def signed(points: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """The least distance to a closed outline, below 0 where it winds round the point."""
    away = outline[None] - points[:, None]
    winding = np.angle(np.roll(away, -1, axis=1) / away).sum(axis=1) / (2 * np.pi)
    return np.where(np.abs(winding) > 0.5, -1.0, 1.0) * np.abs(away).min(axis=1)


CORNERS = (-0.4 - 0.3j, 0.3 - 0.2j, 0.05 + 0j, 0.35 + 0.3j, -0.2 + 0.35j)
STAR = tuple(at(radius, 36.0 * index) for index, radius in enumerate([0.45, 0.2] * 5))
ENDS = (-0.3 + 0.2j, 0.1 - 0.5j, 0.35 + 0.3j)


def pair(*points: complex) -> list[float]:
    return [value for point in points for value in (point.real, point.imag)]


def arc(sweep: float) -> list[float]:
    return [0.3, 0.1, np.sin(np.radians(sweep / 2)), np.cos(np.radians(sweep / 2))]


def sector(sweep: float, *, bulge: bool) -> np.ndarray:
    half = sweep / 2
    sides = [bow(0.4, -half, half), bow(0.2, half, -half)]
    if bulge:
        sides[1:1] = [bow(0.1, half, half + 180, at(0.3, half))]
        sides.append(bow(0.1, 180 - half, 360 - half, at(0.3, -half)))
    else:
        ends = np.linspace(0.4, 0.2, COUNT)
        sides[1:1] = [ends * at(1, half)]
        sides.append(ends[::-1] * at(1, -half))
    return np.concatenate(sides)


STRAIGHT = (-0.3 + 0.1j, 0j, 0.3 - 0.1j)
ROUND = bow(1, 0, 360)
KITE = (*CORNERS, *CORNERS[-1:] * 7)


def in_core(points: np.ndarray) -> np.ndarray:
    """The nearest places of a box of half-sides 0.3 and 0.1: another 0.1 about it makes one with round corners."""
    return np.clip(points.real, -0.3, 0.3) + 1j * np.clip(points.imag, -0.1, 0.1)


def stroke(points: np.ndarray, *ends: complex) -> np.ndarray:
    return np.abs(points[:, None] - curve(*ends)[None]).min(axis=1) - 0.05


SHAPES: dict[str, tuple[Callable, list[float], Callable[[np.ndarray], np.ndarray]]] = {
    "disc": (distance.disc, [0.3], lambda p: np.abs(p) - 0.3),
    "ellipse": (distance.ellipse, [0.4, 0.15], lambda p: signed(p, ROUND.real * 0.4 + 1j * ROUND.imag * 0.15)),
    "box": (distance.box, [0.4, 0.2, 0.1], lambda p: np.abs(p - in_core(p)) - 0.1),
    "polygon": (distance.polygon, [0.0, *pair(*KITE)], lambda p: signed(p, line(*CORNERS))),
    "grown": (distance.polygon, [0.05, *pair(*KITE)], lambda p: signed(p, line(*CORNERS)) - 0.05),
    "quad": (
        functools.partial(distance.polygon, corners=4),
        [0.0, *pair(*CORNERS[:3], CORNERS[2])],
        lambda p: signed(p, line(*CORNERS[:3])),
    ),
    "star": (distance.star, [0.02, 5, 0.45, 0.2], lambda p: signed(p, line(*STAR)) - 0.02),
    "ring": (distance.ring, [0.3, 0.1], lambda p: np.abs(np.abs(p) - 0.3) - 0.1),
    "round arc": (distance.arc_round, arc(220), lambda p: signed(p, sector(220, bulge=True))),
    "butt arc": (distance.arc_butt, arc(220), lambda p: signed(p, sector(220, bulge=False))),
    "short arc": (distance.arc_butt, arc(70), lambda p: signed(p, sector(70, bulge=False))),
    "bezier": (distance.bezier, [0.05, *pair(*ENDS)], lambda p: stroke(p, *ENDS)),
    "straight": (distance.bezier, [0.05, *pair(*STRAIGHT)], lambda p: stroke(p, *STRAIGHT)),
}


def numbers(values: list[float]) -> np.ndarray:
    return np.pad(np.array(values, np.float32), (0, distance.NUMBERS - len(values)))


VECTORS = {name: numbers(shape[1]) for name, shape in SHAPES.items()}
fast = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    draw = np.random.default_rng(0)
    return draw.uniform(-0.6, 0.6, 400) + 1j * draw.uniform(-0.6, 0.6, 400)


@pytest.fixture(scope="module")
def distances(points: np.ndarray) -> dict[str, np.ndarray]:
    x, y = (np.asarray(axis, np.float32)[None] for axis in (points.real, points.imag))
    measure = fast(lambda vectors: {name: SHAPES[name][0](x, y, vector) for name, vector in vectors.items()})
    return {name: np.asarray(found)[0] for name, found in measure(VECTORS).items()}


@pytest.mark.parametrize("name", SHAPES)
def test_a_distance_is_that_to_the_nearest_point_of_the_outline(
    name: str, points: np.ndarray, distances: dict[str, np.ndarray]
) -> None:
    expected = SHAPES[name][2](points)
    error = np.abs(distances[name] - expected)
    near = (np.abs(expected) < 0.05) | (expected > 0)
    assert error[near].max() < 1e-3, points[near][error[near].argmax()]
    # Far inside of a stroke the distance may be to a side that an end cuts off.
    assert np.all((distances[name] < 0) == (expected < 0), where=np.abs(expected) > 1e-3)


@pytest.mark.parametrize("name", SHAPES)
def test_outside_of_a_shape_a_distance_is_never_too_great(
    name: str, points: np.ndarray, distances: dict[str, np.ndarray]
) -> None:
    expected = SHAPES[name][2](points)
    assert np.all(distances[name] <= expected + 1e-3, where=expected > 0)


def test_gradients_are_finite_at_centres_corners_and_ends() -> None:
    places = np.array([0, *CORNERS, *STAR, *ENDS, 0.3, -0.3, 0.2j, at(0.3, 110), at(0.3, 35), -0.3 + 0.1j])
    x, y = (jnp.asarray(axis, np.float32)[None] for axis in (places.real, places.imag))

    vectors = {
        name: vector for name, vector in VECTORS.items() if name not in ("grown", "quad", "short arc", "straight")
    }

    def total(vectors: dict[str, jax.Array]) -> jax.Array:
        return sum((SHAPES[name][0](x, y, vector).sum() for name, vector in vectors.items()), jnp.zeros(()))

    for path, gradient in jax.tree_util.tree_leaves_with_path(fast(jax.grad(total))(vectors)):
        assert np.isfinite(gradient).all(), path
