"""The whole R3GAN step against a run of the published code: losses, penalties, schedules, weights, averages."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.augment import ada
from gen_jax.augment.ada_pipes import PIPES
from gen_jax.data.config import EmbeddedData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.io.weights import r3gan as weights
from gen_jax.models import r3gan
from gen_jax.objectives import gan
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.pixels import from_signed
from gen_jax.train import gan_parts, gan_step
from gen_jax.types import Batch
from tests.golden import golden, golden_json

BATCH = 8

quick = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
"""Compiling takes half the time, and these programs run a few times."""


@functools.cache
def published(name):
    """(networks, generator's parameters, discriminator's, arrays of the nets file)."""
    data = golden(f"r3gan_{name}_nets")
    gen, disc = ({key[2:]: value for key, value in data.items() if key.startswith(net)} for net in ("G/", "D/"))
    config = weights.config_of(gen, disc, latent_size=16)
    networks = r3gan.build(config, num_classes=weights.num_classes_of(gen))
    return config, networks, weights.generator_params(gen), weights.discriminator_params(disc), data


def experiment_of(config, schedules):
    values = {name: (entry["base_value"], entry["final_value"]) for name, entry in schedules.items()}
    (lr_start, lr), (b2_start, b2), (r_start, r) = (values[name] for name in ("lr", "beta2", "gamma"))
    return Experiment(
        name="published",
        data=EmbeddedData(),
        model=config,
        objective=AdversarialObjective(r1=r, r1_start=r_start, r2=r, r2_start=r_start, separate_batches=True),
        optim=OptimConfig(lr=lr, lr_start=lr_start, b1=0.0, b2=b2, b2_start=b2_start),
        train=TrainConfig(
            batch=BATCH,
            burn_in=schedules["lr"]["total_nimg"],
            ema_half_life=values["ema_nimg"][1],
            ema_half_life_start=values["ema_nimg"][0],
            ema_ramp_up=0.0,
        ),
    )


def steps_of(config, networks, experiment, monkeypatch):
    """The compiled step with the latents of both updates as an argument."""
    given = []
    monkeypatch.setattr(gan_parts, "latents", lambda key, count, networks: given.pop(0))
    step = gan_step.make_step(experiment, networks)

    @quick
    def run(state, images, labels, latents):
        given.extend(latents)
        return step(state, Batch(images, labels), jax.random.key(0))

    return run


def test_four_iterations_go_as_the_published_code_went(monkeypatch):
    config, networks, gen, disc, data = published("cond")
    trace, settings = golden("r3gan_cond_trace"), golden_json("r3gan_configs")["cond"]
    experiment = experiment_of(config, settings["trace_schedules"])
    run = steps_of(config, networks, experiment, monkeypatch)
    empty = jax.jit(lambda: gan_step.init_state(experiment, networks))
    with jax.default_prng_impl("unsafe_rbg"):
        state = empty()
    state = dataclasses.replace(state, params={"gen": gen, "disc": disc}, ema={"gen": gen})
    for number in range(settings["trace_iterations"]):
        images = np.asarray(from_signed(trace["images"][number].transpose(1, 0, 3, 4, 2)))  # [place, update, h, w, c]
        labels = trace["labels"][number].argmax(axis=-1).T
        state, metrics = run(
            state,
            images.reshape(2 * BATCH, *images.shape[2:]),
            labels.reshape(-1).astype(np.int32),
            list(jnp.asarray(trace["z"][number])),
        )
        expected = {
            "schedule/lr": "lr",
            "schedule/b2": "beta2",
            "schedule/r1": "gamma",
            "schedule/ema_decay": "ema_beta",
            "loss/disc": "D_adv",
            "penalty/r1": "R1",
            "penalty/r2": "R2",
            "loss/gen": "G_loss",
            "grad_norm/disc": "D_grad_l2norm",
            "grad_norm/gen": "G_grad_l2norm",
            "param_norm/gen": "G_param_l2norm",
            "param_norm/disc": "D_param_l2norm",
        }
        for ours, theirs in expected.items():
            np.testing.assert_allclose(metrics[ours], trace[theirs][number], rtol=1e-4, err_msg=f"{number} {ours}")
    images = jax.jit(networks.generator.apply)(state.ema["gen"], data["z"], data["labels"].argmax(axis=1))
    final = trace["final/G_ema_out"].transpose(0, 2, 3, 1)
    np.testing.assert_allclose(images, final, rtol=0, atol=1e-4 * np.abs(final).max())


@pytest.mark.parametrize("phase", ["D_phase", "G_phase"])
def test_losses_behind_the_augmentation_are_the_published_ones(phase):
    _, networks, gen, disc, data = published("uncond")
    expected, settings = golden("r3gan_uncond_loss"), golden_json("r3gan_configs")["uncond"]
    pipe = PIPES["r3gan"]
    draws = ada.draw_at(pipe, BATCH, settings["aug_percentile"], size=(16, 16))
    critic = gan.Critic(apply=networks.discriminator.apply, augment=functools.partial(ada.augment, pipe))
    objective = AdversarialObjective(r1=settings["gamma"], r2=settings["gamma"])
    real, fake = (data[name].transpose(0, 2, 3, 1) for name in ("images", "G_out"))
    if phase == "D_phase":
        loss = gan.discriminator_loss(objective, critic)
        shown, params = gan.Pairs(real, fake, real_draws=draws, fake_draws=draws), disc
    else:
        loss = gan.generator_loss(
            objective, lambda params, z, labels, rows: (networks.generator.apply(params, z, labels), {}), critic, disc
        )
        shown = gan.Attempts(data["z"], None, np.arange(BATCH), jnp.asarray(real), real_draws=draws, fake_draws=draws)
        params = gen
    (value, terms), gradient = quick(jax.value_and_grad(loss, has_aux=True))(params, shown)
    np.testing.assert_allclose(value, expected[f"aug/{phase}/total_loss"], rtol=1e-3)
    norm = np.sqrt(sum(np.sum(np.square(leaf)) for leaf in jax.tree.leaves(gradient)))
    np.testing.assert_allclose(norm, expected[f"aug/{phase}/grad_l2norm"], rtol=2e-3)
    if phase == "D_phase":
        np.testing.assert_allclose(terms["penalty/r1"], np.mean(expected["aug/D_phase/r1_penalty"]), rtol=2e-3)
