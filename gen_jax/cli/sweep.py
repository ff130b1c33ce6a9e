"""``gen-jax sweep SWEEP CONFIG``: one config in several variants, each a run of its own, and a table of the results."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import tyro

from gen_jax.cli import options
from gen_jax.errors import RunError, UserError
from gen_jax.experiment import HIGHER_IS_BETTER, EvaluateConfig, Experiment
from gen_jax.registry import lookup

log = logging.getLogger(__name__)

EVALUATIONS = 4
"""Of a run whose config asks for none."""


@dataclasses.dataclass(kw_only=True)
class SweepCommand:
    """Train a config in several variants, measure each while it trains, and say which is best."""

    out: str | None = None
    """Folder of the runs; left out, runs/CONFIG-SWEEP. The same command again continues what is not finished."""
    only: tuple[str, ...] = ()
    """Variants to run, by name; left out, all. Machines that share a disk can take some each."""
    compilation_cache: str | None = None
    """Folder of compiled programs; left out, JAX_COMPILATION_CACHE_DIR or ~/.cache."""
    progress: bool = True
    """Show progress bars."""
    experiment: Annotated[Experiment, tyro.conf.arg(name="")]


def main(words: Sequence[str], prog: str = "gen-jax sweep") -> int:
    """Run the command; returns 1 where a variant failed."""
    if not words or words[0] in ("-h", "--help"):
        print(usage(prog))
        return 0
    if len(words) < 2 or words[1].startswith("-"):
        raise UserError(f"sweep {words[0]}: the name of a config follows, such as `{prog} {words[0]} r3gan_fashion`")
    sweep, name, *rest = words
    path = Path(sweep) if sweep.endswith(".py") else lookup(sweep_files(), sweep, what="sweep")
    experiment, rest = options.choose_kinds(options.load_config(name), rest)
    command = options.parse(
        SweepCommand, rest, default=SweepCommand(experiment=experiment), prog=f"{prog} {sweep} {name}"
    )
    variants = options.load_function(path, "variants")(measured(command.experiment))
    return run(command, variants, default_out=f"runs/{command.experiment.name}-{path.stem}")


def usage(prog: str) -> str:
    """Return the help of the command without a sweep: what it does, and which sweeps there are."""
    lines = [f"usage: {prog} SWEEP CONFIG [--only VARIANT ...] [--SECTION.FIELD VALUE ...]", ""]
    lines += ["Train a config in several variants and say which is best. SWEEP is a Python file, or one of:", ""]
    return "\n".join([*lines, *(f"  {name}" for name in sorted(sweep_files()))])


def sweep_files() -> dict[str, Path]:
    """Return every sweep by name: the Python files in ``configs/sweeps``."""
    found: dict[str, Path] = {}
    for directory in options.config_directories():
        for path in sorted((directory / "sweeps").glob("*.py")):
            found.setdefault(path.stem, path)
    return found


def measured(experiment: Experiment) -> Experiment:
    """Return the experiment with evaluations while it trains, where it has none."""
    if experiment.evaluate.every:
        return experiment
    every = max(1, experiment.train.images // EVALUATIONS)
    return dataclasses.replace(experiment, evaluate=dataclasses.replace(experiment.evaluate, every=every))


def run(command: SweepCommand, variants: dict[str, Experiment], *, default_out: str) -> int:
    """Train the variants one after the other, and print the table."""
    from gen_jax.cli.train import prepare_for
    from gen_jax.io import files
    from gen_jax.io.mlflow_writer import conclude
    from gen_jax.train.loop import train

    for name in command.only:
        lookup(variants, name, what="--only")
    prepare_for(command.experiment, command.compilation_cache)
    root = Path(command.out or default_out).expanduser()
    failed: dict[str, str] = {}
    for name, experiment in variants.items():
        if command.only and name not in command.only:
            continue
        log.info("variant %s in %s", name, root / name)
        try:
            conclude(train(experiment, root / name, progress=command.progress, nested=True).run, nested=True)
        except RunError as error:
            failed[name] = str(error)
            log.warning("variant %s: %s", name, error)
    rows = [result(name, experiment, root / name, failed.get(name)) for name, experiment in variants.items()]
    best = command.experiment.evaluate.best
    rows.sort(key=lambda row: _order(row, best))
    files.write_json(root / "sweep.json", {"best": best, "variants": rows})
    print(table(rows, best))
    print(root / "sweep.json")
    return 1 if failed else 0


def result(name: str, experiment: Experiment, path: Path, failure: str | None) -> dict[str, Any]:
    """Return what a variant has come to: its best and its last value, and when that was."""
    from gen_jax.io.run_directory import RunDirectory
    from gen_jax.io.writers import read_metrics

    config: EvaluateConfig = experiment.evaluate
    metrics = RunDirectory(path).metrics
    lines = read_metrics(metrics) if metrics.exists() else []
    key = f"eval/{config.best}"
    found = [(line[key], int(line["images"])) for line in lines if key in line]
    row: dict[str, Any] = {"variant": name, "run": str(path), "failure": failure}
    if found:
        choose = max if config.best in HIGHER_IS_BETTER else min
        row["value"], row["images"] = choose(found)
        row["last_value"], row["last_images"] = found[-1]
    return row


def _order(row: dict[str, Any], best: str) -> tuple[bool, float]:
    value = row.get("value")
    if value is None:
        return True, 0.0
    return False, -value if best in HIGHER_IS_BETTER else value


def table(rows: Sequence[dict[str, Any]], best: str) -> str:
    """Return the rows as text, the best first."""
    width = max(len("variant"), *(len(row["variant"]) for row in rows))
    lines = [f"{'variant':{width}}  {best:>10}  {'at images':>12}  {'last ' + best:>12}"]
    for row in rows:
        if "value" not in row:
            lines.append(f"{row['variant']:{width}}  {row['failure'] or 'not measured yet'}")
            continue
        note = f"  {row['failure']}" if row["failure"] else ""
        lines.append(
            f"{row['variant']:{width}}  {row['value']:10.4g}  {row['images']:12,}  {row['last_value']:12.4g}{note}"
        )
    return "\n".join(lines)
