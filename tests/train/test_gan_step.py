"""One step of a GAN: pure, guarded, and the same on any number of devices."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from gen_jax import parallel
from gen_jax.objectives import gan
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.train import gan_step, optim, program
from tests.train.steps import (
    BATCH,
    CLASSES,
    assert_trees,
    batch,
    gan_experiment,
    gan_networks,
    mesh_of,
    place,
    poison,
    run,
    with_weights,
)

CLOSE = {"rtol": 1e-4, "atol": 2e-5}


def start_of(experiment, *, real=False):
    return with_weights(program.state_shapes(experiment, gan_networks(experiment, real=real)))


@functools.cache
def compiled(experiment, *, real=False, devices=1, fsdp=False):
    """(step, its state's shardings, the batch's sharding) on so many devices."""
    networks, mesh = gan_networks(experiment, real=real), mesh_of(devices)
    shapes = program.state_shapes(experiment, networks)
    shardings = parallel.state_shardings(mesh, shapes, fsdp=fsdp, least=256)
    step = parallel.compile_step(gan_step.make_step(experiment, networks), state=shardings)
    return step, shardings, parallel.split(mesh)


def trained(experiment, *, real=False, **placement):
    step, shardings, split = compiled(experiment, real=real, **placement)
    state = place(start_of(experiment, real=real), shardings)
    return run(step, state, [place(batch(seed), split) for seed in range(2)])


BASE = gan_experiment()


@pytest.fixture(scope="module")
def after_two_steps():
    return trained(BASE)


def test_the_same_inputs_give_the_same_bits(after_two_steps):
    assert_trees(trained(BASE), after_two_steps)


def test_a_step_moves_every_network_and_the_average_follows_the_generator(after_two_steps):
    state, metrics = after_two_steps
    start = start_of(BASE)
    assert int(state.step) == 2
    moved = jax.tree.map(lambda a, b: float(np.max(np.abs(a - b))), state.params, start.params)
    # The relativistic loss sees only differences of logits: a number added to all of them changes nothing.
    assert moved["disc"].pop("bias") == 0.0
    for path, leaf in jax.tree_util.tree_leaves_with_path(moved):
        assert leaf > 0, jax.tree_util.keystr(path)
    assert state.ema.keys() == {"gen"}
    # At 8 images seen the half-life is 0.8 of them: nearly a copy, 0.5 ** 10 of the weights before.
    np.testing.assert_allclose(metrics["schedule/ema_decay"], 0.5**10, rtol=1e-5)
    assert_trees(state.ema["gen"], state.params["gen"], rtol=0, atol=0.01 * 2 * 0.5**10 + 1e-6)
    assert int(state.stats["skipped"]["gen"]) == int(state.stats["skipped"]["disc"]) == 0


def test_metrics_are_finite_scalars_and_say_what_the_state_says(after_two_steps):
    state, metrics = after_two_steps
    assert all(value.shape == () and value.dtype == jnp.float32 for value in metrics.values())
    assert all(np.isfinite(value) for value in metrics.values())
    for name in ("gen", "disc"):
        np.testing.assert_allclose(metrics[f"param_norm/{name}"], optax.tree.norm(state.params[name]), rtol=1e-5)
    assert metrics["schedule/lr"] == np.float32(1e-2) and metrics["health/skipped_gen"] == 0.0
    expected = {"loss/disc", "loss/gen", "logits/real", "logits/fake", "penalty/r1", "penalty/r2", "grad_norm/gen"}
    assert expected <= metrics.keys()


@pytest.mark.devices(4)
@pytest.mark.parametrize("real", [False, True], ids=["matrices", "dcgan"])
def test_four_devices_with_spread_state_train_as_one_does(real):
    one, (state, metrics) = trained(BASE, real=real), trained(BASE, real=real, devices=4, fsdp=True)
    assert_trees(state, one[0], **CLOSE)
    assert_trees(metrics, one[1], rtol=1e-3, atol=1e-4)
    assert any(not leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(state))


def test_a_batch_in_parts_trains_as_the_whole_does(after_two_steps):
    state, metrics = trained(gan_experiment(accumulate=4))
    assert_trees(state, after_two_steps[0], **CLOSE)
    assert_trees(metrics, after_two_steps[1], rtol=1e-3, atol=1e-4)


@pytest.mark.devices(4)
def test_four_devices_with_copied_state_train_a_batch_in_parts_as_one_does(after_two_steps):
    state, _ = trained(gan_experiment(accumulate=2), devices=4)
    assert_trees(state, after_two_steps[0], **CLOSE)
    assert all(leaf.sharding.is_fully_replicated for leaf in jax.tree.leaves(state))


@pytest.mark.parametrize("name", ["gen", "disc"])
def test_a_poisoned_network_is_neither_updated_nor_averaged_and_is_counted(name):
    step, shardings, split = compiled(BASE)
    start = start_of(BASE)
    start = start.replace(params=poison(start.params, name))
    state, metrics = run(step, place(start, shardings), [place(batch(seed), split) for seed in range(2)])
    assert int(state.step) == 2
    assert_trees((state.params, state.ema, state.opt_state), (start.params, start.ema, start.opt_state))
    for counter in ("skipped", "skipped_in_row"):
        assert {key: int(value) for key, value in state.stats[counter].items()} == {"gen": 2, "disc": 2}
    assert metrics["health/skipped_gen"] == metrics["health/skipped_disc"] == 1.0


def test_the_labels_of_the_batch_reach_both_networks(after_two_steps):
    step, shardings, split = compiled(BASE)
    other = batch(0)._replace(labels=(batch(0).labels + 1) % CLASSES)
    state, _ = run(step, place(start_of(BASE), shardings), [place(other, split), place(batch(1), split)])
    for name in ("gen", "disc"):
        embeddings = [run_state.params[name]["classes"] for run_state in (state, after_two_steps[0])]
        assert not np.allclose(*embeddings, atol=1e-4)


def test_a_compiled_step_moves_nothing_from_the_host():
    step, shardings, split = compiled(BASE)
    state, given, key = place(start_of(BASE), shardings), place(batch(0), split), jax.random.key(0)
    with jax.transfer_guard("disallow"):
        state, metrics = step(state, given, key)
        jax.block_until_ready((state, metrics))
        with pytest.raises(Exception, match=r"[Dd]isallowed host-to-device"):
            jax.jit(jnp.negative)(np.ones(2))


def test_a_step_takes_the_memory_of_the_state_it_is_given():
    step, shardings, split = compiled(BASE)
    state = place(start_of(BASE), shardings)
    step(state, place(batch(0), split), jax.random.key(0))
    assert all(leaf.is_deleted() for leaf in jax.tree.leaves(state))


LAZY = gan_experiment(
    penalty_every=2, penalty_share=0.5, separate_batches=True, gradient_penalty=1.0, loss="hinge", r2=0.0
)


def test_separate_batches_take_two_and_lazy_penalties_are_paid_every_second_step():
    assert gan_step.batches_per_step(LAZY) == 2 and gan_step.batches_per_step(BASE) == 1
    step, shardings, split = compiled(LAZY)
    state, paid = place(start_of(LAZY), shardings), []
    for number in range(4):
        state, metrics = run(step, state, [place(batch(number, 2 * BATCH), split)], key_seed=number)
        paid.append([float(metrics[f"penalty/{name}"]) > 0 for name in ("r1", "gradient")])
    assert paid == [[True] * 2, [False] * 2, [True] * 2, [False] * 2]
    assert int(state.stats["skipped"]["disc"]) == 0


def test_with_separate_batches_the_discriminator_sees_the_first_of_each_pair():
    step, shardings, split = compiled(LAZY)
    given = batch(0, 2 * BATCH)
    images, labels = given.images.copy(), given.labels.copy()
    images[1::2], labels[1::2] = batch(9).images, batch(9).labels
    one, other = (
        run(step, place(start_of(LAZY), shardings), [place(b, split)])[0]
        for b in (given, given._replace(images=images, labels=labels))
    )
    assert_trees(one.params["disc"], other.params["disc"])
    # The hinge loss of the generator has no use for real images, but for their labels.
    embeddings = [state.params["gen"]["classes"] for state in (one, other)]
    assert not np.allclose(*embeddings, atol=1e-5)


def test_weights_and_average_start_equal_each_in_its_own_memory():
    networks = gan_networks(BASE, real=True)
    with jax.default_prng_impl("unsafe_rbg"):  # compiles in a fraction of the time
        state = program.init_state(
            BASE, networks, parallel.state_shardings(mesh_of(1), start_of(BASE, real=True), fsdp=False)
        )
    assert_trees(state.ema["gen"], state.params["gen"])
    assert int(state.step) == 0
    pointers = [leaf.unsafe_buffer_pointer() for leaf in jax.tree.leaves(state)]
    assert len(set(pointers)) == len(pointers), "a donated buffer must not be given twice"


def test_the_discriminator_learns_to_tell_black_from_white():
    experiment = gan_experiment()
    networks = gan_networks(experiment, real=True)
    objective = AdversarialObjective(loss="non_saturating", r1=0.0, r2=0.0)
    loss = gan.discriminator_loss(objective, gan.Critic(apply=networks.discriminator.apply))
    white, labels = jnp.ones((4, 16, 16, 1)), jnp.zeros((4,), jnp.int32)

    @jax.jit
    def update(params, opt_state):
        value, terms, gradient = optim.value_and_gradient(loss, params, (gan.Pairs(white, -white, labels),), parts=1)
        done = optim.guarded_update(
            experiment.optim, jnp.float32(1e-2), params, opt_state, loss=value, gradient=gradient
        )
        return done.params, done.opt_state, terms

    params = start_of(experiment, real=True).params["disc"]
    opt_state = optim.transform(experiment.optim, 0.0).init(params)
    for _ in range(30):
        params, opt_state, terms = update(params, opt_state)
    assert terms["logits/real"] > 1.0 and terms["logits/fake"] < -1.0 and terms["loss/disc"] < 0.5
