"""Images for a client: those of ``gen-jax sample``, whatever else is in the call; and what is refused."""

import base64
import dataclasses
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.sample import main
from gen_jax.io import models as run_models
from gen_jax.io.models import load_model
from gen_jax.latent.decode import CHUNK
from gen_jax.serve.answers.finishing import Finishing
from gen_jax.serve.jobs.generating import make_job
from gen_jax.serve.jobs.models import serve_model
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import GenerateRequest
from tests.latent import style_model
from tests.saved_run import CONDITIONAL_GAN, GAN, save_run

LIMITS = Limits(images=20)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The path of a run with three classes."""
    path = tmp_path_factory.mktemp("runs") / "bags"
    save_run(path, CONDITIONAL_GAN, 100)
    return path


@pytest.fixture(scope="module")
def bags(run):
    return serve_model(load_model(run), name="bags", chunk=CHUNK)


@pytest.fixture(scope="module")
def styled():
    loaded: Any = style_model.loaded("styled")
    return serve_model(loaded, name="styled", chunk=CHUNK)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A model without classes; nothing of it is compiled."""
    path = tmp_path_factory.mktemp("plain") / "plain"
    save_run(path, GAN, 100)
    return serve_model(load_model(path), name="plain", chunk=CHUNK)


def _job(model, **fields):
    return make_job(model, GenerateRequest.model_validate(fields), LIMITS, Finishing())


def _answer(job, results):
    """The images of a JSON answer, and what it says."""
    said = json.loads(job.finish(results).body)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(image["data"])))) for image in said["images"]], said


def _of_command(run, tmp_path, *words):
    assert main([str(run), "--out", str(tmp_path / "call.npz"), *words]) == 0
    with np.load(tmp_path / "call.npz") as arrays:
        return list(arrays["images"])


