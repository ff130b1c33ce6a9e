"""Domain warp: what is drawn on moved coordinates still tiles, and nothing moves farther than it may."""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.texture.field import lattice
from gen_jax.draw.texture.lattice import perlin
from gen_jax.draw.texture.warp import warp
from tests.draw.texture.lattices import field_of, numbers, quick

SCALES = (2.0, 3.4, 5.0)
Kinds = Literal["independent", "progressive"]


def moved(kind: Kinds, strength: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return noise on warped coordinates, and how far these were moved, [3, 40, 56] each."""
    cells = lattice(field_of(40, 56), numbers(*SCALES))
    seed = jnp.full((3, 1, 1), 2, jnp.uint32)
    two, half = numbers(2.0, 2.0, 2.0), numbers(0.5, 0.5, 0.5)
    flowing = warp(cells, seed, strength=strength, octaves=two, most_octaves=2, roughness=half, kind=kind)
    return perlin(flowing, seed), flowing.x - cells.x, flowing.y - cells.y


@pytest.mark.parametrize("kind", ["independent", "progressive"])
def test_warped_noise_tiles_and_moves_no_farther_than_its_strength(kind: Kinds) -> None:
    noise, right, down = quick(moved, static_argnums=0)(kind, numbers(0.4, 0.4, 0.4))
    seam, inner = [], []
    for each in (noise, right, down):
        pixels = np.asarray(each, np.float64)
        seam += [np.abs(pixels[:, 0] - pixels[:, -1]).max(), np.abs(pixels[:, :, 0] - pixels[:, :, -1]).max()]
        inner += [np.abs(np.diff(pixels, axis=1)).max(), np.abs(np.diff(pixels, axis=2)).max()]
    assert (np.array(seam) <= np.array(inner)).all()
    assert 0.1 < np.abs(right).max() <= 0.4
    assert 0.1 < np.abs(down).max() <= 0.4
    assert not np.allclose(right, down), "the two ways are independent"


def test_the_two_kinds_differ_only_from_the_second_octave_on() -> None:
    draw = quick(moved, static_argnums=0)
    still = numbers(0.0, 0.0, 0.0)
    np.testing.assert_allclose(draw("independent", still)[0], draw("progressive", still)[0], atol=1e-5)
    strong = numbers(1.0, 1.0, 1.0)
    assert np.abs(np.asarray(draw("independent", strong)[0] - draw("progressive", strong)[0])).max() > 0.05


def test_the_strength_has_a_finite_slope() -> None:
    slope = quick(jax.grad(lambda strength: jnp.sum(moved("progressive", strength)[0] ** 2)))
    for strength in (0.0, 0.5):
        assert np.isfinite(slope(numbers(strength, strength, strength))).all()
