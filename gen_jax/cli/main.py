"""``gen-jax COMMAND``: finds the module of a command and hands it the rest of the line."""

from __future__ import annotations

import importlib
import sys

from gen_jax import __version__
from gen_jax.cli.exit import run
from gen_jax.registry import lookup

COMMANDS = {
    "train": "train a model, or continue a run",
    "sample": "make images with a trained model",
    "reconstruct": "send images through a VAE and back, and show what it keeps of them",
    "directions": "find what a model's latents change in its images, and show each as a strip",
    "edit": "edit images: one photo, or folders of them",
    "draw": "draw random pixels, textures and logos by rule, from a seed",
    "serve": "answer requests for images and edits over HTTP",
    "evaluate": "measure what a run, or any folder of images, has generated",
    "crossval": "train and measure k folds, and report mean and deviation",
    "sweep": "train one config in several variants, and say which is best",
    "report": "write one HTML page about a run",
    "data": "check a data set, or pack it into one fast file",
    "weights": "import pretrained weights, or export those of a run",
    "doctor": "what this machine offers a training: devices, driver, versions, disks, speed",
    "azure": "jobs and endpoints on Azure Machine Learning, and a linter of their files",
}
"""Command -> what it does; each is a module here with ``main(words, prog)``."""


def usage() -> str:
    """Return the list of commands."""
    lines = ["usage: gen-jax COMMAND ...", "", "Generate and edit images in JAX.", ""]
    lines += [f"  {name:12} {story}" for name, story in COMMANDS.items()]
    return "\n".join([*lines, "", "`gen-jax COMMAND --help` explains a command."])


def dispatch(words: list[str]) -> int:
    """Run the command that the first word names."""
    if not words or words[0] in ("-h", "--help"):
        print(usage())
        return 0
    if words[0] == "--version":
        print(f"gen_jax {__version__}")
        return 0
    name = words[0]
    lookup(COMMANDS, name, what="command")
    module = importlib.import_module(f"gen_jax.cli.{name}")
    return module.main(words[1:], prog=f"gen-jax {name}")


def main() -> None:
    """Entry point of ``gen-jax``."""
    sys.exit(run(lambda: dispatch(sys.argv[1:])))


if __name__ == "__main__":
    main()
