"""Pictures become the answer: filtered, marked, signed, encoded."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import numpy as np

from gen_jax import __version__
from gen_jax.io import drawings, images
from gen_jax.io.drawings import Record
from gen_jax.io.photos import Photo, Writing, encode_photo
from gen_jax.serve.answers import provenance
from gen_jax.serve.answers.content_filter import ImageFilter, open_filter
from gen_jax.serve.answers.credentials import Signer, open_signer
from gen_jax.serve.answers.packing import MEDIA_TYPES, PackedImage, json_document, zip_archive
from gen_jax.serve.answers.provenance import Encoding, Origin
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import Format
from gen_jax.serve.settings import Settings
from gen_jax.serve.work import Answer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Picture:
    """One image that the service made."""

    pixels: np.ndarray
    """uint8 [h, w, c] with 1, 3 or 4 channels."""
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What an answer says of it, such as seed and number: values of JSON."""


class Finishing:
    """What every picture goes through on its way out; safe to use from several threads.

    Args:
      content_filter: refuses pictures; None: none is refused.
      signer: of content credentials; None: nothing is signed.
    """

    def __init__(self, *, content_filter: ImageFilter | None = None, signer: Signer | None = None) -> None:
        self._filter = content_filter
        self._signer = signer

    @classmethod
    def open(cls, settings: Settings) -> Finishing:
        """Return what the settings ask for.

        Raises:
          UserError: the content filter or the signer cannot work; said here, not at the first request.
        """
        return cls(content_filter=open_filter(settings.content_filter), signer=open_signer(settings.credentials))

    @property
    def filters(self) -> bool:
        """Whether there is a content filter."""
        return self._filter is not None

    def check_input(self, pixels: np.ndarray, *, what: str) -> None:
        """Let an image uint8 [h, w, c] pass, or refuse it.

        Args:
          pixels: of the image.
          what: names it in the refusal, such as ``image``.

        Raises:
          Problem: the content filter refuses the image, or cannot judge it.
        """
        if self._filter is not None:
            self._filter.check(pixels, what=what)

    def generated(
        self,
        pictures: Sequence[Picture],
        *,
        format: Format,
        origin: Origin,
        facts: Mapping[str, Any],
        record: Record | None = None,
        columns: int | None = None,
    ) -> Answer:
        """Return the answer that holds pictures which the service made; equal arguments give equal bytes.

        Args:
          pictures: at least one.
          format: ``png``, ``webp`` and ``jpeg`` hold one picture, or all on one sheet; ``json`` and ``zip`` each.
          origin: what made them.
          facts: of the whole request, such as model and seed: values of JSON.
          record: of drawn pictures, a recipe for each; ``gen-jax draw --params`` draws them again from a PNG.
          columns: of a sheet of a model's images; None: as many as make it nearest to a square.

        Raises:
          UserError: a picture or the sheet is too large for the format.
          Problem: the content filter refuses a picture, or cannot judge it.
        """
        for place, picture in enumerate(pictures):
            self.check_input(picture.pixels, what=f"made picture {place}")
        if format == "json" or format == "zip":
            packed = [
                PackedImage(
                    data=self._made(picture.pixels, "png", origin, _record([picture], facts, record, place)),
                    height=picture.pixels.shape[0],
                    width=picture.pixels.shape[1],
                    facts=picture.facts,
                )
                for place, picture in enumerate(pictures)
            ]
            body = json_document(packed, facts) if format == "json" else zip_archive(packed, facts)
        else:
            pixels = _on_one_sheet([picture.pixels for picture in pictures], origin, columns)
            body = self._made(pixels, format, origin, _record(pictures, facts, record))
        return Answer(body=body, media_type=MEDIA_TYPES[format], headers=_headers(facts))

    def _made(self, pixels: np.ndarray, format: Encoding, origin: Origin, record: str) -> bytes:
        data = provenance.encode(pixels, format, origin=origin, record=record)
        return data if self._signer is None else self._signer.created(data, MEDIA_TYPES[format], origin)

    def edited(
        self,
        photo: Photo,
        *,
        format: Literal["png", "webp", "jpeg", "json"],
        quality: int | None = None,
        facts: Mapping[str, Any],
        original: bytes | None = None,
    ) -> Answer:
        """Return the answer that holds an edited photo; unsigned in a picture format, the bytes of ``gen-jax edit``.

        Args:
          photo: with what is kept of its file.
          format: ``json`` holds a PNG.
          quality: of JPEG and WebP, as ``gen-jax edit --quality``.
          facts: of the request: values of JSON.
          original: the file that was sent; a signature says that the answer was made of it.

        Raises:
          UserError: the image is too large for the format.
          Problem: the content filter refuses the image, or cannot judge it.
        """
        self.check_input(photo.pixels, what="edited image")
        encoding: Encoding = "png" if format == "json" else format
        body = encode_photo(photo, encoding.upper(), Writing(quality=quality))
        if self._signer is not None:
            body = self._signer.edited(body, MEDIA_TYPES[encoding], original)
        if format == "json":
            height, width = photo.pixels.shape[:2]
            body = json_document([PackedImage(data=body, height=height, width=width, facts={})], facts)
        return Answer(body=body, media_type=MEDIA_TYPES[format], headers=_headers(facts))

    def vector(self, svg: bytes, *, facts: Mapping[str, Any], pixels: np.ndarray | None = None) -> Answer:
        """Return the answer that holds one drawn SVG file.

        Args:
          svg: the file.
          facts: of the request.
          pixels: the same picture uint8 [h, w, c], for the content filter; needed where ``filters``.

        Raises:
          Problem: the content filter refuses the picture, or cannot judge it.
        """
        if self._filter is not None:
            if pixels is None:
                raise Problem("content-refused", "format svg: the content filter cannot look at it; ask for png")
            self._filter.check(pixels, what="drawn picture")
        body = provenance.mark_svg(svg, "rule")
        if self._signer is not None:
            body = self._signer.created(body, MEDIA_TYPES["svg"], "rule")
        return Answer(body=body, media_type=MEDIA_TYPES["svg"], headers=_headers(facts))


def _on_one_sheet(pictures: Sequence[np.ndarray], origin: Origin, columns: int | None) -> np.ndarray:
    """Return the one picture, or all on a sheet as ``gen-jax sample`` or ``gen-jax draw --sheet`` lays it."""
    if len(pictures) == 1:
        return pictures[0]
    if origin == "rule":
        return drawings.contact_sheet([drawings.for_sheet(picture) for picture in pictures])
    return images.grid(np.stack(pictures), columns)


def _record(
    pictures: Sequence[Picture], facts: Mapping[str, Any], record: Record | None, place: int | None = None
) -> str:
    """Return what makes the pictures of one file again: the only one or the one at ``place``, or those of a sheet."""
    if record is None:
        return json.dumps({"version": __version__, **facts, "images": [dict(picture.facts) for picture in pictures]})
    if place is not None:
        record = dataclasses.replace(record, recipes=(record.recipes[place],))
    sheet = len(record.recipes) > 1
    return dataclasses.replace(record, sheet=sheet, outputs=() if sheet else record.outputs).text()


def _headers(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what an answer in a picture format says of its request; a header holds plain characters only."""
    return {f"gen-jax-{name}": quote(str(facts[name]), safe=" ") for name in ("seed", "model") if name in facts}
