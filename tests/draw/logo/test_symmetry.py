"""Copies of shapes: the places that the groups say, and outlines that are mirror images of one another."""

from __future__ import annotations

import numpy as np
import pytest

from gen_jax.draw.logo import symmetry
from gen_jax.draw.logo.contour import contours
from gen_jax.draw.logo.scene import Arc, Bezier, Box, Circle, Polygon, Shape, Star, Text
from gen_jax.draw.logo.stroke import ArcTo
from gen_jax.errors import UserError

SHAPES: list[Shape] = [
    Circle(x=0.3, y=0.4, radius=0.1, ratio=0.5, angle=30),
    Box(x=0.3, y=0.4, width=0.2, height=0.1, angle=20),
    Polygon(x=0.3, y=0.4, corners=((-0.1, -0.1), (0.2, 0.0), (0.0, 0.1)), angle=10),
    Star(x=0.3, y=0.4, points=5, radius=0.1, inner=0.4, angle=15),
    Arc(x=0.3, y=0.4, radius=0.1, width=0.02, sweep=100, angle=50),
    Bezier(x=0.3, y=0.4, start=(-0.1, 0.0), control=(0.0, 0.2), end=(0.2, 0.1), width=0.04, angle=40),
]
MIDDLE = np.array([0.5, 0.5])


def ends(shape: Shape) -> np.ndarray:
    """Where the segments of an outline end, once each, from left to right."""
    [(start, segments)] = contours(shape)
    points = [segment.end if isinstance(segment, ArcTo) else segment[-1] for segment in segments]
    return in_order(np.array([start, *points]))


def in_order(points: np.ndarray) -> np.ndarray:
    return np.unique(np.round(points, 8), axis=0)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_a_mirror_image_has_the_mirrored_outline(shape: Shape) -> None:
    np.testing.assert_allclose(ends(symmetry.mirrored(shape)), in_order(ends(shape) * [-1, 1] + [1, 0]), atol=2e-8)
    swapped = in_order(ends(shape)[:, ::-1])
    np.testing.assert_allclose(ends(symmetry.mirrored(shape, -45.0)), swapped, atol=2e-8)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_a_quarter_turn_takes_right_to_below(shape: Shape) -> None:
    turned = in_order((ends(shape) - MIDDLE)[:, ::-1] * [-1, 1] + MIDDLE)
    np.testing.assert_allclose(ends(symmetry.rotated(shape, 90.0)), turned, atol=2e-8)


def test_mirroring_twice_gives_the_shape_itself() -> None:
    for shape in SHAPES:
        twice = symmetry.mirrored(symmetry.mirrored(shape, 33.0), 33.0)
        np.testing.assert_allclose(ends(twice), ends(shape), atol=2e-8)


def test_a_cyclic_group_turns_into_itself() -> None:
    group = symmetry.cyclic(SHAPES[:1], 5)
    places = np.array([(shape.x, shape.y) for shape in group])
    turned = np.array([(shape.x, shape.y) for shape in symmetry.cyclic([symmetry.rotated(group[0], 72.0)], 5)])
    assert len(group) == 5
    np.testing.assert_allclose(turned, np.roll(places, -1, axis=0), atol=1e-9)
    np.testing.assert_allclose(places.mean(axis=0), MIDDLE, atol=1e-9)


def test_a_dihedral_group_is_its_own_mirror_image() -> None:
    group = symmetry.dihedral(SHAPES[2:3], 3)
    outlines = in_order(np.concatenate([ends(shape) for shape in group]))
    mirrored = in_order(np.concatenate([ends(symmetry.mirrored(shape)) for shape in group]))
    assert len(group) == 6
    np.testing.assert_allclose(mirrored, outlines, atol=2e-8)


def test_a_frieze_goes_on_in_equal_steps() -> None:
    places = [(shape.x, shape.y) for shape in symmetry.frieze(SHAPES[:1], 4, step=(0.1, 0.02))]
    np.testing.assert_allclose(np.diff(places, axis=0), [[0.1, 0.02]] * 3, atol=1e-12)


def test_a_glide_mirrors_every_other_copy_in_the_line_along_the_step() -> None:
    first, second, third = symmetry.frieze(SHAPES[2:3], 3, step=(0.2, 0.0), glide=True)
    np.testing.assert_allclose(ends(second), in_order(ends(first) * [1, -1] + [0.2, 0.8]), atol=2e-8)
    np.testing.assert_allclose(ends(third), ends(first) + np.array([0.4, 0.0]), atol=2e-8)


def test_a_text_is_turned_but_not_mirrored() -> None:
    text = Text(text="Ag", font="outfit", size=0.1)
    assert symmetry.rotated(text, 30.0).angle == 30.0
    with pytest.raises(UserError, match="cannot be mirrored"):
        symmetry.mirrored(text)
