"""What a user can say about the objective; one dataclass a family of models, told apart by ``kind``."""

from __future__ import annotations

import dataclasses
import math
import typing
from typing import Annotated, Literal

import pydantic

from gen_jax.counts import ImageCount
from gen_jax.errors import UserError

AdversarialLossName = Literal["non_saturating", "hinge", "wasserstein", "least_squares", "relativistic"]
LikelihoodName = Literal["bernoulli", "gaussian", "learned_gaussian", "logistic_mixture"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdversarialObjective:
    """The loss of a GAN and its gradient penalties."""

    kind: Literal["adversarial"] = "adversarial"
    loss: AdversarialLossName = "relativistic"
    """What discriminator and generator play for; relativistic pairs each fake with a real image and needs r1 and r2."""
    r1: float = 1.0
    """Gamma of the penalty at real images: adds gamma/2 |dD/dx|^2. R3GAN has 0.05 for CIFAR-10, 2 for faces of 64
    pixels, 150 for faces of 256; 0 is off."""
    r2: float = 1.0
    """Gamma of the same penalty at generated images; 0 is off."""
    gradient_penalty: float = 0.0
    """Lambda of the WGAN-GP penalty (|dD/dx| - 1)^2 between real and generated images; usual with wasserstein: 10."""
    penalty_every: int = 1
    """Penalties are computed every that many steps and multiplied by it (lazy regularisation); 1 is every step.
    On a CPU more than 1 is slow, for XLA compiles the branch badly there: take a smaller ``penalty_share`` instead."""
    penalty_share: float = 1.0
    """Share of the batch that the penalties look at, in (0, 1]; rounded to every n-th image."""
    separate_batches: bool = False
    """The generator's step sees real images of its own, as R3GAN's does, and a step then takes two batches."""
    r1_start: float | None = None
    """Gamma of R1 at the first image; it goes to ``r1`` along half a cosine over ``train.burn_in`` images. Left out,
    ``r1`` from the first. R3GAN begins with ten times the final value."""
    r2_start: float | None = None
    """The same for ``r2``."""
    style_mixing: float = 0.0
    """For a generator with styles (stylegan2): probability that an image takes its finer styles from another latent."""

    def __post_init__(self) -> None:
        """Refuse values outside the documented ranges; the message names field, value and range."""
        _check_choice("loss", self.loss, AdversarialLossName)
        for name in ("r1", "r2", "gradient_penalty"):
            _check_at_least_zero(name, getattr(self, name))
        for name in ("r1_start", "r2_start"):
            if getattr(self, name) is not None:
                _check_at_least_zero(name, getattr(self, name))
        _check_at_least_one("penalty_every", self.penalty_every)
        _check_share("style_mixing", self.style_mixing)
        if not 0.0 < self.penalty_share <= 1.0:
            raise UserError(
                f"objective.penalty_share is {self.penalty_share}, but a share of the batch is above 0 and at most 1."
                " To turn a penalty off set r1, r2 or gradient_penalty to 0."
            )

    @property
    def uses_r1(self) -> bool:
        """Whether R1 acts at any time of the run."""
        return max(self.r1, self.r1_start or 0.0) > 0

    @property
    def uses_r2(self) -> bool:
        """Whether R2 acts at any time of the run."""
        return max(self.r2, self.r2_start or 0.0) > 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class StyleGan2Objective:
    """StyleGAN2's: the non-saturating loss, and two regularisers with updates of their own (arXiv 1912.04958)."""

    kind: Literal["stylegan2"] = "stylegan2"
    r1: float = 1.0
    """Gamma of R1, the penalty at real images. 0.0002 size^2 / batch is a good first guess; then try five times more
    and five times less, see `docs/gamma.md`."""
    r1_every: int = 16
    """Steps from one R1 update to the next; the penalty counts that many times."""
    path_length: float = 2.0
    """Weight of path length regularisation: equal steps in style space shall change the image equally; 0 is off."""
    path_length_every: int = 4
    """Steps from one path length update to the next; the penalty counts that many times."""
    path_length_decay: float = 0.01
    """Share of the newest lengths in their running mean."""
    style_mixing: float = 0.9
    """Probability that an image takes its finer styles from another latent."""

    def __post_init__(self) -> None:
        """Refuse values outside the documented ranges."""
        for name in ("r1", "path_length"):
            _check_at_least_zero(name, getattr(self, name))
        for name in ("r1_every", "path_length_every"):
            _check_at_least_one(name, getattr(self, name))
        for name in ("path_length_decay", "style_mixing"):
            _check_share(name, getattr(self, name))


@dataclasses.dataclass(frozen=True, kw_only=True)
class ElboObjective:
    """The evidence lower bound of a VAE."""

    kind: Literal["elbo"] = "elbo"
    likelihood: LikelihoodName = "logistic_mixture"
    """Distribution of a pixel given the latent. bernoulli: for black-and-white images; gaussian: a squared error;
    learned_gaussian: with a spread for each pixel; logistic_mixture: exact on 8-bit images, for bits per dimension."""
    sigma: float = 0.1
    """Standard deviation of ``gaussian``, in units of [-1, 1] (0.1 is 12.75 levels of 255); smaller is sharper."""
    mixtures: int = 10
    """Logistic distributions in ``logistic_mixture``."""
    beta: float = 1.0
    """Weight of the KL divergence (beta-VAE); 1 gives the bound itself."""
    kl_warmup: ImageCount = 0
    """Images over which the weight of the KL divergence rises in a straight line from 0 to ``beta``."""
    free_bits: float = 0.0
    """Nats that each latent dimension may spend, on average over the batch, before the KL divergence is charged."""

    def __post_init__(self) -> None:
        """Refuse values outside the documented ranges; the message names field, value and range."""
        _check_choice("likelihood", self.likelihood, LikelihoodName)
        if not (math.isfinite(self.sigma) and self.sigma > 0.0):
            raise UserError(f"objective.sigma is {self.sigma}, but a standard deviation is above 0; 0.1 is usual.")
        _check_at_least_one("mixtures", self.mixtures)
        for name in ("beta", "kl_warmup", "free_bits"):
            _check_at_least_zero(name, getattr(self, name))


ObjectiveConfig = Annotated[
    AdversarialObjective | StyleGan2Objective | ElboObjective, pydantic.Field(discriminator="kind")
]
"""Any objective, told apart by ``kind``."""


def _check_choice(name: str, value: str, allowed: object) -> None:
    choices = typing.get_args(allowed)
    if value not in choices:
        raise UserError(f"objective.{name} is {value!r}, but it must be one of {', '.join(choices)}.")


def _check_at_least_zero(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0.0):
        raise UserError(f"objective.{name} is {value}, but it must be 0 or more; 0 turns it off.")


def _check_share(name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise UserError(f"objective.{name} is {value}, but it must lie between 0 and 1.")


def _check_at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise UserError(f"objective.{name} is {value}, but it must be a whole number of 1 or more.")
