"""From a body that holds an image to a checked request: a multipart form, the image alone with a query, or JSON."""

from __future__ import annotations

import binascii
import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Generic, Literal, TypeVar

from gen_jax.edit.chain import read_operation
from gen_jax.edit.operation import Operation, parameters_of
from gen_jax.edit.syntax import parse_operation
from gen_jax.errors import UserError
from gen_jax.serve.http.negotiation import best_format, qualities
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.reading.fields import EditBody, EditFields, ReconstructBody, ReconstructFields, read_fields
from gen_jax.serve.reading.json_body import read_json, read_request
from gen_jax.serve.requests import EditRequest, ReconstructRequest

Query = Mapping[str, Sequence[str]]
Fields = TypeVar("Fields", EditFields, ReconstructFields)

IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/tiff", "image/bmp", "application/octet-stream")
"""Media types of a body that is an image alone; what it is, its first bytes decide."""

_BASE64_AT_ONCE = 1 << 18
"""Letters; no other thread runs while they are read."""

_LARGEST = 10**9
"""Number in an edit, seeds apart."""

_FORMATS: tuple[Literal["png", "webp", "jpeg", "json"], ...] = ("png", "webp", "jpeg", "json")


def read_edit(
    content_type: str, query: Query, body: bytes, limits: Limits, *, accept: str | None = None
) -> EditRequest:
    """Return what a request for edits asks for.

    Args:
      content_type: of the body: ``multipart/form-data``, ``application/json``, or one of ``IMAGE_TYPES``.
      query: name -> values; it belongs to an image alone.
      body: as it came.
      limits: ``operations`` bounds the edits.
      accept: the header, which decides the format where no field does.

    Raises:
      Problem: what is wrong, in one line.
    """
    if _media_type(content_type) == "application/json":
        sent = read_request(EditBody, _without_query(query, body))
        pictures = {name: _from_base64(text, f"pictures.{name[:40]}") for name, text in sent.pictures.items()}
        image, edits, name, fields = _from_base64(sent.image, "image"), _read_edits(sent.edits, limits), "", sent
    else:
        upload = _read_upload(content_type, query, body, limits, EditFields)
        image, pictures, name, fields = upload.image, upload.pictures, upload.name, upload.fields
        edits = _edits_of(upload, limits)
    return EditRequest(
        image=image,
        edits=edits,
        pictures=pictures,
        format=fields.format or _format_of_edit(accept),
        quality=fields.quality,
        precision=fields.precision,
        name=fields.name or name,
    )


