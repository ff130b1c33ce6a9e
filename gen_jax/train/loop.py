"""The training loop: data in, compiled steps, metrics, pictures and checkpoints out, exactly resumable."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import logging
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from tqdm import tqdm

from gen_jax import build, parallel
from gen_jax.data.dataset import Dataset, open_dataset
from gen_jax.data.feed import Feed
from gen_jax.errors import Interrupted, RunError
from gen_jax.experiment import Experiment
from gen_jax.io.checkpoint import Checkpoints, list_checkpoints
from gen_jax.io.hiccups import WAITS
from gen_jax.io.run_directory import RunDirectory
from gen_jax.io.writers import Writer
from gen_jax.train import program, recording, setup
from gen_jax.train.advice import gamma_advice
from gen_jax.train.clock import Clock
from gen_jax.train.compiled import Program, Programs
from gen_jax.train.evaluation import Evaluations
from gen_jax.train.grids import Grids
from gen_jax.train.plan import Plan, plan_of
from gen_jax.train.signals import GO_ON, SAVE, STOP, Request
from gen_jax.train.state import TrainState
from gen_jax.train.watch import Watch
from gen_jax.types import PyTree

log = logging.getLogger(__name__)

CALLS_IN_FLIGHT = 2
"""Compiled calls that may wait on the device; more would only delay the answer to a signal."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended."""

    images: int
    resumed_from: int | None
    run: RunDirectory
    stopped_early: bool = False
    """Whether the evaluations had not become better for long enough."""


def train(
    experiment: Experiment,
    run_path: str | Path,
    *,
    dataset: Dataset | None = None,
    allow_changes: bool = False,
    progress: bool = True,
    nested: bool = False,
) -> Outcome:
    """Train to the end, or continue a run that was cut off; every process of a run calls it.

    Args:
      experiment: what to do.
      run_path: the run directory; the same one continues the run bit for bit.
      dataset: images at hand; left out, what ``experiment.data`` describes.
      allow_changes: continue although the configuration has changed.
      progress: show a bar on stderr (process 0).
      nested: one of several trainings of a command; MLflow shows it below the run of the job.

    Raises:
      UserError: data, model and devices do not fit together, or the run belongs to another configuration.
      Interrupted: SIGTERM arrived; the state is saved.
      KeyboardInterrupt: Ctrl-C arrived; the state is saved.
      RunError: the run diverged, or the disk is full.
    """
    # Everything that can be the user's mistake comes before the first file is written.
    parallel.check_batch(experiment.train.batch, accumulate=experiment.train.accumulate)
    run = RunDirectory(Path(run_path))
    setup.check_config(run, experiment, allow_changes=allow_changes)
    open_writers = recording.writers_of(experiment, nested=nested)
    dataset = dataset or open_dataset(experiment.data, size=experiment.model.size)
    networks = build.build_networks(experiment, dataset.info)
    mesh, plan = parallel.make_mesh(), plan_of(experiment)
    evaluations = Evaluations(experiment, networks, dataset, mesh, run) if plan.evaluate else None
    with contextlib.ExitStack() as stack:
        stack.enter_context(setup.claim(run))
        setup.describe(run, experiment, dataset.info)
        feed = stack.enter_context(contextlib.closing(setup.open_feed(experiment, dataset, mesh, progress)))
        checkpoints = stack.enter_context(setup.open_checkpoints(experiment, plan, run))
        grids = stack.enter_context(contextlib.closing(Grids(experiment, networks, dataset, mesh, run)))
        stack.enter_context(evaluations or contextlib.nullcontext())
        request = stack.enter_context(recording.listening(experiment))
        loop = Loop(
            experiment=experiment,
            plan=plan,
            run=run,
            dataset=dataset,
            networks=networks,
            mesh=mesh,
            feed=feed,
            checkpoints=checkpoints,
            grids=grids,
            evaluations=evaluations,
            request=request,
            progress=progress,
            open_writers=open_writers,
        )
        stack.callback(loop.close)
        return loop.go()


class Interval(NamedTuple):
    """Steps that are done on the device and wait to be written."""

    step: int
    steps: int
    sums: PyTree
    waited: float
    """Seconds for data, since the run began."""
    flops: float


