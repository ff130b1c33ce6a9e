"""The schemas of the OpenAPI document: those of the requests, narrowed to what this service has and allows."""

from __future__ import annotations

from typing import Any, Protocol

import pydantic

from gen_jax.serve.jobs.operations import edits_schema
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import KINDS
from gen_jax.serve.reading.fields import EditBody, EditFields, ReconstructBody, ReconstructFields
from gen_jax.serve.requests import GenerateRequest, LogoRequest, TextureRequest

Schema = dict[str, Any]


class Described(Protocol):
    """What the schemas say of a service."""

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


def schemas(service: Described) -> dict[str, Schema]:
    """Return name -> schema."""
    limits = service.limits
    edits, kinds = _edits(limits)
    return {
        "Problem": _problem(),
        "Images": _IMAGES,
        "Index": _object_with("service", "version", "docs", "post", "get"),
        "Health": _object_with("status"),
        "Models": _MODELS,
        "Operations": _object_with("edits", "materials", "textures", "logos"),
        "Document": _object_with("openapi", "info", "paths", "components"),
        "GenerateRequest": _generate(service),
        "TextureRequest": _texture(service),
        "LogoRequest": _logo(service),
        "EditBody": _with_edits(_schema(EditBody)),
        "EditForm": _form(_schema(EditFields), edits=True),
        "ReconstructBody": _narrowed(_schema(ReconstructBody), model=_models_that(service, "reconstruct")),
        "ReconstructForm": _form(
            _narrowed(_schema(ReconstructFields), model=_models_that(service, "reconstruct")), edits=False
        ),
        "Edits": edits,
        **kinds,
    }


def _edits(limits: Limits) -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of a list of edits, and those of the kinds of edits by name."""
    whole = edits_schema()
    kinds: dict[str, Schema] = {}
    for name, schema in whole["$defs"].items():
        story = schema.get("description", "").split("\n\n")[0].replace("``", "")
        required = ["kind", *schema.get("required", [])]
        kinds[name] = schema | {"description": " ".join(story.split()), "required": required}
    items = _moved(whole["items"])
    return {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Edit"},
        "minItems": 1,
        "maxItems": limits.operations,
    }, {"Edit": items, **kinds}


def _moved(schema: Any) -> Any:
    """Return a schema whose references lead to the components of the document."""
    if isinstance(schema, dict):
        return {key: _moved(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_moved(value) for value in schema]
    return schema.replace("#/$defs/", "#/components/schemas/") if isinstance(schema, str) else schema


def _schema(model: type[pydantic.BaseModel]) -> Schema:
    return model.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")


def _narrowed(schema: Schema, **fields: Schema) -> Schema:
    """Return a schema with more said of some fields; what is allowed besides null is narrowed."""
    properties = dict(schema["properties"])
    for name, more in fields.items():
        field = dict(properties[name])
        if "anyOf" in field:
            field["anyOf"] = [choice if choice.get("type") == "null" else choice | more for choice in field["anyOf"]]
        else:
            field |= more
        properties[name] = field
    return schema | {"properties": properties}


def _models_that(service: Described, ability: str) -> Schema:
    return {"enum": [model["name"] for model in service.describe_models() if ability in model["abilities"]]}


def _generate(service: Described) -> Schema:
    limits = service.limits
    return _narrowed(_schema(GenerateRequest), num={"maximum": limits.images}, model=_models_that(service, "generate"))


def _texture(service: Described) -> Schema:
    operations = service.describe_operations()
    names = [*operations["materials"], *operations["textures"]]
    side = {"maximum": service.limits.output_pixels}
    return _narrowed(
        _schema(TextureRequest), num={"maximum": service.limits.images}, name={"enum": names}, height=side, width=side
    )


def _logo(service: Described) -> Schema:
    logos = service.describe_operations()["logos"]
    return _narrowed(
        _schema(LogoRequest),
        num={"maximum": service.limits.images},
        height={"maximum": service.limits.output_pixels},
        family={"enum": list(logos["families"])},
        font={"enum": list(logos["fonts"])},
    )


def _with_edits(schema: Schema) -> Schema:
    edits = {"$ref": "#/components/schemas/Edits", "description": "First to last."}
    return schema | {"properties": schema["properties"] | {"edits": edits}}


def _form(fields: Schema, *, edits: bool) -> Schema:
    """Return the schema of a multipart form with an image."""
    image = {"type": "string", "format": "binary", "minLength": 1, "description": "An image file."}
    properties: Schema = {"image": image}
    schema: Schema = {"type": "object", "required": ["image"], "additionalProperties": False}
    if edits:
        words = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        properties["edit"] = words | {"description": "Edits as words of the command line, such as rotate=12."}
        properties["edits"] = {"$ref": "#/components/schemas/Edits", "description": "Edits as one list in JSON."}
        picture = {"type": "string", "format": "binary", "description": "A picture that edits take, by its name."}
        schema["propertyNames"] = {"minLength": 1, "maxLength": 255, "pattern": r"^[^\x00-\x1f\x7f]+$"}
        schema |= {"additionalProperties": picture, "oneOf": [{"required": ["edit"]}, {"required": ["edits"]}]}
    return schema | {"properties": properties | _without_null(fields["properties"])}


def _without_null(properties: Schema) -> Schema:
    """Return the fields as a form gives them: there or not, and never null."""
    made = {}
    for name, field in properties.items():
        choices = [choice for choice in field.get("anyOf", ()) if choice.get("type") != "null"]
        rest = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
        made[name] = rest if not choices else rest | (choices[0] if len(choices) == 1 else {"anyOf": choices})
    return made


def _problem() -> Schema:
    kinds = {"enum": [f"urn:gen-jax:problem:{kind}" for kind in KINDS]}
    return {
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "properties": {
            "type": {"type": "string"} | kinds,
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": sorted({status for status, _ in KINDS.values()})},
            "detail": {"type": "string", "description": "One line: what was wrong, and what is allowed."},
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    }


def _object_with(*names: str) -> Schema:
    return {"type": "object", "required": list(names)}


_IMAGES: Schema = {
    "type": "object",
    "description": "What was made: facts of the request, such as seed and model, and the images.",
    "required": ["images"],
    "properties": {
        "seed": {"type": "integer", "minimum": 0},
        "model": {"type": "string"},
        "images": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["media_type", "height", "width", "data"],
                "properties": {
                    "media_type": {"type": "string"},
                    "height": {"type": "integer", "minimum": 1},
                    "width": {"type": "integer", "minimum": 1},
                    "data": {"type": "string", "contentEncoding": "base64"},
                },
            },
        },
    },
}

_MODELS: Schema = {
    "type": "object",
    "required": ["models"],
    "properties": {"models": {"type": "array", "items": _object_with("name", "kind", "abilities", "image_shape")}},
}
