"""The fields beside an image, as a JSON body, a form or a query names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

import pydantic

from gen_jax.serve.problem import Problem
from gen_jax.serve.reading.json_body import first_complaint

Fields = TypeVar("Fields", bound=pydantic.BaseModel)

_STRICT = pydantic.ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

Base64 = Annotated[str, pydantic.Field(json_schema_extra={"contentEncoding": "base64", "minLength": 4})]


class EditFields(pydantic.BaseModel):
    """Of an edit, besides the image and the edits."""

    model_config = _STRICT

    format: Literal["png", "webp", "jpeg", "json"] | None = None
    """Of the answer; left out, what Accept prefers, else the format of the image where it can be, else png."""
    quality: Annotated[int | None, pydantic.Field(ge=1, le=100)] = None
    """Of JPEG and WebP; left out, JPEG 95 and lossless WebP."""
    precision: Literal["uint8", "float"] = "uint8"
    """uint8: every edit rounds as Pillow does. float: rounded once, at the end."""
    name: Annotated[str, pydantic.Field(max_length=255)] = ""
    """File name of the image; it decides the noise of random edits, as with ``gen-jax edit``, and is never opened."""


class EditBody(EditFields):
    """An image and what is done to it."""

    image: Base64
    """An image file in base64: PNG, JPEG, WebP, TIFF or BMP."""
    edits: list[Any]
    """First to last."""
    pictures: dict[str, Base64] = {}
    """Name -> image file in base64, of the pictures that edits take, such as a watermark."""


class ReconstructFields(pydantic.BaseModel):
    """Of a reconstruction, besides the image."""

    model_config = _STRICT

    model: str | None = None
    """Name of GET /models; left out, the first that can reconstruct."""
    label: Annotated[str | int | None, pydantic.Field(alias="class")] = None
    """Class of the image, by name or number, for a conditional model."""
    format: Literal["png", "webp", "jpeg", "json"] | None = None
    """Of the answer; left out, what Accept prefers, else png."""


class ReconstructBody(ReconstructFields):
    """An image to send through a model."""

    image: Base64
    """An image file in base64: PNG, JPEG, WebP, TIFF or BMP."""


def read_fields(model: type[Fields], texts: Mapping[str, Sequence[str]]) -> Fields:
    """Return the fields that a form or a query gives as texts.

    Raises:
      Problem: an unknown field, one given twice, or a value that is not allowed.
    """
    twice = [name for name, values in texts.items() if len(values) > 1]
    if twice:
        raise Problem("bad-request", f"{twice[0][:64]!r} is given twice")
    values: dict[str, Any] = {name: given[0] for name, given in texts.items()}
    try:
        return model.model_validate_strings(values, by_alias=True, by_name=False)
    except pydantic.ValidationError as error:
        raise Problem("unprocessable", first_complaint(error, model)) from None
