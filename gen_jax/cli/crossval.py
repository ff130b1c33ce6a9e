"""``gen-jax crossval CONFIG --folds 5``: train and measure each fold, and write one report of all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import tyro

from gen_jax.cli import options
from gen_jax.counts import ImageCount
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.parallel import Distributed


@dataclasses.dataclass(frozen=True, kw_only=True)
class CrossvalCommand:
    """Cross-validate a generative model: each of K runs trains without one fold of the data and is measured on it.

    The same command again goes on where it was cut off; folds that are trained and measured are not touched.
    """

    folds: int = 5
    """Into how many parts the training images are cut, at random and stratified by class."""
    fold: int | None = None
    """Train and measure this fold only, from 0, one job a fold; the report is of the folds that are done."""
    out: str | None = None
    """Folder of the runs and the report; left out, runs/NAME-crossval-K."""
    features: Literal["auto", "efficientnet_lite0", "inception_v3", "vgg16", "random_convolutions", "pixels"] = (
        "random_convolutions"
    )
    """Network that looks at the images."""
    feature_weights: str | None = None
    """File of its weights; left out, the installed package."""
    feature_size: int | None = None
    """Height and width that images are resized to for it; left out, the network's own."""
    num: ImageCount | None = None
    """Images in each distance; left out, as many as a fold holds out."""
    seed: int = 0
    """Of the samples and subsets that are measured; the runs have --train.seed, the folds --data.split-seed."""
    batch: int = 64
    """Images a call of the feature network."""
    latents: int = 16
    """Drawn an image for the importance-weighted likelihood of a VAE; more is closer to the truth, and slower."""
    distributed: Distributed = dataclasses.field(default_factory=Distributed)
    compilation_cache: str | None = None
    """Folder of compiled programs; left out, JAX_COMPILATION_CACHE_DIR or ~/.cache."""
    progress: bool = True
    """Show progress bars."""
    experiment: Annotated[Experiment, tyro.conf.arg(name="")]


def main(words: Sequence[str], prog: str = "gen-jax crossval") -> int:
    """Run the command; returns the exit code."""
    if not words or words[0] in ("-h", "--help"):
        print(
            f"usage: {prog} CONFIG [--folds 5] [--fold I] [--out DIR] [--SECTION.FIELD VALUE ...]\n\n"
            f"`{prog} CONFIG --help` lists every option; CONFIG is a name of configs/ or a Python file."
        )
        return 0
    name, *rest = words
    if name.startswith("-"):
        raise UserError(f"{name}: the name of a config comes first, such as `{prog} fashion_dcgan {name} ...`")
    experiment, rest = options.choose_kinds(options.load_config(name), rest)
    command = options.parse(
        CrossvalCommand, rest, default=CrossvalCommand(experiment=experiment), prog=f"{prog} {name}"
    )
    check(command)
    return run(command)


def check(command: CrossvalCommand) -> None:
    """Refuse what cannot be done, before anything is read.

    Raises:
      UserError: names the option, its value, and what is allowed.
    """
    from gen_jax.train.crossval import fold_experiment

    for fold in range(command.folds) if command.fold is None else [command.fold]:
        fold_experiment(command.experiment, folds=command.folds, fold=fold)
    for name, least in (("num", 2), ("batch", 1), ("feature_size", 1), ("latents", 1)):
        value = getattr(command, name)
        if value is not None and value < least:
            raise UserError(f"--{name.replace('_', '-')} {value}: must be {least} or more")


def run(command: CrossvalCommand) -> int:
    """Train, measure and report as the command says."""
    import jax

    from gen_jax import parallel
    from gen_jax.cli.evaluating import bars
    from gen_jax.cli.train import prepare_for
    from gen_jax.io.feature_networks import load_network
    from gen_jax.train import crossval

    prepare_for(command.experiment, command.compilation_cache)
    parallel.start(command.distributed)
    root = Path(command.out or f"runs/{command.experiment.name}-crossval-{command.folds}").expanduser()
    side = command.experiment.model.size
    network = load_network(
        command.features, weights=command.feature_weights, size=command.feature_size, images=(side, side)
    )
    for fold in range(command.folds) if command.fold is None else [command.fold]:
        crossval.train_fold(command.experiment, root, folds=command.folds, fold=fold, progress=command.progress)
        if jax.process_index() == 0:
            with bars(shown=command.progress) as progress:
                measuring = crossval.Measuring(
                    network=network,
                    seed=command.seed,
                    num=command.num,
                    batch=command.batch,
                    latents=command.latents,
                    progress=progress,
                )
                crossval.measure_fold(command.experiment, root, measuring, folds=command.folds, fold=fold)
    if jax.process_index() == 0:
        print(report(root, command))
    return 0


def report(root: Path, command: CrossvalCommand) -> str:
    """Write ``crossval.json`` and ``crossval.html`` of the folds that are done; return what to print."""
    from gen_jax.evaluate import page
    from gen_jax.evaluate.folds import mean_of
    from gen_jax.evaluate.report import table
    from gen_jax.evaluate.result import to_json
    from gen_jax.io import files
    from gen_jax.train import crossval

    missing = crossval.missing(root, folds=command.folds)
    records = [crossval.read_record(crossval.fold_path(root, fold)) for fold in range(command.folds)]
    done = [record[0] for record in records if record is not None]
    settings = {tuple(sorted(record[1].items())) for record in records if record is not None}
    mean = mean_of(done)
    title = f"{command.experiment.name}, {command.folds}-fold cross-validation"
    tree = {
        "experiment": command.experiment.name,
        "folds": command.folds,
        "missing": missing,
        "mean": to_json(mean),
        "each": [to_json(fold) for fold in done],
    }
    files.write_json(root / "crossval.json", tree)
    files.write_text(root / "crossval.html", page.render([*done, mean], title=title, compare=False))
    lines = [table([*done, mean], compare=False), ""]
    if len(settings) > 1:
        lines.append("The folds were measured with different settings: run the command again without --fold.")
    if missing:
        wanted = ", ".join(map(str, missing))
        lines.append(f"Folds not measured yet: {wanted}. Run them with --fold, or the command without --fold.")
    return "\n".join([*lines, str(root / "crossval.json"), str(root / "crossval.html")])