CALLS = {
    "plain": (["--seed", "7"], {"seed": 7}),
    "truncated": (["--seed", "4294967295", "--truncation", "0.6"], {"seed": 2**32 - 1, "truncation": 0.6}),
    "cooler": (
        ["--seed", "7", "--temperature", "0.5", "--class", "Bag"],
        {"seed": 7, "temperature": 0.5, "class": "Bag"},
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_images_are_those_of_the_command_alone_and_beside_others(run, bags, tmp_path, call):
    words, fields = CALLS[call]
    expected = _of_command(run, tmp_path, "--num", "5", *words)
    job = _job(bags, num=5, format="json", **fields)
    others = {"truncation": 1.7} if "truncation" in fields else {}
    beside = [row for seed in range(11) for row in _job(bags, seed=seed, temperature=2.0 * seed, **others).rows]
    alone, _ = _answer(job, job.work.run(job.rows))
    mixed = [*beside[:6], *job.rows, *beside[6:]]
    assert len(mixed) == CHUNK
    joined, _ = _answer(job, job.work.run(mixed)[6:11])
    np.testing.assert_array_equal(alone, expected)
    np.testing.assert_array_equal(joined, expected)


def test_a_model_with_styles_makes_the_images_of_the_command_too(styled, tmp_path, monkeypatch):
    monkeypatch.setattr(run_models, "load_model", lambda path, **options: style_model.loaded(path))
    words = ["--num", "3", "--seed", "5", "--truncation", "-1", "--truncation-cutoff", "2"]
    expected = _of_command(tmp_path, tmp_path, *words)
    job = _job(styled, num=3, seed=5, format="json", truncation=-1, truncation_cutoff=2)
    other = _job(styled, seed=9, truncation=0.1)
    assert other.work.signature == job.work.signature
    made = job.work.run([*other.rows, *job.rows, *other.rows])[1:4]
    np.testing.assert_array_equal(_answer(job, made)[0], expected)


@pytest.mark.parametrize(("cutoff", "moved"), [(None, 4), (1, 1), (99, 4), (2**70, 4)])
def test_a_truncation_moves_as_many_styles_as_there_are_at_most(styled, cutoff, moved):
    [row] = _job(styled, truncation=0.5, truncation_cutoff=cutoff).rows
    assert row.cutoff == moved


def test_rows_with_and_without_truncation_never_share_a_call(bags):
    whole, cut = _job(bags), _job(bags, truncation=0.5)
    assert whole.work.signature != cut.work.signature
    assert cut.work.signature == _job(bags, truncation=1.5, num=3).work.signature


def test_the_work_of_a_model_is_one_program_whatever_the_rows(bags):
    work = _job(bags).work
    assert len({work.program(rows) for rows in range(1, work.most + 1)}) == 1
    assert work.most % CHUNK == 0


def test_the_answer_tells_the_model_the_seed_and_the_classes(bags):
    job = _job(bags, num=4, seed=3, truncation=0.5, format="json")
    _, said = _answer(job, [np.zeros((16, 16, 3), np.uint8)] * 4)
    facts = {name: value for name, value in said.items() if name != "images"}
    assert facts == {"model": "bags", "checkpoint": 100, "seed": 3, "truncation": 0.5}
    assert [(image["seed"], image["number"], image["class"]) for image in said["images"]] == [
        (3, 0, "Shirt"),
        (3, 1, "Bag"),
        (3, 2, "7"),
        (3, 3, "Shirt"),
    ]


def test_a_seed_that_is_left_out_is_drawn_and_told(bags):
    jobs = [_job(bags, format="json") for _ in range(2)]
    seeds = [_answer(job, [np.zeros((16, 16, 3), np.uint8)])[1]["seed"] for job in jobs]
    assert seeds[0] != seeds[1]  # once in 2**32 they are equal
    assert [int(job.rows[0].seed) for job in jobs] == seeds


@pytest.mark.parametrize(("label", "number"), [("Bag", 1), ("bag", 1), (0, 0), ("0", 0), ("7", 2)])
def test_a_class_is_named_by_name_or_number(bags, label, number):
    assert [int(row.labels) for row in _job(bags, num=2, **{"class": label}).rows] == [number] * 2


@pytest.mark.parametrize(
    ("model", "fields", "complaint"),
    [
        ("bags", {"num": 21}, "num 21: one request to bags makes at most 20"),
        ("bags", {"class": "Hat"}, "class Hat: unknown; the classes are 0 Shirt, 1 Bag, 2 7"),
        ("bags", {"class": "9" * 5000}, r"class 9{60}\.\.\.: unknown"),
        ("bags", {"class": -1}, "class -1: unknown"),
        ("bags", {"truncation": 0.0}, "truncation 0.0: must be above 0"),
        ("bags", {"truncation": 1e300}, "truncation 1e[+]300: must be above 0"),
        ("bags", {"truncation_cutoff": 2}, "truncation_cutoff 2: dcgan has no styles"),
        ("plain", {"class": 0}, "class 0: the model plain was trained without classes; leave class out"),
        ("styled", {"temperature": 0.5}, "temperature 0.5: has no effect"),
        ("styled", {"truncation": 2.5}, "truncation 2.5: must be from -1 to 2"),
        ("styled", {"truncation_cutoff": 2}, "truncation_cutoff 2: give truncation too"),
    ],
)
def test_what_does_not_suit_the_model_is_refused_in_the_words_of_a_client(request, model, fields, complaint):
    with pytest.raises(Problem, match=complaint) as problem:
        _job(request.getfixturevalue(model), **fields)
    assert problem.value.kind == ("content-too-large" if "num" in fields else "unprocessable")
    assert "--" not in problem.value.detail and len(problem.value.detail) < 300


def test_output_pixels_bound_the_number_of_images(bags):
    limits = dataclasses.replace(LIMITS, output_pixels=3 * 16 * 16)
    assert len(make_job(bags, GenerateRequest(num=3), limits, Finishing()).rows) == 3
    with pytest.raises(Problem, match="num 4: one request to bags makes at most 3"):
        make_job(bags, GenerateRequest(num=4), limits, Finishing())


def test_a_sheet_is_that_of_the_command(run, bags, tmp_path):
    assert main([str(run), "--seed", "3", "--num", "4", "--out", str(tmp_path / "sheet.png")]) == 0
    job = _job(bags, num=4, seed=3)
    sheet = Image.open(io.BytesIO(job.finish(job.work.run(job.rows)).body))
    np.testing.assert_array_equal(np.asarray(sheet), np.asarray(Image.open(tmp_path / "sheet.png")))
