"""A client's image through a model: the bytes of ``gen-jax reconstruct``, whatever else is in the call."""

import base64
import dataclasses
import io
import json

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.reconstruct import main
from gen_jax.io.images import encode
from gen_jax.io.models import load_model
from gen_jax.latent.decode import CHUNK
from gen_jax.metrics.psnr import psnr
from gen_jax.serve.answers.finishing import Finishing
from gen_jax.serve.jobs.models import serve_model
from gen_jax.serve.jobs.reconstructing import make_job
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import ReconstructRequest
from tests.saved_run import VAE, save_run

LIMITS = Limits(pixels=10_000)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "vae"
    save_run(path, VAE, 100)
    return path


@pytest.fixture(scope="module")
def model(run):
    return serve_model(load_model(run), name="vae", chunk=CHUNK)


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    """A model of three classes; nothing of it is compiled."""
    path = tmp_path_factory.mktemp("runs") / "classes"
    save_run(path, dataclasses.replace(VAE, model=dataclasses.replace(VAE.model, conditional=True)), 100)
    return serve_model(load_model(path), name="classes", chunk=CHUNK)


def _png(seed, *shape):
    return encode(np.random.default_rng(seed).integers(0, 256, shape, np.uint8), "PNG")


def _job(model, image, finishing=None, **fields):
    return make_job(model, ReconstructRequest(image=image, format="json", **fields), LIMITS, finishing or Finishing())


def test_an_image_becomes_that_of_the_command_alone_and_beside_others(run, model, tmp_path):
    photo = _png(0, 30, 41, 4)
    (tmp_path / "photo.png").write_bytes(photo)
    assert main([str(run), str(tmp_path / "photo.png"), "--out", f"{tmp_path}/out/"]) == 0
    expected = np.asarray(Image.open(tmp_path / "out" / "photo.png"))
    job = _job(model, photo)
    others = [row for seed in range(1, CHUNK) for row in _job(model, _png(seed, 16, 16, 1)).rows]
    for rows, place in ((job.rows, 0), ([*others[:9], *job.rows, *others[9:]], 9)):
        said = json.loads(job.finish([job.work.run(rows)[place]]).body)
        made = np.asarray(Image.open(io.BytesIO(base64.b64decode(said["images"][0]["data"]))))
        np.testing.assert_array_equal(made, expected)
        assert (said["model"], said["checkpoint"]) == ("vae", 100)
        original = job.rows[0].image
        assert original.shape == (16, 16, 1)
        assert said["images"][0]["psnr"] == pytest.approx(float(psnr(made[..., None], original).mean), abs=1e-4)


def test_a_perfect_reconstruction_is_told_in_json(model):
    job = _job(model, _png(0, 16, 16, 1))
    said = json.loads(job.finish([job.rows[0].image]).body)
    assert said["images"][0]["psnr"] is None  # infinite, which JSON cannot say


def test_a_conditional_model_is_told_the_class(conditional):
    job = _job(conditional, _png(0, 16, 16, 1), label="Bag")
    assert job.rows[0].labels == 1
    with pytest.raises(Problem, match="class: classes must be told the class of the image, such as Shirt, Bag, 7"):
        _job(conditional, _png(0, 16, 16, 1))


@pytest.mark.parametrize(
    ("fields", "kind", "complaint"),
    [
        ({"image": b"no image"}, "unprocessable", "image: "),
        ({"image": _png(0, 101, 100, 1)}, "content-too-large", "image is 101 x 100 pixels"),
        (
            {"image": _png(0, 9, 9, 1), "label": 1},
            "unprocessable",
            "class 1: the model vae was trained without classes",
        ),
    ],
)
def test_what_cannot_be_reconstructed_is_refused(model, fields, kind, complaint):
    with pytest.raises(Problem, match=complaint) as problem:
        _job(model, **fields)
    assert problem.value.kind == kind


def test_the_content_filter_sees_the_image_before_the_model(model):
    class Strict(Finishing):
        def check_input(self, pixels, *, what):
            raise Problem("content-refused", f"{what} of {pixels.shape}")

    with pytest.raises(Problem, match=r"image of \(9, 12, 3\)"):
        _job(model, _png(0, 9, 12, 3), finishing=Strict())
