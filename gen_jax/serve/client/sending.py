"""What images and edits become in a request: image files, JSON, and a name for each picture that an edit takes."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from gen_jax.errors import UserError

ImageLike: TypeAlias = str | os.PathLike[str] | bytes | np.ndarray
"""Path of an image file, the bytes of one, or pixels: uint8 [h, w] or [h, w, c]."""


def image_file(image: ImageLike, *, what: str = "image") -> tuple[str, bytes]:
    """Return the name and the bytes of an image file: a file as it lies on disk, an array as PNG.

    Raises:
      UserError: the file cannot be read, or the array holds no image.
    """
    if isinstance(image, bytes | bytearray | memoryview):
        return "", bytes(image)
    if isinstance(image, np.ndarray):
        return "", _png(image, what)
    path = Path(image).expanduser()
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise UserError(f"{what} {image}: {error.strerror or error}") from None


def _png(pixels: np.ndarray, what: str) -> bytes:
    from PIL import Image

    if (
        pixels.dtype != np.uint8
        or pixels.ndim not in (2, 3)
        or (pixels.ndim == 3 and pixels.shape[2] not in (1, 2, 3, 4))
    ):
        shape = tuple(pixels.shape)
        raise UserError(f"{what}: is {pixels.dtype} {shape}; allowed is uint8 [h, w] or [h, w, c] with 1 to 4 channels")
    if 0 in pixels.shape:
        raise UserError(f"{what}: has no pixels")
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels).save(buffer, "PNG")
    return buffer.getvalue()


def edit_entries(
    edits: Iterable[Any], pictures: Mapping[str, ImageLike]
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return a chain as JSON holds it, and the picture files that it names.

    Args:
      edits: each a mapping with a ``kind``, words of the command line such as ``rotate=12``, or an operation.
      pictures: name -> picture; a parameter of an edit that takes a picture is such a name. In an operation it
        may be the array itself.

    Raises:
      UserError: what is no edit, or a picture that cannot be read.
    """
    files = {name: image_file(picture, what=f"picture {name}")[1] for name, picture in pictures.items()}
    return [dict(edit) if isinstance(edit, Mapping) else _described(edit, files) for edit in edits], files


def as_json(entries: list[dict[str, Any]]) -> str:
    """Return the text of a chain; raises ``UserError`` for what has none."""
    try:
        return json.dumps(entries, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UserError(f"edits: have no form in JSON ({error})") from None


def _described(edit: Any, files: dict[str, bytes]) -> dict[str, Any]:
    """Return an operation as JSON holds it; an array in it becomes a file with a name of its own."""
    from gen_jax.edit.chain import Chain
    from gen_jax.edit.roles import Pixels
    from gen_jax.edit.syntax import parse_operation
    from gen_jax.edit.together import mapped

    def named(parameter: str, value: Any, kind: str) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        data = _png(value, f"{kind}.{parameter}")
        name = next((known for known, file in files.items() if file == data), f"picture_{len(files)}")
        files[name] = data
        return name

    operation = parse_operation(edit) if isinstance(edit, str) else edit
    [entry] = json.loads(mapped(Chain([operation]), Pixels, named).to_json())
    return entry
