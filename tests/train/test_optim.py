"""Adam, its learning rate, gradients in parts, and updates that are refused."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gen_jax.experiment import OptimConfig
from gen_jax.train import optim
from gen_jax.train.state import guard_stats

PARAMS = {"w": jnp.array([[1.0, -2.0], [0.5, 3.0]]), "b": jnp.array([0.1, -0.2])}
GRADIENT = {"w": jnp.array([[0.3, -0.1], [2.0, 0.0]]), "b": jnp.array([-0.4, 1.0])}


def same(a, b, **tolerance):
    for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        if tolerance:
            np.testing.assert_allclose(x, y, **tolerance)
        else:
            np.testing.assert_array_equal(x, y)


def run(config, steps=3, gradient=GRADIENT, rate=0.01):
    params, state = PARAMS, optim.transform(config, 0.0).init(PARAMS)
    update = jax.jit(
        lambda params, state, rate, gradient: optim.guarded_update(
            config, rate, params, state, loss=jnp.float32(0), gradient=gradient
        )
    )
    for _ in range(steps):
        last = update(params, state, jnp.float32(rate), gradient)
        params, state = last.params, last.opt_state
    return last


def run_optax(transform, steps=3, gradient=GRADIENT):
    params, state = PARAMS, transform.init(PARAMS)
    for _ in range(steps):
        updates, state = transform.update(gradient, state, params)
        params = optax.apply_updates(params, updates)
    return params


@pytest.mark.parametrize(("b1", "b2", "eps"), [(0.0, 0.99, 1e-8), (0.9, 0.999, 1e-3)])
def test_updates_are_those_of_adam(b1, b2, eps):
    ours = run(OptimConfig(b1=b1, b2=b2, eps=eps))
    same(ours.params, run_optax(optax.adam(0.01, b1=b1, b2=b2, eps=eps)), rtol=1e-6)


def test_weight_decay_is_that_of_adamw():
    ours = run(OptimConfig(b1=0.9, weight_decay=0.1))
    same(ours.params, run_optax(optax.adamw(0.01, b1=0.9, b2=0.99, weight_decay=0.1)), rtol=1e-6)


def test_the_first_step_of_adam_is_the_learning_rate_against_the_sign():
    expected = jax.tree.map(lambda p, g: p - 0.01 * jnp.sign(g), PARAMS, GRADIENT)
    same(run(OptimConfig(), steps=1).params, expected, rtol=1e-5)


def test_clipping_scales_the_gradient_to_its_norm_and_reports_the_norm_before():
    norm = np.sqrt(0.3**2 + 0.1**2 + 2.0**2 + 0.4**2 + 1.0)
    clipped = run(OptimConfig(clip_norm=0.5, eps=1.0))
    np.testing.assert_allclose(clipped.gradient_norm, norm, rtol=1e-6)
    scaled = jax.tree.map(lambda g: g * (0.5 / norm), GRADIENT)
    same(clipped.params, run(OptimConfig(eps=1.0), gradient=scaled).params, rtol=1e-6)
    same(run(OptimConfig(clip_norm=100.0, eps=1.0)).params, run(OptimConfig(eps=1.0)).params, rtol=1e-6)


def poisoned(value):
    return GRADIENT | {"b": jnp.array([value, 1.0])}


@pytest.mark.parametrize(
    ("config", "loss", "gradient"),
    [
        (OptimConfig(b1=0.9), jnp.nan, GRADIENT),
        (OptimConfig(b1=0.9), -jnp.inf, GRADIENT),
        (OptimConfig(b1=0.9), 0.0, poisoned(jnp.nan)),
        (OptimConfig(b1=0.9, clip_norm=1.0, weight_decay=0.1), 0.0, poisoned(jnp.inf)),
        (OptimConfig(b1=0.9), 0.0, poisoned(1e30)),  # finite, but its square is not
        (OptimConfig(b1=0.9, skip_norm=2.0), 0.0, GRADIENT),
        (OptimConfig(b1=0.9, skip_norm=2.0, clip_norm=1.0), 0.0, GRADIENT),
    ],
)
def test_an_update_that_is_not_to_be_trusted_changes_nothing(config, loss, gradient):
    before = run(OptimConfig(b1=config.b1, weight_decay=config.weight_decay, clip_norm=config.clip_norm))
    update = optim.guarded_update(
        config, jnp.float32(0.1), before.params, before.opt_state, loss=jnp.float32(loss), gradient=gradient
    )
    assert not update.applied
    same(update.params, before.params)
    same(update.opt_state, before.opt_state)
    average = optim.moving_average(
        PARAMS, jax.tree.map(lambda p: p + jnp.nan, PARAMS), jnp.float32(0.5), update.applied
    )
    same(average, PARAMS)


def test_a_gradient_at_the_limit_is_not_skipped():
    assert run(OptimConfig(skip_norm=2.3), steps=1).applied  # the norm is about 2.293


def test_the_moving_average_matches_a_hand_calculation():
    average = optim.moving_average({"w": jnp.array([1.0, 2.0])}, {"w": jnp.array([3.0, -2.0])}, jnp.float32(0.75), True)
    np.testing.assert_allclose(average["w"], [1.5, 1.0])


def test_skips_are_counted_in_all_and_in_a_row():
    stats, seen = guard_stats("gen", "disc"), []
    for applied in (True, False, False, True, False):
        stats = optim.count_skips(stats, "gen", jnp.array(applied))
        seen.append((int(stats["skipped"]["gen"]), int(stats["skipped_in_row"]["gen"])))
    assert seen == [(0, 0), (1, 1), (2, 2), (2, 0), (3, 1)]
    assert int(stats["skipped"]["disc"]) == int(stats["skipped_in_row"]["disc"]) == 0


X = jnp.asarray(np.random.default_rng(0).normal(size=(8, 2)), jnp.float32)
LABELS = jnp.array([0, 1, 0, 0, 1, 1, 0, 1])


def mean_loss(params, x, labels):
    y = jnp.tanh(x @ params["w"])
    if labels is not None:
        y = y + params["b"][labels][:, None]
    return jnp.mean(jnp.square(y)), {"largest/mean": jnp.mean(jnp.max(y, axis=-1))}


@pytest.mark.parametrize("parts", [2, 4, 8])
@pytest.mark.parametrize("labels", [None, LABELS], ids=["unlabelled", "labelled"])
def test_a_batch_in_parts_gives_the_loss_terms_and_gradient_of_the_whole(parts, labels):
    whole = optim.value_and_gradient(mean_loss, PARAMS, (X, labels), parts=1)
    cut = jax.jit(lambda: optim.value_and_gradient(mean_loss, PARAMS, (X, labels), parts=parts))()
    same(cut, whole, rtol=1e-5, atol=1e-6)
    assert list(cut[1]) == ["largest/mean"]


def test_pairs_stay_pairs_when_a_batch_is_cut():
    def products(params, x, y):
        return jnp.mean(x * y * params), {}

    x, y = jnp.arange(8.0), jnp.arange(8.0)[::-1]
    for parts in (1, 2, 4):
        _, _, gradient = optim.value_and_gradient(products, jnp.float32(1), (x, y), parts=parts)
        np.testing.assert_allclose(gradient, np.mean(np.arange(8) * np.arange(8)[::-1]), rtol=1e-6)
