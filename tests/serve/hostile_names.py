"""Requests that name what is elsewhere: files, addresses, parameters that are not there, sizes beyond all limits."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from tests.serve.hostile_case import GOOD, JSON, Case


def names() -> Iterator[Case]:
    """Yield them."""
    paths = (
        "/etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1/x",
        "../../etc/passwd",
        "\0",
        "a" * 10_000,
        "\u202eoak",
        "",
    )
    for field, value in itertools.product(("model", "class"), paths):
        yield Case(
            name=f"/generate {field}={value[:30]!r}",
            path="/generate",
            headers=JSON,
            body=json.dumps({field: value}).encode(),
        )
    for value in paths:
        short = repr(value[:30])
        texture = json.dumps({"name": value, "height": 16}).encode()
        yield Case(name=f"a texture named {short}", path="/draw/texture", headers=JSON, body=texture)
        for field in ("font", "family") if value else ("font",):
            logo = json.dumps({"text": "A", "height": 16, field: value}).encode()
            yield Case(name=f"a logo of {field} {short}", path="/draw/logo", headers=JSON, body=logo)
        hidden = json.dumps({"text": "A", "height": 16, "parameters": {"font": value}}).encode()
        yield Case(name=f"a logo of parameter font {short}", path="/draw/logo", headers=JSON, body=hidden)
    parameters: dict[str, Any] = {
        "unknown": {"nothing": 1},
        "private": {"__init__": 1},
        "nested": {"hue": {"a": [1]}},
        "text for a number": {"hue": "red"},
        "too large": {"tracking": 1e300},
        "many": {f"p{number}": 1 for number in range(2000)},
    }
    for (name, value), path in itertools.product(parameters.items(), ("/draw/texture", "/draw/logo")):
        body = json.dumps(GOOD[path] | {"parameters": value}).encode()
        yield Case(name=f"{path} parameters: {name}", path=path, headers=JSON, body=body)
    for path, field, value in (
        ("/draw/texture", "height", 10**9),
        ("/draw/texture", "width", 10**9),
        ("/draw/texture", "num", 10**9),
        ("/draw/texture", "colors", ["no color"]),
        ("/draw/texture", "colors", [[2, "#ffffff"]]),
        ("/draw/texture", "colors", ["#ffffff"] * 5000),
        ("/draw/texture", "output", "/etc/passwd"),
        ("/draw/logo", "height", 10**9),
        ("/draw/logo", "num", 10**9),
        ("/draw/logo", "text", "a" * 100_000),
        ("/draw/logo", "background", "url(http://127.0.0.1)"),
        ("/draw/logo", "padding", 5),
        ("/generate", "num", 10**9),
    ):
        body = json.dumps(GOOD[path] | {field: value}).encode()
        yield Case(name=f"{path} {field}={str(value)[:20]}", path=path, headers=JSON, body=body)
