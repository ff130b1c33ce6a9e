"""All random policies as one tagged union, and several of them one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, get_args

import jax
import pydantic
from jax import Array

from gen_jax.augment.affine import RandomAffine, RandomPerspective
from gen_jax.augment.auto import RandAugment, TrivialAugment
from gen_jax.augment.color import ColorJitter
from gen_jax.augment.crop import RandomCrop, RandomResizedCrop
from gen_jax.augment.erase import Cutout, RandomErasing
from gen_jax.augment.flip import HorizontalFlip, VerticalFlip
from gen_jax.augment.mix import CutMix, Mixup
from gen_jax.augment.policy import LabelPolicy
from gen_jax.errors import UserError

AnyPolicy = (
    HorizontalFlip
    | VerticalFlip
    | ColorJitter
    | RandomAffine
    | RandomPerspective
    | RandomCrop
    | RandomResizedCrop
    | RandomErasing
    | Cutout
    | RandAugment
    | TrivialAugment
    | Mixup
    | CutMix
)
PolicyConfig = Annotated[AnyPolicy, pydantic.Field(discriminator="kind")]

POLICIES: dict[str, type[AnyPolicy]] = {policy.kind: policy for policy in get_args(AnyPolicy)}
"""kind -> dataclass."""


def augment(
    policies: Sequence[AnyPolicy], images: Array, labels: Array | None, key: Array
) -> tuple[Array, Array | None]:
    """Apply policies in their order, each with a key of its own: number ``i`` gets ``fold_in(key, i)``.

    Args:
      policies: what to do.
      images: [b, h, w, c], uint8 in [0, 255] or float32 in [0, 1].
      labels: int [b], shares float [b, k], or None.
      key: of jax.random; for a training step a function of (seed, step) alone.

    Returns:
      The images, and the labels: as they were, or float32 [b, k] after a policy that mixes.

    Raises:
      UserError: a policy mixes labels, and there are none.
    """
    for index, policy in enumerate(policies):
        own = jax.random.fold_in(key, index)
        if not isinstance(policy, LabelPolicy):
            images = policy.apply(images, own)
        elif labels is None:
            raise UserError(f"augment[{index}] is {policy.kind}, which mixes labels, and there are none")
        else:
            images, labels = policy.apply(images, labels, own)
    return images, labels


def check_for_training(policies: Sequence[AnyPolicy], *, where: str, size: int | None = None) -> None:
    """Refuse what a step that knows one size, and classes as whole numbers, cannot use.

    Args:
      policies: to be used while a GAN or a VAE is trained.
      where: what a message calls them.
      size: height and width of the images, where it is known.

    Raises:
      UserError: a policy changes the labels, or the size of the images, or needs larger ones.
    """
    for index, policy in enumerate(policies):
        if isinstance(policy, LabelPolicy):
            raise UserError(
                f"{where}[{index}] is {policy.kind}, which mixes the labels; the steps of GANs and VAEs need one "
                "class an image: remove it"
            )
        if isinstance(policy, RandomResizedCrop) and policy.size is not None:
            raise UserError(
                f"{where}[{index}].size is {policy.size}; leave it out: the images keep the size of the model"
            )
        if isinstance(policy, RandomCrop) and size is not None:
            policy.check(size, size)
