"""Normal maps and light, against slopes known by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.texture import shading

SIZE = 32


@pytest.fixture(scope="module")
def normals():
    def draw(height, *, tile):
        return shading.normals(height, jnp.full((1, 1, 1), 0.5), pixel=1 / SIZE, tile=tile)

    return jax.jit(draw, static_argnames="tile")


def plane(across: float, down: float) -> np.ndarray:
    """Return heights that rise so much over a whole picture, to the right and downwards."""
    place = (np.arange(SIZE, dtype=np.float32) + 0.5) / SIZE
    return (across * place[None, None, :] + down * place[None, :, None]).astype(np.float32)


def test_a_flat_surface_faces_the_viewer(normals) -> None:
    flat = np.asarray(normals(np.full((1, SIZE, SIZE), 0.3, np.float32), tile=True))
    np.testing.assert_array_equal(flat, np.broadcast_to([0.0, 0.0, 1.0], flat.shape))


def test_a_ramp_leans_against_its_rise_at_every_pixel(normals) -> None:
    """Relief 1/2 of heights that rise by 0.8 to the right: dz/dx is 0.4; by 0.6 downwards: dz/dy (y up) is -0.3."""
    expected = np.array([-0.4, 0.3, 1.0]) / np.sqrt(0.4**2 + 0.3**2 + 1.0)
    found = np.asarray(normals(plane(0.8, 0.6), tile=False))
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), atol=1e-5)


def test_a_wave_that_comes_round_has_its_slope_at_the_seam_too(normals) -> None:
    turns = 2.0 * np.pi * (np.arange(SIZE) + 0.5) / SIZE
    height = np.broadcast_to(0.1 * np.sin(turns), (1, SIZE, SIZE)).astype(np.float32)
    found = np.asarray(normals(height, tile=True))[0, 0]
    central = 0.5 * 0.1 * np.cos(turns) * np.sin(2.0 * np.pi / SIZE) * SIZE
    np.testing.assert_allclose(-found[:, 0] / found[:, 2], central, atol=1e-4)


def test_normals_become_colours_and_directx_has_green_upside_down() -> None:
    normal = jnp.array([[0.0, 0.0, 1.0], [0.6, 0.8, 0.0]])
    np.testing.assert_allclose(shading.encode(normal), [[0.5, 0.5, 1.0], [0.8, 0.9, 0.5]], atol=1e-6)
    np.testing.assert_allclose(shading.encode(normal, directx=True)[1], [0.8, 0.1, 0.5], atol=1e-6)


def test_light_from_the_upper_left_leaves_a_flat_surface_as_it_is(normals) -> None:
    colors, amount = jnp.full((1, SIZE, SIZE, 3), 0.4), jnp.ones((1, 1, 1))
    flat, towards, away = (
        float(shading.lit(colors, normals(plane(rise, rise), tile=False), amount).mean()) for rise in (0.0, 0.4, -0.4)
    )
    assert flat == pytest.approx(0.4, abs=1e-5)
    assert away < flat - 0.05
    assert towards > flat + 0.05
