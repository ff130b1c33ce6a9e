"""MODEL_CARD.md: what a model is, what it was made of, how good it was found, and what may be done with it."""

from __future__ import annotations

import dataclasses

from gen_jax import __version__
from gen_jax.evaluate.report import number
from gen_jax.evaluate.result import Evaluation, Result
from gen_jax.io.models import LoadedModel


@dataclasses.dataclass(frozen=True, kw_only=True)
class Card:
    """What the card says besides numbers."""

    model: LoadedModel
    licence: str
    description: str


def text_of(card: Card, *, evaluation: Evaluation | None, verdict: str | None) -> str:
    """Return the card as Markdown.

    Args:
      card: the model, its licence, and a sentence.
      evaluation: what was measured of it.
      verdict: what the gate asked and found.
    """
    parts = [_head(card), _made_of(card.model), _found(evaluation, verdict), _limits()]
    return "\n\n".join(parts) + "\n"


def _head(card: Card) -> str:
    config = card.model.experiment.model
    height, width, channels = card.model.networks.image_shape
    classes = card.model.networks.num_classes
    lines = [
        f"# {card.model.run.name}",
        "",
        *([card.description, ""] if card.description else []),
        "| | |",
        "|---|---|",
        f"| Model | {config.kind}, images of {height}x{width}x{channels} |",
        f"| Classes | {', '.join(card.model.info.class_names) or classes if classes else 'none'} |",
        f"| Licence of the weights | {card.licence} |",
        f"| Made with | gen_jax {__version__}, Apache-2.0 |",
    ]
    return "\n".join(lines)


def _made_of(model: LoadedModel) -> str:
    experiment = model.experiment
    how = f"{experiment.objective.kind}, batch {experiment.train.batch}, seed {experiment.train.seed}"
    lines = [
        "## Training",
        "",
        f"- Images: {model.info.source}, {model.info.num_images:,} of them",
        f"- Experiment {experiment.name}: {how}; this checkpoint has seen {model.images_seen:,} images",
        "- Every setting is in config.json.",
    ]
    return "\n".join(lines)


def _found(evaluation: Evaluation | None, verdict: str | None) -> str:
    if evaluation is None:
        return "## Evaluation\n\nNot measured."
    lines = [
        "## Evaluation",
        "",
        "| Number | Value | Held-out images | Better | Measured with |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(result) for result in evaluation.results]
    if verdict is not None:
        lines += ["", f"Asked of it and met: {verdict}."]
    return "\n".join(lines)


def _row(result: Result) -> str:
    baseline = "" if result.baseline is None else number(result.baseline)
    how = ", ".join(part for part in (result.features, f"{result.num_generated:,} images") if part)
    return f"| {result.name} | {number(result.value)} | {baseline} | {result.better} | {how} |"


def _limits() -> str:
    return (
        "## Use and limits\n\n"
        "It makes images like those it was trained on, with what these show and leave out, and may repeat some of\n"
        "them: `gen-jax evaluate --metrics memorization` looks for copies. Images that it makes are to be marked as\n"
        "made by a model; the service does so. SHA256SUMS holds the checksum of every file:\n"
        "`sha256sum --check SHA256SUMS`."
    )