class Loop:
    """The state of the loop between its calls of the compiled program; one instance a run."""

    outdated_votes = 0
    """Calls in flight that may carry a request for a checkpoint that has been made since."""
    saved_step: int | None = None
    """Step of the last checkpoint that this process has begun."""

    def __init__(
        self,
        *,
        experiment: Experiment,
        plan: Plan,
        run: RunDirectory,
        dataset: Dataset,
        networks: program.Networks,
        mesh: Mesh,
        feed: Feed,
        checkpoints: Checkpoints,
        grids: Grids,
        evaluations: Evaluations | None,
        request: Request,
        progress: bool,
        open_writers: Callable[[RunDirectory, int | None], Writer],
    ) -> None:
        self.experiment, self.plan, self.run, self.dataset = experiment, plan, run, dataset
        self.mesh, self.feed, self.checkpoints, self.grids, self.request = mesh, feed, checkpoints, grids, request
        self.evaluations = evaluations
        self.batch = experiment.train.batch
        shapes = program.state_shapes(experiment, networks)
        shardings = parallel.state_shardings(mesh, shapes, fsdp=experiment.train.fsdp)
        layout = jax.tree.map(
            lambda leaf, sharding: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding), shapes, shardings
        )
        self.clock = Clock(batch=self.batch)
        self.flops = 0.0
        self.watch = Watch(experiment)
        names = program.metric_names(experiment, networks, shapes, labels=dataset.labels is not None)
        zeros = {name: jnp.zeros(()) for name in names}
        self.zeros = jax.jit(lambda: jax.tree.map(jnp.zeros_like, zeros), out_shardings=parallel.replicated(mesh))
        self.carry_shardings = (shardings, jax.tree.map(lambda _: parallel.replicated(mesh), zeros))
        self.programs = Programs(experiment, networks, feed, mesh=mesh, shardings=self.carry_shardings)
        self.start = setup.begin(
            experiment,
            checkpoints,
            shapes=layout,
            init=functools.partial(program.init_state, experiment, networks, shardings),
            zeros=self.zeros,
        )
        self.step = self.start.step
        self.logged_step = self.start.logged_step
        self.state: TrainState = self.start.state
        self.sums: PyTree = self.start.sums
        self.pending: Interval | None = None
        self.tokens: collections.deque[PyTree] = collections.deque()
        self.votes = [parallel.vote(mesh, choice) for choice in (GO_ON, SAVE, STOP)]
        self.writer = open_writers(run, self.start.resumed_from)
        self.bar = tqdm(
            total=plan.total * self.batch,
            initial=self.step * self.batch,
            unit="img",
            unit_scale=True,
            desc=experiment.name,
            dynamic_ncols=True,
            mininterval=0.5 if sys.stderr.isatty() else 30.0,
            disable=not progress or jax.process_index() != 0,
        )

    def close(self) -> None:
        """Let go of bar and files."""
        self.bar.close()
        self.grids.close()
        self.writer.close()

    def go(self) -> Outcome:
        """Run to the end of the plan, from wherever the run stands."""
        if self.start.resumed_from is not None:
            log.info("continuing %s from %d images", self.run.path, self.start.resumed_from)
        elif self.step == 0:
            if advice := gamma_advice(self.experiment):
                log.info(advice)
            self.grids.draw(0, self.state.ema, self.writer)
        if self.step < self.plan.total and not self._enough():
            self._train()
        self._flush_log()
        self._finish_checkpoint()
        return Outcome(
            images=self.step * self.batch,
            resumed_from=self.start.resumed_from,
            run=self.run,
            stopped_early=self.step < self.plan.total,
        )

    def _enough(self) -> bool:
        """Return whether the evaluations say that going on would not help."""
        if self.evaluations is None or not self.evaluations.enough():
            return False
        log.warning(
            "stopped early at %d images: %s has not become better for %d evaluations; the best is in %s",
            self.step * self.batch,
            self.experiment.evaluate.best,
            self.experiment.evaluate.patience,
            self.run.best,
        )
        return True

    def _train(self) -> None:
        most = program.steps_in_call(self.experiment)
        while self.step < self.plan.total:
            steps = min(most, self.plan.next_stop(self.step) - self.step)
            block = self.feed.take(self.step, steps)
            arguments = (self.feed.constants, block, np.int32(steps), self.votes[self.request.choice])
            chosen = self._program(arguments)
            (self.state, self.sums), token = chosen.run((self.state, self.sums), *arguments)
            self.flops += steps * chosen.flops_per_step
            self.step += steps
            self.bar.update(steps * self.batch)
            self.tokens.append(token)
            decided = self._wait_for_older_calls()
            evaluated = self._at_stop()
            if decided == SAVE:
                self._save_at_notice()
            elif decided == STOP:
                self._leave()
            if evaluated and self.step < self.plan.total and self._enough():
                self._save()
                return

    def _program(self, arguments: tuple[Any, ...]) -> Program:
        """Return the compiled call for this step; compiling is not counted as training."""
        began, first = time.perf_counter(), not self.programs.compiled
        chosen = self.programs.at(self.step, (self.state, self.sums), arguments)
        if first:
            self.clock = Clock(batch=self.batch, step=self.step, seconds_before=self.start.seconds)
        else:
            self.clock.leave_out(time.perf_counter() - began)
        return chosen

    def _wait_for_older_calls(self) -> int:
        """Keep few calls in flight; return whether to go on, save or stop, which all processes decide alike."""
        decided = self.request.choice if jax.process_count() == 1 else GO_ON
        while len(self.tokens) > CALLS_IN_FLIGHT:
            token = jax.device_get(self.tokens.popleft())
            vote = int(token["decided"])
            if self.outdated_votes:  # cast before the checkpoint that they ask for
                self.outdated_votes -= 1
                vote = STOP if vote == STOP else GO_ON
            decided = max(decided, vote)
            self._refuse_divergence(int(token["skipped_in_row"]))
        if self.pending is not None and all(leaf.is_ready() for leaf in jax.tree.leaves(self.pending.sums)):
            self._flush_log()
        return decided

    def _refuse_divergence(self, skipped_in_row: int) -> None:
        most = self.experiment.train.max_skipped
        if most and skipped_in_row >= most:
            kept = list_checkpoints(self.run.checkpoints)
            last = f"the last good checkpoint is {kept[-1]} images" if kept else "there is no checkpoint yet"
            raise RunError(
                f"{skipped_in_row} updates in a row were not finite or above optim.skip_norm, near "
                f"{self.step * self.batch} images; {last}. Try a lower --optim.lr, a higher penalty "
                "(--objective.r1), --optim.clip-norm 1, or --model.precision float32"
            )

    def _at_stop(self) -> bool:
        """Write what is due at this step: log, pictures, evaluation, checkpoint; return whether it was evaluated."""
        if self.plan.due(self.step, self.plan.log):
            self._flush_log()
            self.pending = Interval(self.step, self.step - self.logged_step, self.sums, self.feed.waited, self.flops)
            self.sums, self.logged_step, self.flops = self.zeros(), self.step, 0.0
        if self.plan.due(self.step, self.plan.sample):
            self.grids.draw(self.step * self.batch, self.state.ema, self.writer)
        evaluated = self.evaluations is not None and self.plan.due(self.step, self.plan.evaluate)
        if evaluated:
            self._evaluate()
        if self.plan.due(self.step, self.plan.checkpoint):
            self._save()
        return evaluated

    def _evaluate(self) -> None:
        """Measure the averaged weights, and keep them where they are the best so far."""
        assert self.evaluations is not None
        self._flush_log()
        images = self.step * self.batch
        scalars, is_best = self.evaluations.measure(images, self.state.ema)
        if jax.process_index() == 0:
            self.writer.write(images, scalars)
        self.clock.leave_out(scalars["eval/seconds"])
        if is_best:
            self.evaluations.keep(images, {"params": self.state.params, "ema": self.state.ema}, self._metadata())

    def _flush_log(self) -> None:
        """Write the interval that waits to be written; blocks only if the device has not finished it."""
        if self.pending is None:
            return
        done, self.pending = self.pending, None
        scalars = {name: float(value) / done.steps for name, value in jax.device_get(done.sums).items()}
        if jax.process_index() == 0:
            figures = self.clock.interval(done.step, waited=done.waited, flops=done.flops)
            self.writer.write(done.step * self.batch, scalars | figures)
            self.watch.look(done.step * self.batch, scalars)
            losses = {name.removeprefix("loss/"): value for name, value in scalars.items() if name.startswith("loss/")}
            self.bar.set_postfix({name: f"{value:.3g}" for name, value in losses.items()})

    def _save_at_notice(self) -> None:
        """Save because a machine of the run may go soon; training goes on, for it may stay."""
        self.request.saved()
        self.outdated_votes = len(self.tokens)
        if self.saved_step != self.step:
            self._save()

    def _save(self) -> None:
        # A line of the log that lies before the checkpoint must be on the disk when the checkpoint is.
        self._flush_log()
        self.checkpoints.save(self.step * self.batch, setup.items_of(self.state, self.sums), self._metadata())
        self.saved_step = self.step

    def _finish_checkpoint(self) -> None:
        """Wait for the checkpoint of this step, the last; one that the storage has spoiled is written again."""
        for seconds in WAITS:
            if self.checkpoints.wait():
                return
            time.sleep(seconds)
            self._save()
        if not self.checkpoints.wait():
            raise RunError(
                f"the storage at {self.run.checkpoints} takes no checkpoint: see to it, and give the same command again"
            )

    def _metadata(self) -> dict[str, Any]:
        return {
            "config": dataclasses.asdict(self.experiment),
            "info": dataclasses.asdict(self.dataset.info),
            "logged_step": self.logged_step,
            "seconds": self.clock.seconds,
        }

    def _leave(self) -> None:
        """Save and raise, after a signal."""
        if self.step == self.plan.total:
            return
        if self.saved_step != self.step:
            self._save()
        self._finish_checkpoint()
        message = (
            f"stopped at {self.step * self.batch} of {self.plan.total * self.batch} images; the state is saved in "
            f"{self.run.path}, and the same command continues the run"
        )
        if self.request.signal_number == signal.SIGINT:
            log.warning(message)
            raise KeyboardInterrupt
        raise Interrupted(message)
