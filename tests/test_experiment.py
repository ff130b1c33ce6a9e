"""The configuration of a run: JSON there and back, and one clear line for each mistake."""

import dataclasses
import itertools
import json

import pytest

from gen_jax.data.config import ArrayData, EmbeddedData, FolderData, LogoData, TextureData, TfdsData, ZipData
from gen_jax.errors import UserError
from gen_jax.experiment import (
    KINDS,
    Experiment,
    OptimConfig,
    TrainConfig,
    differences,
    from_json,
    steps_of,
    to_json,
)
from gen_jax.models import GANS, VAES, ConvVaeConfig, DcganConfig
from gen_jax.objectives.config import AdversarialObjective, ElboObjective

DATA = {
    "embedded": EmbeddedData(validation=0.1, folds=3),
    "tfds": TfdsData(name="mnist:3.0.1", channels=3),
    "folder": FolderData(path="images", on_bad_image="skip"),
    "zip": ZipData(path="images.zip", max_bad_share=0.5),
    "array": ArrayData(path="images.npz", mirror=True),
    "texture": TextureData(names=("oak", "carrara"), output="height", vary=0.5),
    "logo": LogoData(families=("rosette",), channels=4),
}


def experiment(**changes):
    fields = {"name": "test", "data": EmbeddedData(), "model": DcganConfig(), "objective": AdversarialObjective()}
    return Experiment(**(fields | changes))


def edited(change, text=None):
    """The JSON of an experiment after ``change`` has been at the tree."""
    tree = json.loads(text or to_json(experiment()))
    change(tree)
    return json.dumps(tree)


def test_every_kind_of_data_is_tried_here():
    assert DATA.keys() == KINDS["data"].keys()
    assert KINDS["model"].keys() == GANS.keys() | VAES.keys()


@pytest.mark.parametrize(("data", "model"), [*itertools.product(KINDS["data"], KINDS["model"])])
def test_every_experiment_comes_back_from_json_equal(data, model):
    objective = AdversarialObjective(loss="hinge", r1=0.5) if model in GANS else ElboObjective(kl_warmup=5_000)
    original = experiment(
        data=DATA[data],
        model=KINDS["model"][model](size=32, channels=3, conditional=True),
        objective=objective,
        optim=OptimConfig(lr=2e-4, disc_lr=1e-4, decay="cosine"),
        train=TrainConfig(images=25_000_000, init_from="runs/other", fsdp=True),
    )
    text = to_json(original)
    assert from_json(text) == original == from_json(text.encode())
    assert to_json(from_json(text)) == text and text.endswith("}\n")


def test_json_says_every_field_so_that_new_defaults_change_no_old_run():
    tree = json.loads(to_json(experiment()))
    assert tree["train"].keys() == {field.name for field in dataclasses.fields(TrainConfig)}
    assert tree["model"]["kind"] == "dcgan" and tree["data"]["kind"] == "embedded"


def test_counts_may_be_written_short_in_json():
    assert from_json(edited(lambda t: t["train"].update(images="25M"))).train.images == 25_000_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t["train"].update(imges=1), "run.json: unknown field train.imges; "),
        (lambda t: t.update(extra={"a": 1}), "run.json: unknown field extra.a; "),
        (lambda t: t.update(extra={}), "run.json: unknown field extra; "),
        (lambda t: t["model"].update(depth=3), "run.json: unknown field model.depth; "),
        (lambda t: t["model"].update(width="wide"), "run.json: model.dcgan.width: "),
        (lambda t: t["model"].update(width=1.5), "run.json: model.dcgan.width: "),
        (lambda t: t["model"].update(channels=2), "run.json: model.dcgan.channels: "),
        (lambda t: t["model"].update(kind="dcgna"), "run.json: model: "),
        (lambda t: t["model"].pop("kind"), "run.json: model: "),
        (lambda t: t.pop("data"), "run.json: data: "),
        (lambda t: t.pop("name"), "run.json: name: "),
        (lambda t: t["train"].update(images="many"), "run.json: train.images: a count of images"),
        (lambda t: t["train"].update(batch=0), "run.json: the whole: --train.batch 0: must be 1 or more"),
        (lambda t: t["objective"].update(r1=-1), "run.json: objective.adversarial: objective.r1 is -1"),
        (lambda t: t["model"].update(size=27), "run.json: model.dcgan: --model.size 27: "),
    ],
)
def test_a_mistake_in_json_is_one_line_with_file_and_field(change, message):
    with pytest.raises(UserError) as caught:
        from_json(edited(change), where="run.json")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"', b"\xff\xfe"])
def test_what_is_not_a_json_object_is_one_line_with_the_file(text):
    with pytest.raises(UserError, match=r"^config\.json: the whole: ") as caught:
        from_json(text)
    assert "\n" not in str(caught.value)


