"""What the augmentation inside the discriminator's step may do, and how its probability is chosen."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal

from gen_jax.counts import ImageCount
from gen_jax.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdaPipe:
    """Relative probability and range of each transform; one at 0 is never done, and costs nothing.

    Each is done to an image with its multiplier times p. Names, order and ranges are those of Karras et al.,
    arXiv 2006.06676, appendix B.
    """

    xflip: float = 0.0
    """Mirror left to right."""
    rotate90: float = 0.0
    """Turn by a multiple of 90 degrees."""
    xint: float = 0.0
    """Shift by whole pixels."""
    scale: float = 0.0
    """Enlarge or shrink."""
    rotate: float = 0.0
    """Turn by any angle, before and after the stretching."""
    aniso: float = 0.0
    """Stretch along one axis, shrink along the other."""
    xfrac: float = 0.0
    """Shift by a fraction of the image."""
    brightness: float = 0.0
    contrast: float = 0.0
    lumaflip: float = 0.0
    """Invert the luma and keep the hue."""
    hue: float = 0.0
    saturation: float = 0.0
    imgfilter: float = 0.0
    """Amplify or damp each of four bands of frequency."""
    noise: float = 0.0
    """Add white noise."""
    cutout: float = 0.0
    """Make a rectangle grey."""
    xint_max: float = 0.125
    """Largest whole-pixel shift, as a share of the side."""
    scale_std: float = 0.2
    """Standard deviation of the base-2 logarithm of the scale."""
    rotate_max: float = 1.0
    """Largest turn; 1 is half a circle either way."""
    aniso_std: float = 0.2
    """Standard deviation of the base-2 logarithm of the stretching."""
    xfrac_std: float = 0.125
    """Standard deviation of the shift, as a share of the side."""
    brightness_std: float = 0.2
    contrast_std: float = 0.5
    """Standard deviation of the base-2 logarithm of the contrast."""
    hue_max: float = 1.0
    """Largest turn of the hue; 1 is half a circle either way."""
    saturation_std: float = 1.0
    """Standard deviation of the base-2 logarithm of the saturation."""
    imgfilter_std: float = 1.0
    """Standard deviation of the base-2 logarithm of a band's gain."""
    imgfilter_bands: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    """Probability of each band, lowest frequency first."""
    noise_std: float = 0.1
    """The noise's standard deviation is the magnitude of a Gaussian of this one."""
    cutout_size: float = 0.5
    """Side of the rectangle, as a share of the image's."""


_BLIT: dict[str, Any] = {"xflip": 1.0, "rotate90": 1.0, "xint": 1.0}
_GEOMETRY: dict[str, Any] = {"scale": 1.0, "rotate": 1.0, "aniso": 1.0, "xfrac": 1.0}
_COLOR: dict[str, Any] = {"brightness": 1.0, "contrast": 1.0, "lumaflip": 1.0, "hue": 1.0, "saturation": 1.0}
_HALF_COLOR: dict[str, Any] = dict.fromkeys(_COLOR, 0.5)
_FILTER: dict[str, Any] = {"imgfilter": 1.0}
_NOISE: dict[str, Any] = {"noise": 1.0}
_CUTOUT: dict[str, Any] = {"cutout": 1.0}

PipeName = Literal["none", "blit", "bg", "bgc", "bgcf", "bgcfn", "bgcfnc", "r3gan"]

PIPES: dict[str, AdaPipe] = {
    "none": AdaPipe(),
    "blit": AdaPipe(**_BLIT),
    "bg": AdaPipe(**_BLIT, **_GEOMETRY),
    "bgc": AdaPipe(**_BLIT, **_GEOMETRY, **_COLOR),
    "bgcf": AdaPipe(**_BLIT, **_GEOMETRY, **_COLOR, **_FILTER),
    "bgcfn": AdaPipe(**_BLIT, **_GEOMETRY, **_COLOR, **_FILTER, **_NOISE),
    "bgcfnc": AdaPipe(**_BLIT, **_GEOMETRY, **_COLOR, **_FILTER, **_NOISE, **_CUTOUT),
    "r3gan": AdaPipe(**_BLIT, **_GEOMETRY, **_HALF_COLOR, **_CUTOUT),
}
"""Name -> what is done; ``r3gan`` is what arXiv 2501.05441 trains with, the others are from arXiv 2006.06676."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdaConfig:
    """Augmentation that the discriminator sees all images through, real and generated ones alike."""

    pipe: PipeName = "none"
    """What is done: blit (mirror, quarter turns, whole shifts), g geometry, c color, f filter, n noise, last c cutout;
    bgc is StyleGAN2-ADA's, r3gan is R3GAN's: bgc with color half as often, and cutout. none turns it off."""
    mode: Literal["adaptive", "scheduled"] = "adaptive"
    """adaptive moves p so that the discriminator stays as sure of real images as ``target``; scheduled goes from
    ``p_start`` to ``p`` along half a cosine over ``train.burn_in`` images, and stays there."""
    p: float = 0.0
    """scheduled: the final probability. adaptive: the one at the first image."""
    p_start: float | None = None
    """scheduled: the probability at the first image; left out, ``p``."""
    target: float = 0.6
    """adaptive: the mean sign of the discriminator's logits of real images that p is moved towards."""
    speed: ImageCount = 500_000
    """adaptive: images over which p can go from 0 to 1; a run that takes weights of another usually has 100k."""
    most: float = 0.85
    """adaptive: p never goes above; from about 0.8 on augmentations show in what is generated."""
    every: int = 4
    """adaptive: steps from one change of p to the next."""

    def __post_init__(self) -> None:
        """Refuse values outside the documented ranges."""
        if self.pipe not in PIPES:
            raise UserError(f"--ada.pipe {self.pipe}: must be one of {', '.join(PIPES)}")
        for name in ("p", "p_start", "most"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value <= 1.0:
                raise UserError(f"--ada.{name} {value}: must be a probability, 0 to 1")
        if not -1.0 < self.target < 1.0:
            raise UserError(f"--ada.target {self.target}: must lie between -1 and 1, the mean of a sign; 0.6 is usual")
        for name in ("speed", "every"):
            if not 1 <= getattr(self, name) < math.inf:
                raise UserError(f"--ada.{name} {getattr(self, name)}: must be 1 or more")
        if self.mode == "adaptive" and self.p > self.most:
            raise UserError(f"--ada.p {self.p}: an adaptive p begins at --ada.most {self.most} or below")
