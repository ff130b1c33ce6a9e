"""A service from Python: ``Client(url).edit("photo.jpg", ["rotate=12"]).save("out.jpg")``."""

from __future__ import annotations

import base64
import dataclasses
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import unquote

import numpy as np

from gen_jax.errors import RunError, UserError
from gen_jax.serve.client.calling import Caller
from gen_jax.serve.client.sending import ImageLike, as_json, edit_entries, image_file

_SUFFIXES = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "image/svg+xml": (".svg",),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServedImage:
    """An image file that a service made."""

    data: bytes
    """The file."""
    media_type: str
    """Such as image/png."""
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What the service says of it, such as its seed."""

    def array(self) -> np.ndarray:
        """Return uint8 [h, w, c]; c is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.

        Raises:
          UserError: it is an SVG drawing.
        """
        from PIL import Image

        if self.media_type == "image/svg+xml":
            raise UserError("an SVG drawing has no pixels; ask for another format")
        with Image.open(io.BytesIO(self.data)) as image:
            pixels = np.asarray(image)
        return pixels[..., None] if pixels.ndim == 2 else pixels

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file as it came, whole or not at all; raises ``UserError`` for the suffix of another format."""
        from gen_jax.io import files

        allowed = _SUFFIXES.get(self.media_type, ())
        if allowed and Path(path).suffix.lower() not in allowed:
            raise UserError(f"{path}: the image is {self.media_type}; name it {' or '.join(allowed)}")
        files.write_bytes(path, self.data)


class Client:
    """A service at an address, for any number of threads; a context manager that closes its connections.

    Args:
      url: such as http://127.0.0.1:8080, or the scoring address of an Azure endpoint, which ends with /score.
      token: bearer token; left out, GEN_JAX_TOKEN, where it is set.
      timeout: seconds without a byte after which a request has failed.
      retries: how often a request is sent again that found the service busy or lost its connection; it waits as
        long as the service asks.

    Every method raises UserError where the request is wrong and RunError where the service fails or cannot be
    reached, each with one line.
    """

    def __init__(self, url: str, *, token: str | None = None, timeout: float = 90.0, retries: int = 4) -> None:
        self._caller = Caller(url, token=token, timeout=timeout, retries=retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def edit(
        self,
        image: ImageLike,
        edits: Iterable[Any],
        *,
        pictures: Mapping[str, ImageLike] | None = None,
        format: Literal["png", "webp", "jpeg"] | None = None,
        quality: int | None = None,
        precision: Literal["uint8", "float"] = "uint8",
        name: str | None = None,
    ) -> ServedImage:
        """Return the edited image, the very file that ``gen-jax edit`` writes.

        Args:
          image: path of a file, the bytes of one, or pixels.
          edits: each a mapping with a ``kind``, words such as ``rotate=12,expand=true``, or an operation.
          pictures: those that the edits name.
          format: of the answer; None: that of the image where it can be, else png.
          quality: JPEG and WebP, 1 to 100; None: JPEG 95 and lossless WebP.
          precision: as ``gen-jax edit --precision``.
          name: decides the noise of random edits; None: the name of the file.
        """
        entries, files = edit_entries(edits, pictures or {})
        found, data = image_file(image)
        fields = {"edits": as_json(entries), "format": format, "quality": quality, "precision": precision}
        fields["name"] = (found if name is None else name) or None
        return self._form("edit", fields, {"image": data, **files})

    def reconstruct(
        self,
        image: ImageLike,
        *,
        model: str | None = None,
        label: str | int | None = None,
        format: Literal["png", "webp", "jpeg"] = "png",
    ) -> ServedImage:
        """Return the image after the encoder and the decoder of a model; ``label`` is its class."""
        fields = {"model": model, "class": label, "format": format}
        return self._form("reconstruct", fields, {"image": image_file(image)[1]})

    def generate(self, num: int = 1, *, label: str | int | None = None, **fields: Any) -> list[ServedImage]:
        """Return images of a trained model, as PNG files with their seeds and numbers.

        Args:
          num: how many.
          label: class of all images, by name or number; None: the classes take turns.
          fields: of ``requests.GenerateRequest``: model, seed, truncation, truncation_cutoff, temperature.
        """
        return self._images("generate", {"num": num, "class": label, **fields})

    def draw_texture(self, name: str, num: int = 1, **fields: Any) -> list[ServedImage]:
        """Return textures by rule; ``fields`` are those of ``requests.TextureRequest``, such as seed and height."""
        return self._images("texture", {"name": name, "num": num, **fields})

    def draw_logo(self, text: str | None = None, num: int = 1, **fields: Any) -> list[ServedImage]:
        """Return logos by rule; ``fields`` are those of ``requests.LogoRequest``; ``format="svg"`` draws one."""
        if fields.get("format") == "svg":
            response = self._caller.call("logo", json=_given({"text": text, "num": num, **fields}))
            return [_image(response)]
        return self._images("logo", {"text": text, "num": num, **fields})

    def models(self) -> list[dict[str, Any]]:
        """Return what the service says of its models."""
        return _listed(self._caller.call("models"), "models")[0]

    def operations(self) -> dict[str, Any]:
        """Return the edits, textures and logos that the service offers, with their parameters."""
        return _json(self._caller.call("operations"))

    def ready(self) -> bool:
        """Return whether the service can be reached and is warm; never waits for it."""
        try:
            self._caller.call("ready", retries=0)
        except RunError:
            return False
        return True

    def _form(self, what: str, fields: Mapping[str, Any], files: Mapping[str, bytes]) -> ServedImage:
        data = {name: str(value) for name, value in _given(fields).items()}
        parts = {name: (name, content, "application/octet-stream") for name, content in files.items()}
        parts["image"] = ("", *parts["image"][1:])  # an image without a file name; edits send theirs as a field
        return _image(self._caller.call(what, data=data, files=parts))

    def _images(self, what: str, fields: Mapping[str, Any]) -> list[ServedImage]:
        response = self._caller.call(what, json=_given({**fields, "format": "json"}))
        entries, common = _listed(response, "images")
        return [_from_json(entry, common) for entry in entries]


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _image(response: Any) -> ServedImage:
    media_type = response.headers.get("content-type", "").partition(";")[0].strip()
    if not media_type.startswith("image/"):
        raise RunError(f"{response.url.host}: answers {media_type or 'nothing'} in place of an image")
    told = {name: unquote(value) for name, value in response.headers.items() if name.startswith("gen-jax-")}
    facts = {name.removeprefix("gen-jax-"): int(value) if value.isdecimal() else value for name, value in told.items()}
    return ServedImage(data=response.content, media_type=media_type, facts=facts)


def _from_json(entry: Mapping[str, Any], common: Mapping[str, Any]) -> ServedImage:
    facts = {**common, **{name: value for name, value in entry.items() if name not in ("data", "media_type")}}
    return ServedImage(data=base64.b64decode(entry["data"]), media_type=entry["media_type"], facts=facts)


def _listed(response: Any, name: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the list of an answer, and what it holds besides."""
    answer = _json(response)
    if not isinstance(answer, dict) or not isinstance(answer.get(name), list):
        raise RunError(f"{response.url.host}: answers without {name}; is it a gen_jax service?")
    return answer.pop(name), answer


def _json(response: Any) -> Any:
    try:
        return response.json()
    except ValueError:
        raise RunError(f"{response.url.host}: answers no JSON; is it a gen_jax service?") from None
