"""Reaction and diffusion: the numbers follow the equations, and every named pattern is one."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.texture import reaction
from gen_jax.draw.texture.field import Field
from gen_jax.draw.texture.reaction import RATES, gray_scott, reaction_diffusion

fast = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})


def column(values: list[float]) -> jax.Array:
    return jnp.asarray(values, jnp.float32).reshape(-1, 1, 1)


def test_without_differences_the_substances_follow_the_equation_alone() -> None:
    feed, kill, u, v = 0.04, 0.06, 0.6, 0.4
    found = fast(lambda v: gray_scott(v, feed=feed, kill=kill, diffusion=column([0.16]), steps=50))(
        jnp.full((1, 8, 8), v)
    )
    for _ in range(50):
        u, v = u + feed * (1.0 - u) - u * v * v, v + u * v * v - (feed + kill) * v
    np.testing.assert_allclose(found, v, rtol=1e-4)


def test_a_wave_decays_as_diffusion_says() -> None:
    """Where v is small, so is the reaction: of a wave of 16 points remains 1 - k - Dv (2 - 2 cos(2 pi / 16)) a step."""
    wave = 1e-5 * (2.0 + np.cos(2.0 * np.pi * np.arange(16) / 16.0))
    start = jnp.asarray(np.broadcast_to(wave, (1, 16, 16)), jnp.float32)
    found = fast(lambda v: gray_scott(v, feed=0.0, kill=0.01, diffusion=column([0.2]), steps=50))(start)
    size = np.ptp(np.asarray(found)[0, 0]) / 2e-5
    laplacian = 2.0 - 2.0 * np.cos(2.0 * np.pi / 16.0)
    assert size == pytest.approx((1.0 - 0.1 * laplacian - 0.01) ** 50, rel=0.01)


def test_every_pattern_shows_something() -> None:
    """Of each kind of pattern, two seeds; between the largest and the smallest wavelength that the grid allows."""
    feed, kill = (column([rates[part] for rates in RATES.values() for _ in range(2)]) for part in (0, 1))
    count = 2 * len(RATES)
    where = Field(jnp.arange(count, dtype=jnp.uint32)[:, None, None], 48, 48, True, 1)

    @jax.jit
    def run() -> jax.Array:
        drops = reaction._drops(where, column([4.0]))
        return gray_scott(drops, feed=feed, kill=kill, diffusion=column([0.18]), steps=1500)

    v = np.asarray(run())
    assert np.isfinite(v).all() and v.min() > -1e-3 and v.max() < 1.0
    assert (v.std(axis=(1, 2)) > 0.03).all()


@pytest.fixture(scope="module")
def pictures() -> dict[str, np.ndarray]:
    """A small pattern at two sizes, and how it moves with its numbers."""
    patch = pytest.MonkeyPatch()
    patch.setitem(reaction.QUALITIES, "draft", (40, 200))

    def draw(scale: jax.Array, contrast: jax.Array, level: jax.Array, size: int) -> jax.Array:
        where = Field(jnp.asarray([3, 4], jnp.uint32)[:, None, None], size, size * 3 // 2, False, 1)
        given = {"scale": scale, "contrast": contrast, "level": level}
        return reaction_diffusion.draw(where, **given, pattern="coral", quality="draft").height

    def moved(*given: jax.Array, size: int) -> tuple[jax.Array, jax.Array]:
        return jax.jvp(functools.partial(draw, size=size), given, tuple(jnp.ones_like(number) for number in given))

    given = column([4.0, 4.4]), column([1.0, 1.0]), column([0.5, 0.5])
    made = {"size 96": fast(functools.partial(draw, size=96))(*given)}
    made["size 48"], made["slope"] = fast(functools.partial(moved, size=48))(*given)
    patch.undo()
    return jax.tree.map(np.asarray, made)


def test_the_pattern_does_not_depend_on_the_number_of_pixels(pictures: dict[str, np.ndarray]) -> None:
    halved = pictures["size 96"].reshape(2, 48, 2, 72, 2).mean(axis=(2, 4))
    assert pictures["size 48"].std() > 0.1
    assert np.abs(halved - pictures["size 48"]).mean() < 0.01


def test_the_pattern_has_no_seam(pictures: dict[str, np.ndarray]) -> None:
    picture = pictures["size 96"]
    for axis in (1, 2):
        inner = np.abs(np.diff(picture, axis=axis)).max()
        assert np.abs(np.take(picture, 0, axis=axis) - np.take(picture, -1, axis=axis)).max() <= inner


def test_the_slope_along_all_numbers_is_finite(pictures: dict[str, np.ndarray]) -> None:
    assert np.isfinite(pictures["slope"]).all() and np.abs(pictures["slope"]).max() > 0.0
