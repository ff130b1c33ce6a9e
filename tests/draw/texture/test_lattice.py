"""Value, Perlin and simplex noise against plain numpy written from their definitions, and what must hold of each."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw import hashing
from gen_jax.draw.texture.field import Lattice
from gen_jax.draw.texture.lattice import Basis, perlin, value
from gen_jax.draw.texture.simplex import simplex
from tests.draw.texture.lattices import field_of, quick, scales_on, seam_and_inner

BASES = {"value": value, "perlin": perlin, "simplex": simplex}
SCALES = (2.0, 3.0, 4.6, 7.3)


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    """Every basis, seamless, at every scale, 40 x 56 pixels."""

    def draw(seed: jax.Array) -> dict[str, jax.Array]:
        cells = scales_on(field_of(40, 56), *SCALES)
        return {name: basis(cells, seed) for name, basis in BASES.items()}

    seeds = jnp.full((4, 1, 1), 11, jnp.uint32)
    return {name: np.asarray(noise) for name, noise in quick(draw)(seeds).items()}


def bits_at(seed: int, row: int, column: int) -> np.uint32:
    with np.errstate(over="ignore"):
        return hashing.at(np.uint32(seed), np.array(row), np.array(column))


def smooth(t: float) -> float:
    return 6 * t**5 - 15 * t**4 + 10 * t**3


def number_at(seed: int, row: int, column: int) -> float:
    return float(bits_at(seed, row, column).astype(np.uint32).view(np.int32)) / 2.0**31


def slope_at(seed: int, row: int, column: int) -> np.ndarray:
    turn = np.pi * number_at(seed, row, column)
    return np.array([np.cos(turn), np.sin(turn)])


def value_at(seed: int, x: float, y: float, periods: tuple[int, int]) -> float:
    (i, j), total = (int(np.floor(x)), int(np.floor(y))), 0.0
    for side in (0, 1):
        for step in (0, 1):
            weight = [smooth(t) if end else 1 - smooth(t) for t, end in ((x - i, side), (y - j, step))]
            total += weight[0] * weight[1] * number_at(seed, (j + step) % periods[1], (i + side) % periods[0])
    return total


def perlin_at(seed: int, x: float, y: float, periods: tuple[int, int]) -> float:
    (i, j), total = (int(np.floor(x)), int(np.floor(y))), 0.0
    for side in (0, 1):
        for step in (0, 1):
            weight = [smooth(t) if end else 1 - smooth(t) for t, end in ((x - i, side), (y - j, step))]
            slope = slope_at(seed, (j + step) % periods[1], (i + side) % periods[0])
            total += weight[0] * weight[1] * slope @ [x - i - side, y - j - step]
    return np.sqrt(2.0) * total


def simplex_at(seed: int, x: float, y: float, periods: tuple[int, int]) -> float:
    """Sum over every point of a wide neighbourhood: those whose disc does not reach give nothing."""
    rows = 2 * max(round(periods[1] / np.sqrt(3.0)), 1)
    row, total = y * rows / periods[1], 0.0
    for j in range(int(np.floor(row)) - 2, int(np.floor(row)) + 4):
        for i in range(int(np.floor(x)) - 3, int(np.floor(x)) + 4):
            way = np.array([x - i - 0.5 * (j % 2), (row - j) * np.sqrt(0.75)])
            total += max(0.75 - way @ way, 0.0) ** 4 * slope_at(seed, j % rows, i % periods[0]) @ way
    return 16.0 * total


@pytest.mark.parametrize(
    ("name", "at"), [("value", value_at), ("perlin", perlin_at), ("simplex", simplex_at)], ids=list(BASES)
)
def test_noise_is_what_its_definition_says(drawn: dict[str, np.ndarray], name: str, at: Callable[..., float]) -> None:
    for picture, scale in enumerate(SCALES):
        periods = max(round(scale * 1.4), 1), max(round(scale), 1)
        for row, column in ((0, 0), (39, 55), (17, 3), (8, 31)):
            x, y = (column + 0.5) / 56 * periods[0], (row + 0.5) / 40 * periods[1]
            assert drawn[name][picture, row, column] == pytest.approx(at(11, x, y, periods), abs=2e-5)


@pytest.mark.parametrize("name", BASES)
def test_noise_continues_at_the_opposite_edges(drawn: dict[str, np.ndarray], name: str) -> None:
    seam, inner = seam_and_inner(drawn[name])
    assert (seam <= inner).all()


@pytest.mark.parametrize("basis", [perlin, simplex], ids=["perlin", "simplex"])
def test_slopes_give_nothing_at_their_own_points(basis: Basis) -> None:
    whole = jnp.arange(5, dtype=jnp.float32)
    points = Lattice(
        whole[None, None, :], whole[None, :, None] * (np.sqrt(0.75) if basis is simplex else 1.0), None, None
    )
    noise = np.asarray(quick(lambda: basis(points, jnp.full((1, 1, 1), 3, jnp.uint32)))())[0]
    even = noise[::2] if basis is simplex else noise
    assert np.abs(even).max() < 1e-5
    assert not (basis is simplex and np.abs(noise[1::2]).max() < 1e-3), "odd rows of triangles begin half a cell later"


@pytest.mark.parametrize(("name", "deviation"), [("value", 0.4525), ("perlin", 0.305), ("simplex", 0.539)])
def test_noise_has_the_mean_the_range_and_the_deviation_that_are_said(name: str, deviation: float) -> None:
    """The deviations are integrals over a cell, taken numerically from the definitions."""
    seeds = jnp.arange(4, dtype=jnp.uint32)[:, None, None]
    noise = np.asarray(quick(lambda: BASES[name](scales_on(field_of(64, 64), 21.0), seeds))())
    assert np.abs(noise).max() <= 1.0
    assert abs(noise.mean()) < 0.03
    assert noise.std() == pytest.approx(deviation, rel=0.04)
