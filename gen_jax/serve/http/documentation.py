"""The page at /docs: what the OpenAPI document says, as plain HTML; it loads nothing and runs nothing."""

from __future__ import annotations

import html
import json
from typing import Any

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Of the page (Content-Security-Policy)."""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #1b1b1f }
h2 { border-top: 1px solid #ccc; padding-top: 1em } code, pre { font-family: ui-monospace, monospace }
pre { background: #f4f4f6; padding: .7em; overflow-x: auto } table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .3em .6em; border-bottom: 1px solid #e4e4e8 }
"""


def page(document: dict[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    info = document["info"]
    parts = [f"<h1>{_text(info['title'])} {_text(info['version'])}</h1>", f"<p>{_text(info['description'])}</p>"]
    parts.append('<p>The same for programs: <a href="openapi.json">openapi.json</a></p>')
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{method.upper()} {_text(path)}</code></h2>")
            parts += _operation(operation, document)
    parts.append("<h2>Edits</h2>")
    parts += _edits(document)
    style = f"<style>{_STYLE}</style>"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>gen_jax</title>{style}'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'


def _operation(operation: dict[str, Any], document: dict[str, Any]) -> list[str]:
    parts = [f"<p>{_text(operation['summary'])}</p>"]
    if "description" in operation:
        parts.append(f"<p>{_text(operation['description'])}</p>")
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        parts.append(_fields(_resolved(content["application/json"]["schema"], document)))
    if operation.get("parameters"):
        names = ", ".join(f"<code>{_text(parameter['name'])}</code>" for parameter in operation["parameters"])
        parts.append(f"<p>In the query, beside an image alone: {names}.</p>")
    parts += [
        f"<p>{_text(sample['label'])}</p><pre>{_text(sample['source'])}</pre>"
        for sample in operation.get("x-codeSamples", ())
    ]
    answers = ", ".join(operation["responses"].get("200", {}).get("content", {}))
    refusals = ", ".join(status for status in operation["responses"] if status != "200")
    return [*parts, f"<p>Answers {_text(answers)}; refuses with {_text(refusals)}.</p>"]


def _edits(document: dict[str, Any]) -> list[str]:
    schemas = document["components"]["schemas"]
    parts = []
    for kind, reference in schemas["Edit"]["discriminator"]["mapping"].items():
        schema = schemas[reference.rsplit("/", 1)[1]]
        parts.append(
            f"<h3><code>{_text(kind)}</code></h3><p>{_text(schema.get('description', ''))}</p>{_fields(schema)}"
        )
    return parts


def _fields(schema: dict[str, Any]) -> str:
    rows = [
        f"<tr><td><code>{_text(name)}</code></td><td>{_text(_kind(field))}</td>"
        f"<td>{_text(field.get('description', ''))}{_default(field)}</td></tr>"
        for name, field in schema.get("properties", {}).items()
        if "const" not in field
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _default(field: dict[str, Any]) -> str:
    given = field.get("default")
    return "" if given is None else f" Left out: <code>{_text(json.dumps(given))}</code>."


def _kind(field: dict[str, Any]) -> str:
    """Return what a field may be, in a few words."""
    if "anyOf" in field:
        return " or ".join(_kind(choice) for choice in field["anyOf"] if choice.get("type") != "null")
    if "enum" in field:
        return ", ".join(str(value) for value in field["enum"])
    if "$ref" in field:
        return field["$ref"].rsplit("/", 1)[1]
    low, high = field.get("minimum"), field.get("maximum")
    reach = f" from {low}" if low is not None else ""
    return f"{field.get('type', 'anything')}{reach}" + (f" to {high}" if high is not None else "")


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def _text(value: Any) -> str:
    return html.escape(str(value))
