"""The compiled programs of a run: one for each set of lazy terms that are due together, made when first needed."""

from __future__ import annotations

from typing import Any, NamedTuple

from jax.sharding import Mesh

from gen_jax import parallel
from gen_jax.data.feed import Feed
from gen_jax.experiment import Experiment
from gen_jax.train import program
from gen_jax.train.clock import flops_of
from gen_jax.types import PyTree


class Program(NamedTuple):
    """A compiled call, and the work in one of its steps."""

    run: Any
    """``run(carry, *arguments) -> (carry, token)``, see ``program.make_call``."""
    flops_per_step: float
    """0 where the compiler does not say."""


class Programs:
    """Compiles calls; any number of steps is the same program."""

    def __init__(
        self, experiment: Experiment, networks: program.Networks, feed: Feed, *, mesh: Mesh, shardings: PyTree
    ) -> None:
        self._experiment, self._networks, self._feed = experiment, networks, feed
        self._mesh, self._shardings = mesh, shardings
        self.compiled: dict[program.Due, Program] = {}

    def at(self, step: int, carry: PyTree, arguments: tuple[Any, ...]) -> Program:
        """Return the program for the call that begins at a step; carry and arguments lend their shapes."""
        due = program.due_at(self._experiment, step)
        if due not in self.compiled:
            function = program.make_call(self._experiment, self._networks, self._feed, self._mesh, due=due)
            lowered = parallel.compile_step(function, state=self._shardings).lower(carry, *arguments)
            self.compiled[due] = Program(parallel.compile_lowered(lowered), flops_of(lowered))
        return self.compiled[due]
