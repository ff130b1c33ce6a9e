"""Turn any source into one .npz file that opens at once: images uncompressed, so that they can be memory-mapped."""

from __future__ import annotations

import errno
import zipfile
from pathlib import Path

import numpy as np
from tqdm import tqdm

from gen_jax.data.dataset import Dataset
from gen_jax.errors import RunError, UserError

_BYTES_AT_ONCE = 64 * 2**20
_FULL = (errno.ENOSPC, errno.EDQUOT)


def pack(dataset: Dataset, destination: str) -> Path:
    """Write a data set to ``destination``, a ``.npz`` that ``ArrayData`` reads; return its path.

    The arrays are ``images`` uint8 [n, h, w, c], ``labels`` int32 [n] and ``class_names`` where there are classes,
    and ``num_test`` where the last images are an official test set. The file appears under its name only once it
    is whole; what an interrupted run left behind is removed by the next. The same images give the same bytes.

    Raises:
      UserError: the name is not a .npz, or its folder is not there or cannot be written.
      RunError: the disk is full.
    """
    path = Path(destination).expanduser()
    if path.suffix != ".npz":
        raise UserError(f"the packed file {destination} must be called something.npz")
    if not path.parent.is_dir():
        raise UserError(f"the packed file {destination} cannot be made: there is no folder {path.parent}")
    temporary = path.with_name(f".{path.name}.part")
    try:
        _write(dataset, temporary)
        temporary.replace(path)
    except OSError as error:
        if error.errno in _FULL:
            raise RunError(
                f"the disk is full: {path} needs {dataset.num_bytes:,} bytes; free some and repeat"
            ) from error
        raise UserError(f"the packed file {destination} cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _write(dataset: Dataset, path: Path) -> None:
    test = dataset.source.official_test
    small = {"num_test": np.array(np.isin(dataset.indices, np.arange(test.start, test.stop)).sum())}
    if dataset.labels is not None:
        small |= {"labels": dataset.labels, "class_names": np.array(dataset.info.class_names)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(_entry("images"), "w", force_zip64=True) as file:
            shape = (len(dataset), *dataset.info.image_shape)
            np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
            _write_images(dataset, file)
        for name, array in small.items():
            with archive.open(_entry(name), "w") as file:
                np.lib.format.write_array(file, array, allow_pickle=False)


def _write_images(dataset: Dataset, file: object) -> None:
    rows = max(1, _BYTES_AT_ONCE * len(dataset) // max(dataset.num_bytes, 1))
    with tqdm(total=len(dataset), desc="packing", unit="img", disable=None, leave=False) as bar:
        for start in range(0, len(dataset), rows):
            images = dataset.source.stack(dataset.indices[start : start + rows])
            file.write(np.ascontiguousarray(images).data)  # type: ignore[attr-defined]
            bar.update(len(images))


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
