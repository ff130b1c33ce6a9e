"""The interface of a source of images, and the source that is an array in memory or in a file."""

from __future__ import annotations

import dataclasses
import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gen_jax.data.config import ArrayData
from gen_jax.data.decode import Form, check_size, fit, form_of
from gen_jax.data.threads import map_in_threads
from gen_jax.errors import UserError

EMBEDDED_FILE = Path(__file__).parent / "embedded" / "fashion_mnist.npz"


class Source(Protocol):
    """Images by number, all in one form; safe to use from many threads at once."""

    labels: np.ndarray | None
    """int32 [n] in [0, k), or None."""
    class_names: tuple[str, ...]
    """One name a class; empty without labels."""
    image_shape: tuple[int, int, int] | None
    """Height, width, channels of every image; None where they differ (no size was asked for)."""
    official_test: range
    """The numbers of the images that the makers of the set keep for testing; empty where there are none."""
    description: str
    """Where the images come from, for a person."""

    def __len__(self) -> int:
        """Return the number of images."""
        ...

    def name(self, index: int) -> str:
        """Return what to call image ``index`` in a message: its file, or its number."""
        ...

    def image(self, index: int) -> np.ndarray:
        """Return uint8 [h, w, c]."""
        ...

    def stack(self, indices: np.ndarray, *, title: str | None = None) -> np.ndarray:
        """Return uint8 [len(indices), h, w, c], read in parallel; ``title`` names a progress bar."""
        ...


def stack_in_threads(source: Source, indices: np.ndarray, *, title: str | None = None) -> np.ndarray:
    """Read many images of a source whose images have one shape."""
    assert source.image_shape is not None
    result = np.empty((len(indices), *source.image_shape), np.uint8)

    def read(row: int) -> None:
        result[row] = source.image(int(indices[row]))

    for _ in map_in_threads(read, range(len(indices)), title=title):
        pass
    return result


class ArraySource:
    """Images that lie in one array, in memory or memory-mapped."""

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray | None = None,
        class_names: Sequence[str] = (),
        *,
        form: Form | None = None,
        num_test: int = 0,
        description: str = "array",
    ) -> None:
        self._images, self.labels, self.class_names = _checked(images, labels, class_names, description)
        count, height, width, channels = self._images.shape
        self._form = form or Form()
        self.description = description
        if not 0 <= num_test <= count:
            raise UserError(
                f"{description}: num_test is {num_test}, and must lie in [0, {count}], the number of images"
            )
        self.official_test = range(count - num_test, count)
        native = None if self._form.channels in (None, channels) else self._form.channels
        side = None if self._form.size in (None, height) and self._form.size in (None, width) else self._form.size
        self._as_is = native is None and side is None
        check_size(width, height, self._form, f"every image of {description}")
        wanted_channels = native or channels
        self._form = dataclasses.replace(self._form, channels=wanted_channels)
        self.image_shape: tuple[int, int, int] | None = (side or height, side or width, wanted_channels)

    @classmethod
    def from_arrays(
        cls, images: np.ndarray, labels: np.ndarray | None = None, class_names: Sequence[str] = ()
    ) -> ArraySource:
        """Make a source of uint8 images [n, h, w] or [n, h, w, c] and integer labels [n].

        Raises:
          UserError: wrong type, shape or range; the message says which.
        """
        return cls(images, labels, class_names)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._images)

    def name(self, index: int) -> str:
        """Return the number of the image in its array."""
        return f"{self.description}[{index}]"

    def image(self, index: int) -> np.ndarray:
        """Return uint8 [h, w, c]."""
        pixels = self._images[index]
        if self._as_is:
            return np.asarray(pixels)
        from PIL import Image

        return fit(Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels), self._form, self.name(index))

    def stack(self, indices: np.ndarray, *, title: str | None = None) -> np.ndarray:
        """Return uint8 [len(indices), h, w, c]."""
        if self._as_is:
            return np.asarray(self._images[indices])
        return stack_in_threads(self, indices, title=title)


def open_embedded(form: Form) -> ArraySource:
    """Open the 12,000 images of Fashion-MNIST that come with the package; the last 2,000 are the test set."""
    return _from_npz(EMBEDDED_FILE, form, "embedded Fashion-MNIST")


