"""Tiny experiments, batches and placements that the tests of the training steps share."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType

from gen_jax import parallel
from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import EmbeddedData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import ConvVaeConfig, DcganConfig, StyleGan2Config, conv_vae, dcgan
from gen_jax.objectives.config import AdversarialObjective, ElboObjective, StyleGan2Objective
from gen_jax.types import Batch, GanNetworks, Network, StyleNetworks, VaeNetworks

BATCH = 8
CLASSES = 3
SHAPE = (16, 16, 1)
PIXELS = 256


def gan_experiment(*, accumulate=1, fsdp=False, **objective):
    """A conditional DCGAN of 16x16 images; a large eps keeps Adam from dividing rounding by rounding."""
    return Experiment(
        name="test",
        data=EmbeddedData(),
        model=DcganConfig(size=16, width=8, max_width=8, latent_size=4, conditional=True),
        objective=AdversarialObjective(**objective),
        optim=OptimConfig(lr=1e-2, eps=1e-3),
        train=TrainConfig(images=10_000, batch=BATCH, accumulate=accumulate, fsdp=fsdp, ema_half_life=100),
    )


def vae_experiment(**train):
    """A conditional VAE of 16x16 images."""
    return Experiment(
        name="test",
        data=EmbeddedData(),
        model=ConvVaeConfig(size=16, width=8, max_width=8, latent_size=4, conditional=True),
        objective=ElboObjective(likelihood="gaussian", sigma=0.3),
        optim=OptimConfig(lr=1e-2, eps=1e-3, b1=0.9),
        train=TrainConfig(images=10_000, batch=BATCH, ema_half_life=100, **train),
    )


def gan_networks(experiment, *, real):
    """The DCGAN of the experiment, or two small matrices in its place that compile in no time."""
    if real:
        return dcgan.build(experiment.model, num_classes=CLASSES)

    def generator(params, latent, labels):
        hidden = jnp.tanh(latent @ params["first"] + params["classes"][labels])
        return jnp.tanh(hidden @ params["second"]).reshape(-1, *SHAPE)

    def discriminator(params, images, labels):
        hidden = jnp.tanh(images.reshape(images.shape[0], -1) @ params["first"] + params["classes"][labels])
        return (hidden @ params["second"])[:, 0] + params["bias"]

    return GanNetworks(
        image_shape=SHAPE,
        num_classes=CLASSES,
        latent_size=4,
        generator=matrices(generator, {"first": (4, 16), "second": (16, PIXELS), "classes": (CLASSES, 16)}),
        discriminator=matrices(
            discriminator, {"first": (PIXELS, 16), "second": (16, 1), "classes": (CLASSES, 16), "bias": ()}
        ),
    )


def vae_networks(experiment, *, real):
    """The VAE of the experiment with a Gaussian likelihood, or matrices in its place."""
    if real:
        return conv_vae.build(experiment.model, num_classes=CLASSES, out_channels=1)

    def encoder(params, images, labels):
        hidden = jnp.tanh(images.reshape(images.shape[0], -1) @ params["first"] + params["classes"][labels])
        mean, log_std = jnp.split(hidden @ params["second"], 2, axis=-1)
        return mean, jnp.tanh(log_std)

    def decoder(params, latent, labels):
        return (latent @ params["first"] + params["classes"][labels]).reshape(-1, *SHAPE)

    return VaeNetworks(
        image_shape=SHAPE,
        num_classes=CLASSES,
        latent_size=4,
        encoder=matrices(encoder, {"first": (PIXELS, 16), "second": (16, 8), "classes": (CLASSES, 16)}),
        decoder=matrices(decoder, {"first": (4, PIXELS), "classes": (CLASSES, PIXELS)}),
    )


def matrices(apply, shapes):
    """A network of plain matrices; ``with_weights`` fills them."""
    return Network(lambda key: {name: jnp.zeros(shape) for name, shape in shapes.items()}, apply)


def batch(seed=0, n=BATCH):
    """Smooth random images and labels."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (n, 4, 4, 1), np.uint8)
    images = np.repeat(np.repeat(coarse, 4, axis=1), 4, axis=2)
    return Batch(images=images, labels=rng.integers(0, CLASSES, n).astype(np.int32))


def mesh_of(devices):
    """A mesh of the first devices."""
    return jax.make_mesh((devices,), (parallel.AXIS,), axis_types=(AxisType.Auto,), devices=jax.devices()[:devices])


