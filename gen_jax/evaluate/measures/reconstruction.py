"""How well a model that encodes gives images back: PSNR, SSIM, MS-SSIM, and LPIPS where its weights are at hand."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.evaluate.result import Result
from gen_jax.evaluate.sets import CHUNK
from gen_jax.evaluate.subject import Subject
from gen_jax.io.models import LoadedModel
from gen_jax.io.perceptual import load_lpips
from gen_jax.latent.decode import make_decoder
from gen_jax.latent.reconstruct import Shown, make_reconstruct
from gen_jax.metrics.lpips import LpipsNetwork, lpips
from gen_jax.metrics.ms_ssim import ms_ssim
from gen_jax.metrics.psnr import psnr
from gen_jax.metrics.ssim import ssim

log = logging.getLogger(__name__)


def reconstruction(subject: Subject) -> list[Result]:
    """Return the similarity of held-out images and their reconstructions, means over the images."""
    model = encoding_model(subject)
    held_out = subject.images("held_out")
    images = held_out.load()
    made = reconstruct(model, images, held_out.labels if model.networks.num_classes else None)
    pairs = [(made[first : first + CHUNK], images[first : first + CHUNK]) for first in range(0, len(images), CHUNK)]
    measures: dict[str, tuple[Any, str]] = {
        "psnr": (psnr, "in decibels"),
        "ssim": (ssim, "Wang's: Gaussian window of 11 pixels"),
    }
    scales = ms_ssim(*(part[:1] for part in pairs[0]), levels="auto").levels if min(images.shape[1:3]) >= 11 else 0
    if scales > 1:
        measures["ms_ssim"] = (lambda a, b: ms_ssim(a, b, levels="auto"), f"{scales} scales")
    network = _find_lpips()
    if network is not None:
        measures["lpips"] = (lambda a, b: lpips(a, b, network=network), network.name)
    results = []
    for key, (measure, note) in measures.items():
        each = np.concatenate([np.asarray(measure(*pair).each) for pair in pairs])
        results.append(
            subject.result(
                key,
                key.upper().replace("_", "-"),
                float(np.mean(each)),
                better="lower" if key == "lpips" else "higher",
                against="held_out",
                spread=float(np.std(each)),
                features=None,
                resize=None,
                generated=f"reconstructions by {subject.generated.name}",
                num_generated=len(each),
                note=note,
            )
        )
    return results


def _find_lpips() -> LpipsNetwork | None:
    try:
        return load_lpips()
    except UserError as error:
        log.info("LPIPS is left out: %s", error)
        return None


def encoding_model(subject: Subject) -> LoadedModel:
    """Return the model of a subject if it encodes.

    Raises:
      UserError: the images are not of a run, or its model has no encoder.
    """
    if subject.model is None:
        raise UserError(f"{subject.generated.name}: this metric needs a model, and these are images; name a run")
    if not subject.model.encodes:
        kind = subject.model.experiment.model.kind
        raise UserError(f"{subject.generated.name}: this metric needs a VAE, and {kind} has no encoder; leave it out")
    return subject.model


def reconstruct(model: LoadedModel, images: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    """Return the decoded posterior means of images, uint8 [n, h, w, c]."""
    return make_decoder(make_reconstruct(model.bind))(model.weights, Shown(images, labels))