def read_reconstruct(
    content_type: str, query: Query, body: bytes, limits: Limits, *, accept: str | None = None
) -> ReconstructRequest:
    """Return what a request for a reconstruction asks for; as ``read_edit``, without edits and pictures."""
    if _media_type(content_type) == "application/json":
        sent = read_request(ReconstructBody, _without_query(query, body))
        image, fields = _from_base64(sent.image, "image"), sent
    else:
        upload = _read_upload(content_type, query, body, limits, ReconstructFields)
        image, fields = upload.image, upload.fields
        unknown = [*upload.edit_words, *upload.edit_lists, *upload.pictures]
        if unknown:
            raise Problem("unprocessable", f"{unknown[0][:64]!r}: a reconstruction takes no edits and no pictures")
    return ReconstructRequest(
        image=image, model=fields.model, label=fields.label, format=fields.format or best_format(accept, _FORMATS)
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Upload(Generic[Fields]):
    image: bytes
    name: str
    fields: Fields
    edit_words: Sequence[str]
    edit_lists: Sequence[str]
    pictures: Mapping[str, bytes]


def _read_upload(content_type: str, query: Query, body: bytes, limits: Limits, kind: type[Fields]) -> _Upload[Fields]:
    media_type = _media_type(content_type)
    if media_type == "multipart/form-data":
        files, names, texts = _read_form(content_type, _without_query(query, body), limits, kind)
        image, name = files.pop("image", b""), _last_part(names.pop("image", ""))
        missing = "image is missing or empty; send the file in a part named image"
    elif media_type in IMAGE_TYPES:
        files, image, texts = {}, body, {name: list(values) for name, values in query.items()}
        name, missing = "", "the body is empty; it must be an image file"
    else:
        known = ", ".join(("multipart/form-data", "application/json", *IMAGE_TYPES))
        raise Problem("unsupported-media-type", f"Content-Type is {media_type[:80]!r}; send one of {known}")
    if not image:
        raise Problem("bad-request", missing)
    words, lists = texts.pop("edit", []), texts.pop("edits", [])
    return _Upload(
        image=image,
        name=name,
        fields=read_fields(kind, texts),
        edit_words=words,
        edit_lists=lists,
        pictures=files,
    )


def _read_form(
    content_type: str, body: bytes, limits: Limits, kind: type[Fields]
) -> tuple[dict[str, bytes], dict[str, str], dict[str, list[str]]]:
    """Return the files by field, their names by field, and the texts by field."""
    from gen_jax.serve.reading.multipart import boundary_of, read_parts

    texts_are = {"edit", "edits", *(field.alias or name for name, field in kind.model_fields.items())}
    files: dict[str, bytes] = {}
    names: dict[str, str] = {}
    texts: dict[str, list[str]] = {}
    for part in read_parts(body, boundary_of(content_type), most=3 * limits.operations + 16):
        if part.name in texts_are or (part.file_name is None and part.name != "image"):
            texts.setdefault(part.name, []).append(part.text())
        elif part.name in files:
            raise Problem("bad-request", f"{part.name} is given twice")
        else:
            files[part.name], names[part.name] = part.data, part.file_name or ""
    return files, names, texts


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _without_query(query: Query, body: bytes) -> bytes:
    """Return the body of a request that must not have a query."""
    if query:
        raise Problem("unprocessable", f"the query has {next(iter(query))[:64]!r}; beside such a body it must be empty")
    return body


def _edits_of(upload: _Upload[EditFields], limits: Limits) -> tuple[Operation, ...]:
    if upload.edit_words and upload.edit_lists:
        raise Problem("unprocessable", "edit and edits are both given; give edits as words or as one list")
    if len(upload.edit_lists) > 1:
        raise Problem("bad-request", "edits is given twice")
    if upload.edit_lists:
        sent = read_json(upload.edit_lists[0].encode(), what="edits")
        if not isinstance(sent, list):
            raise Problem("unprocessable", 'edits must be a list such as [{"kind": "invert"}]')
        return _read_edits(sent, limits)
    return _checked(upload.edit_words, limits, lambda index, word: parse_operation(word))


def _read_edits(entries: Sequence[Any], limits: Limits) -> tuple[Operation, ...]:
    return _checked(entries, limits, lambda index, entry: read_operation(entry, where=f"edits[{index}]", strict=True))


def _checked(entries: Sequence[Any], limits: Limits, read: Any) -> tuple[Operation, ...]:
    if not entries:
        raise Problem("unprocessable", 'no edit is given: add some, such as rotate=12 or {"kind": "invert"}')
    if len(entries) > limits.operations:
        raise Problem("content-too-large", f"there are {len(entries)} edits; {limits.operations} are allowed")
    try:
        operations = tuple(read(index, entry) for index, entry in enumerate(entries))
    except UserError as error:
        raise Problem("unprocessable", _short(str(error))) from None
    for operation in operations:
        for name, value in parameters_of(operation).items():
            if name != "seed" and not _is_moderate(value):
                raise Problem("unprocessable", f"{operation.kind}.{name}: numbers may be up to {_LARGEST} here")
    return operations


def _is_moderate(value: Any) -> bool:
    """Return whether no number in it would leave the 32 bits that places in an image are counted in."""
    if isinstance(value, tuple | list):
        return all(map(_is_moderate, value))
    return not isinstance(value, int | float) or abs(value) <= _LARGEST


def _short(line: str) -> str:
    """Return one line whose long words, which a client chose, are cut."""
    return re.sub(r"\S{120,}", lambda word: f"{word[0][:100]}...", " ".join(line.split()))[:2000]


def _format_of_edit(accept: str | None) -> Literal["png", "webp", "jpeg", "json"] | None:
    """Return None, for that of the image, where a client does not mind which picture it gets."""
    wanted = qualities(accept, _FORMATS)
    pictures = {wanted["png"], wanted["webp"], wanted["jpeg"]}
    return None if len(pictures) == 1 and max(pictures) >= wanted["json"] else best_format(accept, _FORMATS)


def _from_base64(text: str, what: str) -> bytes:
    parts = range(0, len(text), _BASE64_AT_ONCE)
    try:
        data = b"".join(binascii.a2b_base64(text[at : at + _BASE64_AT_ONCE], strict_mode=True) for at in parts)
    except (binascii.Error, ValueError):
        raise Problem("unprocessable", f"{what} is not base64; it must be the bytes of an image file") from None
    if not data:
        raise Problem("unprocessable", f"{what} is empty; it must be an image file in base64")
    return data


def _last_part(name: str) -> str:
    """Return the name of a file without the folders that a browser may have sent along."""
    return PurePosixPath(name.replace("\\", "/")).name
