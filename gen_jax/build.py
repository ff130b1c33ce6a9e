"""From an experiment to its networks, and from weights to a model that samples."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jax import Array

from gen_jax import models
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.objectives.config import ElboObjective
from gen_jax.objectives.likelihoods import Likelihood, make_likelihood
from gen_jax.registry import lookup
from gen_jax.types import DatasetInfo, GanNetworks, LatentModel, PyTree, StyleNetworks, VaeNetworks


def build_networks(experiment: Experiment, info: DatasetInfo) -> GanNetworks | VaeNetworks:
    """Return the networks of an experiment for data of that kind.

    Raises:
      UserError: model and data do not fit each other; see ``check_data``.
    """
    check_data(experiment, info)
    config = experiment.model
    if config.kind in models.GANS:
        return models.GANS[config.kind](config, num_classes=info.num_classes)
    build = lookup(models.VAES, config.kind, what="model")
    return build(config, num_classes=info.num_classes, out_channels=likelihood_of(experiment).num_parameters)


def likelihood_of(experiment: Experiment) -> Likelihood:
    """Return the likelihood of a VAE experiment."""
    return make_likelihood(elbo_objective(experiment), experiment.model.channels)


def elbo_objective(experiment: Experiment) -> ElboObjective:
    """Return the objective of a VAE experiment."""
    if not isinstance(experiment.objective, ElboObjective):
        raise UserError(f"--objective.kind {experiment.objective.kind}: a VAE trains with elbo")
    return experiment.objective


def check_data(experiment: Experiment, info: DatasetInfo) -> None:
    """Refuse data that the model cannot take.

    Raises:
      UserError: the channels differ, or the model wants classes that the data lacks.
    """
    height, width, channels = info.image_shape
    model = experiment.model
    if channels != model.channels:
        raise UserError(
            f"the data have {channels} channel{'s' if channels > 1 else ''} and --model.channels is {model.channels}; "
            f"set --model.channels {channels}, or convert the images with --data.channels {model.channels}"
        )
    if (height, width) != (model.size, model.size):
        raise UserError(f"the data are {height}x{width} and --model.size is {model.size}; set --model.size {height}")
    if model.conditional and not info.num_classes:
        raise UserError("--model.conditional True, but the data have no class labels; use --model.no-conditional")


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Bound:
    """What a GAN and a flat VAE with their weights have in common."""

    networks: GanNetworks | VaeNetworks
    params: PyTree

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        return self.networks.image_shape

    @property
    def num_classes(self) -> int:
        """Number of classes; 0 for an unconditional model."""
        return self.networks.num_classes

    def prior(self, key: Array, n: int) -> Array:
        """Draw [n, z] from a unit Gaussian."""
        return jax.random.normal(key, (n, self.networks.latent_size))


@dataclasses.dataclass(frozen=True, kw_only=True)
class BoundGan(_Bound):
    """A generator with its weights: a LatentModel."""

    networks: GanNetworks

    def decode(self, latent: Array, labels: Array | None) -> Array:
        """Return images [b, h, w, c] in [-1, 1]."""
        return self.networks.generator.apply(self.params["gen"], latent, labels)


@dataclasses.dataclass(frozen=True, kw_only=True)
class BoundStyleGan(_Bound):
    """A generator with styles, its weights and its buffers: a StyleModel."""

    networks: StyleNetworks

    @property
    def num_styles(self) -> int:
        """Styles of an image, coarse to fine."""
        return self.networks.num_styles

    @property
    def style_size(self) -> int:
        """Length of a style."""
        return self.networks.style_size

    @property
    def mean_style(self) -> Array:
        """Running mean of the mapped styles, [w]."""
        return self.params["buffers"]["mean_style"]

    def map(self, latent: Array, labels: Array | None) -> Array:
        """Return one style an image, [b, w]."""
        return self.networks.map(self.params["gen"], latent, labels)

    def synthesize(self, styles: Array) -> Array:
        """Return images [b, h, w, c] in about [-1, 1] of styles [b, n, w]."""
        return self.networks.synthesize(self.params["gen"], self.params["buffers"], styles, "const")

    def decode(self, latent: Array, labels: Array | None) -> Array:
        """Return images [b, h, w, c] in about [-1, 1]: every layer with the same style."""
        style = self.map(latent, labels)
        return self.synthesize(jnp.broadcast_to(style[:, None], (style.shape[0], self.num_styles, style.shape[1])))


@dataclasses.dataclass(frozen=True, kw_only=True)
class BoundVae(_Bound):
    """A VAE with its weights: a LatentModel that encodes too."""

    networks: VaeNetworks
    likelihood: Likelihood

    def decode(self, latent: Array, labels: Array | None) -> Array:
        """Return the mean images of the likelihood, [b, h, w, c] in [-1, 1]."""
        return self.likelihood.mean(self.networks.decoder.apply(self.params["dec"], latent, labels))

    def encode(self, images: Array, labels: Array | None) -> Array:
        """Return the posterior mean [b, z] of images in [-1, 1]."""
        mean, _ = self.networks.encoder.apply(self.params["enc"], images, labels)
        return mean


def bind(experiment: Experiment, networks: GanNetworks | VaeNetworks, params: PyTree) -> LatentModel:
    """Return the model with these weights; call it inside a compiled function, so that weights are arguments.

    Args:
      experiment: of the run that the weights come from.
      networks: from ``build_networks``.
      params: ``state.ema`` or ``state.params``.
    """
    if isinstance(networks, StyleNetworks):
        return BoundStyleGan(networks=networks, params=params)
    if isinstance(networks, GanNetworks):
        return BoundGan(networks=networks, params=params)
    return BoundVae(networks=networks, likelihood=likelihood_of(experiment), params=params)