def with_weights(state, seed=0):
    """The state with weights drawn by numpy: compiling the initialisation takes longer than the step."""
    rng = np.random.default_rng(seed)

    def draw(leaf):
        # A bias starts at zero; a kernel keeps the variance.
        if len(leaf.shape) < 2:
            return np.zeros(leaf.shape, np.float32)
        return (rng.normal(size=leaf.shape) * np.prod(leaf.shape[:-1]) ** -0.5).astype(np.float32)

    params = jax.tree.map(draw, state.params)
    zeros = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), state)
    return dataclasses.replace(zeros, params=params, ema={name: params[name] for name in state.ema})


def place(tree, sharding):
    """Put a tree on devices, in memory of its own."""
    return jax.device_put(jax.tree.map(np.array, tree), sharding)


def run(step, state, batches, key_seed=0):
    """Do one step a batch; the keys are functions of the number of the step."""
    metrics = {}
    for number, one in enumerate(batches):
        state, metrics = step(state, one, jax.random.fold_in(jax.random.key(key_seed), number))
    return state, metrics


def assert_trees(a, b, **tolerance):
    """Equal to the bit, or within a tolerance where one is given; the message names the leaf."""
    leaves = zip(jax.tree_util.tree_leaves_with_path(a), jax.tree.leaves(b), strict=True)
    for (path, x), y in leaves:
        if tolerance:
            np.testing.assert_allclose(x, y, err_msg=jax.tree_util.keystr(path), **tolerance)
        else:
            np.testing.assert_array_equal(x, y, err_msg=jax.tree_util.keystr(path))


def poison(params, name):
    """The parameters with one infinite weight in a network."""
    leaves, treedef = jax.tree.flatten(params[name])
    leaves[-1] = jnp.full_like(leaves[-1], jnp.inf)
    return {**params, name: jax.tree.unflatten(treedef, leaves)}


def style_experiment(*, ada=None, optim=None, accumulate=1, **objective):
    """A StyleGAN2 of 16x16 images; ``loss=...`` trains it as other GANs are."""
    chosen = AdversarialObjective if "loss" in objective else StyleGan2Objective
    return Experiment(
        name="test",
        data=EmbeddedData(),
        model=StyleGan2Config(size=16, channels=1, latent_size=4, style_size=5, channel_base=64, max_width=4),
        objective=chosen(**objective),
        optim=optim or OptimConfig(lr=1e-2, eps=1e-3),
        train=TrainConfig(images=10_000, batch=BATCH, accumulate=accumulate, ema_half_life=100),
        ada=ada or AdaConfig(),
    )


def style_networks():
    """Small matrices in the place of a StyleGAN2, that compile in no time: 3 styles of 5 numbers."""
    plain = gan_networks(None, real=False)

    def mapping(params, latent, labels):
        return jnp.tanh(latent @ params["mapping"]["first"] + params["mapping"]["classes"][labels])

    def synthesize(params, buffers, styles, noise):
        hidden = jnp.tanh(jnp.einsum("bnw,nwh->bh", styles, params["synthesis"]["first"]))
        if not isinstance(noise, str):
            hidden = hidden + 0.1 * jax.random.normal(noise, hidden.shape)
        elif noise == "const":
            hidden = hidden + 0.1 * buffers["noise"]["first"][None]
        return jnp.tanh(hidden @ params["synthesis"]["second"]).reshape(-1, *SHAPE)

    def generator(params, latent, labels):
        style = mapping(params, latent, labels)
        return synthesize(params, None, jnp.repeat(style[:, None], 3, axis=1), "none")

    shapes = {
        "mapping": {"first": (4, 5), "classes": (CLASSES, 5)},
        "synthesis": {"first": (3, 5, 16), "second": (16, PIXELS)},
    }
    rng = np.random.default_rng(0)
    init = {
        part: {name: rng.normal(size=shape).astype(np.float32) * 0.5 for name, shape in layers.items()}
        for part, layers in shapes.items()
    }
    return StyleNetworks(
        image_shape=SHAPE,
        num_classes=CLASSES,
        latent_size=4,
        generator=Network(lambda key: jax.tree.map(jnp.asarray, init), generator),
        discriminator=plain.discriminator,
        style_size=5,
        num_styles=3,
        init_buffers=lambda key: {"mean_style": jnp.zeros(5), "noise": {"first": jax.random.normal(key, (16,))}},
        map=mapping,
        synthesize=synthesize,
    )
