"""The composed, validated configuration of one run; to and from JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any, Literal

import pydantic

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.augment.policies import check_for_training
from gen_jax.counts import ImageCount
from gen_jax.data.config import (
    ArrayData,
    DataConfig,
    EmbeddedData,
    FolderData,
    LogoData,
    TextureData,
    TfdsData,
    ZipData,
)
from gen_jax.errors import UserError
from gen_jax.models import ClassicDcganConfig, ConvVaeConfig, DcganConfig, ModelConfig, R3ganConfig, StyleGan2Config
from gen_jax.objectives.config import AdversarialObjective, ElboObjective, ObjectiveConfig, StyleGan2Objective

KINDS: dict[str, dict[str, type]] = {
    "data": {
        "embedded": EmbeddedData,
        "tfds": TfdsData,
        "folder": FolderData,
        "zip": ZipData,
        "array": ArrayData,
        "texture": TextureData,
        "logo": LogoData,
    },
    "model": {
        "dcgan": DcganConfig,
        "classic_dcgan": ClassicDcganConfig,
        "r3gan": R3ganConfig,
        "stylegan2": StyleGan2Config,
        "conv_vae": ConvVaeConfig,
    },
    "objective": {"adversarial": AdversarialObjective, "stylegan2": StyleGan2Objective, "elbo": ElboObjective},
}
"""section -> kind -> dataclass: what ``--data.kind``, ``--model.kind`` and ``--objective.kind`` choose from."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OptimConfig:
    """Adam and its learning rate, a function of the images seen."""

    lr: float = 1e-3
    """Learning rate after the warm-up and the burn-in."""
    lr_start: float | None = None
    """Learning rate at the first image; it goes to ``lr`` along half a cosine over ``train.burn_in`` images. Left out,
    ``lr`` from the first."""
    disc_lr: float | None = None
    """Learning rate of the discriminator; left out, the same as ``lr``."""
    warmup: ImageCount = 0
    """Images over which the learning rate rises from 0."""
    decay: Literal["constant", "linear", "cosine"] = "constant"
    """How the learning rate falls from the end of the warm-up to the end of the run."""
    final_share: float = 0.0
    """With a decay: the share of ``lr`` that is left at the end."""
    b1: float = 0.0
    """Decay of the mean gradient; 0 is usual for a GAN, 0.9 for a VAE."""
    b2: float = 0.99
    """Decay of the mean squared gradient."""
    b2_start: float | None = None
    """``b2`` at the first image; it goes to ``b2`` as ``lr_start`` goes to ``lr``."""
    eps: float = 1e-8
    """Added to the root of the mean squared gradient."""
    weight_decay: float = 0.0
    """Decoupled weight decay (AdamW)."""
    clip_norm: float = 0.0
    """Scale the gradient down to this norm; 0 turns it off."""
    skip_norm: float = 0.0
    """Skip an update whose gradient norm is above this; 0 skips only what is not finite."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How long, how much at a time, and what is kept."""

    images: ImageCount = 1_000_000
    """Length of the run, in images seen; 200k and 25M are accepted."""
    batch: int = 64
    """Images a step, over all devices and hosts."""
    seed: int = 0
    """Seed of weights, noise and data order."""
    burn_in: ImageCount = 0
    """Images over which everything that has a value at the start (``optim.lr_start``, ``optim.b2_start``,
    ``objective.r1_start``, ``train.ema_half_life_start``, ``ada.p_start``) goes to its final one (R3GAN: 20M)."""
    checkpoint_every: ImageCount = 100_000
    """Images between checkpoints."""
    sample_every: ImageCount = 50_000
    """Images between sample grids."""
    log_every: ImageCount = 10_000
    """Images between lines of metrics.jsonl; each is the mean over its interval."""
    steps_per_call: int = 0
    """Steps in one compiled call; 0 chooses: 16, and 1 on a CPU, where XLA's loops are slow."""
    accumulate: int = 1
    """Parts that a batch is cut into, one after the other, to save memory."""
    ema_half_life: ImageCount = 20_000
    """Half-life of the averaged weights that are sampled from, in images."""
    ema_half_life_start: ImageCount | None = None
    """The half-life at the first image; it goes to ``ema_half_life`` over ``burn_in`` images."""
    ema_ramp_up: float = 0.1
    """Early on the half-life is this share of the images seen; 0 turns the ramp off."""
    max_skipped: int = 100
    """Updates skipped in a row before the run stops: not finite, or above ``optim.skip_norm``."""
    keep_last: int = 2
    """Checkpoints to keep, newest first."""
    keep_every: ImageCount = 0
    """Keep also each checkpoint whose images are a multiple of this, for good; 0 keeps none."""
    num_samples: int = 64
    """Images in a sample grid."""
    init_from: str | None = None
    """Run or checkpoint to take weights from at the start of a new run (transfer)."""
    fsdp: bool = False
    """Spread parameters and optimiser state over the devices instead of copying them to each."""
    deterministic: bool = False
    """Ask the GPU compiler for deterministic kernels, so that a resumed run is bit-identical (slower)."""
    tensorboard: bool = True
    """Write TensorBoard files beside metrics.jsonl."""
    mlflow: Literal["auto", "on", "off"] = "auto"
    """Send metrics, parameters and pictures to MLflow too; auto does where MLFLOW_TRACKING_URI is set."""
    scheduled_events: Literal["auto", "on", "off"] = "auto"
    """Save when Azure announces that it takes a machine away; auto listens in jobs of Azure Machine Learning."""


