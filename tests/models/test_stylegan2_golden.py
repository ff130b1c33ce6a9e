"""StyleGAN2 against the published networks: images, logits, and the losses and gradients of its four phases."""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.io.weights import stylegan2 as weights
from gen_jax.models import stylegan2
from gen_jax.models.stylegan2 import StyleGan2Config
from gen_jax.objectives import path_length, penalties
from gen_jax.types import StyleNetworks
from tests.golden import golden, golden_json, tolerance

MODELS = ("uncond", "cond", "clamp")
WITH_LOSSES = ("cond", "clamp")
"""The unconditional model does nothing that these two do not; what it gives is compared forwards and under R1."""

quick = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
"""Compiling takes half the time, and these programs run once or twice."""


@dataclasses.dataclass(frozen=True)
class Published:
    """One published model with its weights, in our form."""

    name: str
    networks: StyleNetworks
    config: StyleGan2Config
    gen: Any
    disc: Any
    buffers: Any
    nets: dict[str, np.ndarray]
    loss: dict[str, np.ndarray]
    options: dict[str, Any]

    def labels(self, name="c"):
        one_hot = (self.nets | self.loss).get(name)
        return None if one_hot is None else jnp.asarray(one_hot.argmax(axis=1), jnp.int32)

    @property
    def images(self):
        return to_ours(self.nets["images"])

    def check(self, file, key, value):
        """Equal to the published number, to what float32 explains."""
        expected = (self.nets if file == "nets" else self.loss)[key]
        allowed = tolerance(f"sg2_{self.name}_{file}", key)
        np.testing.assert_allclose(np.reshape(value, expected.shape), expected, rtol=1e-4, atol=allowed, err_msg=key)

    def check_gradient(self, phase, official):
        """Every stored gradient, and the norm of each of the others."""
        stored = [key for key in self.loss if key.startswith(f"{phase}/grad/")]
        assert len(stored) >= 8
        for key in stored:
            self.check("loss", key, official[key.removeprefix(f"{phase}/grad/")])
        order = self.options["parameter_order"][phase[0]]
        norms = [np.linalg.norm(official[name]) for name in order]
        self.check("loss", f"{phase}/grad_l2norm_per_parameter", norms)


def to_ours(images):
    return jnp.asarray(images.transpose(0, 2, 3, 1))


@functools.cache
def published(name) -> Published:
    nets, loss, options = golden(f"sg2_{name}_nets"), golden(f"sg2_{name}_loss"), golden_json("sg2_configs")[name]
    states = [{key[2:]: value for key, value in nets.items() if key.startswith(part)} for part in ("G/", "D/")]
    config = weights.config_of(*states, init_kwargs=options["generator"], discriminator_kwargs=options["discriminator"])
    return Published(
        name,
        stylegan2.build(config, num_classes=weights.num_classes_of(states[0])),
        config,
        weights.generator_params(states[0]),
        weights.discriminator_params(states[1]),
        weights.buffers(states[0]),
        nets,
        loss,
        options,
    )


def styles_of(networks, style):
    return jnp.broadcast_to(style[:, None], (style.shape[0], networks.num_styles, networks.style_size))


@functools.cache
def generator_phase(name):
    """Compiled ``(latent, labels) -> images, logits, styles, loss, gradient of the generator``."""
    model = published(name)
    networks = model.networks

    @quick
    def phase(params, disc, latent, labels):
        def loss(params):
            style = networks.map(params, latent, labels)
            images = networks.synthesize(params, model.buffers, styles_of(networks, style), "const")
            logits = networks.discriminator.apply(disc, images, labels)
            return jnp.mean(jax.nn.softplus(-logits)), (images, logits, style)

        (value, aux), gradient = jax.value_and_grad(loss, has_aux=True)(params)
        return *aux, value, gradient

    return functools.partial(phase, model.gen, model.disc)


