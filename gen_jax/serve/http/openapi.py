"""The OpenAPI document: what this service can do with the models that it serves, and how each answer looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from gen_jax import __version__
from gen_jax.serve.answers.packing import MEDIA_TYPES
from gen_jax.serve.http import openapi_examples as examples
from gen_jax.serve.http.openapi_schemas import schemas
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import KINDS, MEDIA_TYPE

PICTURES = ("image/png", "image/webp", "image/jpeg")
_MAKING = (400, 404, 406, 408, 413, 415, 422, 429, 500, 503, 504)
"""Statuses that a place may refuse with that makes something."""


class Described(Protocol):
    """What the document says of a service."""

    @property
    def limits(self) -> Limits:
        """Of every request."""
        ...

    def describe_models(self) -> list[dict[str, Any]]:
        """Return name, abilities and classes of each model."""
        ...

    def describe_operations(self) -> dict[str, Any]:
        """Return the names of textures, logos and fonts."""
        ...


def openapi(service: Described, *, places: Iterable[str], protected: bool) -> dict[str, Any]:
    """Return the document (OpenAPI 3.1).

    Args:
      service: what is described.
      places: paths of those that make something and can.
      protected: whether a bearer token is asked for.
    """
    making = {
        "/generate": _making("Make images with a trained model", "GenerateRequest", *_DRAWN),
        "/edit": _edit(),
        "/draw/texture": _making("Draw textures by rule", "TextureRequest", *_DRAWN),
        "/draw/logo": _making("Draw logos by rule", "LogoRequest", *_DRAWN, "image/svg+xml"),
        "/reconstruct": _reconstruct(),
    }
    paths = {path: {"post": making[path]} for path in places} | _reading()
    for path, methods in paths.items():
        for method, operation in methods.items():
            operation["operationId"] = f"{method}_{path.strip('/').replace('/', '_').replace('.', '_') or 'index'}"
            operation["x-codeSamples"] = examples.SAMPLES.get(path, [])
            if protected and path not in ("/healthz", "/readyz"):
                operation["security"] = [{"bearer": []}]
                operation["responses"] |= _refusals(401, 403, 503)
    components: dict[str, Any] = {"schemas": schemas(service), "responses": _problem_responses()}
    if protected:
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    description = (
        "Generates images with trained models, edits photos, and draws textures and logos by rule. The same request "
        "gives the same bytes. Every refusal is a problem document (RFC 9457)."
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "gen_jax", "version": __version__, "description": description},
        "paths": paths,
        "components": components,
    }


_DRAWN = (*PICTURES, "application/json", "application/zip")


def _making(summary: str, schema: str, *media_types: str) -> dict[str, Any]:
    content = {"schema": _reference(schema), "examples": examples.BODIES[schema]}
    return {
        "summary": summary,
        "description": "Where the body names no format, the header Accept decides.",
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": _answers(media_types, "Images") | _refusals(*_MAKING),
    }


def _edit() -> dict[str, Any]:
    return {
        "summary": "Edit an image",
        "description": (
            "The image comes in a multipart form, as the body itself with the other fields in the query, or in JSON. "
            "Edits are words of the command line in fields named edit, or one list in JSON named edits. Further files "
            "of a form are pictures that edits take; their names are those of their fields."
        ),
        "parameters": examples.QUERY_OF_EDIT,
        "requestBody": {"required": True, "content": _with_image("Edit")},
        "responses": _answers((*PICTURES, "application/json"), "Images") | _refusals(*_MAKING),
    }


def _reconstruct() -> dict[str, Any]:
    return {
        "summary": "Send an image through the encoder and the decoder of a model",
        "description": "The image comes as for /edit.",
        "parameters": examples.QUERY_OF_RECONSTRUCT,
        "requestBody": {"required": True, "content": _with_image("Reconstruct")},
        "responses": _answers((*PICTURES, "application/json"), "Images") | _refusals(*_MAKING),
    }


def _with_image(name: str) -> dict[str, Any]:
    form: dict[str, Any] = {"schema": _reference(f"{name}Form")}
    if name == "Edit":
        form["encoding"] = {"edits": {"contentType": "application/json"}}
    document = {"schema": _reference(f"{name}Body"), "examples": examples.BODIES[f"{name}Body"]}
    image = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
    kinds = ("image/png", "image/jpeg", "image/webp", "image/tiff", "image/bmp", "application/octet-stream")
    return {"multipart/form-data": form, "application/json": document} | dict.fromkeys(kinds, image)


def _reading() -> dict[str, Any]:
    told = {
        "/": ("What there is", "Index"),
        "/models": ("The models that are served", "Models"),
        "/operations": ("Every edit, texture, logo and font with its parameters", "Operations"),
        "/healthz": ("Whether the process is alive", "Health"),
        "/readyz": ("Whether all is compiled and warm", "Health"),
        "/openapi.json": ("This document", "Document"),
    }
    paths = {
        path: {"get": {"summary": story, "responses": _answers(("application/json",), schema) | _refusals(500)}}
        for path, (story, schema) in told.items()
    }
    paths["/readyz"]["get"]["responses"] |= _refusals(503)
    texts = {"/metrics": ("Counters and times, for Prometheus", "text/plain"), "/docs": ("A page to read", "text/html")}
    for path, (story, media_type) in texts.items():
        content = {media_type: {"schema": {"type": "string"}}}
        answer = {"description": "The answer", "headers": _HEADERS, "content": content}
        paths[path] = {"get": {"summary": story, "responses": {"200": answer} | _refusals(500)}}
    return paths


_HEADERS = {
    "x-request-id": {
        "description": "Of the request, or made here; the log names it",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    }
}

_RETRY = {"retry-after": {"description": "In seconds", "schema": {"type": "integer", "minimum": 1}}}

_FACTS = {
    "gen-jax-seed": {"description": "Gives the same images again", "schema": {"type": "integer", "minimum": 0}},
    "gen-jax-model": {"description": "Which made them, percent-encoded", "schema": {"type": "string"}},
}


def _answers(media_types: Iterable[str], schema: str) -> dict[str, Any]:
    content = {
        media_type: {"schema": _reference(schema)} if media_type == MEDIA_TYPES["json"] else {}
        for media_type in media_types
    }
    headers = _HEADERS | (_FACTS if schema == "Images" else {})
    return {"200": {"description": "The answer", "headers": headers, "content": content}}


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def _problem_responses() -> dict[str, Any]:
    titles: dict[int, list[str]] = {}
    for status, title in KINDS.values():
        titles.setdefault(status, []).append(title)
    return {
        f"Problem{status}": {
            "description": "; or: ".join(known),
            "headers": _HEADERS | (_RETRY if status in (429, 503) else {}),
            "content": {MEDIA_TYPE: {"schema": _reference("Problem")}},
        }
        for status, known in titles.items()
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
