"""Does every measure move the right way? Damage real images more and more, and watch.

python benchmarks/monotonicity.py [--features random_convolutions] [--json FILE]

Training and test images of Fashion-MNIST take the place of generated ones: with noise, blurred, without some classes,
or partly replaced by copies of training images. The distances are to as many other real images; copies are looked for
in the training images.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gen_jax import edit, metrics
from gen_jax.data.config import EmbeddedData
from gen_jax.data.dataset import open_dataset
from gen_jax.io.feature_networks import load_network
from gen_jax.metrics.features import FeatureNetwork, extract

COUNT = 1000
"""Images on both sides of a distance."""

Damage = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def noise(images: np.ndarray, labels: np.ndarray, levels: float) -> np.ndarray:
    """Add Gaussian noise of so many levels."""
    noisy = images + np.random.default_rng(1).normal(0.0, levels, images.shape) if levels else images
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)[:COUNT]


def blur(images: np.ndarray, labels: np.ndarray, radius: float) -> np.ndarray:
    """Blur by a Gaussian."""
    return np.asarray(edit.gaussian_blur(images[:COUNT], radius=radius)) if radius else images[:COUNT]


def classes_lost(images: np.ndarray, labels: np.ndarray, lost: float) -> np.ndarray:
    """Leave out so many of the ten classes; as many images of the others."""
    return images[labels >= lost][:COUNT]


def modes(images: np.ndarray, labels: np.ndarray, kept: float) -> np.ndarray:
    """Keep so many different images, again and again."""
    return images[np.arange(COUNT) % int(kept)]


DAMAGES: dict[str, tuple[Damage, tuple[float, ...]]] = {
    "noise, levels": (noise, (0, 5, 20, 60)),
    "blur, radius": (blur, (0, 0.5, 1, 2)),
    "classes lost": (classes_lost, (0, 1, 3, 6)),
    "images kept": (modes, (1000, 300, 100, 30)),
}
COPIES = (0.0, 0.05, 0.2, 0.5, 1.0)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", default="random_convolutions")
    parser.add_argument("--feature-size", type=int, default=None)
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    network = load_network(arguments.features, size=arguments.feature_size)
    print(f"features {network.label}, resize: {network.resize}; {COUNT:,} images a side\n")
    rows = distances(network)
    copies = copying(network)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps({"features": network.label, "damage": rows, "copies": copies}, indent=2))


def look(network: FeatureNetwork, images: np.ndarray) -> np.ndarray:
    """Return the features of images."""
    return extract(network, [images]).features


def distances(network: FeatureNetwork) -> list[dict[str, float | str]]:
    """Return and print the distances of damaged images to real ones."""
    dataset = open_dataset(EmbeddedData(), size=None)
    images, labels = dataset.load_all(progress=False)
    assert labels is not None
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order], labels[order]
    reference = look(network, images[-COUNT:])
    images, labels = images[:-COUNT], labels[:-COUNT]
    names = ("FD", "FD infinity", "KID x 1000", "sliced", "precision", "recall", "density", "coverage", "Vendi")
    print("| damage | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    rows: list[dict[str, float | str]] = []
    for name, (damage, amounts) in DAMAGES.items():
        for amount in amounts:
            features = look(network, damage(images, labels, amount))
            pr = metrics.precision_recall(features, reference)
            dc = metrics.density_coverage(features, reference)
            values = (
                metrics.frechet_distance(features, reference).distance,
                metrics.frechet_infinity(features, reference).distance,
                1000 * float(metrics.kernel_distance_full(features, reference)),
                float(metrics.sliced_distance(features, reference)),
                *(pr.precision, pr.recall, dc.density, dc.coverage),
                float(metrics.vendi_score(features)),
            )
            print(f"| {name} {amount:g} | " + " | ".join(f"{value:.3g}" for value in values) + " |", flush=True)
            rows.append({"damage": name, "amount": amount, **dict(zip(names, values, strict=True))})
    return rows


def copying(network: FeatureNetwork) -> list[dict[str, float]]:
    """Return and print the signs of memorisation for a growing share of copies."""
    train = look(network, open_dataset(EmbeddedData(), size=None, split="train").load_all(progress=False)[0][:5000])
    test = look(network, open_dataset(EmbeddedData(), size=None, split="test").load_all(progress=False)[0])
    fresh, held_out = test[:COUNT], test[COUNT:]
    names = ("authenticity", "C_T", "ratio", "ratio, 5th percentile", "closer to train", "cosine distance")
    print("\n| copies | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    rows: list[dict[str, float]] = []
    for share in COPIES:
        count = int(share * COUNT)
        features = np.concatenate([train[:count], fresh[count:]])
        ratio = metrics.neighbour_ratio(features, train, held_out)
        values = (
            metrics.authenticity(features, train).authenticity,
            metrics.c_t(features, train, held_out).c_t,
            *(ratio.ratio, ratio.low_ratio, float(ratio.closer or 0.0)),
            metrics.memorization_penalty(features, train).cosine_distance,
        )
        print(f"| {share:.0%} | " + " | ".join(f"{value:.3g}" for value in values) + " |", flush=True)
        rows.append({"copies": share, **dict(zip(names, values, strict=True))})
    return rows


if __name__ == "__main__":
    main()
