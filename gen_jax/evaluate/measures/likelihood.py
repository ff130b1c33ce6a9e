"""Bits per dimension of held-out images under a VAE."""

from __future__ import annotations

from gen_jax.build import likelihood_of
from gen_jax.evaluate.likelihood import HeldOutLikelihood, held_out_likelihood
from gen_jax.evaluate.measures.reconstruction import encoding_model
from gen_jax.evaluate.result import Result
from gen_jax.evaluate.sets import ImageSet
from gen_jax.evaluate.subject import Subject
from gen_jax.io.models import LoadedModel


def likelihood(subject: Subject) -> list[Result]:
    """Return the evidence lower bound and the importance-weighted bound, in bits for each pixel and channel."""
    found = bounds_of(encoding_model(subject), subject.images("held_out"), samples=subject.latents, seed=subject.seed)
    values = (
        ("bits_per_dimension", "bits per dimension", found.bits_per_dimension, found.standard_error, "of the bound"),
        (
            "iw_bits_per_dimension",
            "bits per dimension, importance-weighted",
            found.iw_bits_per_dimension,
            found.iw_standard_error,
            f"{found.samples} latents an image",
        ),
        ("rate", "rate, nats an image", found.rate, None, "0 where the posterior has collapsed"),
    )
    return [
        subject.result(
            key,
            name,
            value,
            better="neither" if key == "rate" else "lower",
            against="held_out",
            spread=spread,
            features=None,
            resize=None,
            generated=f"likelihood under {subject.generated.name}",
            num_generated=found.images,
            note=note if spread is None else f"{note}; ± is the standard error",
        )
        for key, name, value, spread, note in values
    ]


def bounds_of(model: LoadedModel, images: ImageSet, *, samples: int, seed: int) -> HeldOutLikelihood:
    """Return both bounds of a set of images, ``samples`` latents an image."""
    return held_out_likelihood(
        model.networks,  # type: ignore[arg-type]
        likelihood_of(model.experiment),
        model.weights,
        images.load(),
        images.labels if model.networks.num_classes else None,
        samples=samples,
        seed=seed,
    )
