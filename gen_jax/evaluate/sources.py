"""From what a user typed to sets of images: runs, folders, zips, arrays, and the parts of a run's own data."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gen_jax.data.config import CommonData, DataConfig
from gen_jax.data.dataset import Dataset, dataset_from_source, open_source, parse_source
from gen_jax.data.source import Source
from gen_jax.data.splits import SPLITS, check_splits
from gen_jax.errors import UserError
from gen_jax.evaluate.sets import ImageSet, held, of_dataset, of_model
from gen_jax.io.models import LoadedModel, load_model
from gen_jax.io.run_directory import find_run

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class RealImages:
    """A source of real images, open, and the configuration that says its parts."""

    config: DataConfig
    source: Source

    def has(self, split: str) -> bool:
        """Whether the split holds any image."""
        if split == "test":
            return len(self.source.official_test) > 0 or self.config.test > 0
        return split != "validation" or self.config.validation > 0 or self.config.folds > 0

    def dataset(self, split: str) -> Dataset:
        """Return one split. Raises UserError where it is empty."""
        return dataset_from_source(self.source, dataclasses.replace(self.config, split=split))  # type: ignore[arg-type]

    def images(self, split: str, *, limit: int | None = None, seed: int = 0) -> ImageSet:
        """Return the images of one split, ``limit`` of them at most; small sets stay in memory once read."""
        return held(of_dataset(self.dataset(split), split=split, limit=limit, seed=seed))

    @property
    def default_split(self) -> str:
        """The part that a distance is measured against where nothing else is said: what models train on."""
        cut = self.has("test") or self.has("validation")
        return "train" if cut else "all"

    @property
    def held_out_split(self) -> str | None:
        """The part that no model has seen; None where everything trains."""
        return next((split for split in ("test", "validation") if self.has(split)), None)


def with_fields(config: DataConfig, fields: Mapping[str, Any]) -> DataConfig:
    """Return a configuration with those of the fields that its kind has."""
    known = {field.name for field in dataclasses.fields(config)}
    return dataclasses.replace(config, **{name: value for name, value in fields.items() if name in known})


def open_real(config: DataConfig, *, size: int | None, channels: int) -> RealImages:
    """Open a source in the form that the generated images have.

    Raises:
      UserError: as ``data.dataset.open_source``.
    """
    shaped: DataConfig = dataclasses.replace(config, channels=channels)  # type: ignore[type-var]
    check_splits(shaped)
    return RealImages(shaped, open_source(shaped, size=size))


def read_choice(text: str, own: CommonData | None, *, option: str) -> tuple[DataConfig, str | None]:
    """Read what ``--reference`` and its like say: ``data:test``, or a source, with ``:SPLIT`` behind it or without.

    Args:
      text: as typed.
      own: how the run's own data are described; None for images that no run made.
      option: its name, for the message.

    Returns:
      The configuration, and the split where one was named.

    Raises:
      UserError: the run's own data are asked for and there is no run, or it is no source.
    """
    if text == "data" or (text.startswith("data:") and text.removeprefix("data:") in SPLITS):
        if own is None:
            raise UserError(
                f"{option} {text}: these images are not of a run, which would know its data; "
                "name a folder, a .zip, an .npz file, embedded or tfds:NAME"
            )
        return own, text.partition(":")[2] or None  # type: ignore[return-value]
    text = text.removeprefix("data:")
    source, _, split = text.rpartition(":")
    if source and split in SPLITS and not Path(text).exists():
        text = source
    else:
        split = ""
    try:
        return parse_source(text), split or None
    except UserError as error:
        raise UserError(f"{option}: {error}") from None


class OpenSources:
    """Real images by what a user typed: a source is opened once, and one part of it is one set."""

    def __init__(
        self,
        own: CommonData | None,
        *,
        shape: tuple[int, int, int],
        limit: int | None = None,
        seed: int = 0,
        files: Mapping[str, Any] | None = None,
    ) -> None:
        """Remember the form that all images take.

        Args:
          own: how the run's own data are described; None for images that no run made.
          shape: of the generated images.
          limit: images of each part, drawn with ``seed``; None takes all.
          seed: of that draw.
          files: fields of the configuration of sources that a user names, such as ``on_bad_image``.
        """
        self._files = files or {}
        self._own, self._limit, self._seed = own, limit, seed
        self._size, self._channels = (shape[0] if shape[0] == shape[1] else None), shape[2]
        self._opened: dict[str, RealImages] = {}
        self._parts: dict[tuple[str, str], ImageSet] = {}

    def read(self, text: str, *, option: str) -> ImageSet:
        """Return the images that a text names, see ``read_choice``; without a split, what models train on."""
        config, split = read_choice(text, self._own, option=option)
        return self._part(config, split or self._open(config).default_split)

    def held_out(self, text: str, *, option: str) -> ImageSet | None:
        """Return the images of a source that no model has seen; None where everything trains."""
        config, _ = read_choice(text, self._own, option=option)
        split = self._open(config).held_out_split
        return None if split is None else self._part(config, split)

    def training(self, text: str, *, option: str) -> ImageSet:
        """Return the images of a source that models train on, whatever split the text names."""
        config, _ = read_choice(text, self._own, option=option)
        return self._part(config, self._open(config).default_split)

    def _open(self, config: DataConfig) -> RealImages:
        key = repr(config)
        if key not in self._opened:
            config = config if config is self._own else with_fields(config, self._files)
            self._opened[key] = open_real(config, size=self._size, channels=self._channels)
        return self._opened[key]

    def _part(self, config: DataConfig, split: str) -> ImageSet:
        key = (repr(config), split)
        if key not in self._parts:
            self._parts[key] = self._open(config).images(split, limit=self._limit, seed=self._seed)
        return self._parts[key]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choices:
    """What a user said of the real images; None takes what follows from the rest."""

    reference: str | None = None
    train: str | None = None
    held_out: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class RealSets:
    """The real images of each role; None where there are none."""

    reference: ImageSet | None
    train: ImageSet | None
    held_out: ImageSet | None


def real_sets(choices: Choices, opened: OpenSources, *, has_own: bool, needed: frozenset[str]) -> RealSets:
    """Return the real images of each role.

    The reference is by default what the run trained on; training and held-out images are by default parts of
    the run's own data, or else of the reference. What no metric needs may be missing: a run is measured against
    a folder also where its own data are not at hand.

    Raises:
      UserError: what was named, or is needed, cannot be opened.
    """
    home = "data" if has_own else choices.reference

    def find(role: str, text: str | None, default: Callable[[str], ImageSet | None]) -> ImageSet | None:
        if text is not None:
            return opened.read(text, option=f"--{role.replace('_', '-')}")
        if home is None or (role == "train" and role not in needed):
            return None
        try:
            return default(home)
        except UserError as error:
            if role in needed:
                raise
            log.warning("without %s images: %s", role.replace("_", "-"), error)
            return None

    option = "--reference"
    return RealSets(
        reference=find("reference", choices.reference, lambda text: opened.read(text, option=option)),
        train=find("train", choices.train, lambda text: opened.training(text, option=option)),
        held_out=find("held_out", choices.held_out, lambda text: opened.held_out(text, option=option)),
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the images of a run are made."""

    count: int
    seed: int = 0
    weights: str = "ema"
    checkpoint: int | None = None
    size: int | None = None
    """For folders of images of many sizes: the height and width to bring them to."""
    files: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Fields of the configuration of a folder or zip, such as ``on_bad_image``."""


def open_model(text: str, sampling: Sampling) -> LoadedModel | None:
    """Return the model of a run that a user typed, or None where it names images instead.

    Raises:
      UserError: it is neither a run nor a source of images.
    """
    try:
        find_run(text)
    except UserError as error:
        try:
            parse_source(text)
        except UserError:
            raise UserError(f"{error}; nor is it a folder, a .zip or an .npz file of images") from None
        return None
    return load_model(text, weights=sampling.weights, images=sampling.checkpoint)  # type: ignore[arg-type]


def generated_by(model: LoadedModel, sampling: Sampling) -> ImageSet:
    """Return samples of a model, held in memory once made."""
    return held(of_model(model, count=sampling.count, seed=sampling.seed))


def generated_elsewhere(text: str, sampling: Sampling) -> ImageSet:
    """Return the images that another tool left in a folder, a zip or an array file.

    Raises:
      UserError: they have many sizes and ``size`` is not given.
    """
    config = with_fields(parse_source(text), sampling.files)
    source = open_source(config, size=sampling.size)
    if source.image_shape is None:
        raise UserError(
            f"{text}: the images have different sizes; give --size, such as --size 256, to bring them to one"
        )
    dataset = dataset_from_source(source, dataclasses.replace(config, split="all"))
    images = held(of_dataset(dataset, split="generated", limit=sampling.count, seed=sampling.seed))
    return dataclasses.replace(images, name=text)
