"""Requests that nobody should send: each must be refused, within limits that are given, and harm nothing.

The tests send them to an app in the same process; ``scripts/attack_service.py`` to any service.
"""

from __future__ import annotations

import base64
import itertools
import json
import pickle
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from gen_jax.serve.limits import Limits
from tests.serve.hostile_case import GOOD, JSON, PNG, Case
from tests.serve.hostile_images import bombs, damaged_images, no_images, photo, png
from tests.serve.hostile_names import names


def cases(limits: Limits) -> list[Case]:
    """Return all of them, for a service with these limits."""
    made = [
        *[_edit(*file) for file in (*damaged_images(), *no_images(), *bombs())],
        *_misplaced_images(),
        *_wrong_types(),
        *_no_json(),
        *_chains(limits),
        *names(),
        *_forms(limits),
        *_queries(),
        *_heads(limits),
        *_places(),
    ]
    repeated = {case.name for case in made if [other.name for other in made].count(case.name) > 1}
    assert not repeated, repeated
    return made


def _edit(name: str, image: bytes, media_type: str = "image/png", query: str = "edit=invert", **more: Any) -> Case:
    return Case(name=name, path=f"/edit?{query}", headers={"Content-Type": media_type}, body=image, **more)


def _misplaced_images() -> Iterator[Case]:
    yield Case(name="an image in place of a request", path="/generate", headers=PNG, body=photo())
    yield Case(name="a bomb in JSON", headers=JSON, body=_body(image=_base64(png(50_000, 50_000))))
    picture = [{"kind": "watermark", "image": "mark"}]
    bomb = _base64(png(50_000, 50_000))
    yield Case(name="a bomb as a picture", headers=JSON, body=_body(edits=picture, pictures={"mark": bomb}))
    yield Case(name="a bomb to reconstruct", path="/reconstruct", headers=PNG, body=png(50_000, 50_000))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _body(**fields: Any) -> bytes:
    return json.dumps({"image": _base64(photo()), "edits": [{"kind": "invert"}]} | fields).encode()


FIELDS = {
    "/generate": "model num seed class truncation truncation_cutoff temperature format",
    "/draw/texture": "name num seed height width tile output parameters colors vary format",
    "/draw/logo": "text num seed height family layout variant background padding font parameters format",
    "/edit": "image edits pictures format quality precision name",
    "/reconstruct": "image model class format",
}
"""Place -> the fields of its JSON."""


def _wrong_types() -> Iterator[Case]:
    for path, fields in FIELDS.items():
        for name, wrong in itertools.product(fields.split(), ([[[]]], {"a": {"b": []}}, -1e9)):
            body = json.dumps(GOOD[path] | {name: wrong}).encode()
            yield Case(name=f"{path} {name}={wrong}", path=path, headers=JSON, body=body)
        body = json.dumps(GOOD[path] | {"extra": 1}).encode()
        yield Case(name=f"{path} with a field that is none", path=path, headers=JSON, body=body)
    for name, value in (("num", "1"), ("num", True), ("num", 2**70), ("seed", 2**32), ("seed", -1), ("seed", 1.5)):
        body = json.dumps(GOOD["/draw/texture"] | {name: value}).encode()
        yield Case(name=f"/draw/texture {name}={value!r}", path="/draw/texture", headers=JSON, body=body)


