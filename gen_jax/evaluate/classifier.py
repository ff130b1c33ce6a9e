"""What a classifier says of conditional samples: train on synthetic, test on real, and the reverse."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from gen_jax import rng
from gen_jax.errors import UserError
from gen_jax.metrics.classification import Classification, as_classes, classification_report
from gen_jax.metrics.result import Measured
from gen_jax.models import classifier as model
from gen_jax.models.classifier import ClassifierConfig
from gen_jax.pixels import to_signed
from gen_jax.types import PyTree

LEARNING_RATE = 2e-3
"""At the first step; it falls to 0 along a cosine."""

SHIFT = 2
"""Pixels that the images of a step are moved at most while training, together, down or up and sideways."""

BLOCK = 1024
"""Images that are classified at a time."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Classifier:
    """A trained classifier."""

    config: ClassifierConfig
    weights: PyTree

    def probabilities(self, images: Any) -> np.ndarray:
        """Return the probability of each class, float32 [n, k], each row adding up to 1.

        Args:
          images: uint8 [n, h, w, c] of the shape that it was trained on, n 1 or more.

        Raises:
          UserError: other images.
        """
        images = _checked_images(images, "images", self.config.image_shape)
        blocks = [images[start : start + BLOCK] for start in range(0, len(images), BLOCK)]
        found = [_probabilities(self.weights, _padded(block), self.config)[: len(block)] for block in blocks]
        return np.concatenate([np.asarray(block) for block in found])

    def predict(self, images: Any) -> np.ndarray:
        """Return the likeliest class of each image, int64 [n]; see ``probabilities``."""
        return np.argmax(self.probabilities(images), axis=1)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class SyntheticAndReal(Measured):
    """What conditional samples teach, and whether they are what they are called; ``float`` is the first accuracy."""

    synthetic_to_real: Classification
    """Trained on generated images, tested on real ones (TSTR): falls where samples are bad or all alike."""
    real_to_real: Classification
    """Trained on as many real images, tested on the same ones: what the first is to be measured by."""
    real_to_synthetic: Classification
    """The same classifier on all generated images (TRTS): is a sample of the class that was asked for? It may be
    higher than ``real_to_real`` where samples are all alike."""
    images: int
    """Images that each of the two classifiers was trained on."""

    def scalars(self) -> dict[str, float]:
        """Return accuracy, precision, recall and F1 of each direction, such as ``synthetic_to_real_f1``."""
        reports = {name: getattr(self, name) for name in ("synthetic_to_real", "real_to_real", "real_to_synthetic")}
        values = {f"{name}_{key}": value for name, report in reports.items() for key, value in report.scalars().items()}
        return {**values, "images": self.images}


