"""RandAugment and TrivialAugment: for each image an operation of fourteen, of a fixed or a random strength."""

from __future__ import annotations

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.augment.affine import Resample, affine_matrix
from gen_jax.augment.policy import Policy, check_number, in_range

OPERATIONS = (
    "identity", "shear_x", "shear_y", "translate_x", "translate_y", "rotate", "brightness", "saturation",
    "contrast", "sharpness", "posterize", "solarize", "autocontrast", "equalize",
)  # fmt: skip
_SIGNED = OPERATIONS[1:10]
"""Operations whose strength is as often negative as positive."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RandAugment(Policy):
    """Do ``num_ops`` operations to each image, drawn from fourteen, all of one strength (Cubuk et al., 2020).

    The strengths are torchvision's. Each image draws its own operations; a device does no branch for one image
    alone, so all fourteen are computed for every image and one is kept: the cost is about that of one
    resampling, two histograms and one smoothing for each of ``num_ops``, whatever is drawn.
    """

    num_ops: int = 2
    """Operations one after the other, 0 and up."""
    magnitude: int = 9
    """Strength, from 0 to ``bins`` - 1."""
    bins: int = 31
    """Number of strengths, 2 and up."""
    resample: Resample = "nearest"
    """How turned, slanted and shifted images are read."""
    fill: float | tuple[float, ...] = 0.0
    """Levels in [0, 255] of what lies outside: one, or one a channel."""
    kind: Literal["rand_augment"] = "rand_augment"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("rand_augment.num_ops", self.num_ops, 0)
        check_number("rand_augment.bins", self.bins, 2)
        check_number("rand_augment.magnitude", self.magnitude, 0, self.bins - 1)
        check_number("rand_augment.fill", self.fill, 0, 255)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images after their operations."""
        for number in range(self.num_ops):
            strengths = rand_augment_table(self.bins, (images.shape[2], images.shape[1]))[:, self.magnitude]
            chosen_key, sign_key = jax.random.split(jax.random.fold_in(key, number))
            chosen = jax.random.randint(chosen_key, (len(images),), 0, len(OPERATIONS))
            strength = _signed(sign_key, chosen, jnp.asarray(strengths)[chosen])
            images = do_chosen(images, chosen, strength, resample=self.resample, fill=self.fill)
        return images


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrivialAugment(Policy):
    """Do one operation of fourteen to each image, of a random strength (Müller and Hutter, 2021, the wide space).

    The strengths are torchvision's; the cost is that of ``RandAugment`` with one operation.
    """

    bins: int = 31
    """Number of strengths, 2 and up."""
    resample: Resample = "nearest"
    """How turned, slanted and shifted images are read."""
    fill: float | tuple[float, ...] = 0.0
    """Levels in [0, 255] of what lies outside: one, or one a channel."""
    kind: Literal["trivial_augment"] = "trivial_augment"

    def __post_init__(self) -> None:
        """Check the ranges."""
        check_number("trivial_augment.bins", self.bins, 2)
        check_number("trivial_augment.fill", self.fill, 0, 255)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images after their operation."""
        keys = jax.random.split(key, 3)
        chosen = jax.random.randint(keys[0], (len(images),), 0, len(OPERATIONS))
        level = jax.random.randint(keys[1], (len(images),), 0, self.bins)
        strength = _signed(keys[2], chosen, jnp.asarray(trivial_augment_table(self.bins))[chosen, level])
        return do_chosen(images, chosen, strength, resample=self.resample, fill=self.fill)


def rand_augment_table(bins: int, size: tuple[int, int]) -> np.ndarray:
    """Return float32 [14, bins]: the strength of each operation, for images of (width, height)."""
    shift = 150.0 / 331.0
    return _table(bins, slant=0.3, shifts=(shift * size[0], shift * size[1]), turn=30.0, change=0.9, bits=4)


def trivial_augment_table(bins: int) -> np.ndarray:
    """Return float32 [14, bins]: the strength of each operation."""
    return _table(bins, slant=0.99, shifts=(32.0, 32.0), turn=135.0, change=0.99, bits=6)


def _table(
    bins: int, *, slant: float, shifts: tuple[float, float], turn: float, change: float, bits: int
) -> np.ndarray:
    """Return the strengths of every operation, from none to the most."""
    share = np.linspace(0.0, 1.0, bins)
    rows = {
        "shear_x": slant * share,
        "shear_y": slant * share,
        "translate_x": np.trunc(shifts[0] * share),
        "translate_y": np.trunc(shifts[1] * share),
        "rotate": turn * share,
        "posterize": 8 - np.round(np.arange(bins) / ((bins - 1) / bits)),
        "solarize": 255.0 * (1.0 - share),
    }
    rows |= dict.fromkeys(("brightness", "saturation", "contrast", "sharpness"), change * share)
    return np.stack([rows.get(name, np.zeros(bins)) for name in OPERATIONS]).astype(np.float32)


def _signed(key: Array, chosen: Array, strength: Array) -> Array:
    has_sign = jnp.asarray([name in _SIGNED for name in OPERATIONS])[chosen]
    return jnp.where(has_sign & jax.random.bernoulli(key, 0.5, chosen.shape), -strength, strength)


def do_chosen(
    images: Array, chosen: Array, strength: Array, *, resample: Resample, fill: float | tuple[float, ...]
) -> Array:
    """Do one operation to each image.

    Args:
      images: [b, h, w, c], uint8 or float32 in [0, 1].
      chosen: which of ``OPERATIONS``, int [b].
      strength: of it, with its sign, float [b].
      resample: how turned, slanted and shifted images are read.
      fill: levels in [0, 255] of what lies outside.
    """
    from gen_jax.edit.color.enhance import brightness, contrast, saturation, sharpness
    from gen_jax.edit.color.equalization import autocontrast, equalize
    from gen_jax.edit.color.tone import posterize, solarize
    from gen_jax.edit.geometry.affine import affine

    def of(name: str, otherwise: float = 0.0) -> Array:
        return jnp.where(chosen == OPERATIONS.index(name), strength, otherwise)

    size = (images.shape[2], images.shape[1])
    none = jnp.zeros((2, len(images)))
    # One matrix for the five that move pixels: a turn about the middle, slants about the upper left corner, shifts.
    matrix = affine_matrix(size, degrees=-of("rotate"), shift=none, factor=jnp.ones(len(images)), slant=none)
    moves = [none[0], of("shear_x"), -of("translate_x"), of("shear_y"), none[0], -of("translate_y")]
    result = affine(images, matrix=matrix + jnp.stack(moves, axis=1), resample=resample, fill=fill)
    candidates = {
        "brightness": brightness(images, factor=1.0 + of("brightness")),
        "saturation": saturation(images, factor=1.0 + of("saturation")),
        "contrast": contrast(images, factor=1.0 + of("contrast")),
        "sharpness": sharpness(images, factor=1.0 + of("sharpness")),
        "posterize": posterize(images, bits=of("posterize", 8.0)),
        "solarize": solarize(images, threshold=of("solarize", 256.0)),
        "autocontrast": autocontrast(images),
        "equalize": equalize(images),
    }
    for name, candidate in candidates.items():
        result = jnp.where((chosen == OPERATIONS.index(name))[:, None, None, None], in_range(candidate), result)
    return result
