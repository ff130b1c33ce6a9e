"""The classification report against scikit-learn and by hand."""

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from gen_jax.errors import UserError
from gen_jax.metrics.classification import classification_report


@pytest.mark.parametrize("missing", [False, True])
def test_equals_scikit_learn_also_where_classes_are_missing(missing):
    random = np.random.default_rng(0)
    labels = random.integers(0, 6, 500)
    predicted = np.where(random.random(500) < 0.7, labels, random.integers(0, 6, 500))
    if missing:  # class 2 never occurs, 4 is never predicted, 6 neither
        labels[labels == 2] = 3
        predicted[predicted == 4] = 5
    options = {"labels": range(7), "zero_division": 0}
    found = classification_report(jnp.asarray(predicted), labels, num_classes=7)
    for each, values in zip(
        precision_recall_fscore_support(labels, predicted, **options),
        (found.precision_each, found.recall_each, found.f1_each),
        strict=False,
    ):
        np.testing.assert_allclose(values, each, rtol=1e-12)
    macro = precision_recall_fscore_support(labels, predicted, average="macro", **options)[:3]
    assert (found.precision, found.recall, found.f1) == pytest.approx(macro, rel=1e-12)
    assert float(found) == found.accuracy == accuracy_score(labels, predicted)
    np.testing.assert_array_equal(found.confusion, confusion_matrix(labels, predicted, labels=range(7)))


def test_a_table_small_enough_to_count():
    found = classification_report([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], num_classes=2)
    np.testing.assert_array_equal(found.confusion, [[1, 1], [1, 2]])
    assert found.accuracy == 3 / 5
    np.testing.assert_allclose(found.precision_each, [1 / 2, 2 / 3])
    np.testing.assert_allclose(found.recall_each, [1 / 2, 2 / 3])
    assert found.scalars() == pytest.approx(
        {"accuracy": 0.6, "precision": 7 / 12, "recall": 7 / 12, "f1": 7 / 12, "samples": 5}
    )


@pytest.mark.parametrize(
    ("predicted", "labels", "words"),
    [
        ([0, 1], [0], "predicted: 2 classes and 1 labels"),
        ([0, 3], [0, 1], "predicted: class 3, must be 0 to 2"),
        ([0, 1], [0, -1], "labels: class -1"),
        ([0.0, 1.0], [0, 1], "predicted: shape (2,) of float64"),
        ([], [], "predicted: shape (0,)"),
    ],
)
def test_what_are_no_classes_is_refused_in_one_line(predicted, labels, words):
    with pytest.raises(UserError) as error:
        classification_report(predicted, labels, num_classes=3)
    assert words in str(error.value) and "\n" not in str(error.value)
