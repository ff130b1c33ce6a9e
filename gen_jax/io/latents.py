"""Latents and directions as ``.npz`` files: written with the images that they give, and read back."""

from __future__ import annotations

import dataclasses
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.io import files
from gen_jax.latent.directions import Directions


@dataclasses.dataclass(frozen=True, kw_only=True)
class SavedLatents:
    """Latents of some images of one model; the first axis is the image."""

    z: np.ndarray | None = None
    """float32 [n, z], temperature and truncation applied."""
    w: np.ndarray | None = None
    """float32 [n, styles, w], truncation applied: the last word, where it is there."""
    labels: np.ndarray | None = None
    """int32 [n]."""
    seeds: np.ndarray | None = None
    """int64 [n]: the seed that each was drawn with, as image ``numbers`` of it."""
    numbers: np.ndarray | None = None
    """int64 [n]."""
    run: str = ""
    """Name of the experiment, for a person."""

    def __len__(self) -> int:
        """Images."""
        return len(self.latent)

    @property
    def latent(self) -> np.ndarray:
        """W where it is there, else z."""
        latent = self.z if self.w is None else self.w
        assert latent is not None
        return latent

    def fingerprint(self) -> str:
        """Return 8 hexadecimal digits that tell these latents from others."""
        code = 0
        for name in ("z", "w", "labels"):
            array = getattr(self, name)
            code = zlib.crc32(b"" if array is None else np.ascontiguousarray(array).tobytes(), code)
        return f"{code:08x}"


def write_latents(path: str | os.PathLike[str], saved: SavedLatents) -> None:
    """Write latents as an ``.npz`` file that is whole or absent; equal latents give equal bytes."""
    _write(path, {field.name: getattr(saved, field.name) for field in dataclasses.fields(saved)})


def read_latents(path: str | os.PathLike[str]) -> SavedLatents:
    """Read latents; other tools may write ``z`` or ``w`` alone.

    Raises:
      UserError: no such file, not an ``.npz`` file, without z and w, or its arrays do not fit each other.
    """
    arrays = _read(path, option="--latents", wanted="z or w")
    for name, axes in {"z": 2, "w": 3, "labels": 1}.items():
        array = arrays.get(name)
        if array is None:
            continue
        if array.ndim != axes or not len(array) or not np.issubdtype(array.dtype, np.number):
            shape = ["n", "styles", "w"] if name == "w" else ["n", "z"][:axes]
            raise UserError(
                f"--latents {path}: {name} is {array.dtype} {list(array.shape)}; it must be numbers "
                f"[{', '.join(shape)}] with n at least 1"
            )
        dtype = np.int32 if name == "labels" else np.float32
        arrays[name] = array.astype(dtype)
        if dtype == np.float32 and not np.isfinite(arrays[name]).all():
            raise UserError(f"--latents {path}: {name} holds numbers that are not finite; save the latents anew")
    counts = {name: len(arrays[name]) for name in ("z", "w", "labels") if name in arrays}
    if not counts.keys() & {"z", "w"}:
        raise UserError(f"--latents {path}: holds {', '.join(sorted(arrays)) or 'nothing'}; it must hold z or w")
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{count} {name}" for name, count in counts.items())
        raise UserError(f"--latents {path}: holds {listed}; there must be as many of each")
    return SavedLatents(z=arrays.get("z"), w=arrays.get("w"), labels=arrays.get("labels"))


def write_directions(path: str | os.PathLike[str], directions: Directions) -> None:
    """Write directions as an ``.npz`` file that is whole or absent; equal directions give equal bytes."""
    _write(path, directions._asdict())


def read_directions(path: str | os.PathLike[str]) -> Directions:
    """Read directions back.

    Raises:
      UserError: no such file, or it does not hold directions.
    """
    arrays = _read(path, option="--direction", wanted="what gen-jax directions --save writes")
    try:
        styles = arrays.get("styles")
        found = Directions(
            vectors=arrays["vectors"].astype(np.float32),
            strengths=arrays["strengths"].astype(np.float32),
            space="w" if str(arrays["space"]) == "w" else "z",
            styles=None if styles is None else tuple(int(style) for style in styles),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise UserError(
            f"--direction {path}: holds no directions ({error!r}); make it with gen-jax directions"
        ) from None
    if found.vectors.ndim != 2 or found.strengths.shape != found.vectors.shape[:1]:
        raise UserError(
            f"--direction {path}: vectors are {list(found.vectors.shape)} and strengths "
            f"{list(found.strengths.shape)}, not [k, d] and [k]; make it with gen-jax directions"
        )
    return found


def _write(path: str | os.PathLike[str], arrays: dict[str, Any]) -> None:
    present: dict[str, Any] = {name: np.asarray(array) for name, array in arrays.items() if array is not None}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as file:
        np.savez(file, **present)


def _read(path: str | os.PathLike[str], *, option: str, wanted: str) -> dict[str, np.ndarray]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            raise UserError(f"{option} {path}: is one array; name an .npz file with {wanted}")
        with loaded as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise UserError(f"{option} {path}: there is no such file; name an .npz file with {wanted}") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{option} {path}: cannot be read ({error}); name an .npz file with {wanted}") from None
