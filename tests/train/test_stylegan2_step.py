"""One step of StyleGAN2, phase by phase; and a generator with styles under the objective of other GANs."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gen_jax import parallel
from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.errors import UserError
from gen_jax.experiment import OptimConfig
from gen_jax.train import gan_step, program, stylegan2_step
from tests.train.steps import (
    BATCH,
    assert_trees,
    batch,
    gan_experiment,
    gan_networks,
    mesh_of,
    place,
    run,
    style_experiment,
    style_networks,
    with_weights,
)

quick = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
"""Compiling takes half the time, and these programs run a few times."""

PLAIN = style_experiment(r1_every=4, path_length_every=2)


def trained(experiment, *, steps=2, due=None, start=None):
    """(state, metrics of each step) after some steps from weights that numpy drew."""
    networks = style_networks()
    module = program.STEPS[experiment.objective.kind]
    shapes = program.state_shapes(experiment, networks)
    shardings = parallel.state_shardings(mesh_of(1), shapes, fsdp=False)
    state, history = place(start or with_weights(shapes), shardings), []
    compiled = {}
    for number in range(steps):
        known = None if due is None else due(number)
        signature = None if known is None else tuple(sorted(known.items()))
        if signature not in compiled:
            compiled[signature] = quick(module.make_step(experiment, networks, due=known))
        state, metrics = run(compiled[signature], state, [batch(number)], key_seed=number)
        history.append(metrics)
    return state, history


@pytest.fixture(scope="module")
def after_four():
    return trained(PLAIN, steps=4)


def test_regularisers_act_at_their_steps_and_their_logged_mean_is_that_of_every_step(after_four):
    _, history = after_four
    assert [float(metrics["penalty/path_length"]) > 0 for metrics in history] == [True, False, True, False]
    assert [float(metrics["penalty/r1"]) > 0 for metrics in history] == [True, False, False, False]
    assert stylegan2_step.lazy_terms(PLAIN) == {"path_length": 2, "r1": 4}


def test_a_program_that_knows_what_is_due_does_what_one_that_finds_out_does(after_four):
    known, _ = trained(PLAIN, steps=4, due=lambda step: {"path_length": step % 2 == 0, "r1": step % 4 == 0})
    assert_trees(known, after_four[0], rtol=2e-5, atol=2e-6)


def test_every_phase_moves_its_network_and_nothing_else():
    def moved(**objective):
        chosen = {"r1": 0.0, "path_length": 0.0} | objective
        state, _ = trained(style_experiment(r1_every=1, path_length_every=1, style_mixing=0.0, **chosen), steps=1)
        return state

    base, with_r1, with_lengths = moved(), moved(r1=10.0), moved(path_length=2.0)
    assert_trees(base.params["gen"], with_r1.params["gen"])
    assert not np.allclose(base.params["disc"]["first"], with_r1.params["disc"]["first"], atol=1e-5)
    assert not np.allclose(
        base.params["gen"]["synthesis"]["second"], with_lengths.params["gen"]["synthesis"]["second"], atol=1e-5
    )


def test_adam_of_a_lazily_regularised_network_is_slower_by_k_over_k_plus_one():
    experiment = style_experiment(optim=OptimConfig(lr=1.0, b1=0.5, b2=0.99))
    rate = stylegan2_step.lazy_rate(experiment, jnp.float32(1.0), jnp.float32(0.99), every=4)
    np.testing.assert_allclose([rate.lr, rate.b1, rate.b2], [0.8, 0.5**0.8, 0.99**0.8], rtol=1e-6)
    off = stylegan2_step.lazy_rate(experiment, jnp.float32(1.0), jnp.float32(0.99), every=0)
    np.testing.assert_allclose([off.lr, off.b1, off.b2], [1.0, 0.5, 0.99], rtol=1e-6)


def test_the_mean_style_follows_the_batches_and_is_copied_to_what_is_sampled():
    experiment, networks = style_experiment(), style_networks()
    start = with_weights(program.state_shapes(experiment, networks))
    state, _ = trained(experiment, steps=1)
    mean = np.asarray(state.params["buffers"]["mean_style"])
    assert np.all(np.abs(mean) > 0)
    # One step from zero: 0.005 of the mean style of the batch, which a large batch makes nearly that of all latents.
    labels = jnp.asarray(batch(0).labels)
    latents = jax.random.normal(jax.random.key(5), (4096, BATCH, 4))
    everyone = jax.vmap(lambda z: networks.map(start.params["gen"], z, labels))(latents)
    spread = np.std(np.mean(everyone, axis=1), axis=0)
    np.testing.assert_array_less(np.abs(mean / 0.005 - np.mean(everyone, axis=(0, 1))), 5 * spread)
    assert_trees(state.ema["buffers"], state.params["buffers"])
    pointers = [leaf.unsafe_buffer_pointer() for leaf in jax.tree.leaves(state)]
    assert len(set(pointers)) == len(pointers), "a donated buffer must not be given twice"


def test_the_mean_path_length_starts_at_zero_and_moves_by_a_hundredth(after_four):
    state, history = after_four
    means = [float(metrics["path_length/mean"]) for metrics in history]
    assert 0 < means[0] == means[1] < means[2] == means[3]
    np.testing.assert_allclose(state.stats["path_length"], means[-1], rtol=1e-6)


def test_a_batch_in_parts_trains_as_the_whole_does_where_nothing_is_drawn_part_by_part(monkeypatch):
    # Noise and mixing differ from part to part; without them the parts add up.
    networks = style_networks()
    silent = dataclasses.replace(networks, synthesize=lambda p, b, w, noise: networks.synthesize(p, b, w, "none"))
    monkeypatch.setattr("tests.train.test_stylegan2_step.style_networks", lambda: silent)
    objective = {"style_mixing": 0.0, "path_length": 0.0, "r1_every": 1}
    whole, parts = (trained(style_experiment(accumulate=n, **objective), steps=1)[0] for n in (1, 2))
    assert_trees(parts, whole, rtol=1e-4, atol=2e-5)


def test_a_generator_with_styles_trains_under_the_objective_of_other_gans():
    experiment = style_experiment(loss="relativistic", style_mixing=0.9)
    state, history = trained(experiment)
    assert np.any(np.asarray(state.params["buffers"]["mean_style"]) != 0)
    assert {"penalty/r1", "penalty/r2"} <= history[0].keys()
    np.testing.assert_allclose(history[-1]["param_norm/gen"], optax.tree.norm(state.params["gen"]), rtol=1e-5)


def test_p_is_in_the_state_and_moves_every_fourth_step():
    ada = AdaConfig(pipe="blit", speed=BATCH * 8, target=-0.9)  # any discriminator is surer than that
    experiment = dataclasses.replace(gan_experiment(), ada=ada)
    networks = gan_networks(experiment, real=False)
    step = quick(program.STEPS[experiment.objective.kind].make_step(experiment, networks))
    state = with_weights(program.state_shapes(experiment, networks))
    seen = []
    for number in range(8):
        state, metrics = run(step, state, [batch(number)], key_seed=number)
        seen.append(float(metrics["ada/p"]))
        assert -1 <= float(metrics["ada/r_t"]) <= 1
    assert seen[:4] == [0.0] * 4 and seen[4:] == [0.5] * 4
    assert float(state.stats["ada"]["p"]) == np.float32(0.85)  # the limit, not 1


def test_this_objective_and_other_models_refuse_each_other():
    with pytest.raises(UserError, match=r"stylegan2 does not train --model\.kind dcgan"):
        dataclasses.replace(gan_experiment(), objective=PLAIN.objective)
    with pytest.raises(UserError, match="this step trains with stylegan2"):
        stylegan2_step.make_step(gan_experiment(), style_networks())
    with pytest.raises(UserError, match="trains with adversarial"):
        gan_step.make_step(PLAIN, style_networks())
    with pytest.raises(UserError, match=r"multiple of twice --train\.accumulate"):
        dataclasses.replace(PLAIN, train=dataclasses.replace(PLAIN.train, batch=6, accumulate=2))
