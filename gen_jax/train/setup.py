"""Before the first step: is this a new run, a continued one, or one that starts from other weights?"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import logging
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

import gen_jax
from gen_jax.data.dataset import Dataset
from gen_jax.data.feed import Feed
from gen_jax.data.pipeline import make_feed
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment, differences, from_json
from gen_jax.io.checkpoint import Checkpoints, list_checkpoints
from gen_jax.io.checkpoint_reading import restore_item
from gen_jax.io.files import write_json
from gen_jax.io.run_directory import RunDirectory, find_run
from gen_jax.train import program
from gen_jax.train.plan import Plan
from gen_jax.train.state import TrainState
from gen_jax.types import DatasetInfo, PyTree

log = logging.getLogger(__name__)

STATE_ITEMS = ("params", "ema", "opt_state", "stats")
"""The parts of a state, each an item of the checkpoint that can be read alone."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Start:
    """Where training begins."""

    state: TrainState
    sums: PyTree
    """Metrics added up since the last line of metrics.jsonl."""
    logged_step: int
    """Step of that line."""
    seconds: float
    """Time that the run has taken so far."""
    resumed_from: int | None
    """Images of the checkpoint that is continued; None for a new run."""

    @property
    def step(self) -> int:
        """Steps done."""
        return int(self.state.step)


def check_config(run: RunDirectory, experiment: Experiment, *, allow_changes: bool) -> None:
    """Refuse to continue a run under another configuration than it began with.

    Raises:
      UserError: the configurations differ; the message shows each difference.
    """
    if not run.config.exists() or not list_checkpoints(run.checkpoints):
        return  # nothing has been learned under the old one
    changes = differences(from_json(run.config.read_bytes(), where=str(run.config)), experiment)
    if not changes:
        return
    shown = "; ".join(changes)
    if not allow_changes:
        raise UserError(
            f"{run.path} was begun with another configuration: {shown}. Repeat the command as it was, "
            "add --resume.allow-changes to go on with the new values, or choose another --run-dir"
        )
    log.warning("the configuration changes from here on: %s", shown)


@contextlib.contextmanager
def claim(run: RunDirectory) -> Iterator[None]:
    """Make the folder, and keep other trainings out of it inside the block; raises ``UserError`` where it is in use."""
    if jax.process_index() != 0:
        yield
        return
    run.create()
    with run.lock():
        yield


def describe(run: RunDirectory, experiment: Experiment, info: DatasetInfo) -> None:
    """Write config.json, data.json and environment.json; the run directory then stands alone."""
    if jax.process_index() == 0:
        run.write_config(dataclasses.asdict(experiment))
        run.write_data(info)
        write_json(run.environment, environment())


def environment() -> dict[str, Any]:
    """Return where the run takes place: devices and versions."""
    device = jax.devices()[0]
    return {
        "device": device.device_kind,
        "platform": device.platform,
        "devices": jax.device_count(),
        "processes": jax.process_count(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("jax", "flax", "optax", "orbax-checkpoint")},
        "gen_jax": gen_jax.__version__,
    }


def open_feed(experiment: Experiment, dataset: Dataset, mesh: Mesh, progress: bool) -> Feed:
    """Return the feed of a run: device-resident or streaming, as the configuration says."""
    return make_feed(
        dataset,
        batch=experiment.train.batch,
        seed=experiment.train.seed,
        mesh=mesh,
        steps_per_call=program.steps_in_call(experiment),
        draws=program.batches_per_step(experiment),
        placement=experiment.data.placement,
        progress=progress,
    )


