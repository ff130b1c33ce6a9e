"""The service without a transport: what it opens, compiles, answers and refuses, and how it ends."""

import dataclasses
import io
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from gen_jax.edit.syntax import parse_operation
from gen_jax.errors import UserError
from gen_jax.io.images import encode
from gen_jax.io.models import LoadedModel
from gen_jax.io.run_directory import RunDirectory
from gen_jax.serve.jobs import models
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import EditRequest, GenerateRequest, LogoRequest, ReconstructRequest, TextureRequest
from gen_jax.serve.service import Service
from gen_jax.serve.settings import Settings
from gen_jax.types import DatasetInfo
from tests.latent import style_model
from tests.saved_run import VAE

PIXELS = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
PHOTO = encode(PIXELS, "PNG")


@dataclasses.dataclass(frozen=True)
class Blur:
    """A model whose latent is the mean color, so that its programs compile at once."""

    weights: dict

    def prior(self, key, n):
        return jax.random.normal(key, (n, 1))

    def encode(self, images, labels):
        return images.mean((1, 2))

    def decode(self, latent, labels):
        return jnp.broadcast_to((self.weights["dec"] * latent).reshape(-1, 1, 1, 1), (len(latent), 16, 16, 1))


class Loaded(LoadedModel):
    """The run of a Blur."""

    encodes = True
    bind = staticmethod(Blur)


def _load(run):
    """Give a model with styles for a run called styled, else a Blur."""
    if "styled" in str(run):
        return style_model.loaded(run)
    return Loaded(
        run=RunDirectory(run),
        experiment=VAE,
        info=DatasetInfo(image_shape=(16, 16, 1), num_images=60, source="nowhere"),
        networks=types.SimpleNamespace(image_shape=(16, 16, 1), num_classes=0, latent_size=1),
        weights={"dec": np.float32([[1.0]])},
        images_seen=200,
    )


class Calls(list):
    """Remembers whether each call of the batcher compiled."""

    def call(self, *, compiled, **_):
        self.append(compiled)

    def waited(self, seconds):
        pass


@pytest.fixture(scope="module")
def load():
    """Let runs be read as above."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "load_model", _load)
        yield


@pytest.fixture(scope="module")
def calls():
    return Calls()


@pytest.fixture(scope="module")
def service(load, calls):
    """A warm service of two models that inverts photographs of one size."""
    runs = ("runs/styled", "blur=runs/of=mine")
    limits = Limits(waiting=2, images=4)
    service = Service.open(
        Settings(runs=runs, warm_edits=("invert",), warm_sizes=("16x16",), limits=limits), observe=calls
    )
    assert not service.ready
    service.warm_up()
    assert any(calls)
    yield service
    service.close(seconds=10.0)


def _pixels(answer):
    assert answer.media_type == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.body)))


def _edit(word, image=PHOTO):
    return EditRequest(image=image, edits=(parse_operation(word),))


REQUESTS = {
    "generate": GenerateRequest(seed=1),
    "truncated": GenerateRequest(seed=1, truncation=0.3),
    "other model": GenerateRequest(seed=1, model="blur", temperature=0.5),
    "other model truncated": GenerateRequest(seed=1, model="blur", truncation=2.5, num=4),
    "reconstruct": ReconstructRequest(image=PHOTO),
    "edit": _edit("invert"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_warm_service_compiles_nothing_more(service, calls, name):
    assert service.ready
    before = len(calls)
    request = REQUESTS[name]
    method = {GenerateRequest: service.generate, ReconstructRequest: service.reconstruct, EditRequest: service.edit}
    first, again = (service.answer(method[type(request)](request)) for _ in range(2))
    assert calls[before:] == [False, False]
    assert first.body == again.body


def test_answers_are_those_of_the_model_and_the_edit(service):
    np.testing.assert_array_equal(_pixels(service.answer(service.edit(_edit("invert")))), 255 - PIXELS)
    grey = encode(np.full((40, 30, 3), 77, np.uint8), "PNG")
    np.testing.assert_array_equal(_pixels(service.answer(service.reconstruct(ReconstructRequest(image=grey)))), 77)


def test_textures_and_logos_are_drawn_beside_models(service):
    assert len(service.texture(TextureRequest(name="oak", seed=1, height=8, num=3)).rows) == 3
    assert len(service.logo(LogoRequest(text="A", seed=1, height=16, num=2)).rows) == 2


def test_models_are_described_and_the_first_one_answers(service):
    first, second = service.describe_models()
    assert first["name"] == "styled" and first["abilities"] == ["generate"]
    assert first["classes"] == ["Shirt", "Bag", "7"] and first["image_shape"] == [4, 4, 3]
    weights = second.pop("weights")
    assert len(weights) == 8 and weights != first["weights"]
    assert second == {
        "name": "blur",
        "kind": "conv_vae",
        "abilities": ["generate", "reconstruct"],
        "image_shape": [16, 16, 1],
        "classes": [],
        "images_seen": 200,
        "parameters": 1,
        "data": "nowhere",
    }
    assert service.answer(service.generate(GenerateRequest())).headers["gen-jax-model"] == "styled"
    assert "invert" in service.describe_operations()["edits"]


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        ("styled", "model styled: cannot reconstruct; the models that can are blur"),
        ("../etc", "model ../etc: unknown; the models that can reconstruct are blur"),
        ("x" * 9999, r"model x{60}\.\.\.: unknown"),
    ],
)
def test_a_model_that_is_not_there_or_not_able_is_refused_with_those_that_are(service, model, complaint):
    with pytest.raises(Problem, match=complaint) as problem:
        service.reconstruct(ReconstructRequest(image=PHOTO, model=model))
    assert problem.value.kind == "unprocessable"


def test_work_that_takes_too_long_is_given_up(service):
    with pytest.raises(Problem) as problem:
        service.answer(service.edit(_edit("invert")), seconds=0.0)
    assert problem.value.kind in ("deadline-exceeded", "busy")


def test_a_service_without_models_edits_and_draws_alone():
    service = Service.open(Settings())
    service.warm_up()
    assert service.ready and service.describe_models() == []
    with pytest.raises(Problem, match="this service has no model that can generate"):
        service.generate(GenerateRequest())
    service.close(seconds=10.0)
    assert not service.ready
    with pytest.raises(Problem) as problem:
        service.answer(service.edit(_edit("invert")))
    assert problem.value.kind == "not-ready"


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"runs": ("a/x", "b/x")}, "run b/x: a model named x is served already, of a/x; name this one otherwise"),
        ({"runs": ("y=a/x", "y=a/z")}, "a model named y is served already"),
        ({"runs": ("a/x",), "limits": Limits(output_pixels=255)}, "limits.output_pixels is 255; set it to 256"),
        ({"warm_edits": ("invert",)}, "warm_edits is given and warm_sizes is not"),
        ({"warm_edits": ("inwert",), "warm_sizes": ("8x8",)}, "invert"),
        ({"warm_edits": ("invert",), "warm_sizes": ("8",)}, "warm_sizes 8: must be HEIGHTxWIDTH"),
    ],
)
def test_settings_that_cannot_be_met_are_told_before_it_serves(load, settings, complaint):
    with pytest.raises(UserError, match=complaint):
        Service.open(Settings(**settings))


def test_a_warm_edit_that_fails_is_named():
    service = Service.open(Settings(warm_edits=("resize=99999x99999",), warm_sizes=("8x8",)))
    with pytest.raises(UserError, match="warm_edits resize=99999x99999 at 8x8: "):
        service.warm_up()
    assert not service.ready
    service.close(seconds=10.0)