def open_array(config: ArrayData, size: int | None) -> ArraySource:
    """Open an ``.npy`` or ``.npz`` file; the first, and an uncompressed second, is memory-mapped.

    Raises:
      UserError: no such file, not an array file, or not images.
    """
    path, form = Path(config.path).expanduser(), form_of(config, size)
    if not path.is_file():
        raise UserError(f"data.path={config.path}: there is no such file")
    try:
        if path.suffix == ".npy":
            return ArraySource(np.load(path, mmap_mode="r", allow_pickle=False), form=form, description=str(path))
        if path.suffix == ".npz":
            return _from_npz(path, form, str(path))
    except UserError:
        raise
    except (ValueError, EOFError, KeyError, OSError, zipfile.BadZipFile, struct.error) as error:
        raise UserError(f"data.path={config.path} is not a readable array file: {error}") from error
    raise UserError(
        f"data.path={config.path}: an array is a .npy or .npz file, not {path.suffix or 'one without suffix'}"
    )


def _from_npz(path: Path, form: Form, description: str) -> ArraySource:
    with np.load(path, allow_pickle=False) as archive:
        names = set(archive.files)
        key = next((key for key in ("images", "arr_0") if key in names), None)
        if key is None:
            raise UserError(f"{path} holds {', '.join(sorted(names)) or 'nothing'}, and no array named images")
        labels = archive["labels"] if "labels" in names else None
        class_names = tuple(str(name) for name in archive["class_names"]) if "class_names" in names else ()
        num_test = int(archive["num_test"]) if "num_test" in names else 0
        images = _mapped_member(path, f"{key}.npy")
        if images is None:
            images = archive[key]
    return ArraySource(images, labels, class_names, form=form, num_test=num_test, description=description)


def _mapped_member(path: Path, member: str) -> np.ndarray | None:
    """Memory-map one array of an uncompressed .npz; None where it is compressed."""
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(member)
    if entry.compress_type != zipfile.ZIP_STORED:
        return None
    with open(path, "rb") as file:
        file.seek(entry.header_offset)
        # The local header of a zip entry: 30 bytes, then a name and an extra field of the lengths at 26 and 28.
        header = file.read(30)
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        file.seek(name_length + extra_length, io.SEEK_CUR)
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(file)
        if fortran or dtype.hasobject or not np.prod(shape):
            return None
        return np.memmap(path, dtype, "r", file.tell(), shape)


def _checked(images: Any, labels: Any, names: Sequence[str], what: str) -> tuple[Any, Any, tuple[str, ...]]:
    """Return images [n, h, w, c], labels int32 [n] or None, and one name a class."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.ndim not in (3, 4):
        found = f"{images.dtype} {list(images.shape)}" if isinstance(images, np.ndarray) else type(images).__name__
        raise UserError(f"{what}: images must be uint8 [n, h, w] or [n, h, w, c], not {found}")
    if images.ndim == 3:
        images = images[..., None]
    if images.shape[-1] not in (1, 3, 4):
        raise UserError(f"{what}: images must have 1, 3 or 4 channels in the last axis, not {images.shape[-1]}")
    if not images.size:
        raise UserError(f"{what}: there are no images in it (shape {list(images.shape)})")
    if labels is None:
        return images, None, ()
    labels = np.asarray(labels)
    if labels.shape != images.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
        raise UserError(
            f"{what}: labels must be integers [{len(images)}], one an image, not {labels.dtype} {list(labels.shape)}"
        )
    return images, *checked_labels(labels, names, what)


def checked_labels(labels: np.ndarray, names: Sequence[str], what: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return int32 labels and one name a class ("0", "1", ... where none are given).

    Raises:
      UserError: a label below 0, or without a name.
    """
    least, most = int(labels.min()), int(labels.max())
    names = tuple(names) or tuple(str(i) for i in range(most + 1))
    if least < 0 or most >= len(names):
        raise UserError(
            f"{what}: labels run from {least} to {most}, and must lie in [0, {len(names)}); "
            "mend them, or train without classes (data.labels=false)"
        )
    return labels.astype(np.int32), names