@pytest.mark.parametrize("name", MODELS)
def test_styles_and_images_without_noise_are_the_published_ones(name):
    model = published(name)
    networks, mean = model.networks, model.buffers["mean_style"]
    style = quick(networks.map)(model.gen, model.nets["z"], model.labels())
    model.check("nets", "ws_psi1", styles_of(networks, style))
    for key, truncated in (("ws_psi0.7", None), ("ws_psi0.7_cutoff", model.options["truncation_cutoff"])):
        styles = np.array(styles_of(networks, style))
        styles[:, :truncated] = mean + 0.7 * (styles[:, :truncated] - mean)
        model.check("nets", key, styles)
    synthesize = quick(lambda params, styles: networks.synthesize(params, None, styles, "none"))
    for psi in ("psi1", "psi0.7"):
        images = synthesize(model.gen, model.nets[f"ws_{psi}"])
        model.check("nets", f"img_{psi}_none", images.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("name", WITH_LOSSES)
def test_images_with_constant_noise_and_their_logits_are_the_published_ones(name):
    model = published(name)
    images, logits, *_ = generator_phase(name)(model.nets["z"], model.labels())
    model.check("nets", "img_psi1_const", images.transpose(0, 3, 1, 2))
    model.check("nets", "D_fake", logits)


@pytest.mark.parametrize("name", WITH_LOSSES)
def test_generator_phase(name):
    model = published(name)
    _, logits, style, loss, gradient = generator_phase(name)(model.loss["z_loss"], model.labels("c_gen"))
    model.check("loss", "Gmain/scores_fake", logits)
    model.check("loss", "Gmain/total_loss", loss)
    mean = model.buffers["mean_style"]
    model.check("loss", "Gmain/w_avg_after", mean + 0.005 * (np.asarray(style).mean(0) - mean))
    model.check_gradient("Gmain", weights.generator_state(gradient, model.buffers, model.config))


@pytest.mark.parametrize("name", WITH_LOSSES)
def test_path_length_phase(name):
    model = published(name)
    networks, options = model.networks, model.options
    noise = to_ours(model.loss["pl_noise_randn"]) / options["generator"]["img_resolution"]
    half = model.loss["z_loss"].shape[0] // options["pl_batch_shrink"]
    labels = model.labels("c_gen")

    @quick
    def phase(params, latent, mean):
        def loss(params):
            style = networks.map(params, latent, None if labels is None else labels[:half])
            lengths = path_length.path_lengths(
                lambda styles: networks.synthesize(params, model.buffers, styles, "const"),
                styles_of(networks, style),
                noise,
            )
            penalty, new_mean = path_length.penalty(lengths, mean, decay=options["pl_decay"])
            return jnp.mean(options["pl_weight"] * penalty), (lengths, penalty, new_mean)

        return jax.value_and_grad(loss, has_aux=True)(params)

    (loss, parts), gradient = phase(model.gen, model.loss["z_loss"][:half], options["pl_mean_before"])
    for key, value in zip(("pl_lengths", "pl_penalty", "pl_mean_after"), parts, strict=True):
        model.check("loss", f"Greg/{key}", value)
    model.check("loss", "Greg/total_loss", loss)
    model.check_gradient("Greg", weights.generator_state(gradient, model.buffers, model.config))


@pytest.mark.parametrize("name", WITH_LOSSES)
def test_discriminator_phase(name):
    model = published(name)
    apply, labels, fake_labels = model.networks.discriminator.apply, model.labels(), model.labels("c_gen")

    @quick
    def phase(params, real, fake):
        def loss(params):
            real_logits, fake_logits = apply(params, real, labels), apply(params, fake, fake_labels)
            return jnp.mean(jax.nn.softplus(fake_logits) + jax.nn.softplus(-real_logits)), (fake_logits, real_logits)

        return jax.value_and_grad(loss, has_aux=True)(params)

    fake = generator_phase(name)(model.loss["z_loss"], fake_labels)[0]
    (loss, (fake_logits, real_logits)), gradient = phase(model.disc, model.images, fake)
    model.check("loss", "Dmain/scores_fake", fake_logits)
    model.check("loss", "Dmain/scores_real", real_logits)
    model.check("loss", "Dmain/total_loss", loss)
    model.check_gradient("Dmain", weights.discriminator_state(gradient, model.config))


@pytest.mark.parametrize("name", MODELS)
def test_r1_phase(name):
    model = published(name)
    apply, labels = model.networks.discriminator.apply, model.labels()

    @quick
    def phase(params, real):
        def loss(params):
            logits, squares = penalties.logits_and_gradient(lambda images: apply(params, images, labels), real)
            penalty = penalties.zero_centered(squares, gamma=model.options["r1_gamma"])
            return jnp.mean(penalty), (logits, squares, penalty)

        return jax.value_and_grad(loss, has_aux=True)(params)

    (loss, parts), gradient = phase(model.disc, model.images)
    for key, value in zip(("scores_real", "r1_penalty", "D_reg"), parts, strict=True):
        model.check("loss", f"Dreg/{key}", value)
    model.check("loss", "Dreg/total_loss", loss)
    model.check_gradient("Dreg", weights.discriminator_state(gradient, model.config))
    model.check("nets", "D_real", parts[0])
    model.check("nets", "D_fake", phase(model.disc, to_ours(model.nets["img_psi1_const"]))[0][1][0])
