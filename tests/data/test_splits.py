"""The parts of a data set are disjoint, exhaustive, stratified, repeatable, and refuse nonsense."""

import dataclasses

import numpy as np
import pytest

from gen_jax.data.config import CommonData
from gen_jax.data.splits import split_indices
from gen_jax.errors import UserError

LABELS = np.repeat(np.arange(5), [400, 300, 200, 90, 11]).astype(np.int32)
COUNT = len(LABELS)


def parts(config, labels=LABELS, official_test=range(0), count=COUNT):
    names = ["train", "test"] + (["validation"] if config.validation or config.folds else [])
    names = [n for n in names if n != "test" or config.test or official_test]
    return {n: split_indices(count, official_test, labels, dataclasses.replace(config, split=n)) for n in names}


@pytest.mark.parametrize("labels", [LABELS, None])
def test_shares_are_disjoint_and_exhaustive(labels):
    found = parts(CommonData(validation=0.1, test=0.2), labels)
    assert np.sort(np.concatenate(list(found.values()))).tolist() == list(range(COUNT))
    assert len(found["test"]) == round(0.2 * COUNT)
    assert len(found["validation"]) == round(0.1 * (COUNT - round(0.2 * COUNT)))


def test_every_class_is_shared_out_alike():
    found = parts(CommonData(validation=0.1, test=0.2))
    whole = np.bincount(LABELS)
    for name, share in (("test", 0.2), ("validation", 0.08), ("train", 0.72)):
        counts = np.bincount(LABELS[found[name]], minlength=5)
        assert np.abs(counts - share * whole).max() < 2


def test_folds_are_disjoint_exhaustive_and_stratified():
    held_out = [parts(CommonData(folds=5, fold=i))["validation"] for i in range(5)]
    assert np.sort(np.concatenate(held_out)).tolist() == list(range(COUNT))
    for i, fold in enumerate(held_out):
        train = parts(CommonData(folds=5, fold=i))["train"]
        assert np.array_equal(np.union1d(train, fold), np.arange(COUNT)) and not np.intersect1d(train, fold).size
        assert np.abs(np.bincount(LABELS[fold], minlength=5) - np.bincount(LABELS) / 5).max() < 1


def test_an_official_test_set_is_never_trained_on():
    official = range(900, COUNT)
    found = parts(CommonData(validation=0.2, test=0.5), official_test=official)
    assert found["test"].tolist() == list(official)
    assert found["train"].max() < 900 and found["validation"].max() < 900
    assert len(found["train"]) + len(found["validation"]) == 900
    everything = split_indices(COUNT, official, LABELS, CommonData(split="all"))
    assert everything.tolist() == list(range(COUNT))


def test_the_seed_decides_the_draw():
    first, again = parts(CommonData(validation=0.3)), parts(CommonData(validation=0.3))
    other = parts(CommonData(validation=0.3, split_seed=1))
    assert np.array_equal(first["validation"], again["validation"])
    assert len(np.intersect1d(first["validation"], other["validation"])) < 0.5 * len(first["validation"])


def test_the_draw_is_not_a_run_of_neighbours():
    validation = parts(CommonData(validation=0.5), labels=None)["validation"]
    assert abs(validation.mean() - COUNT / 2) < 60 and (np.diff(validation) == 1).mean() < 0.6


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"validation": 1.0}, "data.validation"),
        ({"test": -0.1}, "data.test"),
        ({"folds": 1}, "data.folds"),
        ({"folds": -2}, "data.folds"),
        ({"folds": 3, "fold": 3}, "data.fold"),
        ({"folds": 3, "validation": 0.1}, "data.folds and data.validation"),
        ({"split": "validation"}, "validation part"),
        ({"split": "test"}, "test part"),
        ({"split": "training"}, "data.split"),
        ({"split": "validation", "validation": 1e-6}, "larger share"),
        ({"test": 0.9999}, "left for training"),
    ],
)
def test_nonsense_is_refused_in_one_line(change, word):
    with pytest.raises(UserError, match=word) as caught:
        split_indices(COUNT, range(0), LABELS, CommonData(**change))
    assert "\n" not in str(caught.value)
