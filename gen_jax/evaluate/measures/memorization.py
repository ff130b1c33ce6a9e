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
    """Return authenticity, C_T, the neighbour ratios, and the distance that memorising makes larger."""
    most = subject.most_neighbours
    generated, train = subject.features("generated", most=most), subject.features("train", most=None)
    held_out = subject.features("held_out", most=most) if subject.held_out is not None else None
    common = {
        "against": "train",
        "num_generated": len(generated),
        "num_reference": len(train),
        "baseline_count": None if held_out is None else len(held_out),
    }
    genuine = authenticity(generated, train, held_out=held_out)
    results = [
        subject.result(
            "authenticity",
            "authenticity",
            genuine.authenticity,
            better="near baseline",
            baseline=genuine.held_out,
            note="share of images no closer to a training image than that is to its neighbour",
            **common,
        )
    ]
    ratio = neighbour_ratio(generated, train, held_out, seed=subject.seed)
    results += [
        subject.result(
            "neighbour_ratio",
            "nearest-neighbour ratio",
            ratio.ratio,
            better="near baseline",
            baseline=ratio.held_out_ratio,
            **common,
        )
    ]
    if held_out is not None:
        results += _against_held_out(subject, generated, train, held_out)
    return [*results, *_penalised(subject, generated, train)]


def _against_held_out(subject: Subject, generated: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> list[Result]:
    """Return the values that exist only beside a held-out set."""
    common = {
        "against": "train",
        "num_generated": len(generated),
        "num_reference": len(train),
        "baseline_count": len(held_out),
        "better": "near baseline",
    }
    ratio = neighbour_ratio(generated, train, held_out, seed=subject.seed)
    assert ratio.closer is not None  # a held-out set is there
    test = c_t(generated, train, held_out, seed=subject.seed)
    return [
        subject.result(
            "closer_to_train",
            "share closer to train",
            ratio.closer,
            baseline=ratio.held_out_closer,
            note="than to as many held-out images; half is honest",
            **common,
        ),
        subject.result(
            "c_t",
            "C_T",
            test.c_t,
            baseline=test.held_out_c_t,
            note="far below 0: copies; far above 0: underfit",
            **common,
        ),
    ]


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
