"""Which gamma suits the images: R1 and R2 of a config, five times more and less, each a run of its own.

    gen-jax sweep gamma CONFIG --train.images 1M

Expected: a table of the distances; the best lies inside, not at an end. docs/gamma.md says how to read it.
"""

import dataclasses

from gen_jax.errors import UserError
from gen_jax.experiment import Experiment

FACTORS = (0.04, 0.2, 1.0, 5.0, 25.0)


def variants(experiment: Experiment) -> dict[str, Experiment]:
    """Return the experiment with each gamma: name -> experiment."""
    names = ("r1", "r1_start", "r2", "r2_start")
    gammas = {name: getattr(experiment.objective, name, None) for name in names}
    set_there = {name: value for name, value in gammas.items() if value}
    if not set_there:
        raise UserError(f"sweep gamma: {experiment.name} has no R1 or R2; take a GAN that sets objective.r1")
    made = {}
    for factor in FACTORS:
        scaled = {name: value * factor for name, value in set_there.items()}
        objective = dataclasses.replace(experiment.objective, **scaled)
        made[f"r1-{scaled['r1']:g}"] = dataclasses.replace(experiment, objective=objective)
    return made
