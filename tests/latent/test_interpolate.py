"""Ways between latents against hand calculation, and the frames along them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from gen_jax.latent import interpolate
from gen_jax.latent.interpolate import CURVES, Frames, Way, linear, point, spherical


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


def _smooth(keys, steps):
    frames = interpolate.loop(len(keys), steps)
    return np.asarray(point(Way(keys, interpolate.slopes(keys)), frames, "smooth"))


@pytest.mark.parametrize("count", [2, 3, 7])
def test_the_smooth_curve_is_the_periodic_spline_of_scipy(count):
    keys = np.random.default_rng(count).normal(size=(count, 2, 3)).astype(np.float32)
    got = _smooth(keys, 10)
    spline = CubicSpline(np.arange(count + 1), np.concatenate([keys, keys[:1]]), bc_type="periodic")
    np.testing.assert_allclose(got, spline(np.arange(10 * count) / 10), atol=2e-6)
    np.testing.assert_array_equal(got[::10], keys)


def test_the_smooth_curve_closes_and_has_no_kink_at_its_keys_where_a_straight_way_has():
    keys = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
    steps = 200
    frames = interpolate.loop(5, steps)
    kinks = {}
    for curve in ("smooth", "linear"):
        path = np.asarray(point(Way(keys, interpolate.slopes(keys)), frames, curve), np.float64)
        speed = (np.roll(path, -1, axis=0) - path) * steps
        jumps = np.linalg.norm(speed - np.roll(speed, 1, axis=0), axis=1)
        kinks[curve] = jumps[::steps].max()
        assert np.linalg.norm(path[-1] - path[0]) < 2 * np.linalg.norm(speed, axis=1).max() / steps
    assert kinks["smooth"] < 0.15 and kinks["linear"] > 2.0


def test_every_leaf_of_a_latent_goes_its_own_smooth_way():
    keys = {"map": np.arange(12.0, dtype=np.float32).reshape(3, 2, 2), "vector": np.eye(3, dtype=np.float32)}
    way = Way(keys, interpolate.slopes(keys))
    got = point(way, Frames(np.array([1]), np.array([2]), np.array([0.25], np.float32)), "smooth")
    for name, leaf in keys.items():
        alone = point(
            Way(leaf, interpolate.slopes(leaf)), Frames(np.array([1]), np.array([2]), np.float32([0.25])), "smooth"
        )
        np.testing.assert_array_equal(got[name], alone)
