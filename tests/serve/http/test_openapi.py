"""The OpenAPI document: complete, small enough to read, and every example of it is accepted by the service."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from gen_jax.edit.operation import EDITS
from gen_jax.serve.http import openapi_examples as examples
from gen_jax.serve.problem import KINDS
from tests.serve.fake_service import Around, FakeService, Model


@pytest.fixture(scope="module")
def around() -> Iterator[Around]:
    service = FakeService(models={"vae": Model(("generate", "reconstruct"))})
    yield Around(service)
    service.batcher.close(seconds=5)


@pytest.fixture(scope="module")
def document(around: Around) -> dict[str, Any]:
    return around.send("GET", "/openapi.json").json()


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref" or (isinstance(value, str) and value.startswith("#/")):
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert "#/components/schemas/Rotate" in found
    for reference in found:
        place = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]


def test_every_edit_is_described_once(document: dict[str, Any]) -> None:
    mapping = document["components"]["schemas"]["Edit"]["discriminator"]["mapping"]
    assert set(mapping) == set(EDITS)
    assert json.dumps(document).count('"const": "rotate"') == 1


def test_the_limits_of_the_service_are_those_of_the_schemas(around: Around, document: dict[str, Any]) -> None:
    schemas, limits = document["components"]["schemas"], around.service.limits
    assert schemas["GenerateRequest"]["properties"]["num"]["maximum"] == limits.images
    assert schemas["Edits"]["maxItems"] == limits.operations
    assert {"enum": ["vae"], "type": "string"} in schemas["GenerateRequest"]["properties"]["model"]["anyOf"]


def test_every_status_that_may_come_is_named(document: dict[str, Any]) -> None:
    statuses = {str(status) for status, _ in KINDS.values()} - {"401", "403", "405"}
    for path in ("/generate", "/edit", "/draw/texture", "/draw/logo", "/reconstruct"):
        assert set(document["paths"][path]["post"]["responses"]) == {"200", *statuses}


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/generate", "GenerateRequest"),
        ("/draw/texture", "TextureRequest"),
        ("/draw/logo", "LogoRequest"),
        ("/edit", "EditBody"),
        ("/reconstruct", "ReconstructBody"),
    ],
)
def test_every_example_of_a_body_is_accepted(around: Around, document: dict[str, Any], path: str, schema: str) -> None:
    shown = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert shown == examples.BODIES[schema]
    for example in shown.values():
        response = around.send("POST", path, json=example["value"])
        assert response.status_code == 200, response.text


def requested(command: str) -> tuple[str, str, dict[str, Any]]:
    """Return method, address and content of a curl command, as httpx takes them."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "curl"
    address = words[1]
    content: dict[str, Any] = {"headers": {}}
    parts: list[tuple[str, Any]] = []
    photo = base64.b64decode(examples.PHOTO)
    for flag, value in zip(words[2:], [*words[3:], ""], strict=True):
        if flag == "-H":
            name, _, text = value.partition(": ")
            content["headers"][name] = text
        elif flag == "-d":
            content["content"] = value
        elif flag == "--data-binary":
            content["content"] = photo
        elif flag == "-F":
            name, _, text = value.partition("=")
            parts.append((name, (text[1:], photo) if text.startswith("@") else (None, text)))
    return "POST" if parts or "content" in content else "GET", address, content | ({"files": parts} if parts else {})


@pytest.mark.parametrize("path", sorted(examples.SAMPLES))
def test_every_command_that_is_shown_works(around: Around, document: dict[str, Any], path: str) -> None:
    methods = document["paths"][path]
    for method, operation in methods.items():
        for sample in operation["x-codeSamples"]:
            sent, address, content = requested(sample["source"])
            assert sent == method.upper()
            response = around.send(sent, address.removeprefix("http://127.0.0.1:8080"), **content)
            assert response.status_code == 200, (sample["source"], response.text)
