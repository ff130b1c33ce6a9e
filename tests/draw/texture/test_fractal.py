"""Fractal noise: two ways to draw it, its spectrum, its ranges, and the same picture whatever is drawn beside it."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array

from gen_jax import parallel
from gen_jax.draw.texture.field import Lattice, lattice
from gen_jax.draw.texture.fractal import AnyBasis, Kind, fractal, roughness_of_slope
from gen_jax.draw.texture.lattice import perlin, value
from gen_jax.draw.texture.simplex import simplex
from tests.draw.texture.lattices import field_of, numbers, quick, seam_and_inner

BASES = {"value": value, "perlin": perlin, "simplex": simplex}
KINDS: tuple[Kind, ...] = ("fbm", "billow", "ridged", "turbulence", "pingpong", "hybrid")
SCALES = (2.0, 2.6, 5.0, 9.7)


def drawn(
    basis: AnyBasis,
    kind: Kind,
    scale: Array,
    octaves: Array,
    roughness: Array,
    *,
    seed: Array | None = None,
    tile: bool = True,
    size: tuple[int, int] = (40, 56),
    most: int = 4,
) -> Array:
    seed = jnp.arange(scale.shape[0], dtype=jnp.uint32)[:, None, None] if seed is None else seed
    cells = lattice(field_of(*size, tile=tile), scale)
    return fractal(basis, cells, seed, kind=kind, octaves=octaves, most_octaves=most, roughness=roughness)


def by_pixels(basis: AnyBasis) -> AnyBasis:
    """A function is drawn pixel by pixel, also where rows are even."""
    return lambda cells, seed: basis(cells, seed)


@pytest.fixture(scope="module")
def kinds() -> dict[str, np.ndarray]:
    """Every kind of Perlin noise, seamless, at every scale."""
    arguments = numbers(*SCALES), numbers(1.0, 2.5, 3.0, 4.0), numbers(0.5, 0.6, 0.5, 0.7)
    draw = quick(lambda *arguments: {kind: drawn(perlin, kind, *arguments) for kind in KINDS})
    return {kind: np.asarray(noise) for kind, noise in draw(*arguments).items()}


@pytest.mark.parametrize(("name", "tile"), [("value", True), ("perlin", False), ("simplex", True)])
def test_drawing_by_rows_gives_the_picture_of_drawing_by_pixels(name: str, tile: bool) -> None:
    """From one cell in the picture to cells smaller than a pixel."""
    arguments = numbers(1.0, 2.6, 5.0, 9.7, 55.0), numbers(4.0, 3.3, 2.0, 4.0, 2.0), numbers(0.5, 0.7, 0.5, 1.0, 0.5)
    basis = BASES[name]
    rows, pixels = quick(
        lambda *arguments: tuple(drawn(each, "ridged", *arguments, tile=tile) for each in (basis, by_pixels(basis)))
    )(*arguments)
    np.testing.assert_allclose(rows, pixels, atol=2e-5)
    assert np.asarray(rows[:4]).std((1, 2)).min() > 0.02


def test_a_shifted_lattice_gives_the_picture_of_drawing_by_pixels() -> None:
    """By so much for all, or by another way for every row: then rows are no longer even."""
    seed, one = jnp.zeros((1, 1, 1), jnp.uint32), numbers(1.0)

    def both(down: Array) -> list[Array]:
        cells = lattice(field_of(24, 24, tile=False), numbers(3.0)).shifted(numbers(2.4), down)
        return [
            fractal(basis, cells, seed, kind="fbm", octaves=one, most_octaves=1, roughness=one)
            for basis in (perlin, by_pixels(perlin))
        ]

    for down in (numbers(-7.3), jnp.sin(jnp.arange(24.0))[None, :, None] * 9.0):
        rows, pixels = quick(both)(down)
        np.testing.assert_allclose(rows, pixels, atol=2e-5)


def test_every_kind_tiles_within_its_range(kinds: dict[str, np.ndarray]) -> None:
    for kind, noise in kinds.items():
        seam, inner = seam_and_inner(noise)
        assert (seam <= inner).all(), kind
        assert noise.min() >= (-1.0 if kind == "fbm" else 0.0), kind
        assert noise.max() <= 1.0, kind
        assert np.isfinite(noise).all() and (noise.std((1, 2)) > 0.03).all(), kind
    assert np.abs(kinds["fbm"].mean((1, 2))).max() < 0.05


def test_kinds_are_what_their_formulas_say_of_one_octave(kinds: dict[str, np.ndarray]) -> None:
    n = kinds["fbm"][0]
    np.testing.assert_allclose(kinds["turbulence"][0], np.abs(n), atol=1e-5)
    np.testing.assert_allclose(kinds["billow"][0], np.abs(n) * (2 - np.abs(n)), atol=1e-5)
    np.testing.assert_allclose(kinds["ridged"][0], (1 - np.abs(n)) ** 2, atol=1e-5)
    np.testing.assert_allclose(kinds["hybrid"][0], (1 + n) / 2, atol=1e-5)
    np.testing.assert_allclose(kinds["pingpong"][0], 1 - np.abs(2 * ((n + 1) % 1.0) - 1), atol=1e-5)


def test_half_an_octave_counts_half() -> None:
    """The sums before division by the weights, 1, 1.5 (1.25 with half an octave), lie on a line."""
    draw = quick(functools.partial(drawn, perlin, "fbm", most=2))
    one, half, two = draw(
        numbers(3.0, 3.0, 3.0), numbers(1.0, 1.5, 2.0), numbers(0.5, 0.5, 0.5), seed=jnp.zeros((3, 1, 1), jnp.uint32)
    )
    np.testing.assert_allclose(half * 1.25, (one + two * 1.5) / 2, atol=1e-5)
    assert np.abs(np.asarray(one - two)).max() > 0.1


def test_what_is_finer_than_pixels_is_left_out() -> None:
    """With 3 cells on 12 pixels, the second octave has 2 pixels a cell: its weight is there, its noise is not."""
    sides = {"size": (12, 12), "most": 2}
    draw = quick(functools.partial(drawn, perlin, "fbm", **sides))
    one, two = (draw(numbers(3.0), numbers(n), numbers(0.5)) for n in (1.0, 2.0))
    np.testing.assert_allclose(two * 1.5, one, atol=1e-5)


smooth_noise = quick(functools.partial(drawn, perlin, "fbm", size=(256, 256), most=6))


@pytest.mark.parametrize("slope", [2.4, 3.0, 3.6])
def test_the_spectrum_of_fbm_falls_with_the_slope_that_is_asked(slope: float) -> None:
    """Power in bands an octave wide, of the octaves between the first and the finest, averaged over seeds."""
    size, ones = 256, jnp.ones((8, 1, 1))
    noise = np.asarray(smooth_noise(ones * 2.0, ones * 6.0, ones * roughness_of_slope(slope)), np.float64)
    power = (np.abs(np.fft.fft2(noise)) ** 2).mean(0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(size, 1 / size), np.fft.fftfreq(size, 1 / size)))
    edges = 3.0 * 2.0 ** np.arange(4)
    bands = [power[(frequency >= low) & (frequency < 2 * low)].mean() for low in edges]
    fitted = -np.polyfit(np.log(edges), np.log(bands), 1)[0]
    assert fitted == pytest.approx(slope, abs=0.1)


def test_a_picture_does_not_depend_on_its_batch_nor_on_the_devices() -> None:
    @quick
    def draw(seed: Array, scale: Array) -> Array:
        half = jnp.full_like(scale, 0.5)
        return drawn(simplex, "hybrid", scale, half * 3, half, seed=seed, most=2)

    seed, scale = jnp.arange(8, dtype=jnp.uint32)[:, None, None], numbers(*SCALES, *SCALES)
    together = np.asarray(draw(seed, scale))
    np.testing.assert_array_equal(draw(seed[2:3], scale[2:3])[0], together[2])
    spread = parallel.split(parallel.make_mesh())
    np.testing.assert_array_equal(draw(*jax.device_put((seed, scale), spread)), together)


def test_numbers_have_finite_slopes() -> None:
    def total(*numbers: Array) -> Array:
        return jnp.sum(drawn(simplex, "ridged", *numbers, size=(12, 12), most=3) ** 2)

    slopes = quick(jax.grad(total, argnums=(0, 1, 2)))
    for values in ((3.0, 3.0, 0.5), (1.0, 1.0, 0.0), (12.0, 2.5, 1.0)):
        found = slopes(*(numbers(value) for value in values))
        assert all(np.isfinite(slope).all() for slope in found)
    assert np.abs(slopes(numbers(1.0), numbers(1.5), numbers(0.5))[2]).min() > 0.0


def test_coordinates_that_rows_do_not_share_are_drawn_by_pixels() -> None:
    """A lattice made by hand says nothing of its rows: the same rows again and again, here."""
    folded = jnp.abs(jnp.linspace(-2.0, 2.0, 24))[None, :, None]
    cells = Lattice(jnp.linspace(0.0, 2.0, 24)[None, None, :], folded, None, None)
    one = numbers(1.0)
    seed = jnp.zeros((1, 1, 1), jnp.uint32)
    noise = quick(lambda: fractal(perlin, cells, seed, kind="fbm", octaves=one, most_octaves=1, roughness=one))()
    np.testing.assert_allclose(noise, noise[:, ::-1], atol=1e-5)
