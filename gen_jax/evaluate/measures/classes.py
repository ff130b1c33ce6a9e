"""Class-conditional models: do generated images teach a classifier, and does a classifier know them?"""

from __future__ import annotations

import numpy as np

from gen_jax.errors import UserError
from gen_jax.evaluate.classifier import synthetic_and_real
from gen_jax.evaluate.result import Result
from gen_jax.evaluate.sets import ImageSet
from gen_jax.evaluate.subject import Role, Subject

_DIRECTIONS: tuple[tuple[str, str, str, Role], ...] = (
    ("tstr", "trained on generated, tested on real", "synthetic_to_real", "held_out"),
    ("trts", "trained on real, tested on generated", "real_to_synthetic", "train"),
)
_ROLES: tuple[Role, ...] = ("generated", "train", "held_out")
_VALUES = ("accuracy", "recall", "f1")


def classifier(subject: Subject) -> list[Result]:
    """Return accuracy, recall and F1 (means over the classes) of both directions.

    The baseline of each is the classifier trained on as many real images and tested on held-out real ones.

    Raises:
      UserError: a set has no labels, or the sets know different classes.
    """
    sets = {role: subject.images(role) for role in _ROLES}
    labels = labels_of(subject)
    classes = len(sets["train"].class_names) or int(labels["train"].max()) + 1
    most = max(int(rows.max()) for rows in labels.values())
    if most >= classes:
        raise UserError(
            f"--metrics classifier: class {most} is among the images, and the training images have {classes}"
        )
    found = synthetic_and_real(
        (sets["generated"].load(), labels["generated"]),
        (sets["train"].load(), labels["train"]),
        (sets["held_out"].load(), labels["held_out"]),
        num_classes=classes,
        seed=subject.seed,
    )
    return [
        subject.result(
            f"{key}_{value}",
            f"{value.upper() if value == 'f1' else value}, {story}",
            getattr(getattr(found, direction), value),
            better="higher",
            against=against,
            baseline=getattr(found.real_to_real, value),
            baseline_count=sets["held_out"].count,
            features=None,
            resize=None,
            note=f"classifiers trained on {found.images:,} images each",
        )
        for key, story, direction, against in _DIRECTIONS
        for value in _VALUES
    ]


def labels_of(subject: Subject) -> dict[Role, np.ndarray]:
    """Return the labels of each set. Raises UserError where one has none."""
    return {role: _labels(subject.images(role), role) for role in _ROLES}


def _labels(images: ImageSet, role: str) -> np.ndarray:
    if images.labels is None:
        raise UserError(
            f"--metrics classifier: the {role.replace('_', '-')} images ({images.name}) have no class labels; "
            "it is for class-conditional models and labelled data"
        )
    return images.labels
