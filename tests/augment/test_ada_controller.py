"""The probability of augmentation: up when the discriminator is too sure, down when it is not, within its limits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.augment import ada_controller
from gen_jax.augment.ada_pipes import AdaConfig

BATCH = 64


def config(**changes):
    return AdaConfig(**{"pipe": "bgc", "speed": 6400, "every": 4, "most": 0.85, **changes})


def run(signs, config, state=None, start=0):
    """Return the state after each of a sequence of mean signs."""
    state = ada_controller.initial_state(config) if state is None else state
    update = jax.jit(lambda state, sign, step: ada_controller.update_state(state, sign, config, batch=BATCH, step=step))
    states = []
    for step, sign in enumerate(signs, start=start):
        state = update(state, jnp.float32(sign), jnp.int32(step))
        states.append(state)
    return states


def probabilities(states):
    return np.array([float(state["p"]) for state in states])


def test_one_step_is_the_share_of_the_speed():
    rises = ada_controller.adjust(0.2, 0.7, images=256, target=0.6, speed=6400, most=0.85)
    falls = ada_controller.adjust(0.2, 0.5, images=256, target=0.6, speed=6400, most=0.85)
    np.testing.assert_allclose([rises, falls], [0.2 + 0.04, 0.2 - 0.04], rtol=1e-6)


@pytest.mark.parametrize(("p", "sign", "expected"), [(0.84, 0.9, 0.85), (0.01, 0.0, 0.0), (0.3, 0.6, 0.3)])
def test_it_stays_within_its_limits_and_stands_still_at_the_target(p, sign, expected):
    out = ada_controller.adjust(p, np.float32(sign), images=256, target=np.float32(0.6), speed=6400, most=0.85)
    np.testing.assert_allclose(out, expected, rtol=1e-6)


def test_what_is_not_a_number_moves_nothing():
    assert float(ada_controller.adjust(0.3, float("nan"), images=256, target=0.6, speed=6400, most=0.85)) == np.float32(
        0.3
    )
    states = run([float("nan")] * 4 + [1.0] * 4, config(p=0.3))
    np.testing.assert_allclose(probabilities(states)[[3, 7]], [0.3, 0.34], rtol=1e-6)


def test_it_moves_every_fourth_step_by_the_mean_of_the_four():
    p = probabilities(run([1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 0.9, 0.9], config(p=0.2)))
    np.testing.assert_allclose(p, [0.2, 0.2, 0.2, 0.16, 0.16, 0.16, 0.16, 0.2], rtol=1e-5)


def test_an_overfitting_discriminator_takes_p_to_its_limit_in_the_images_that_speed_says():
    p = probabilities(run([1.0] * 120, config()))
    assert np.all(np.diff(p) >= 0)
    np.testing.assert_allclose(p[49], 50 // 4 * 4 * BATCH / 6400, rtol=1e-5)
    np.testing.assert_allclose(p[-1], 0.85, rtol=1e-6)


def test_a_restored_state_goes_on_bit_for_bit():
    signs = np.random.default_rng(0).uniform(0.2, 1.0, 30)
    whole = run(signs, config(p=0.4))
    kept = jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf)), whole[16])  # in the middle of a group of four
    again = run(signs[17:], config(p=0.4), state=kept, start=17)
    for state, expected in zip(again, whole[17:], strict=True):
        for name in ("p", "signs", "count"):
            np.testing.assert_array_equal(state[name], expected[name])


def test_the_state_is_scalars_and_keeps_its_types():
    first = ada_controller.initial_state(config(p=0.1))
    after = run([0.5], config(p=0.1))[0]
    assert {name: (leaf.shape, leaf.dtype) for name, leaf in first.items()} == {
        name: (leaf.shape, leaf.dtype) for name, leaf in after.items()
    }
    assert all(leaf.shape == () and leaf.dtype == jnp.float32 for leaf in first.values())


def test_a_schedule_goes_along_half_a_cosine_and_stays():
    scheduled = config(mode="scheduled", p=0.55, p_start=0.0)
    images = np.array([0, 1e6, 5e6, 1e7, 1.9e7, 2e7, 5e7])
    p = [float(ada_controller.probability(scheduled, None, n, burn_in=2e7)) for n in images]
    # The published schedule of CIFAR-10.
    expected = [0, 0.00338570634, 0.0805456352, 0.275, 0.546614294, 0.55, 0.55]
    np.testing.assert_allclose(p, expected, rtol=1e-5, atol=1e-7)


def test_a_schedule_without_a_start_is_constant_and_an_adaptive_one_is_the_state():
    constant = config(mode="scheduled", p=0.3)
    assert float(ada_controller.probability(constant, None, 0, burn_in=1e6)) == np.float32(0.3)
    state = ada_controller.initial_state(config(p=0.25))
    assert ada_controller.probability(config(), state, 0, burn_in=1e6) is state["p"]
    with pytest.raises(ValueError, match="initial_state"):
        ada_controller.probability(config(), None, 0, burn_in=1e6)
