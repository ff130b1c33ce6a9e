"""One step of a VAE: it learns, pure, guarded, and the same on any number of devices."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax import parallel
from gen_jax.objectives.elbo import gaussian_kl
from gen_jax.train import program, vae_step
from tests.train.steps import (
    BATCH,
    assert_trees,
    batch,
    mesh_of,
    place,
    poison,
    run,
    vae_experiment,
    vae_networks,
    with_weights,
)

CLOSE = {"rtol": 1e-4, "atol": 2e-5}
BASE = vae_experiment()


def start_of(experiment, *, real=False):
    return with_weights(program.state_shapes(experiment, vae_networks(experiment, real=real)))


@functools.cache
def compiled(experiment, *, real=False, devices=1):
    networks, mesh = vae_networks(experiment, real=real), mesh_of(devices)
    shapes = program.state_shapes(experiment, networks)
    shardings = parallel.state_shardings(mesh, shapes, fsdp=False)
    step = parallel.compile_step(vae_step.make_step(experiment, networks), state=shardings)
    return step, shardings, parallel.split(mesh)


def trained(experiment, *, real=False, **placement):
    step, shardings, split = compiled(experiment, real=real, **placement)
    state = place(start_of(experiment, real=real), shardings)
    return run(step, state, [place(batch(seed), split) for seed in range(2)])


@pytest.fixture(scope="module")
def after_two_steps():
    return trained(BASE)


def test_the_same_inputs_give_the_same_bits(after_two_steps):
    assert_trees(trained(BASE), after_two_steps)


def test_the_loss_on_one_batch_falls():
    step, shardings, split = compiled(BASE, real=True)
    state, losses = place(start_of(BASE, real=True), shardings), []
    for number in range(30):
        state, metrics = run(step, state, [place(batch(0), split)], key_seed=number)
        losses.append(float(metrics["loss/vae"]))
    assert np.mean(losses[-5:]) < 0.7 * losses[0]
    assert state.ema.keys() == {"enc", "dec"}
    assert int(state.step) == 30 and int(state.stats["skipped"]["vae"]) == 0


def test_metrics_keep_their_identities(after_two_steps):
    metrics = after_two_steps[1]
    assert all(value.shape == () and np.isfinite(value) for value in metrics.values())
    np.testing.assert_allclose(metrics["elbo/elbo"], -(metrics["elbo/rate"] + metrics["elbo/distortion"]), rtol=1e-5)
    np.testing.assert_allclose(metrics["loss/vae"], -metrics["elbo/elbo"], rtol=1e-5)  # beta is 1
    bits = -metrics["elbo/elbo"] / (np.log(2) * 16 * 16)
    np.testing.assert_allclose(metrics["elbo/bits_per_dimension"], bits, rtol=1e-5)


def test_the_loss_matches_a_plain_computation():
    networks, params, given = vae_networks(BASE, real=True), start_of(BASE, real=True).params, batch(0)
    images = given.images.astype(np.float32) / 127.5 - 1.0
    noise = np.random.default_rng(5).normal(size=(BATCH, 4)).astype(np.float32)

    @jax.jit
    def both():
        loss = vae_step.elbo_loss(BASE, networks, jnp.float32(0))(params, images, noise, given.labels)[0]
        mean, log_std = networks.encoder.apply(params["enc"], images, given.labels)
        decoded = networks.decoder.apply(params["dec"], mean + jnp.exp(log_std) * noise, given.labels)
        return loss, mean, log_std, decoded

    loss, mean, log_std, decoded = (np.asarray(x, np.float64) for x in both())
    sigma = 0.3
    log_prob = -0.5 * ((images - decoded) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    rate = 0.5 * (mean**2 + np.exp(2 * log_std) - 1) - log_std
    np.testing.assert_allclose(loss, np.mean(-log_prob.sum((1, 2, 3)) + rate.sum(1)), rtol=1e-5)
    np.testing.assert_allclose(gaussian_kl(mean, log_std), rate, rtol=1e-4, atol=1e-5)


@pytest.mark.devices(4)
def test_four_devices_train_as_one_does():
    one, (state, metrics) = trained(BASE, real=True), trained(BASE, real=True, devices=4)
    assert_trees(state, one[0], **CLOSE)
    assert_trees(metrics, one[1], rtol=1e-3, atol=1e-4)
    assert all(leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(state))


def test_a_batch_in_four_parts_trains_as_the_whole_does(after_two_steps):
    state, metrics = trained(vae_experiment(accumulate=4))
    assert_trees(state, after_two_steps[0], **CLOSE)
    assert_trees(metrics, after_two_steps[1], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["enc", "dec"])
def test_a_poisoned_network_is_not_updated_and_is_counted(name):
    step, shardings, split = compiled(BASE)
    start = start_of(BASE)
    start = start.replace(params=poison(start.params, name))
    state, metrics = run(step, place(start, shardings), [place(batch(0), split)])
    assert_trees((state.params, state.ema, state.opt_state), (start.params, start.ema, start.opt_state))
    assert (int(state.step), int(state.stats["skipped"]["vae"]), int(state.stats["skipped_in_row"]["vae"])) == (1, 1, 1)
    assert metrics["health/skipped_vae"] == 1.0


def test_a_compiled_step_moves_nothing_from_the_host():
    step, shardings, split = compiled(BASE)
    state, given, key = place(start_of(BASE), shardings), place(batch(0), split), jax.random.key(0)
    with jax.transfer_guard("disallow"):
        jax.block_until_ready(step(state, given, key))
