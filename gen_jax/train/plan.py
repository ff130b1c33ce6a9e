"""At which steps of a run something happens besides training."""

from __future__ import annotations

import dataclasses
import functools

from gen_jax.experiment import Experiment, steps_of


@dataclasses.dataclass(frozen=True)
class Plan:
    """Steps between events; whatever happens also happens at the last step."""

    total: int
    log: int
    sample: int
    checkpoint: int
    evaluate: int
    """0: never."""

    def next_stop(self, step: int) -> int:
        """Return the first step after ``step`` at which something happens."""
        intervals = (self.log, self.sample, self.checkpoint, self.evaluate)
        return min(self.total, *((step // every + 1) * every for every in intervals if every))

    def due(self, step: int, every: int) -> bool:
        """Return whether what happens every so many steps happens at this one."""
        return every > 0 and (step == self.total or step % every == 0)


def plan_of(experiment: Experiment) -> Plan:
    """Return the plan of a run: its intervals in steps, rounded up to whole batches."""
    train, evaluate = experiment.train, experiment.evaluate
    steps = functools.partial(steps_of, batch=train.batch)
    return Plan(
        total=experiment.total_steps,
        log=steps(train.log_every),
        sample=steps(train.sample_every),
        checkpoint=steps(train.checkpoint_every),
        evaluate=steps(evaluate.every) if evaluate.every else 0,
    )
