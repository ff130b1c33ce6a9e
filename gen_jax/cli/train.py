"""``gen-jax train CONFIG [--run-dir DIR] [overrides]``: train a model, or continue a run."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from gen_jax import compilation
from gen_jax.cli import options
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.parallel import Distributed


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resume:
    """How to go on with a run that exists."""

    allow_changes: bool = False
    """Continue although the configuration differs from the one the run began with."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainCommand:
    """Train a model; the same command again continues the run bit for bit."""

    run_dir: str | None = None
    """Folder of the run; left out, runs/NAME."""
    resume: Resume = dataclasses.field(default_factory=Resume)
    distributed: Distributed = dataclasses.field(default_factory=Distributed)
    compilation_cache: str | None = None
    """Folder of compiled programs, for a quick second start; left out, JAX_COMPILATION_CACHE_DIR or ~/.cache."""
    progress: bool = True
    """Show a progress bar."""
    experiment: Annotated[Experiment, tyro.conf.arg(name="")]


def main(words: Sequence[str], prog: str = "gen-jax train") -> int:
    """Run the command; returns the exit code of a run that reached its end."""
    if not words or words[0] in ("-h", "--help"):
        print(usage(prog))
        return 0
    name, *rest = words
    if name.startswith("-"):
        raise UserError(f"{name}: the name of a config comes first, such as `{prog} fashion_dcgan {name} ...`")
    experiment, rest = options.choose_kinds(options.load_config(name), rest)
    command = options.parse(TrainCommand, rest, default=TrainCommand(experiment=experiment), prog=f"{prog} {name}")
    return run(command)


def usage(prog: str) -> str:
    """Return the help of the command without a config: what it does, and which configs there are."""
    lines = [f"usage: {prog} CONFIG [--run-dir DIR] [--SECTION.FIELD VALUE ...]", ""]
    lines += ["Train a model; the same command again continues the run bit for bit.", ""]
    lines += [f"`{prog} CONFIG --help` lists every field of a config. CONFIG is a Python file, or one of:", ""]
    for name, path in sorted(options.config_files().items()):
        story = inspect.cleandoc(_docstring(path)).splitlines()
        lines.append(f"  {name:24} {story[0] if story else ''}")
    return "\n".join(lines)


def _docstring(path: Path) -> str:
    import ast

    with contextlib.suppress(SyntaxError):
        return ast.get_docstring(ast.parse(path.read_text())) or ""
    return ""


def run(command: TrainCommand) -> int:
    """Train as the command says."""
    prepare_for(command.experiment, command.compilation_cache)
    import jax

    from gen_jax import parallel
    from gen_jax.io.mlflow_writer import conclude
    from gen_jax.io.report import write_report
    from gen_jax.train.loop import train
    from gen_jax.train.setup import default_run_path

    parallel.start(command.distributed)
    path = default_run_path(command.experiment, command.run_dir)
    outcome = train(command.experiment, path, allow_changes=command.resume.allow_changes, progress=command.progress)
    if jax.process_index() == 0:
        conclude(outcome.run, artifacts=[write_report(outcome.run)])
        print(f"{outcome.images} images seen. Pictures: {outcome.run.samples}  Report: {outcome.run.report}")
    return 0


def prepare_for(experiment: Experiment, compilation_cache: str | None) -> None:
    """Set what must be set before jax looks for devices: logging, determinism, the compilation cache."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    logging.getLogger("gen_jax").setLevel(logging.INFO)
    if experiment.train.deterministic:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
    compilation.keep_programs(compilation_cache)
