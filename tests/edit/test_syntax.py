"""One word of a command line is one operation."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import gen_jax.edit  # noqa: F401  declares the operations
from gen_jax.edit.syntax import looks_like_edit, parse_operation
from gen_jax.errors import UserError


def parameters(word: str) -> dict[str, Any]:
    return dataclasses.asdict(parse_operation(word))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("invert", {"kind": "invert"}),
        ("brightness=1.2", {"factor": 1.2}),
        ("brightness=.5", {"factor": 0.5}),
        ("brightness=factor=2", {"factor": 2.0}),
        ("rotate=12,expand=true", {"degrees": 12.0, "expand": True}),
        ("rotate=-12.5,bilinear", {"degrees": -12.5, "resample": "bilinear"}),
        ("rotate=5,fill=red", {"fill": (255.0, 0.0, 0.0)}),
        ("rotate=5,fill=#ff8000", {"fill": (255.0, 128.0, 0.0)}),
        ("rotate=5,fill=1:2:3", {"fill": (1.0, 2.0, 3.0)}),
        ("rotate=5,fill=7", {"fill": 7.0}),
        ("rotate=5,center=10:20.5", {"center": (10.0, 20.5)}),
        ("rotate=5,center=[10,20.5],expand=false", {"center": (10.0, 20.5), "expand": False}),
        ("rotate=5,center=none", {"center": None}),
        ("resize=512x384,lanczos", {"size": (512, 384), "resample": "lanczos"}),
        ("watermark=text=12", {"text": "12"}),
    ],
)
def test_a_word_is_an_operation(word: str, expected: dict[str, Any]) -> None:
    found = parameters(word)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("brigtness=1", "Perhaps you meant 'brightness'"),
        ("brightness=-1,1", "no place"),
        ("brightness=1,factor=2", "factor is given twice"),
        ("rotate=5,degree=3", "no parameter 'degree'; its parameters are degrees"),
        ("rotate=5,fill=reddish", "is no color"),
        ("rotate=north", "rotate.degrees is 'north'"),
        ("rotate=5,resample=cubic", "resample is 'cubic': Input should be 'nearest'"),
        ("rotate", "rotate.degrees: Field required"),
        ("posterize=9", "posterize.bits is 9"),
        ("invert=3", "invert takes none"),
    ],
)
def test_a_wrong_word_says_what_is_wrong(word: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_operation(word)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_name_is_no_edit() -> None:
    assert looks_like_edit("rotate=12") and looks_like_edit("invert") and looks_like_edit("ivert=3")
    assert not any(map(looks_like_edit, ["photo.jpg", "shots/*.jpg", "./invert", "shots", "A=3", "../a=b/c.png"]))
