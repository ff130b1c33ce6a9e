"""Train a model: ``python train.py CONFIG [--run-dir DIR] [overrides]``; the same command again continues the run."""

import sys

from gen_jax.cli import train
from gen_jax.cli.exit import run

if __name__ == "__main__":
    sys.exit(run(lambda: train.main(sys.argv[1:], prog="python train.py")))
