"""What a user can say to ``gen-jax directions``."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

import tyro

from gen_jax.counts import ImageCount


@dataclasses.dataclass(frozen=True, kw_only=True)
class DirectionsCommand:
    """Find directions along which a model's images change most, and show each as a strip; nothing is trained."""

    run: Annotated[
        tyro.conf.Positional[str],
        tyro.conf.arg(metavar="RUN", help="A run directory, its name under runs/, or one of its checkpoints."),
    ]
    method: Literal["sefa", "ganspace"] = "sefa"
    """sefa: from the weights that take the latent, in closed form. ganspace: principal components of the styles of
    --samples latents; without styles, of the outputs of the first layer, taken back to latents by least squares."""
    num: int = 5
    """Directions, the strongest first."""
    layers: str | None = None
    """Models with styles: find them for these styles, and move these alone, such as 0-3, the coarsest; left out,
    all."""
    samples: int = 10_000
    """Latents that ganspace looks at, and that the standard deviations of styles are measured on."""
    seeds: str = "0-2"
    """The images that are moved, one row each: the first image of each seed, as `gen-jax sample --seeds` has them."""
    steps: int = 7
    """Images from one end of a direction to the other; odd, and the one in the middle is not moved."""
    span: float = 3.0
    """How far the ends are, in standard deviations of the model's own latents."""
    class_: Annotated[str | None, tyro.conf.arg(name="class")] = None
    """Class of all images, by number or name; left out, the first to show, and all in turn to sample."""
    truncation: float | None = None
    """Models with styles: truncate the styles of the images shown, as `gen-jax sample --truncation`."""
    out: str | None = None
    """A .png, .webp or .jpg file; left out, directions-METHOD.png in RUN."""
    save: str | None = None
    """Write the directions to this .npz file, for `gen-jax sample --direction FILE:K`."""
    weights: Literal["ema", "raw"] = "ema"
    """ema: averaged over the training; raw: those of the last step."""
    checkpoint: ImageCount | None = None
    """Use the checkpoint saved after so many images; left out, the newest."""
    compilation_cache: str | None = None
    """Folder of compiled programs, for a quick second start; left out, JAX_COMPILATION_CACHE_DIR, else the user's
    cache."""