def open_checkpoints(experiment: Experiment, plan: Plan, run: RunDirectory) -> Checkpoints:
    """Open the checkpoints of a run; ``keep_every`` is rounded up to images at which there is a checkpoint."""
    interval = plan.checkpoint * experiment.train.batch
    keep_every = -(-experiment.train.keep_every // interval) * interval or None
    return Checkpoints(run.checkpoints, keep_last=experiment.train.keep_last, keep_every=keep_every)


def items_of(state: TrainState, sums: PyTree) -> dict[str, PyTree]:
    """Return what a checkpoint keeps; the step follows from its images."""
    return {name: getattr(state, name) for name in STATE_ITEMS} | {"progress": {"step": state.step, "sums": sums}}


def begin(
    experiment: Experiment,
    checkpoints: Checkpoints,
    *,
    shapes: TrainState,
    init: Callable[[], TrainState],
    zeros: Callable[[], PyTree],
) -> Start:
    """Return the state to go on from: the newest sound checkpoint, else a new one.

    Args:
      experiment: of the run.
      checkpoints: of the run.
      shapes: the state as shapes with shardings.
      init: makes the state before the first step.
      zeros: makes the sums of no steps.
    """
    template = items_of(shapes, jax.tree.map(_shape_of, zeros()))
    restored = checkpoints.restore_latest(template)
    if restored is None:
        state = init()
        if experiment.train.init_from:
            state = take_weights(state, experiment.train.init_from)
        return Start(state=state, sums=zeros(), logged_step=0, seconds=0.0, resumed_from=None)
    progress = restored.items["progress"]
    state = TrainState(step=progress["step"], **{name: restored.items[name] for name in STATE_ITEMS})
    sums, logged_step = progress["sums"], restored.metadata["logged_step"]
    step = restored.images // experiment.train.batch
    if step != int(state.step):  # the batch has changed: images are the clock, and steps follow
        log.warning("train.batch changed: going on at step %d, and the order of the data is another one", step)
        state = dataclasses.replace(state, step=jax.device_put(np.int32(step), state.step.sharding))
        sums, logged_step = zeros(), step
    return Start(
        state=state,
        sums=sums,
        logged_step=logged_step,
        seconds=restored.metadata["seconds"],
        resumed_from=restored.images,
    )


def _shape_of(leaf: jax.Array) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=leaf.sharding)


def take_weights(state: TrainState, source: str) -> TrainState:
    """Return the state with the weights of another run where name and shape agree (transfer).

    The averaged weights come along; optimiser and counters start anew. What matched and what did not is logged.

    Raises:
      UserError: there is no such run, or nothing in it fits.
    """
    found = find_run(source)
    params, _ = restore_item(found.checkpoints, "params", found.images)
    averaged, _ = restore_item(found.checkpoints, "ema", found.images)
    new_params, matched, missed = overlay(state.params, params)
    new_ema, _, _ = overlay(state.ema, averaged)
    if not matched:
        raise UserError(f"--train.init_from {source}: no array of it has the name and shape of one of this model")
    log.info("took %d of %d arrays from %s", len(matched), len(matched) + len(missed), source)
    if missed:
        log.warning("these keep their first values, for %s has none of that name and shape: %s", source, _few(missed))
    return dataclasses.replace(state, params=new_params, ema=new_ema)


def overlay(target: PyTree, source: PyTree) -> tuple[PyTree, list[str], list[str]]:
    """Put the leaves of ``source`` in place of those of ``target`` that have the same path and shape.

    Returns:
      The new tree, laid out over the devices as ``target``; paths that were taken; paths that were not.
    """
    offered = {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(source)}
    matched: list[str] = []
    missed: list[str] = []

    def choose(path: Any, leaf: jax.Array) -> jax.Array:
        name = jax.tree_util.keystr(path)
        found = offered.get(name)
        if found is None or found.shape != leaf.shape:
            missed.append(name)
            return leaf
        matched.append(name)
        values = np.asarray(found).astype(leaf.dtype)
        return jax.make_array_from_callback(leaf.shape, leaf.sharding, lambda index: values[index])

    return jax.tree_util.tree_map_with_path(choose, target), matched, missed


def _few(names: list[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def default_run_path(experiment: Experiment, run_dir: str | None) -> Path:
    """Return the run directory: the one asked for, or ``runs/NAME``."""
    return Path(run_dir).expanduser() if run_dir else Path("runs") / experiment.name