Metric = Literal[
    "fd", "fd_infinity", "kid", "sliced", "is", "vendi", "prdc", "memorization", "likelihood", "reconstruction"
]
"""What can be measured during training; ``gen-jax evaluate`` knows a few more."""

KEYS: dict[str, tuple[str, ...]] = {
    "fd": ("fd",),
    "fd_infinity": ("fd_infinity",),
    "kid": ("kid",),
    "sliced": ("sliced",),
    "is": ("is",),
    "vendi": (),
    "prdc": ("precision", "recall", "density", "coverage"),
    "memorization": (),
    "likelihood": ("bits_per_dimension",),
    "reconstruction": ("psnr", "ssim"),
}
"""Metric -> the numbers of it that can tell which checkpoint is best."""

HIGHER_IS_BETTER = frozenset({"is", "precision", "recall", "density", "coverage", "psnr", "ssim"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """What is measured while training, on samples of the averaged weights."""

    every: ImageCount = 0
    """Images between evaluations, and one at the end; 0 turns them off. Their time is logged as eval/seconds."""
    metrics: tuple[Metric, ...] = ("fd", "kid")
    """What is measured; `gen-jax evaluate --help` says what each is."""
    features: Literal["auto", "efficientnet_lite0", "inception_v3", "vgg16", "random_convolutions", "pixels"] = (
        "random_convolutions"
    )
    """Network that looks at the images; random_convolutions needs no weights."""
    feature_weights: str | None = None
    """File of its weights; left out, the installed package."""
    feature_size: int | None = None
    """Height and width that images are resized to for it; left out, the network's own."""
    num: ImageCount = 5_000
    """Images generated at each evaluation."""
    reference: Literal["train", "validation", "test"] = "train"
    """Part of the data that distances are measured against."""
    num_reference: ImageCount = 50_000
    """Real images of it to use at most, drawn with the seed."""
    seed: int = 0
    """Of the samples and subsets: the same latents at each evaluation."""
    best: str = "fd"
    """The number that tells which checkpoint is best; it is kept in RUN/best. An empty text keeps none."""
    patience: int = 0
    """Evaluations in a row without a better value after which the run stops early; 0 never stops."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment:
    """Everything that decides what a run does; equal experiments give equal runs."""

    name: str
    """Name of the run; its default directory is ``runs/NAME``."""
    data: DataConfig
    """Where the images come from."""
    model: ModelConfig
    """The networks."""
    objective: ObjectiveConfig
    """What they are trained for."""
    optim: OptimConfig = dataclasses.field(default_factory=OptimConfig)
    """How they are updated."""
    train: TrainConfig = dataclasses.field(default_factory=TrainConfig)
    """How long, how much at a time, and what is kept."""
    evaluate: EvaluateConfig = dataclasses.field(default_factory=EvaluateConfig)
    """What is measured while training."""
    ada: AdaConfig = dataclasses.field(default_factory=AdaConfig)
    """Augmentation that the discriminator of a GAN sees all images through."""

    def __post_init__(self) -> None:
        """Refuse combinations that cannot run."""
        check(self)

    @property
    def total_steps(self) -> int:
        """Steps of the whole run."""
        return steps_of(self.train.images, self.train.batch)


def steps_of(images: int, batch: int) -> int:
    """Return the steps that see at least so many images, one at least."""
    return max(1, -(-images // batch))


def check(experiment: Experiment) -> None:
    """Refuse combinations that cannot run.

    Raises:
      UserError: names the field, its value, and what to set instead.
    """
    train, optim = experiment.train, experiment.optim
    for name in ("batch", "accumulate", "images", "checkpoint_every", "sample_every", "log_every", "keep_last"):
        if getattr(train, name) < 1:
            raise UserError(f"--train.{name} {getattr(train, name)}: must be 1 or more")
    for name in ("steps_per_call", "num_samples", "max_skipped", "ema_half_life", "keep_every", "burn_in"):
        if getattr(train, name) < 0:
            raise UserError(f"--train.{name} {getattr(train, name)}: must be 0 or more")
    if train.images >= 2**32:
        raise UserError(f"--train.images {train.images}: must be below 2^32 (4.29 billion)")
    if train.batch % train.accumulate:
        raise UserError(f"--train.accumulate {train.accumulate}: must divide --train.batch {train.batch}")
    _check_optim(optim)
    _check_evaluate(experiment.evaluate, experiment.objective)
    check_for_training(experiment.data.augment, where="data.augment", size=experiment.model.size)
    _check_burn_in(experiment)
    _check_game(experiment)


def _check_game(experiment: Experiment) -> None:
    """Refuse an objective that does not train the model, and what it does not offer."""
    objective, kind = experiment.objective, experiment.model.kind
    if kind in _VAE_KINDS:
        trains, wanted = isinstance(objective, ElboObjective), "elbo"
    elif kind in _STYLE_KINDS:
        trains, wanted = not isinstance(objective, ElboObjective), "stylegan2 or adversarial"
    else:
        trains, wanted = isinstance(objective, AdversarialObjective), "adversarial"
    if not trains:
        raise UserError(
            f"--objective.kind {objective.kind} does not train --model.kind {kind}; use --objective.kind {wanted}"
        )
    if isinstance(objective, StyleGan2Objective) and experiment.train.batch % (2 * experiment.train.accumulate):
        raise UserError(
            f"--train.batch {experiment.train.batch}: must be a multiple of twice --train.accumulate "
            f"{experiment.train.accumulate}, for path lengths are taken of every second image"
        )
    if experiment.ada.pipe != "none":
        if kind in _VAE_KINDS:
            raise UserError(
                f"--ada.pipe {experiment.ada.pipe}: a VAE has no discriminator; use --data.augment, or none"
            )
        if isinstance(objective, AdversarialObjective) and objective.gradient_penalty > 0:
            raise UserError("--ada.pipe: does not go with --objective.gradient-penalty; take r1 and r2, or pipe none")
    if isinstance(objective, AdversarialObjective) and objective.style_mixing > 0 and kind not in _STYLE_KINDS:
        raise UserError(f"--objective.style_mixing {objective.style_mixing}: a {kind} has no styles; set it to 0")


def _check_burn_in(experiment: Experiment) -> None:
    """Refuse a value at the start without images over which it changes."""
    sections = {"optim": ("lr_start", "b2_start"), "objective": ("r1_start", "r2_start"), "ada": ("p_start",)}
    sections["train"] = ("ema_half_life_start",)
    if experiment.train.burn_in:
        return
    for section, names in sections.items():
        for name in names:
            value = getattr(getattr(experiment, section), name, None)
            if value is not None:
                raise UserError(f"--{section}.{name} {value}: needs --train.burn_in, the images over which it changes")


def _check_optim(optim: OptimConfig) -> None:
    for name in ("lr", "lr_start", "disc_lr", "eps"):
        value = getattr(optim, name)
        if value is not None and not 0 < value < math.inf:
            raise UserError(f"--optim.{name} {value}: must be above 0")
    for name in ("b1", "b2", "b2_start"):
        value = getattr(optim, name)
        if value is not None and not 0 <= value < 1:
            raise UserError(f"--optim.{name} {value}: must be at least 0 and below 1")
    for name in ("warmup", "final_share", "weight_decay", "clip_norm", "skip_norm"):
        if not 0 <= getattr(optim, name) < math.inf:
            raise UserError(f"--optim.{name} {getattr(optim, name)}: must be 0 or more")


def _check_evaluate(evaluate: EvaluateConfig, objective: ObjectiveConfig) -> None:
    for name in ("every", "patience", "seed"):
        if getattr(evaluate, name) < 0:
            raise UserError(f"--evaluate.{name} {getattr(evaluate, name)}: must be 0 or more")
    for name in ("num", "num_reference"):
        if getattr(evaluate, name) < 2:
            raise UserError(f"--evaluate.{name} {getattr(evaluate, name)}: must be 2 or more")
    if not evaluate.every:
        return
    if not evaluate.metrics:
        raise UserError("--evaluate.metrics: name one at least, or turn evaluations off with --evaluate.every 0")
    keys = [key for metric in evaluate.metrics for key in KEYS[metric]]
    if evaluate.best and evaluate.best not in keys:
        raise UserError(
            f"--evaluate.best {evaluate.best}: must be one of {', '.join(keys) or 'none'}, which "
            f"--evaluate.metrics {' '.join(evaluate.metrics)} measures; or empty"
        )
    if evaluate.patience and not evaluate.best:
        raise UserError("--evaluate.patience: needs --evaluate.best, the number that must get better")
    encoding = {"likelihood", "reconstruction"} & set(evaluate.metrics)
    if encoding and not isinstance(objective, ElboObjective):
        raise UserError(f"--evaluate.metrics {min(encoding)}: needs a VAE, and a GAN has no encoder; leave it out")


_VAE_KINDS = frozenset({"conv_vae"})
_STYLE_KINDS = frozenset({"stylegan2"})


def to_json(experiment: Experiment) -> str:
    """Write the experiment as indented JSON, every field included."""
    return json.dumps(dataclasses.asdict(experiment), indent=2) + "\n"


def from_json(text: str | bytes, *, where: str = "config.json") -> Experiment:
    """Read an experiment back.

    Raises:
      UserError: unknown or missing field, wrong type or value; names the file and the path of the field.
    """
    try:
        experiment = pydantic.TypeAdapter(Experiment).validate_json(text)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{where}: {path or 'the whole'}: {first['msg'].removeprefix('Value error, ')}") from None
    unknown = sorted(_flatten(json.loads(text)).keys() - _flatten(dataclasses.asdict(experiment)).keys())
    if unknown:
        raise UserError(f"{where}: unknown field {unknown[0]}; remove it, or read it with the version that wrote it")
    return experiment


def differences(old: Experiment, new: Experiment) -> list[str]:
    """Return one line a field that differs, such as ``train.images: 200000 -> 400000``."""
    before, after = _flatten(dataclasses.asdict(old)), _flatten(dataclasses.asdict(new))
    lines = []
    for path in sorted(before.keys() | after.keys()):
        left, right = before.get(path, _ABSENT), after.get(path, _ABSENT)
        if left != right:
            lines.append(f"{path}: {_show(left)} -> {_show(right)}")
    return lines


_ABSENT = object()


def _show(value: Any) -> str:
    return "(absent)" if value is _ABSENT else json.dumps(value)


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat
