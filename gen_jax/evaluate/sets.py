"""Sets of images that are measured: of a data set, of a model, of arrays; read in chunks, again and again."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from gen_jax import rng
from gen_jax.data.dataset import Dataset
from gen_jax.data.order import indices
from gen_jax.errors import UserError
from gen_jax.io.models import LoadedModel
from gen_jax.latent.decode import Decoder, make_decoder
from gen_jax.latent.sample import STREAM, Source, Wanted, make_sample

CHUNK = 512
"""Images read at a time."""
MOST_BYTES = 2 << 30
"""A set of at most this size is held in memory once it has been read."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImageSet:
    """Images of one shape."""

    name: str
    """Where they come from, for a person."""
    split: str
    """The part of a data set, or ``generated``."""
    count: int
    image_shape: tuple[int, int, int]
    """Height, width, channels."""
    read: Callable[[], Iterator[np.ndarray]]
    """Begins a new pass over the images, uint8 [b, h, w, c] a chunk, always in the same order."""
    labels: np.ndarray | None = None
    """int32 [count], or None."""
    class_names: tuple[str, ...] = ()

    @property
    def num_bytes(self) -> int:
        """Bytes of all images."""
        return self.count * int(np.prod(self.image_shape))

    def load(self) -> np.ndarray:
        """Return all images, uint8 [n, h, w, c]."""
        return np.concatenate(list(self.read()))

    def take(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return some images, uint8 [len(rows), h, w, c], in one pass."""
        rows = np.asarray(rows)
        taken = np.empty((len(rows), *self.image_shape), np.uint8)
        first = 0
        for chunk in self.read():
            here = (rows >= first) & (rows < first + len(chunk))
            taken[here] = chunk[rows[here] - first]
            first += len(chunk)
        return taken

    def digest(self) -> str:
        """Return a hash of the pixels, 32 hexadecimal digits; where the images came from does not matter."""
        content = hashlib.blake2b(repr((self.count, self.image_shape)).encode(), digest_size=16)
        for chunk in self.read():
            content.update(np.ascontiguousarray(chunk).data)
        return content.hexdigest()


def of_arrays(
    images: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    name: str,
    split: str = "all",
    class_names: tuple[str, ...] = (),
) -> ImageSet:
    """Return the set of images at hand, uint8 [n, h, w, c] with n at least 1."""
    if images.ndim != 4 or images.dtype != np.uint8 or not len(images):
        raise UserError(f"{name}: images are {images.dtype} {list(images.shape)}; give uint8 [n, h, w, c] with n >= 1")
    height, width, channels = images.shape[1:]

    def read() -> Iterator[np.ndarray]:
        return (images[first : first + CHUNK] for first in range(0, len(images), CHUNK))

    return ImageSet(
        name=name,
        split=split,
        count=len(images),
        image_shape=(height, width, channels),
        read=read,
        labels=labels,
        class_names=class_names,
    )


def of_dataset(dataset: Dataset, *, split: str, limit: int | None = None, seed: int = 0) -> ImageSet:
    """Return the images of a data set, or ``limit`` of them drawn without replacement with ``seed``, in their order."""
    rows = np.arange(len(dataset))
    if limit is not None and limit < len(dataset):
        rows = np.sort(indices(seed, np.arange(limit), len(dataset), np))
    labels = dataset.labels

    def read() -> Iterator[np.ndarray]:
        for first in range(0, len(rows), CHUNK):
            yield dataset.source.stack(dataset.indices[rows[first : first + CHUNK]])

    return ImageSet(
        name=dataset.info.source,
        split=split,
        count=len(rows),
        image_shape=dataset.info.image_shape,
        read=read,
        labels=None if labels is None else labels[rows],
        class_names=dataset.info.class_names,
    )


def of_model(model: LoadedModel, *, count: int, seed: int = 0, decoder: Decoder | None = None) -> ImageSet:
    """Return ``count`` samples of a model, those that ``gen-jax sample --seed`` makes; the classes come in turn.

    Args:
      model: with its weights.
      count: of images, at least 1.
      seed: image i of a seed is always the same image.
      decoder: of an earlier call for the same networks, so that nothing is compiled anew; see ``decoder_of``.
    """
    classes = model.networks.num_classes
    number = np.arange(count, dtype=np.int32)
    labels = (number % classes).astype(np.int32) if classes else None
    source = Source(weights=model.weights, key=rng.stream(seed, STREAM))
    decoder = decoder or decoder_of(model)
    return ImageSet(
        name=f"{model.run.name} at {model.images_seen:,} images",
        split="generated",
        count=count,
        image_shape=model.networks.image_shape,
        read=lambda decoder=decoder: decoder.stream(source, Wanted(number, labels)),
        labels=labels,
        class_names=model.info.class_names if classes else (),
    )


def decoder_of(model: LoadedModel, *, batch: int = 256) -> Decoder:
    """Return the compiled sampler of a model, for any weights of it; ``batch`` changes no bit of the images."""
    return make_decoder(*make_sample(model.bind), batch=batch)


def held(images: ImageSet, *, most_bytes: int = MOST_BYTES) -> ImageSet:
    """Return the set such that its images are read or made once, when first needed, if they fit in memory."""
    if images.num_bytes > most_bytes:
        return images
    load = functools.cache(images.load)

    def read() -> Iterator[np.ndarray]:
        everything = load()
        return (everything[first : first + CHUNK] for first in range(0, len(everything), CHUNK))

    return dataclasses.replace(images, read=read)
