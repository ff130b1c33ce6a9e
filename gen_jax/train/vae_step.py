"""One step of a flat VAE: encode, draw, decode, and climb the evidence lower bound."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import optax
from jax import Array

from gen_jax import rng
from gen_jax.build import elbo_objective, likelihood_of
from gen_jax.experiment import Experiment
from gen_jax.objectives import elbo
from gen_jax.pixels import to_signed
from gen_jax.train import optim, schedule
from gen_jax.train.gan_step import Metrics, Step
from gen_jax.train.state import TrainState, guard_stats
from gen_jax.types import Batch, PyTree, VaeNetworks


def init_state(experiment: Experiment, networks: VaeNetworks) -> TrainState:
    """Return the state before the first step, a function of the seed."""
    keys = rng.named(rng.stream(experiment.train.seed, "init"), "enc", "dec")
    params = {"enc": networks.encoder.init(keys["enc"]), "dec": networks.decoder.init(keys["dec"])}
    return TrainState(
        step=jnp.zeros((), jnp.int32),
        params=params,
        ema=jax.tree.map(jnp.copy, params),
        opt_state={"vae": optim.transform(experiment.optim, 0.0).init(params)},
        stats=guard_stats("vae"),
    )


def lazy_terms(experiment: Experiment) -> dict[str, int]:
    """Return what a step does not compute every time: nothing."""
    del experiment
    return {}


def batches_per_step(experiment: Experiment) -> int:
    """Return how many batches of data one step takes."""
    del experiment
    return 1


def make_step(experiment: Experiment, networks: VaeNetworks, *, due: Mapping[str, bool] | None = None) -> Step:
    """Return ``step(state, batch, key) -> (state, metrics)``, pure; ``due`` has nothing to say here."""
    del due
    config, train = experiment.optim, experiment.train

    def step(state: TrainState, batch: Batch, key: Array) -> tuple[TrainState, Metrics]:
        now = schedule.at(experiment, state.step)
        labels = batch.labels if networks.num_classes else None
        noise = jax.random.normal(key, (train.batch, networks.latent_size))
        loss, terms, gradient = optim.value_and_gradient(
            elbo_loss(experiment, networks, now.images),
            state.params,
            (to_signed(batch.images), noise, labels),
            parts=train.accumulate,
        )
        vae = optim.guarded_update(
            config, now.lr, state.params, state.opt_state["vae"], loss=loss, gradient=gradient, b2=now.b2
        )
        new_state = TrainState(
            step=state.step + 1,
            params=vae.params,
            ema=optim.moving_average(state.ema, vae.params, now.ema_decay, vae.applied),
            opt_state={"vae": vae.opt_state},
            stats=optim.count_skips(state.stats, "vae", vae.applied),
        )
        metrics = {"loss/vae": loss, "grad_norm/vae": vae.gradient_norm, "schedule/lr": now.lr}
        metrics |= {f"elbo/{name}": term for name, term in terms.items()}
        metrics |= {f"param_norm/{name}": optax.tree.norm(tree) for name, tree in vae.params.items()}
        metrics |= {"schedule/ema_decay": now.ema_decay, "health/skipped_vae": 1.0 - vae.applied.astype(jnp.float32)}
        return new_state, metrics

    return step


def elbo_loss(experiment: Experiment, networks: VaeNetworks, images_seen: Array) -> optim.LossFunction:
    """Return ``(params, images, noise, labels) -> (loss, terms)`` (Kingma and Welling, arXiv 1312.6114)."""
    objective, likelihood = elbo_objective(experiment), likelihood_of(experiment)
    beta = elbo.beta_at(images_seen, objective)

    def loss(params: PyTree, images: Array, noise: Array, labels: Array | None) -> tuple[Array, Metrics]:
        mean, log_std = networks.encoder.apply(params["enc"], images, labels)
        latent = mean + jnp.exp(log_std) * noise
        log_prob = likelihood.log_prob(networks.decoder.apply(params["dec"], latent, labels), images)
        return elbo.elbo_loss(
            log_prob,
            elbo.gaussian_kl(mean, log_std),
            image_shape=networks.image_shape,
            beta=beta,
            free_nats=objective.free_bits,
        )

    return loss
