"""Make images with a trained model: ``python sample.py RUN --num 64 --seed 0 --out grid.png``; see ``--help``."""

import sys

from gen_jax.cli.exit import run
from gen_jax.cli.sample import main

if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:], prog="python sample.py")))
