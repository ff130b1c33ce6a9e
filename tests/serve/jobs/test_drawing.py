"""Textures and logos for a client: the pictures of ``gen-jax draw``; and what is refused."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.draw import main
from gen_jax.errors import UserError
from gen_jax.io.drawings import read_record
from gen_jax.serve.answers.finishing import Finishing
from gen_jax.serve.jobs.drawing import logo_job, texture_job
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import LogoRequest, TextureRequest
from gen_jax.serve.work import Answer, Job

LIMITS = Limits(images=8, output_pixels=1 << 16)


def texture(**fields: Any) -> Job:
    return texture_job(TextureRequest(**{"name": "stripes", "height": 16, "seed": 5, **fields}), LIMITS, Finishing())


def logo(**fields: Any) -> Job:
    return logo_job(LogoRequest(**{"height": 16, "seed": 5, **fields}), LIMITS, Finishing())


def answer_of(job: Job) -> Answer:
    return job.finish(job.work.run(job.rows))


def shown(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.fixture(scope="module")
def commanded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what the command draws."""
    folder = tmp_path_factory.mktemp("drawn")
    size = ["--size", "16", "--seed", "5"]
    assert (
        main(["texture", "stripes", "softness=0.2", "--vary", "0.5", "--out", str(folder / "stripes.png"), *size]) == 0
    )
    words = ["logo", "Ab", "petals=5", "--family", "rosette", "--layout", "mark", "--background", "transparent"]
    assert main([*words, "--out", str(folder / "logo.png"), "--svg", *size]) == 0
    return folder


ROSETTE: dict[str, Any] = {
    "text": "Ab",
    "family": "rosette",
    "layout": "mark",
    "background": "transparent",
    "parameters": {"petals": 5},
}


def test_a_texture_is_that_of_the_command_and_holds_its_record(commanded: Path, tmp_path: Path) -> None:
    answer = answer_of(texture(parameters={"softness": 0.2}, vary=0.5))
    np.testing.assert_array_equal(shown(answer.body), shown((commanded / "stripes.png").read_bytes()))
    (tmp_path / "answer.png").write_bytes(answer.body)
    assert read_record(str(tmp_path / "answer.png")) == read_record(str(commanded / "stripes.png"))


def test_a_logo_is_that_of_the_command_and_holds_its_recipe(commanded: Path) -> None:
    document = json.loads(answer_of(logo(**ROSETTE, format="json")).body)
    [image] = document["images"]
    expected = (commanded / "logo.png").read_bytes()
    np.testing.assert_array_equal(shown(base64.b64decode(image["data"])), shown(expected))
    assert image["recipe"] == read_record(str(commanded / "logo.png")).recipes[0]
    assert image["recipe"]["mark"]["petals"] == 5 and document["seed"] == 5


def test_an_svg_is_that_of_the_command_but_for_its_mark(commanded: Path) -> None:
    answer = answer_of(logo(**ROSETTE, format="svg"))
    assert answer.media_type == "image/svg+xml"
    start, _, _ = answer.body.partition(b"<metadata>")
    assert (commanded / "logo.svg").read_bytes().startswith(start) and len(start) > 200


def test_a_seed_that_is_not_given_is_told_and_draws_the_same_again() -> None:
    def document(**fields: Any) -> dict[str, Any]:
        job = logo(format="json", **fields)
        return json.loads(job.finish([np.zeros((16, 16, 4), np.uint8)] * len(job.rows)).body)

    first = document(seed=None, num=2)
    again = document(seed=first["seed"], num=2)
    assert [image["recipe"] for image in first["images"]] == [image["recipe"] for image in again["images"]]
    assert document(seed=None)["seed"] != document(seed=None)["seed"]


def test_what_is_drawn_of_a_texture_can_be_chosen() -> None:
    job = texture(output="mask", colors=["#000", "#fff"])
    assert job.work.run(job.rows)[0].shape == (16, 16, 1)


@pytest.mark.parametrize(
    "where",
    [{"font": "{}"}, {"parameters": {"font": "{}"}}, {"parameters": {"mark": {"font": "{}"}}}],
    ids=["by itself", "among parameters", "nested"],
)
def test_a_font_is_one_that_is_shipped_and_never_a_path(where: dict[str, Any], tmp_path: Path) -> None:
    shipped = Path(logo_job.__code__.co_filename).parents[2] / "draw" / "logo" / "fonts" / "Outfit-Bold.ttf"
    path = tmp_path / "own.ttf"
    path.write_bytes(shipped.read_bytes())
    fields = json.loads(json.dumps(where).replace("{}", str(path)))
    with pytest.raises((UserError, Problem)):
        logo(text="Ab", **fields)


DEEP: dict[str, Any] = {}
for _ in range(3000):
    DEEP = {"a": DEEP}


@pytest.mark.parametrize(
    "parameters",
    [
        {"hue": 10**400},
        {"hue": float("nan")},
        {"hue": "blue"},
        {"palette": DEEP},
        {"palette": {"light": ["x" * 100_000]}},
        {"scheme": ["a"]},
        {"mark": {"kind": {}}},
        {"mark": [1]},
        {"mark": {"petals": 5}, "petals": 6},
        {"kind": 3},
        {"seed": 3},
        {"text": "other"},
        {"bogus": 1},
        {"padding": 1e308},
        {"initials": "\ud800"},
        {"__class__": "x"},
    ],
    ids=lambda parameters: "-".join(parameters),
)
def test_parameters_that_are_none_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises((UserError, Problem)) as caught:
        logo(text="Ab", parameters=parameters)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("text", ["\x00", "\x07", "\u202eAb", "\u05e9\u05dc\u05d5\u05dd", "\U0001f600", " "])
def test_a_text_that_no_font_has_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="text"):
        logo(text=text, font="outfit")


def test_a_text_of_64_letters_is_drawn() -> None:
    assert logo(text="W" * 64, layout="horizontal").rows


@pytest.mark.parametrize(
    "job",
    [
        lambda: texture(height=300),
        lambda: texture(height=10**9),
        lambda: texture(num=9),
        lambda: logo(height=255, num=2),
        lambda: logo(text="W" * 40, layout="wordmark", height=200),
    ],
)
def test_more_than_is_allowed_is_refused(job: Any) -> None:
    with pytest.raises(Problem) as caught:
        job()
    assert caught.value.kind == "content-too-large"


@pytest.mark.parametrize(
    "fields",
    [{"name": "nope"}, {"parameters": {"softness": "nan"}}, {"colors": ["#fff", (1.0, "#000")]}, {"colors": []}],
)
def test_what_no_texture_knows_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises((UserError, Problem)):
        texture(**fields)


def test_seeds_end_where_they_end() -> None:
    with pytest.raises(Problem, match="4294967295"):
        texture(seed=2**32 - 1, num=2)


def test_several_logos_are_no_svg() -> None:
    with pytest.raises(Problem, match="one logo"):
        logo(num=2, format="svg")
