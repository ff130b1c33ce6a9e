"""Cells around random points, against all points of a wide neighbourhood one by one."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw import hashing
from gen_jax.draw.texture.field import lattice
from gen_jax.draw.texture.worley import Metric, worley
from tests.draw.texture.lattices import field_of, numbers, quick, scales_on, seam_and_inner

METRICS: dict[Metric, int | float] = {"euclidean": 2, "manhattan": 1, "chebyshev": np.inf}
SCALES = (3.0, 5.4, 9.2)
HEIGHT, WIDTH = 32, 48


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """F1, F2 and ids by every metric, with points as far from their middles as they may be."""

    def draw(jitter: jax.Array) -> dict[str, tuple[jax.Array, ...]]:
        cells = scales_on(field_of(HEIGHT, WIDTH), *SCALES)
        seed = jnp.full((3, 1, 1), 5, jnp.uint32)
        found = {metric: worley(cells, seed, metric=metric, jitter=jitter) for metric in METRICS}
        return {metric: (each.f1, each.f2, each.cell) for metric, each in found.items()}

    arrays = quick(draw)(numbers(1.0, 1.0, 1.0))
    return {metric: tuple(np.asarray(each) for each in found) for metric, found in arrays.items()}


def all_points(across: int, down: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places (x, y) of the points of 3 x 3 periods, and their bits."""
    rows, columns = np.meshgrid(np.arange(-down, 2 * down), np.arange(-across, 2 * across), indexing="ij")
    with np.errstate(over="ignore"):
        bits = hashing.at(np.uint32(5), rows % down, columns % across)
    x = columns + 0.5 + 0.92 * ((bits & np.uint32(0xFFFF)) / 65536.0 - 0.5)
    y = rows + 0.5 + 0.92 * ((bits >> np.uint32(16)) / 65536.0 - 0.5)
    return np.stack([x.ravel(), y.ravel()], -1), bits.ravel()


@pytest.mark.parametrize("metric", METRICS)
def test_the_nearest_two_points_are_the_nearest_of_all(drawn: dict, metric: Metric) -> None:
    for picture, scale in enumerate(SCALES):
        across, down = round(scale * 1.5), round(scale)
        places, bits = all_points(across, down)
        x, y = np.meshgrid((np.arange(WIDTH) + 0.5) / WIDTH * across, (np.arange(HEIGHT) + 0.5) / HEIGHT * down)
        ways = np.stack([x.ravel(), y.ravel()], -1)[:, None] - places[None]
        far = np.linalg.norm(ways, ord=METRICS[metric], axis=-1)
        order = np.argsort(far, axis=-1)[:, :2]
        nearest, second = np.take_along_axis(far, order, -1).T
        f1, f2, cell = (each[picture].ravel() for each in drawn[metric])
        np.testing.assert_allclose(f1, nearest, atol=2e-5)
        np.testing.assert_allclose(f2, second, atol=2e-5)
        with np.errstate(over="ignore"):
            same = cell == hashing.mix(bits)[order[:, 0]]
        assert (same | (second - nearest < 1e-5)).all()


@pytest.mark.parametrize("metric", METRICS)
def test_cells_continue_at_the_opposite_edges(drawn: dict, metric: Metric) -> None:
    for distance in drawn[metric][:2]:
        seam, inner = seam_and_inner(distance)
        assert (seam <= inner).all()


def test_without_jitter_the_points_are_the_middles_of_cells() -> None:
    """Eight pixels a cell: the four about its middle are half a pixel off both ways, the corners 3.5."""
    seed = jnp.zeros((1, 1, 1), jnp.uint32)
    draw = quick(lambda: worley(scales_on(field_of(16, 16), 2.0), seed, metric="euclidean", jitter=numbers(0.0)).f1)
    still = draw()
    assert float(still.min()) == pytest.approx(np.sqrt(2.0) / 16, abs=1e-3)
    assert float(still.max()) == pytest.approx(3.5 * np.sqrt(2.0) / 8, abs=1e-3)


@pytest.mark.parametrize("metric", METRICS)
def test_distances_have_the_slopes_of_small_differences(metric: Metric) -> None:
    """And finite ones even where a pixel lies on a point: with one cell a pixel and no jitter all do."""

    def distances(jitter: jax.Array, scale: jax.Array) -> jax.Array:
        cells = lattice(field_of(8, 8, tile=False), scale)
        found = worley(cells, jnp.zeros((1, 1, 1), jnp.uint32), metric=metric, jitter=jitter)
        return jnp.stack([found.f1, found.f2])

    total = quick(lambda jitter, scale: distances(jitter, scale).sum((1, 2, 3)))
    slope = quick(jax.jacrev(lambda *numbers: distances(*numbers).sum((1, 2, 3)), argnums=(0, 1)))
    step, at = np.float32(2.0**-9), (numbers(0.7), numbers(3.3))
    for which, found in enumerate(slope(*at)):
        after, before = (total(*(n + side * (i == which) for i, n in enumerate(at))) for side in (step, -step))
        np.testing.assert_allclose(found.ravel(), (after - before) / (2 * step), rtol=0.02, atol=0.05)
    assert all(np.isfinite(each).all() for each in slope(numbers(0.0), numbers(8.0)))
