"""Did the model copy its training images? Numbers with what held-out images score, and a sheet to look at."""

from __future__ import annotations

import numpy as np

from gen_jax.evaluate.measures.distances import proper
from gen_jax.evaluate.result import Result
from gen_jax.evaluate.subject import Subject
from gen_jax.io.images import grid
from gen_jax.metrics.authenticity import authenticity
from gen_jax.metrics.data_copying import c_t
from gen_jax.metrics.frechet import frechet_distance
from gen_jax.metrics.memorization import closest, neighbour_ratio
from gen_jax.metrics.memorization_penalty import memorization_penalty

BESIDE = 4
"""Training images shown beside each generated one."""
LEAST_SIDE = 96
"""Smaller images are enlarged on the sheet, each pixel a square."""


def memorization(subject: Subject) -> list[Result]:
    """Return authenticity, the neighbour ratios, C_T, and the cosine distance, each with the held-out images' own."""
    most = subject.most_neighbours
    generated, train = subject.features("generated", most=most), subject.features("train")
    held_out = subject.features("held_out", most=most) if subject.held_out is not None else None
    genuine = authenticity(generated, train, held_out=held_out)
    ratio = neighbour_ratio(generated, train, held_out, seed=subject.seed)
    rows: list[tuple[str, str, float, float | None, str]] = [
        (
            "authenticity",
            "authenticity",
            genuine.authenticity,
            genuine.held_out,
            "share of images no closer to a training image than that is to its neighbour",
        ),
        ("neighbour_ratio", "nearest-neighbour ratio", ratio.ratio, ratio.held_out_ratio, ""),
        (
            "neighbour_ratio_low",
            f"nearest-neighbour ratio, {ratio.percentile:.0f}th percentile",
            ratio.low_ratio,
            ratio.held_out_low_ratio,
            "the first to fall where some images are copies",
        ),
    ]
    if held_out is not None and ratio.closer is not None:
        test = c_t(generated, train, held_out, seed=subject.seed)
        rows += [
            (
                "closer_to_train",
                "share closer to train",
                ratio.closer,
                ratio.held_out_closer,
                "than to as many held-out images; half is honest",
            ),
            ("c_t", "C_T", test.c_t, test.held_out_c_t, "far below 0: copies; far above 0: underfit"),
        ]
    results = [
        subject.result(
            key,
            name,
            value,
            better="near baseline",
            against="train",
            baseline=baseline,
            baseline_count=None if held_out is None or baseline is None else len(held_out),
            num_generated=len(generated),
            num_reference=len(train),
            note=note,
        )
        for key, name, value, baseline, note in rows
    ]
    return [*results, *_penalised(subject, generated, train)]


def _penalised(subject: Subject, generated: np.ndarray, train: np.ndarray) -> list[Result]:
    """Return the cosine distance to the training set, and with the Inception network MiFID, which is made of it.

    The threshold below which MiFID penalises was chosen for that network; with others only the distance is given,
    to be read beside that of held-out images.
    """
    penalty = memorization_penalty(generated, train)
    held_out = None
    if subject.held_out is not None:
        real = subject.features("held_out", most=subject.most_neighbours)
        held_out = subject.once("cosine distance", lambda: memorization_penalty(real, train).cosine_distance)
    results = [
        subject.result(
            "cosine_distance",
            "least cosine distance to train",
            penalty.cosine_distance,
            better="near baseline",
            against="train",
            num_generated=len(generated),
            num_reference=len(train),
            baseline=held_out,
            baseline_count=None if held_out is None else min(subject.most_neighbours, subject.images("held_out").count),
            note="mean over the images; far below the held-out images' own: copies",
        )
    ]
    if proper(subject, "MiFID", ""):
        against = "held_out" if subject.held_out is not None else "train"
        distance = frechet_distance(subject.features("generated"), subject.features(against)).distance
        note = f"penalty {penalty.penalty:.3g}; 1 means nothing suspicious"
        value = distance / penalty.penalty if penalty.penalty > 0 else float("inf")
        results += [subject.result("mifid", "MiFID", value, better="lower", against=against, note=note)]
    return results


def closest_sheet(subject: Subject, *, count: int = 16) -> np.ndarray:
    """Return a picture: each row a generated image, then its closest training images; the closest pair comes first.

    Args:
      subject: with generated and training images of one shape.
      count: rows.

    Returns:
      uint8 [h, w, c].
    """
    generated, train = subject.features("generated"), subject.features("train")
    beside = min(BESIDE, len(train))
    found = closest(generated, train, count=min(count, len(generated)), neighbours=beside, by="distance")
    rows, neighbours = found.samples, found.rows
    left = subject.images("generated").take(rows)
    right = subject.images("train").take(neighbours.reshape(-1))
    pictures = np.concatenate([left[:, None], right.reshape(len(rows), beside, *right.shape[1:])], axis=1)
    sheet = pictures.reshape(-1, *pictures.shape[2:])
    enlarged = max(1, LEAST_SIDE // max(sheet.shape[1:3]))
    return grid(sheet.repeat(enlarged, axis=1).repeat(enlarged, axis=2), columns=beside + 1)