def train_classifier(
    images: Any, labels: Any, *, num_classes: int, epochs: int = 12, batch: int = 64, seed: int = 0
) -> Classifier:
    """Train a small convolutional classifier; the same arguments give the same weights on one kind of device.

    Adam on the cross-entropy, the learning rate falling along a cosine; images are moved by a pixel or two and features
    dropped at random. That and the weights are drawn by jax, the order of the images by numpy's Philox, all from the
    seed.

    Args:
      images: uint8 [n, h, w, c]; as many as the host's memory holds, for batches travel one by one.
      labels: whole numbers in [0, num_classes), [n].
      num_classes: k, 2 or more.
      epochs: how often each image is seen.
      batch: images a step.
      seed: of weights, order, moving and dropping.

    Raises:
      UserError: other images or labels, or an option out of its range.
    """
    images = _checked_images(images, "images")
    labels = _checked_labels(labels, "labels", len(images), num_classes)
    for name, value, least in (("num_classes", num_classes, 2), ("epochs", epochs, 1), ("batch", batch, 1)):
        if value < least:
            raise UserError(f"{name}: {value}, must be {least} or more; raise it")
    height, width, channels = images.shape[1:]
    config = ClassifierConfig(image_shape=(height, width, channels), num_classes=num_classes)
    weights, state = _start(rng.stream(seed, "init"), config)
    key, steps = rng.stream(seed, "augment"), -(-epochs * len(images) // batch)
    for step, rows in enumerate(_order(len(images), steps, batch=batch, seed=seed)):
        rate = LEARNING_RATE * 0.5 * (1.0 + np.cos(np.pi * step / steps))
        chosen = images[rows], labels[rows].astype(np.int32)
        weights, state = _step(weights, state, chosen, (np.float32(rate), rng.at(key, step)), config)
    return Classifier(config=config, weights=weights)


def synthetic_and_real(
    generated: tuple[Any, Any],
    train: tuple[Any, Any],
    test: tuple[Any, Any],
    *,
    num_classes: int,
    epochs: int = 12,
    batch: int = 64,
    seed: int = 0,
) -> SyntheticAndReal:
    """Train a classifier on generated images and one on as many real ones, and compare them.

    Both see the same number of images, the smaller of the two sets; the larger gives a random part, drawn without
    replacement by numpy's Philox from the seed.

    Args:
      generated: images uint8 [n, h, w, c] and the classes [n] that they were generated for.
      train: real images and classes, those that the generator was trained on or others.
      test: real images and classes that neither the generator nor a classifier has seen.
      num_classes: k, 2 or more.
      epochs: how often a classifier sees each image.
      batch: images a step.
      seed: of the parts, and of both classifiers.

    Returns:
      A ``Classification`` for each direction.

    Raises:
      UserError: other images or labels, or sets of different shapes.

    Source: Esteban et al., arXiv 1706.02633, section 4.1 (TSTR and TRTS); the first is the classification accuracy
    score of Ravuri and Vinyals, arXiv 1905.10887.
    """
    shape = np.shape(generated[0])[1:]
    sets = {
        name: _checked_set(images, labels, name, shape, num_classes)
        for name, (images, labels) in (("generated", generated), ("train", train), ("test", test))
    }
    count = min(len(sets["generated"][0]), len(sets["train"][0]))
    learn = functools.partial(train_classifier, num_classes=num_classes, epochs=epochs, batch=batch, seed=seed)
    of_synthetic = learn(*_part(*sets["generated"], count=count, seed=seed))
    of_real = learn(*_part(*sets["train"], count=count, seed=seed))

    def report(classifier: Classifier, name: str) -> Classification:
        return classification_report(classifier.predict(sets[name][0]), sets[name][1], num_classes=num_classes)

    return SyntheticAndReal(
        synthetic_to_real=report(of_synthetic, "test"),
        real_to_real=report(of_real, "test"),
        real_to_synthetic=report(of_real, "generated"),
        images=count,
    )


def _optimizer(rate: Array | float) -> optax.GradientTransformation:
    return optax.adamw(rate, weight_decay=1e-2)


@functools.partial(jax.jit, static_argnums=1)
def _start(key: Array, config: ClassifierConfig) -> tuple[PyTree, PyTree]:
    weights = model.build(config).init(key)
    return weights, _optimizer(0.0).init(weights)


@functools.partial(jax.jit, static_argnums=4)
def _step(
    weights: PyTree, state: PyTree, chosen: tuple[Array, Array], schedule: tuple[Array, Array], config: ClassifierConfig
) -> tuple[PyTree, PyTree]:
    (images, labels), (rate, key) = chosen, schedule

    keys = rng.named(key, "drop", "shift")
    corners = jax.random.randint(keys["shift"], (2,), 0, 2 * SHIFT + 1)
    padded = jnp.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="edge")
    shifted = jax.lax.dynamic_slice(padded, (0, *corners, 0), images.shape)

    def loss(weights: PyTree) -> Array:
        logits = model.build(config).apply(weights, to_signed(shifted), keys["drop"])
        return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(logits, labels))

    updates, state = _optimizer(rate).update(jax.grad(loss)(weights), state, weights)
    return optax.apply_updates(weights, updates), state


@functools.partial(jax.jit, static_argnums=2)
def _probabilities(weights: PyTree, images: Array, config: ClassifierConfig) -> Array:
    return jax.nn.softmax(model.build(config).apply(weights, to_signed(images)), axis=-1)


def _order(count: int, steps: int, *, batch: int, seed: int) -> np.ndarray:
    """Return the rows of each step, [steps, batch]: one shuffled pass through the images after the other."""
    generator = np.random.Generator(np.random.Philox(seed))
    passes = [generator.permutation(count) for _ in range(-(-steps * batch // count))]
    return np.concatenate(passes)[: steps * batch].reshape(steps, batch)


def _part(images: np.ndarray, labels: np.ndarray, *, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    if len(images) == count:
        return images, labels
    rows = np.sort(np.random.Generator(np.random.Philox(seed)).choice(len(images), count, replace=False))
    return images[rows], labels[rows]


def _padded(block: np.ndarray) -> np.ndarray:
    """Fill up to a power of two, so that few programs are compiled."""
    missing = (1 << (len(block) - 1).bit_length()) - len(block)
    return np.pad(block, ((0, missing), (0, 0), (0, 0), (0, 0)))


def _checked_set(
    images: Any, labels: Any, name: str, shape: tuple[int, ...], num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    checked = _checked_images(images, f"{name} images", shape)
    return checked, _checked_labels(labels, f"{name} labels", len(checked), num_classes)


def _checked_images(images: Any, name: str, shape: tuple[int, ...] | None = None) -> np.ndarray:
    array = np.asarray(images)
    if array.dtype != np.uint8 or array.ndim != 4 or 0 in array.shape:
        raise UserError(f"{name}: shape {array.shape} of {array.dtype}, must be uint8 [n, h, w, c]; convert them")
    if shape is not None and array.shape[1:] != tuple(shape):
        raise UserError(f"{name}: {array.shape[1:]} each, must be {tuple(shape)} as the others; resize them first")
    return array


def _checked_labels(labels: Any, name: str, count: int, num_classes: int) -> np.ndarray:
    array = as_classes(labels, name=name, num_classes=num_classes)
    if len(array) != count:
        raise UserError(f"{name}: {len(array)} for {count} images; give one label an image")
    return array
