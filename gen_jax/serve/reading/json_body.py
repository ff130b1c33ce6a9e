"""From the bytes of a JSON body to checked data: nothing twice, nothing that is no number, no nested bombs."""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import pydantic

from gen_jax.serve.http.negotiation import best_format
from gen_jax.serve.problem import Problem

Model = TypeVar("Model", bound=pydantic.BaseModel)

MOST_VALUES = 20_000
"""Commas, colons and brackets of one document: some bytes of JSON become a hundred bytes of Python each."""


def read_request(model: type[Model], body: bytes) -> Model:
    """Return the request that a JSON body holds; types are strict: ``"1"`` is no number.

    Raises:
      Problem: not an object in JSON, an unknown, missing or repeated field, or a value that is not allowed.
    """
    sent, has_points = _read(body, what="the body")
    if not isinstance(sent, dict):
        raise Problem("unprocessable", f"the body holds {_kind(sent)}; it must be a JSON object")
    try:
        if has_points:  # pydantic does not take 1.0 for a whole number
            body = json.dumps(sent).encode()
        return model.model_validate_json(body, strict=True, by_alias=True, by_name=False)
    except pydantic.ValidationError as error:
        raise Problem("unprocessable", first_complaint(error, model)) from None


def read_native(
    model: type[Model], content_type: str, query: Mapping[str, Sequence[str]], body: bytes, *, accept: str | None
) -> Model:
    """Return a request whose body is its fields in JSON; where it names no format, ``accept`` decides.

    Raises:
      Problem: what is wrong, in one line.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem("unsupported-media-type", f"Content-Type is {media_type[:80]!r}; send application/json")
    if query:
        raise Problem("unprocessable", f"the query has {next(iter(query))[:64]!r}; fields go into the JSON body")
    request = read_request(model, body)
    if "format" in request.model_fields_set:
        return request
    formats = typing.get_args(model.model_fields["format"].annotation)
    return request.model_copy(update={"format": best_format(accept, formats)})


def read_json(body: bytes, *, what: str) -> Any:
    """Return what strict JSON in UTF-8 holds; 1.0 is the whole number 1, as JSON has one kind of number.

    Raises:
      Problem: the line begins with ``what``.
    """
    return _read(body, what=what)[0]


def _read(body: bytes, *, what: str) -> tuple[Any, bool]:
    """Return what it holds, and whether some whole number in it was written with a point."""
    if not body.strip():
        raise Problem("bad-request", f"{what} is empty; it must be JSON")
    if sum(map(body.count, (b",", b":", b"[", b"{"))) > MOST_VALUES:
        raise Problem("unprocessable", f"{what} holds too many values; {MOST_VALUES} are allowed")
    whole: list[int] = []
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=lambda text: _finite(text, whole),
            parse_int=_whole,
        )
        _check_texts(value)
    except UnicodeError:
        raise Problem("bad-request", f"{what} is not UTF-8") from None
    except RecursionError:
        raise Problem("bad-request", f"{what} is nested too deeply") from None
    except ValueError as error:
        raise Problem("bad-request", f"{what} is not valid JSON: {error}") from None
    return value, bool(whole)


def first_complaint(error: pydantic.ValidationError, model: type[pydantic.BaseModel]) -> str:
    """Return one line that names the field, its value and what is allowed; an image in it is not repeated."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(str(field.alias or name) for name, field in model.model_fields.items())
        return f"{place[:64]!r} is no field here; the fields are {known}"
    if first["type"] == "missing":
        return f"{place} is missing"
    said = first["msg"].removeprefix("Value error, ")
    secret = first["loc"][:1] in (("image",), ("pictures",)) or not place
    return f"{place or 'the body'}: {said}" if secret else f"{place} is {shortened(first['input'])}: {said}"


def shortened(value: Any) -> str:
    """Return a value as an error shows it, at most 60 characters."""
    text = repr(value[:60]) if isinstance(value, str) else repr(value) if _is_small(value) else _kind(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_small(value: Any) -> bool:
    return not isinstance(value, dict | list | tuple) or len(value) <= 8


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{shortened(twice)} is given twice")
    return made


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _finite(text: str, whole: list[int]) -> float | int:
    """Return the number; one that is whole goes to ``whole`` too."""
    number = float(text)
    if number - number != 0:
        raise ValueError(f"{text[:20]} is too large a number")
    if not number.is_integer() or abs(number) >= 2**53:
        return number
    whole.append(int(number))
    return whole[-1]


def _whole(text: str) -> int:
    if len(text) > 40:
        raise ValueError(f"{text[:20]}... is too large a number")
    return int(text)


def _check_texts(value: Any) -> None:
    """Raise UnicodeError for half of a surrogate pair, which no later step could write."""
    if isinstance(value, str):
        if not value.isascii():
            value.encode()
    elif isinstance(value, list):
        for part in value:
            _check_texts(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            _check_texts(name)
            _check_texts(part)