def test_a_wrong_kind_is_told_the_right_ones():
    with pytest.raises(UserError, match=r"'dcgan'.*'conv_vae'"):
        from_json(edited(lambda t: t["model"].update(kind="dcgna")))


def test_differences_name_each_field_old_and_new():
    old, new = experiment(), experiment(train=TrainConfig(images=400_000, fsdp=True), name="other")
    assert differences(old, new) == [
        'name: "test" -> "other"',
        "train.fsdp: false -> true",
        "train.images: 1000000 -> 400000",
    ]
    assert differences(old, experiment()) == []


def test_differences_of_another_kind_say_what_is_absent():
    lines = differences(experiment(), experiment(model=ConvVaeConfig(), objective=ElboObjective()))
    assert 'model.kind: "dcgan" -> "conv_vae"' in lines
    assert "model.blocks: (absent) -> 1" in lines
    assert "objective.r1: 1.0 -> (absent)" in lines


@pytest.mark.parametrize(
    "name", ["batch", "accumulate", "images", "checkpoint_every", "sample_every", "log_every", "keep_last"]
)
def test_what_must_be_at_least_one_is_refused_at_zero(name):
    with pytest.raises(UserError, match=rf"^--train\.{name} 0: must be 1 or more$"):
        experiment(train=TrainConfig(**{name: 0}))


@pytest.mark.parametrize("name", ["steps_per_call", "num_samples", "max_skipped", "ema_half_life", "keep_every"])
def test_what_must_be_at_least_zero_is_refused_below(name):
    with pytest.raises(UserError, match=rf"^--train\.{name} -1: must be 0 or more$"):
        experiment(train=TrainConfig(**{name: -1}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train": TrainConfig(batch=64, accumulate=3)}, "--train.accumulate 3: must divide --train.batch 64"),
        ({"train": TrainConfig(images=2**32)}, "--train.images 4294967296: must be below"),
        ({"optim": OptimConfig(lr=0.0)}, "--optim.lr 0.0: must be above 0"),
        ({"optim": OptimConfig(lr=float("nan"))}, "--optim.lr nan: must be above 0"),
        ({"optim": OptimConfig(lr=float("inf"))}, "--optim.lr inf: must be above 0"),
        ({"optim": OptimConfig(disc_lr=-1e-3)}, "--optim.disc_lr -0.001: must be above 0"),
        ({"optim": OptimConfig(b1=1.0)}, "--optim.b1 1.0: must be at least 0 and below 1"),
        ({"optim": OptimConfig(b2=-0.1)}, "--optim.b2 -0.1: must be at least 0 and below 1"),
        ({"optim": OptimConfig(clip_norm=-1.0)}, "--optim.clip_norm -1.0: must be 0 or more"),
        ({"optim": OptimConfig(skip_norm=-1.0)}, "--optim.skip_norm -1.0: must be 0 or more"),
        ({"optim": OptimConfig(weight_decay=-1.0)}, "--optim.weight_decay -1.0: must be 0 or more"),
        ({"optim": OptimConfig(warmup=-1)}, "--optim.warmup -1: must be 0 or more"),
        ({"objective": ElboObjective()}, "--objective.kind elbo does not train --model.kind dcgan; "),
        ({"model": ConvVaeConfig()}, "--objective.kind adversarial does not train --model.kind conv_vae; "),
    ],
)
def test_combinations_that_cannot_run_are_refused_in_one_line(changes, message):
    with pytest.raises(UserError) as caught:
        experiment(**changes)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "kind"), [({"objective": ElboObjective()}, "adversarial"), ({"model": ConvVaeConfig()}, "elbo")]
)
def test_a_wrong_objective_is_told_the_right_one(changes, kind):
    with pytest.raises(UserError, match=rf"use --objective\.kind {kind}$"):
        experiment(**changes)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (kind, field)
        for field in ("width", "max_width", "latent_size")
        for kind, config in KINDS["model"].items()
        if field in {each.name for each in dataclasses.fields(config)}
    ],
)
def test_a_network_without_channels_is_refused(kind, field):
    with pytest.raises(UserError, match=rf"^--model\.{field} 0: must be 1 or more$"):
        KINDS["model"][kind](**{field: 0})


@pytest.mark.parametrize(
    ("images", "batch", "steps"),
    [(640, 64, 10), (641, 64, 11), (1, 64, 1), (0, 64, 1), (63, 64, 1), (10**9, 64, 15_625_000)],
)
def test_a_run_sees_at_least_the_images_asked_for(images, batch, steps):
    assert steps_of(images, batch) == steps


def test_equal_experiments_are_equal_and_hash_alike():
    assert experiment() == experiment() and hash(experiment()) == hash(experiment())
    assert experiment().total_steps == 15_625
