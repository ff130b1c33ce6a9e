"""Ways between latents against hand calculation, and the frames along them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.latent import interpolate
from gen_jax.latent.interpolate import CURVES, linear, spherical


def _pair(seed=0, shape=(6, 32)):
    keys = jax.random.split(jax.random.key(seed))
    return jax.random.normal(keys[0], shape), jax.random.normal(keys[1], shape)


def test_linear_is_the_weighted_mean():
    got = linear(jnp.array([[0.0, 8.0]]), jnp.array([[4.0, 0.0]]), jnp.array([0.25]))
    np.testing.assert_allclose(got, [[1.0, 6.0]])


def test_spherical_between_right_angles_is_on_the_circle():
    third = np.float32(1 / 3)
    got = spherical(jnp.array([[2.0, 0.0]]), jnp.array([[0.0, 2.0]]), jnp.array([third]))
    np.testing.assert_allclose(got, [[2 * np.cos(np.pi / 6), 2 * np.sin(np.pi / 6)]], rtol=1e-6)


@pytest.mark.parametrize("curve", CURVES)
def test_a_way_begins_and_ends_at_its_ends_bit_for_bit(curve):
    a, b = _pair()
    np.testing.assert_array_equal(CURVES[curve](a, b, jnp.zeros(6)), a)
    np.testing.assert_array_equal(CURVES[curve](a, b, jnp.ones(6)), b)


def test_spherical_keeps_the_norm_where_both_ends_have_it_and_linear_does_not():
    a, b = (x / jnp.linalg.norm(x, axis=1, keepdims=True) for x in _pair())
    half = jnp.full(6, 0.5)
    np.testing.assert_allclose(np.linalg.norm(spherical(a, b, half), axis=1), 1.0, rtol=1e-5)
    assert np.linalg.norm(linear(a, b, half), axis=1).max() < 0.95


def test_spherical_moves_by_equal_angles():
    a, b = (x / jnp.linalg.norm(x) for x in _pair(shape=(1, 16)))
    way = np.concatenate([spherical(a, b, jnp.array([t], jnp.float32)) for t in np.linspace(0, 1, 9)])
    angles = np.arccos(np.sum(way[1:] * way[:-1], axis=1))
    np.testing.assert_allclose(angles, angles.mean(), rtol=1e-3)


@pytest.mark.parametrize("end", [[3.0, 0.0], [-3.0, 0.0], [0.0, 0.0], [1e-30, 0.0]])
def test_spherical_is_straight_where_the_angle_has_no_sine(end):
    start = jnp.array([[1.0, 0.0]])
    got = spherical(start, jnp.array([end]), jnp.array([0.25]))
    np.testing.assert_allclose(got, [[0.75 + 0.25 * end[0], 0.0]], atol=1e-6)


def test_every_image_has_its_own_share_and_every_leaf_its_own_way():
    a, b = _pair(shape=(3, 2, 2))
    start, end = {"map": a, "vector": a.reshape(3, 4)}, {"map": b, "vector": 2 * a.reshape(3, 4)}
    got = spherical(start, end, jnp.array([0.0, 0.5, 1.0]))
    np.testing.assert_array_equal(got["map"][0], a[0])
    np.testing.assert_array_equal(got["map"][2], b[2])
    np.testing.assert_allclose(got["vector"], np.array([[1.0], [1.5], [2.0]]) * a.reshape(3, 4), rtol=1e-6)


def test_rows_hold_both_ends_of_each_pair():
    frames = interpolate.rows(3, 2)
    assert frames.start.tolist() == [0, 0, 0, 1, 1, 1]
    assert frames.end.tolist() == [1, 1, 1, 2, 2, 2]
    assert frames.share.tolist() == [0.0, 0.5, 1.0] * 2


def test_a_loop_comes_back_and_shows_no_frame_twice():
    frames = interpolate.loop(3, 2)
    assert frames.start.tolist() == [0, 0, 1, 1, 2, 2]
    assert frames.end.tolist() == [1, 1, 2, 2, 0, 0]
    assert frames.share.tolist() == [0.0, 0.5] * 3
