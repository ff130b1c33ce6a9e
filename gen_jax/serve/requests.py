"""What a client can ask for, as checked data: whatever transport it came by."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pydantic

from gen_jax.edit.operation import Operation

Format = Literal["png", "webp", "jpeg", "json", "zip"]
"""Of an answer. Several images in a picture format are one sheet; ``json`` holds each as base64, ``zip`` as a file."""

Seed = Annotated[int, pydantic.Field(ge=0, lt=2**32)]

_STRICT = pydantic.ConfigDict(
    extra="forbid", allow_inf_nan=False, frozen=True, populate_by_name=True, use_attribute_docstrings=True
)


class GenerateRequest(pydantic.BaseModel):
    """Images of a trained model; the same seed gives the same images, and those of ``gen-jax sample --seed``."""

    model_config = _STRICT

    model: str | None = None
    """Name of GET /models; left out, the first."""
    num: Annotated[int, pydantic.Field(ge=1)] = 1
    """How many images."""
    seed: Seed | None = None
    """Decides the images; left out, drawn by the service and told in the answer."""
    label: Annotated[str | int | None, pydantic.Field(alias="class")] = None
    """Class of all images, by name or number; left out, the classes take turns."""
    truncation: float | None = None
    """Trades variety for quality: of a model with styles psi from -1 to 2, else a threshold above 0."""
    truncation_cutoff: Annotated[int | None, pydantic.Field(ge=1)] = None
    """Styles that the truncation moves, coarse ones first; models with styles only."""
    temperature: Annotated[float, pydantic.Field(ge=0, le=100)] = 1.0
    """Factor of the latents' standard deviation; models without styles only."""
    format: Format = "png"
    """Of the answer."""


class TextureRequest(pydantic.BaseModel):
    """Textures by rule; the same seed gives the same picture, and that of ``gen-jax draw texture``."""

    model_config = _STRICT

    name: str
    """Of a material or texture, such as oak; GET /operations lists them."""
    num: Annotated[int, pydantic.Field(ge=1)] = 1
    """How many, with seeds counting up."""
    seed: Seed | None = None
    """Decides what varies; left out, drawn by the service and told in the answer."""
    height: Annotated[int, pydantic.Field(ge=1)] = 512
    """In pixels."""
    width: Annotated[int | None, pydantic.Field(ge=1)] = None
    """In pixels; left out, the height."""
    tile: bool = False
    """Whether the picture continues at its own opposite edges."""
    output: Literal["color", "normal", "normal_directx", "height", "mask"] = "color"
    """What is drawn of it."""
    parameters: dict[str, float | str] = {}
    """By name, such as scale."""
    colors: list[str | tuple[float, str]] | None = None
    """From low to high: #rrggbb at equal distances, or [position, #rrggbb]."""
    vary: Annotated[float, pydantic.Field(ge=0, le=10)] = 1.0
    """Share of the usual variation by seed; 0: none."""
    format: Format = "png"
    """Of the answer."""


class LogoRequest(pydantic.BaseModel):
    """Logos by rule; the same seed and text give the same logo, and that of ``gen-jax draw logo``."""

    model_config = _STRICT

    text: Annotated[str | None, pydantic.Field(max_length=64)] = None
    """Name of the brand; left out, a mark without words."""
    num: Annotated[int, pydantic.Field(ge=1)] = 1
    """How many, with seeds counting up."""
    seed: Seed | None = None
    """Decides the design; left out, drawn by the service and told in the answer."""
    height: Annotated[int, pydantic.Field(ge=1)] = 512
    """In pixels; the width is that of the layout."""
    family: str | None = None
    """Of the mark; GET /operations lists them."""
    layout: Literal["mark", "stacked", "horizontal", "wordmark", "badge"] | None = None
    """Left out, of the seed."""
    variant: Literal["light", "dark", "one_color", "one_color_dark"] | None = None
    """Left out, of the seed."""
    background: str | None = None
    """transparent, #rrggbb, or auto: that of the variant."""
    padding: Annotated[float | None, pydantic.Field(ge=0, le=0.4)] = None
    """Empty on every side, as a share of the height."""
    font: str | None = None
    """Name of GET /operations."""
    parameters: dict[str, Any] = {}
    """Any other parameter by name, such as hue, or of the family, such as petals."""
    format: Literal["png", "webp", "jpeg", "json", "zip", "svg"] = "png"
    """Of the answer; svg is one logo."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EditRequest:
    """One image and what is to be done to it; read by ``forms.py`` from a multipart form, a raw body or JSON."""

    image: bytes
    """An image file: PNG, JPEG, WebP, TIFF or BMP."""
    edits: tuple[Operation, ...]
    """First to last; a picture in one is named by its key in ``pictures``."""
    pictures: Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    """Name -> image file of the pictures that edits take, such as a watermark; never a path."""
    format: Literal["png", "webp", "jpeg", "json"] | None = None
    """Of the answer; None: that of the image where it can be, else png."""
    quality: int | None = None
    """JPEG and WebP, 1 to 100; None: JPEG 95 and lossless WebP."""
    precision: Literal["uint8", "float"] = "uint8"
    """As ``gen-jax edit --precision``."""
    name: str = ""
    """File name of the image; it decides the noise of random edits, as with ``gen-jax edit``; it is never opened."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReconstructRequest:
    """One image to send through the encoder and decoder of a model."""

    image: bytes
    model: str | None = None
    """Name of GET /models; None: the first that can reconstruct."""
    label: str | int | None = None
    """Class of the image, for a conditional model."""
    format: Literal["png", "webp", "jpeg", "json"] = "png"
    """Of the answer."""
