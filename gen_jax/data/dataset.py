"""A data set: a source and the numbers of the images that one split of it uses."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np

from gen_jax.data.config import (
    ArrayData,
    CommonData,
    DataConfig,
    EmbeddedData,
    FolderData,
    LogoData,
    TextureData,
    TfdsData,
    ZipData,
)
from gen_jax.data.decode import form_of
from gen_jax.data.source import Source, open_array, open_embedded
from gen_jax.data.splits import check_splits, split_indices
from gen_jax.data.stacked import StackedSource
from gen_jax.errors import UserError
from gen_jax.types import DatasetInfo


@dataclasses.dataclass(frozen=True)
class Dataset:
    """The images of one split, numbered from 0, all of one shape."""

    source: Source
    indices: np.ndarray
    """int64 [n]: which images of the source."""
    info: DatasetInfo

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.indices)

    def image(self, index: int) -> np.ndarray:
        """Return uint8 [h, w, c]; safe from many threads."""
        return self.source.image(int(self.indices[index]))

    @property
    def labels(self) -> np.ndarray | None:
        """The class of each image, int32 [n], or None."""
        return None if self.source.labels is None or not self.info.class_names else self.source.labels[self.indices]

    @property
    def num_bytes(self) -> int:
        """Bytes of all images as uint8."""
        return len(self) * int(np.prod(self.info.image_shape))

    def load_all(self, *, progress: bool = True) -> tuple[np.ndarray, np.ndarray | None]:
        """Return (uint8 [n, h, w, c], int32 [n] or None), read in parallel threads."""
        return self.source.stack(self.indices, title="loading images" if progress else None), self.labels


def open_dataset(config: DataConfig, *, size: int | None, split: str | None = None) -> Dataset:
    """Open the data that a configuration describes.

    Args:
      config: one of the kinds of source.
      size: height and width of every image; None keeps the native size, which must be one for all.
      split: in place of ``config.split``.

    Raises:
      UserError: the data are missing, damaged, too small, of many sizes, or a choice is out of range.
    """
    if split is not None:
        config = dataclasses.replace(config, split=split)  # type: ignore[arg-type]
    check_splits(config)  # before the source is read, which can take long
    return dataset_from_source(open_source(config, size=size), config)


def dataset_from_source(source: Source, config: CommonData | None = None) -> Dataset:
    """Take one split of a source; ``ArraySource.from_arrays`` makes a source of arrays at hand.

    Raises:
      UserError: the images have different sizes, or the split is empty or out of range.
    """
    config = config or CommonData()
    if source.image_shape is None:
        raise UserError(f"the images of {source.description} have different sizes: ask for one size (model size)")
    labels = source.labels if config.labels else None
    indices = split_indices(len(source), source.official_test, labels, config)
    info = DatasetInfo(
        image_shape=source.image_shape,
        num_images=len(indices),
        class_names=source.class_names if labels is not None else (),
        source=source.description,
    )
    return Dataset(source, indices, info)


def open_source(config: DataConfig, *, size: int | None) -> Source:
    """Open the source alone, all parts of it. Raises UserError as ``open_dataset`` does."""
    source = _open_kind(config, size=size)
    return StackedSource(source, count=config.stacked, seed=config.split_seed) if config.stacked else source


def _open_kind(config: DataConfig, *, size: int | None) -> Source:
    match config:
        case EmbeddedData():
            return open_embedded(form_of(config, size))
        case ArrayData():
            return open_array(config, size)
        case FolderData() | ZipData():
            from gen_jax.data.files import open_files

            return open_files(config, size)
        case TfdsData():
            from gen_jax.data.tfds_source import open_tfds

            return open_tfds(config, size)
        case TextureData():
            from gen_jax.data.textures import TextureSource

            return TextureSource(config, size)
        case LogoData():
            from gen_jax.data.logos import LogoSource

            return LogoSource(config, size)


def parse_source(text: str) -> DataConfig:
    """Read a source as people write it on a command line.

    ``embedded``; a folder; a ``.zip``; a ``.npy`` or ``.npz``; ``tfds:cifar10``; ``cifar10:3.0.2``;
    ``texture:oak,carrara``; ``logo``, or ``logo:FAMILY,FAMILY``.

    Raises:
      UserError: it is none of these.
    """
    if text == "embedded":
        return EmbeddedData()
    if text.startswith("tfds:"):
        return TfdsData(name=text.removeprefix("tfds:"))
    if text.startswith("texture:"):
        return TextureData(names=tuple(text.removeprefix("texture:").split(",")))
    if text == "logo" or text.startswith("logo:"):
        return LogoData(families=tuple(name for name in text.partition(":")[2].split(",") if name))
    path = Path(text).expanduser()
    suffix = path.suffix.lower()
    if path.is_dir():
        return FolderData(path=text)
    if suffix == ".zip":
        return ZipData(path=text)
    if suffix in (".npy", ".npz"):
        return ArrayData(path=text)
    if re.fullmatch(r"\w+(/[^:/]+)?:\d+\.\d+\.\d+", text):
        return TfdsData(name=text)
    raise UserError(
        f"{text!r} is no source of images: give an existing folder, a .zip, .npy or .npz file, "
        f"embedded, a TFDS set as tfds:NAME or NAME:VERSION, texture:NAME,NAME or logo"
    )