def _no_json() -> Iterator[Case]:
    texts = {
        "nothing": b"",
        "spaces": b" \n ",
        "null": b"null",
        "a list": b"[]",
        "a text": b'"a"',
        "a number": b"1",
        "NaN": b'{"name": "oak", "vary": NaN}',
        "Infinity": b'{"name": "oak", "vary": Infinity}',
        "-Infinity": b'{"name": "oak", "vary": -Infinity}',
        "1e999": b'{"name": "oak", "vary": 1e999}',
        "a number of 5,000 digits": b'{"name": "oak", "seed": ' + b"9" * 5000 + b"}",
        "a field twice": b'{"name": "oak", "name": "oak"}',
        "lists 100,000 deep": b"[" * 100_000,
        "lists 5,000 deep": b'{"name": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        "objects 3,000 deep": b'{"name": ' * 3_000 + b"1" + b"}" * 3_000,
        "50,000 values": b'{"colors": [' + b"1," * 50_000 + b"1]}",
        "a comma at the end": b'{"name": "oak",}',
        "a comment": b'{"name": "oak" /* a */}',
        "single quotes": b"{'name': 'oak'}",
        "no end": b'{"name": "oa',
        "a byte order mark": b'\xef\xbb\xbf{"name": "oak"}',
        "UTF-16": '{"name": "oak"}'.encode("utf-16"),
        "bytes that are no UTF-8": b'{"name": "\xff\xfe"}',
        "half of a surrogate pair": b'{"name": "\\ud800"}',
        "a control character": b'{"name": "a\x00b"}',
        "a pickle": pickle.dumps({"name": "oak"}),
        "a form": b"name=oak",
    }
    for name, text in texts.items():
        yield Case(name=f"JSON that is {name}", path="/draw/texture", headers=JSON, body=text)


def _chains(limits: Limits) -> Iterator[Case]:
    chains: dict[str, Any] = {
        "none": [],
        "too many": [{"kind": "invert"}] * (limits.operations + 1),
        "thousands": [{"kind": "invert"}] * 4000,
        "no list": {"kind": "invert"},
        "a word": ["invert"],
        "null": [None],
        "an unknown kind": [{"kind": "exec"}],
        "a private kind": [{"kind": "__class__"}],
        "a kind that is a number": [{"kind": 5}],
        "an unknown parameter": [{"kind": "invert", "a": 1}],
        "a missing parameter": [{"kind": "rotate"}],
        "a number as text": [{"kind": "rotate", "degrees": "12"}],
        "an output of 10^18 pixels": [{"kind": "resize", "size": [10**9, 10**9]}],
        "an output of 2^70 pixels": [{"kind": "resize", "size": [2**35, 2**35]}],
        "a size beyond 64 bits": [{"kind": "resize", "size": [10**30, 1]}],
        "large and small again": [{"kind": "resize", "size": [30000, 30000]}, {"kind": "resize", "size": [8, 8]}],
        "a border of 10^9": [{"kind": "pad", "widths": 10**9}],
        "a border of 10^30": [{"kind": "pad", "widths": 10**30}],
        "a border of -10^9": [{"kind": "pad", "widths": -(10**9)}],
        "a cut at 10^30": [{"kind": "crop", "top": 10**30, "left": 0, "height": 8, "width": 8}],
        "a cut of no size": [{"kind": "crop", "top": 0, "left": 0, "height": 0, "width": 0}],
        "a cut of 10^9": [{"kind": "crop", "top": 0, "left": 0, "height": 10**9, "width": 10**9}],
        "a large blur": [{"kind": "gaussian_blur", "radius": 1e9}],
        "a large median": [{"kind": "median", "size": 10**6}],
        "an even median": [{"kind": "median", "size": 4}],
        "long motion": [{"kind": "motion_blur", "length": 1e9}],
        "10^5 weights": [{"kind": "convolve", "weights": [1] * 10**4}],
        "no weights": [{"kind": "convolve", "weights": []}],
        "a picture that is not there": [{"kind": "watermark", "image": "nothing"}],
        "a file as a picture": [{"kind": "watermark", "image": "/etc/passwd"}],
        "a file address as a picture": [{"kind": "paste", "image": "file:///etc/passwd"}],
        "a web address as a picture": [{"kind": "blend", "other": "http://127.0.0.1/x.png"}],
        "a path upward as a picture": [{"kind": "alpha_over", "overlay": "../../../../etc/passwd"}],
        "a device as a picture": [{"kind": "match_histogram", "reference": "/dev/zero"}],
        "a watermark of nothing": [{"kind": "watermark"}],
        "a fill of no channels": [{"kind": "rotate", "degrees": 5, "fill": [[]]}],
        "a seed beyond 32 bits": [{"kind": "gaussian_noise", "seed": 2**32}],
    }
    for name, edits in chains.items():
        yield Case(name=f"edits: {name}", headers=JSON, body=_body(edits=edits))
    yield Case(name="image: no base64", headers=JSON, body=_body(image="***"))
    yield Case(name="image: base64 of another alphabet", headers=JSON, body=_body(image="__--" * 20))
    yield Case(
        name="image: a data address", headers=JSON, body=_body(image="data:image/png;base64," + _base64(photo()))
    )
    yield Case(name="image: a web address", headers=JSON, body=_body(image="http://127.0.0.1/x.png"))
    yield Case(name="image: a path", headers=JSON, body=_body(image="/etc/passwd"))
    yield Case(name="name: 300 letters", headers=JSON, body=_body(name="a" * 300))


def form(*parts: tuple[str, bytes], boundary: str = "b") -> bytes:
    """Return a multipart body of parts: the headers of each, and its data."""
    framed = b"".join(b"--%s\r\n%s\r\n\r\n%s\r\n" % (boundary.encode(), head.encode(), data) for head, data in parts)
    return framed + f"--{boundary}--\r\n".encode()


def field(name: str, file: str | None = None) -> str:
    """Return the header of a part."""
    return f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{file}"' if file is not None else "")


def _forms(limits: Limits) -> Iterator[Case]:
    image = (field("image", "a.png"), photo())
    invert = (field("edit"), b"invert")
    kind = "multipart/form-data; boundary=b"
    bodies: dict[str, tuple[str, bytes]] = {
        "no boundary": ("multipart/form-data", form(image, invert)),
        "an empty boundary": ("multipart/form-data; boundary=", form(image, invert)),
        "another boundary": ("multipart/form-data; boundary=c", form(image, invert)),
        "a boundary of 300": ("multipart/form-data; boundary=" + "b" * 300, form(image, invert, boundary="b" * 300)),
        "nothing": (kind, b""),
        "its end alone": (kind, b"--b--\r\n"),
        "no end": (kind, form(image, invert)[:-6]),
        "half of it": (kind, form(image, invert)[:400]),
        "no image": (kind, form(invert)),
        "an empty image": (kind, form((field("image", "a.png"), b""), invert)),
        "two images": (kind, form(image, image, invert)),
        "no edits": (kind, form(image)),
        "a part without a name": (kind, form(image, invert, ("Content-Disposition: form-data", b"x"))),
        "a part without headers": (kind, form(image, invert, ("", b"x"))),
        "a part that is an attachment": (
            kind,
            form(image, ('Content-Disposition: attachment; name="edit"', b"invert")),
        ),
        "a header twice": (kind, form(image, (f"{field('edit')}\r\n{field('edits')}", b"invert"))),
        "a header of 100 kB": (kind, form(image, invert, (f"{field('a')}\r\nX: {'x' * 100_000}", b""))),
        "100 headers": (kind, form(image, invert, (field("a") + "".join(f"\r\nX{n}: 1" for n in range(100)), b""))),
        "5,000 parts": (kind, form(image, *[invert] * 5000)),
        "too many edits": (kind, form(image, *[invert] * (limits.operations + 1))),
        "an unknown field": (kind, form(image, invert, (field("extra"), b"1"))),
        "a field twice": (kind, form(image, invert, (field("format"), b"png"), (field("format"), b"png"))),
        "edit and edits": (kind, form(image, invert, (field("edits"), b'[{"kind": "invert"}]'))),
        "edits that are no JSON": (kind, form(image, (field("edits"), b"[{"))),
        "edits of NaN": (kind, form(image, (field("edits"), b'[{"kind": "rotate", "degrees": NaN}]'))),
        "a text that is no UTF-8": (kind, form(image, (field("edit"), b"\xff\xfe"))),
        "base64": (kind, form((f"{field('image', 'a')}\r\nContent-Transfer-Encoding: base64", b"AAAA"), invert)),
        "a name with a control character": (kind, form(image, invert, (field("a\x01b", "x"), b"x"))),
        "a name of 10,000": (kind, form(image, invert, (field("n" * 3000, "x"), b"x"))),
        "a file name with a zero": (kind, form((field("image", "a\x00.png"), photo()), invert)),
        "a pickle as a picture": (
            kind,
            form(image, (field("edit"), b"watermark=image=m"), (field("m", "m"), pickle.dumps(1))),
        ),
        "only line ends": (kind, b"\r\n" * 5000),
        "only dashes": (kind, b"--b" * 20000),
    }
    for name, (content_type, body) in bodies.items():
        yield Case(name=f"a form with {name}", headers={"Content-Type": content_type}, body=body)
    yield Case(
        name="a form to reconstruct with edits",
        path="/reconstruct",
        headers={"Content-Type": kind},
        body=form(image, invert),
    )


def _queries() -> Iterator[Case]:
    queries = {
        "no edit": "",
        "an empty edit": "edit=",
        "an unknown edit": "edit=exec%3Did",
        "an edit with a path": "edit=" + quote("watermark=image=/etc/passwd"),
        "an edit that is JSON": "edit=" + quote('{"kind": "invert"}'),
        "an edit of 5,000 letters": "edit=" + "a" * 5000,
        "an edit of NaN": "edit=rotate%3Dnan",
        "an edit of infinity": "edit=rotate%3Dinf",
        "an edit that is huge": "edit=resize%3D99999999x99999999",
        "an edit with a huge number": "edit=translate%3D1" + "0" * 400,
        "an edit given a parameter twice": "edit=" + quote("rotate=12,degrees=13"),
        "150 edits": "&".join(["edit=invert"] * 150),
        "edits that are no list": "edits=5",
        "an unknown format": "edit=invert&format=exe",
        "a format of the drawings": "edit=invert&format=svg",
        "a format twice": "edit=invert&format=png&format=webp",
        "quality 0": "edit=invert&quality=0",
        "quality 101": "edit=invert&quality=101",
        "quality in words": "edit=invert&quality=best",
        "quality 1e2": "edit=invert&quality=1e2",
        "an unknown precision": "edit=invert&precision=double",
        "an unknown field": "edit=invert&out=/tmp/x.png",
        "a field that is empty": "edit=invert&format=",
        "bytes that are no UTF-8": "edit=%ff%fe",
        "half an escape": "edit=invert&format=%2",
        "no value": "edit",
        "a name of 300": "edit=invert&name=" + "a" * 300,
    }
    for name, query in queries.items():
        yield _edit(f"a query with {name}", photo(), query=query)
    yield Case(name="a query beside JSON", path="/edit?edit=invert", headers=JSON, body=_body())
    yield Case(name="a query to draw", path="/draw/texture?name=oak", headers=JSON, body=b'{"name": "oak"}')
    unknown = Case(name="an unknown model", path="/reconstruct?model=/etc", headers=PNG, body=photo())
    yield unknown


def _heads(limits: Limits) -> Iterator[Case]:
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "image/gif",
        "image/svg+xml",
        "multipart/mixed; boundary=b",
        "application/python-pickle",
        "application/json/x",
        "png",
        "*/*",
        "x" * 5000,
    ):
        headers = {"Content-Type": media_type}
        yield Case(name=f"Content-Type {media_type[:40]}", path="/edit?edit=invert", headers=headers, body=photo())
    yield Case(name="no Content-Type", path="/edit?edit=invert", headers={}, body=photo())
    yield Case(name="no Content-Type to draw", path="/draw/texture", headers={}, body=b'{"name": "oak"}')
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "x" * 1000):
        headers = PNG | {"Content-Encoding": encoding}
        only = frozenset((415,))
        yield Case(
            name=f"Content-Encoding {encoding[:30]}",
            path="/edit?edit=invert",
            headers=headers,
            body=photo(),
            allowed=only,
        )
    for accept in ("text/html", "image/avif", "image/png;q=0", "*/*;q=0", "rubbish", "a" * 5000):
        headers = PNG | {"Accept": accept}
        only = frozenset((406,))
        yield Case(name=f"Accept {accept[:30]}", path="/edit?edit=invert", headers=headers, body=photo(), allowed=only)
    too_large = bytes(limits.body_bytes + 1)
    yield Case(
        name="a body beyond the limit", path="/edit?edit=invert", headers=PNG, body=too_large, allowed=frozenset((413,))
    )
    yield Case(
        name="JSON beyond its limit",
        path="/draw/texture",
        headers=JSON,
        body=b" " * ((1 << 20) + 1),
        allowed=frozenset((413,)),
    )


def _places() -> Iterator[Case]:
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "PROPFIND"):
        yield Case(name=f"{method} /edit", method=method, headers={}, allowed=frozenset((405,)))
    for path in ("/healthz", "/models", "/docs", "/metrics"):
        yield Case(name=f"POST {path}", path=path, headers={}, allowed=frozenset((405,)))
    for path in (
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/docs/../../etc/passwd",
        "/docs/%00",
        "/static/x.js",
        "/edit/",
        "/EDIT",
        "/edit%2F",
        "/models/..%5c..%5cwindows",
        "/" + "a" * 5000,
        "/?" + "a=1&" * 500,
        "/.git/config",
        "/openapi.yaml",
    ):
        method = "POST" if path.startswith("/?") else "GET"
        yield Case(name=f"{method} {path[:40]}", method=method, path=path, headers={})
