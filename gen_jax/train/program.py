"""The compiled side of training: many steps in one call, sums of their metrics, sample grids."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.sharding import Mesh

from gen_jax import build, parallel, pixels, rng
from gen_jax.augment.policies import augment
from gen_jax.data.feed import Feed
from gen_jax.experiment import Experiment
from gen_jax.train import gan_step, stylegan2_step, vae_step
from gen_jax.train.gan_step import Step
from gen_jax.train.state import TrainState
from gen_jax.types import Batch, GanNetworks, PyTree, VaeNetworks

Networks = GanNetworks | VaeNetworks
Due = tuple[str, ...] | None
"""Names of the lazy terms that a program computes; None: it finds out at every step."""


def steps_in_call(experiment: Experiment) -> int:
    """Return the most steps that one compiled call does."""
    chosen = experiment.train.steps_per_call
    return chosen or (1 if jax.default_backend() == "cpu" else 16)


STEPS: dict[str, ModuleType] = {"adversarial": gan_step, "stylegan2": stylegan2_step, "elbo": vae_step}
"""Kind of objective -> its module: ``init_state``, ``make_step``, ``lazy_terms``, ``batches_per_step``."""


def batches_per_step(experiment: Experiment) -> int:
    """Return how many batches of data one step takes."""
    return STEPS[experiment.objective.kind].batches_per_step(experiment)


def due_at(experiment: Experiment, step: int) -> Due:
    """Return which lazy terms the step with this number computes, where a program does one step; else None.

    A program for each answer is compiled then, and none has a branch. Programs of many steps branch as they run.
    """
    if steps_in_call(experiment) > 1:
        return None
    lazy = STEPS[experiment.objective.kind].lazy_terms(experiment)
    return tuple(name for name, every in lazy.items() if step % every == 0)


def state_shapes(experiment: Experiment, networks: Networks) -> TrainState:
    """Return the shapes and types of the state, without computing it."""
    return jax.eval_shape(functools.partial(STEPS[experiment.objective.kind].init_state, experiment, networks))


def init_state(experiment: Experiment, networks: Networks, shardings: TrainState) -> TrainState:
    """Return the state before the first step, already on its devices."""
    init = functools.partial(STEPS[experiment.objective.kind].init_state, experiment, networks)
    return jax.jit(init, out_shardings=shardings)()


def mirror(key: Array, images: Array) -> Array:
    """Flip each image left to right with probability one half; any type, [b, h, w, c]."""
    flips = jax.random.bernoulli(key, 0.5, (images.shape[0], 1, 1, 1))
    return jnp.where(flips, images[:, :, ::-1], images)


def make_full_step(experiment: Experiment, networks: Networks, *, due: Due = None) -> Step:
    """Return the step of the model, with the augmentation that the data configuration asks for before it.

    Args:
      experiment: what to train for.
      networks: of the experiment.
      due: the lazy terms that this step computes; None lets it find out by its number.
    """
    family, data = STEPS[experiment.objective.kind], experiment.data
    known = None if due is None else {name: name in due for name in family.lazy_terms(experiment)}
    step = family.make_step(experiment, networks, due=known)
    if not data.mirror and not data.augment:
        return step

    def augmented_step(state: TrainState, batch: Batch, key: Array) -> tuple[TrainState, dict[str, Array]]:
        keys = rng.named(key, "mirror", "augment", "step")
        images = mirror(keys["mirror"], batch.images) if data.mirror else batch.images
        images, _ = augment(data.augment, images, None, keys["augment"])
        return step(state, batch._replace(images=images), keys["step"])

    return augmented_step


def metric_names(experiment: Experiment, networks: Networks, state: TrainState, *, labels: bool) -> list[str]:
    """Return the names of a step's metrics, without computing it; ``labels`` says whether the data have classes."""
    rows = experiment.train.batch * batches_per_step(experiment)
    step = make_full_step(experiment, networks)

    def metrics(state: TrainState) -> dict[str, Array]:
        images = jnp.zeros((rows, *networks.image_shape), jnp.uint8)
        batch = Batch(images, jnp.zeros((rows,), jnp.int32) if labels else None)
        return step(state, batch, rng.stream(0, "shape"))[1]

    return sorted(jax.eval_shape(metrics, state))


def make_call(
    experiment: Experiment, networks: Networks, feed: Feed, mesh: Mesh, *, due: Due = None
) -> Callable[..., Any]:
    """Return ``call(carry, constants, block, steps, votes) -> (carry, token)``: up to ``steps_in_call`` steps.

    carry is ``(state, sums)``, sums being the metrics added up since they were last written. The number
    of steps is data, not shape: a shorter call before a checkpoint is the same program, so that where the
    calls are cut never changes a bit of the result. The token is small and cheap to wait for: how many
    updates in a row were skipped, and what the processes decided together: the largest of their votes.
    """
    step = make_full_step(experiment, networks, due=due)
    stream = rng.stream(experiment.train.seed, "step")
    whole = parallel.replicated(mesh)

    def one(offset: Array | int, carry: PyTree, constants: PyTree, block: PyTree) -> PyTree:
        state, sums = carry
        batch = feed.batch(constants, block, offset, state.step)
        new_state, metrics = step(state, batch, rng.at(stream, state.step))
        return new_state, jax.tree.map(jnp.add, sums, metrics)

    def call(carry: PyTree, constants: PyTree, block: PyTree, steps: Array, votes: Array) -> tuple[PyTree, PyTree]:
        if steps_in_call(experiment) == 1:
            carry = one(0, carry, constants, block)
        else:
            carry = jax.lax.fori_loop(0, steps, lambda i, c: one(i, c, constants, block), carry)
        in_row = jnp.max(jnp.stack(list(carry[0].stats["skipped_in_row"].values())))
        token = {"skipped_in_row": in_row, "decided": jnp.max(votes)}
        return carry, jax.lax.with_sharding_constraint(token, whole)

    return call


def make_sampler(experiment: Experiment, networks: Networks, mesh: Mesh) -> Callable[[PyTree, PyTree, Any], Array]:
    """Return ``sample(weights, latents, labels) -> uint8 images``, compiled, every device holding the result."""

    def sample(weights: PyTree, latents: PyTree, labels: Array | None) -> Array:
        model = build.bind(experiment, networks, weights)
        return pixels.from_signed(model.decode(latents, labels))

    return jax.jit(sample, out_shardings=parallel.replicated(mesh))


def make_reconstructor(experiment: Experiment, networks: Networks, mesh: Mesh) -> Callable[..., Array]:
    """Return ``reconstruct(weights, images, labels) -> uint8 images`` of a model that encodes."""

    def reconstruct(weights: PyTree, images: Array, labels: Array | None) -> Array:
        model = build.bind(experiment, networks, weights)
        latent = model.encode(pixels.to_signed(images), labels)  # type: ignore[attr-defined]
        return pixels.from_signed(model.decode(latent, labels))

    return jax.jit(reconstruct, out_shardings=parallel.replicated(mesh))
