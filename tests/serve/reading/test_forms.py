"""Requests with an image, in their three forms: what is understood, and what is refused in one line."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

pytest.importorskip("python_multipart")

from gen_jax.edit import Invert, Rotate
from gen_jax.serve.http.negotiation import best_format
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.reading.forms import read_edit, read_reconstruct
from gen_jax.serve.reading.json_body import MOST_VALUES, read_json, read_native
from gen_jax.serve.requests import EditRequest, GenerateRequest
from tests.serve.hostile import field, form

FORM = "multipart/form-data; boundary=b"
EDITS = (Rotate(degrees=12.0, expand=True), Invert())
IMAGE = (field("image", "photo.png"), b"\x89PNG")


def refused(kind: str, content_type: str, query: dict[str, list[str]], body: bytes) -> str:
    with pytest.raises(Problem) as caught:
        read_edit(content_type, query, body, Limits(operations=3))
    assert caught.value.kind == kind, caught.value.detail
    assert "\n" not in caught.value.detail
    return caught.value.detail


def test_the_three_forms_say_the_same() -> None:
    rest = {"format": "jpeg", "quality": 85, "precision": "float", "name": "photo.png"}
    listed = [{"kind": "rotate", "degrees": 12, "expand": True}, {"kind": "invert"}]
    words = ["rotate=12,expand=true", "invert"]
    texts = {name: str(value) for name, value in rest.items()}
    parts = [IMAGE, *[(field("edit"), word.encode()) for word in words]]
    parts += [(field(name), text.encode()) for name, text in texts.items() if name != "name"]
    body = json.dumps({"image": base64.b64encode(b"\x89PNG").decode(), "edits": listed, **rest}).encode()
    query: dict[str, list[str]] = {name: [text] for name, text in texts.items()}
    expected = EditRequest(image=b"\x89PNG", edits=EDITS, **rest)  # type: ignore[arg-type]
    for content_type, given, sent in (
        (FORM, {}, form(*parts)),
        ("image/png", {"edit": words, **query}, b"\x89PNG"),
        ("image/png; x=1", {"edits": [json.dumps(listed)], **query}, b"\x89PNG"),
        ("application/json; charset=utf-8", {}, body),
    ):
        assert read_edit(content_type, given, sent, Limits()) == expected


def test_further_files_of_a_form_are_pictures() -> None:
    parts = [IMAGE, (field("edits"), b'[{"kind": "watermark", "image": "mark"}]'), (field("mark", "../x.png"), b"MARK")]
    request = read_edit(FORM, {}, form(*parts), Limits())
    assert request.pictures == {"mark": b"MARK"}
    assert request.name == "photo.png"


def test_a_picture_may_hold_the_boundary_without_its_line_end() -> None:
    tricky = b"--b\r\n-\r\n--a\r--b--\n" * 3
    request = read_edit(FORM, {}, form((field("image", "a"), tricky), (field("edit"), b"invert")), Limits())
    assert request.image == tricky


def test_the_folders_that_a_browser_sends_along_are_left_out() -> None:
    for name in ("C:/photos/a.png", "../../a.png", r"C:\\photos\\a.png"):
        parts = form((field("image", name), b"x"), (field("edit"), b"invert"))
        assert read_edit(FORM, {}, parts, Limits()).name == "a.png"


@pytest.mark.parametrize(
    ("sent", "kind", "words"),
    [
        ({"quality": 101}, "unprocessable", "quality is 101"),
        ({"quality": "85"}, "unprocessable", "quality is '85'"),
        ({"qualty": 85}, "unprocessable", "the fields are"),
        ({"edits": [{"kind": "rotate", "degrees": "12"}]}, "unprocessable", "rotate.degrees is '12'"),
        ({"edits": [{"kind": "rotat"}]}, "unprocessable", "'rotate'"),
        ({"edits": []}, "unprocessable", "no edit"),
        ({"edits": [{"kind": "invert"}] * 4}, "content-too-large", "3 are allowed"),
        ({"edits": [{"kind": "resize", "size": [2**40, 1]}]}, "unprocessable", "resize.size"),
        ({"image": "a*b="}, "unprocessable", "image is not base64"),
        ({"image": ""}, "unprocessable", "image is empty"),
        ({"image": 5}, "unprocessable", "image"),
        ({"pictures": {"a": 5}}, "unprocessable", "pictures"),
    ],
)
def test_a_wrong_field_of_json_is_named(sent: dict[str, Any], kind: str, words: str) -> None:
    good = {"image": base64.b64encode(b"PNG").decode(), "edits": [{"kind": "invert"}]}
    assert words in refused(kind, "application/json", {}, json.dumps(good | sent).encode())


def test_no_image_comes_back_in_a_refusal() -> None:
    image = base64.b64encode(b"secret pixels").decode()
    for sent in ({"image": [image]}, {"image": image + "*", "edits": []}, {"image": {"data": image}, "edits": 5}):
        assert image[:8] not in refused("unprocessable", "application/json", {}, json.dumps(sent).encode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b'{"a": 1, "a": 2}', "'a' is given twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1e999}', "1e999"),
        (b'{"a": ' + b"9" * 50 + b"}", "too large"),
        (b"[" * 15_000 + b"]" * 15_000, "nested"),
        (b"[" + b"1," * MOST_VALUES + b"1]", "too many values"),
        (b'{"a": "\\ud800"}', "UTF-8"),
        (b'{"a": "\xff"}', "UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "UTF-8"),
        (b"{'a': 1}", "not valid JSON"),
    ],
)
def test_what_is_no_strict_json_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(Problem, match=words):
        read_json(text, what="the body")


def test_a_whole_number_may_have_a_point() -> None:
    request = read_native(GenerateRequest, "application/json", {}, b'{"num": 2.0, "seed": 3e2}', accept=None)
    assert (request.num, request.seed) == (2, 300)
    with pytest.raises(Problem, match=r"num is 2\.5"):
        read_native(GenerateRequest, "application/json", {}, b'{"num": 2.5}', accept=None)


def test_the_format_follows_accept_where_no_field_says_it() -> None:
    def chosen(accept: str | None, **query: list[str]) -> str | None:
        return read_edit("image/png", {"edit": ["invert"], **query}, b"x", Limits(), accept=accept).format

    assert chosen(None) is None
    assert chosen("*/*") is None
    assert chosen("image/*;q=0.9, application/json;q=0.1") is None
    assert chosen("image/webp") == "webp"
    assert chosen("image/png;q=0.1, image/jpeg;q=0.2") == "jpeg"
    assert chosen("application/json") == "json"
    assert chosen("text/html", format=["png"]) == "png"
    with pytest.raises(Problem, match="Accept"):
        chosen("text/html, image/*;q=0, application/json;q=0")


def test_the_most_specific_range_of_accept_counts() -> None:
    assert best_format("image/*, image/png;q=0.1", ("png", "webp")) == "webp"
    assert best_format("IMAGE/PNG ; Q=0.5, */*;q=0.1", ("webp", "png")) == "png"
    assert best_format("image/webp;q=rubbish, image/png;q=0.1", ("webp", "png")) == "png"


def test_a_reconstruction_takes_no_edits() -> None:
    request = read_reconstruct("image/png", {"class": ["3"], "model": ["vae"]}, b"x", Limits())
    assert (request.image, request.model, request.label, request.format) == (b"x", "vae", "3", "png")
    for name in ("edit", "edits", "quality"):
        with pytest.raises(Problem, match=name):
            read_reconstruct("image/png", {name: ["1"]}, b"x", Limits())


def test_a_query_beside_a_whole_body_is_refused() -> None:
    assert "format" in refused("unprocessable", "application/json", {"format": ["png"]}, b"{}")
    assert "format" in refused("unprocessable", FORM, {"format": ["png"]}, form(IMAGE))
