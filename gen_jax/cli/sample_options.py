"""What a user can say to ``gen-jax sample``."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

import tyro

from gen_jax.counts import ImageCount


@dataclasses.dataclass(frozen=True, kw_only=True)
class SampleCommand:
    """Make images with a trained model; the same seed gives the same bytes, whatever the batch."""

    run: Annotated[
        tyro.conf.Positional[str],
        tyro.conf.arg(metavar="RUN", help="A run directory, its name under runs/, or one of its checkpoints."),
    ]
    num: int | None = None
    """Images to make; left out, 64. With --interpolate or --seconds: latents to pass through; left out, 8."""
    seed: int = 0
    """Image i of a seed is always the same image."""
    seeds: str | None = None
    """Instead of --num images of --seed the first image of each of these seeds, such as 0-15,42."""
    latents: str | None = None
    """Instead of drawing any take the latents of a file that --save-latents wrote."""
    save_latents: str | None = None
    """Write the latents, and the styles where the model has them, to this .npz file; of an interpolation, those that
    it passes through."""
    out: str | None = None
    """A .png, .webp or .jpg file for a grid; a folder for one file an image (the same command again makes only what
    is missing; several processes share the work); an .npz file for evaluation tools; .mp4, .webp or .gif for the film
    of an interpolation. Left out, a grid in RUN."""
    class_: Annotated[str | None, tyro.conf.arg(name="class")] = None
    """Class of all images, by number or name; left out, the classes in turn (conditional models only)."""
    temperature: float = 1.0
    """Factor of the latent's standard deviation, 0 or more: below 1 less variety, often cleaner images."""
    truncation: float | None = None
    """For a model with styles (StyleGAN2) psi, from -1 to 2: styles move to this share of their way from the mean
    style, 0.7 gives cleaner images that are more alike, below 0 mirror images about the mean. For other models draw
    the latent from a Gaussian cut off at this many standard deviations, above 0 (BigGAN): 0.5 clean and alike, 2
    nearly the whole variety."""
    truncation_cutoff: int | None = None
    """Truncate only so many styles of an image, coarse ones first; left out, all (models with styles)."""
    weights: Literal["ema", "raw"] = "ema"
    """ema: averaged over the training; raw: those of the last step."""
    checkpoint: ImageCount | None = None
    """Use the checkpoint saved after so many images; left out, the newest."""
    interpolate: int | None = None
    """Steps from each latent to the next: a strip, one row a pair; into .mp4, .gif or .webp a film that repeats, into
    a folder or .npz its frames."""
    seconds: float | None = None
    """Length of a film: --interpolate with as many steps as that takes."""
    interpolation: Literal["spherical", "linear", "smooth"] | None = None
    """The way from one latent to the next; smooth is one curve through all of them without a kink. Left out, linear
    between styles and spherical between latents."""
    space: Literal["z", "w"] | None = None
    """Interpolate between latents (z) or between styles (w); left out, w where the model has styles."""
    fps: float = 25.0
    """Frames a second of a film."""
    scale: int | None = None
    """Enlarge a film by a whole factor; left out, 1, and for .mp4 what takes the shorter side to 256 pixels."""
    rows: str | None = None
    """Style mixing: seeds of the images at the left of the grid, such as 0-3 (models with styles)."""
    columns: str | None = None
    """Style mixing: seeds of the images at the top; every row's image takes some of every column's styles."""
    mix_styles: str | None = None
    """The styles taken from the column, such as 0-6, 0 being the coarsest; left out, the coarser half."""
    direction: str | None = None
    """Move all latents along a direction: FILE:K, direction K of a file that `gen-jax directions --save` wrote."""
    strength: float = 1.0
    """How far along --direction, in standard deviations; below 0 the other way."""
    format: Literal["png", "webp"] | None = None
    """Of the files in a folder; left out, png. Both are lossless."""
    batch: int = 256
    """Images a call, rounded up to a multiple of 16; it changes no bit of them."""
    compilation_cache: str | None = None
    """Folder of compiled programs, for a quick second start; left out, JAX_COMPILATION_CACHE_DIR, else the user's
    cache."""
    shard: str | None = None
    """Make one share of a folder, such as 2/8, the second of eight. Left out, the launcher's variables say which share
    comes first; then this process helps the others, and takes over from those that die."""
    verify: bool = False
    """Make nothing: say which images of a folder are missing or broken."""

    @property
    def interpolates(self) -> bool:
        """Whether frames between latents are asked for."""
        return self.interpolate is not None or self.seconds is not None

    @property
    def mixes(self) -> bool:
        """Whether a grid of mixed styles is asked for."""
        return self.rows is not None or self.columns is not None or self.mix_styles is not None
