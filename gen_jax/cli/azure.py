"""``gen-jax azure COMMAND``: jobs and endpoints on Azure Machine Learning."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from gen_jax.registry import lookup

COMMANDS = {
    "lint": "check every YAML file, without a network and without a subscription",
    "render": "show a file as it would be sent, with overrides of the file and of the experiment",
    "submit": "send a job",
    "watch": "look after a run: send it again when its machine was taken away",
    "fetch": "bring a run directory home",
    "deploy": "put a model behind an endpoint, test it, and give it the traffic",
    "gate": "fail where a run is not good enough, a step of a pipeline",
    "package": "make the folder of a model: checkpoint, card, licence, checksums",
}
"""Command -> what it does; each is a module ``azure_COMMAND`` here with ``main(words, prog)``."""


def usage(prog: str) -> str:
    """Return the list of commands."""
    lines = [f"usage: {prog} COMMAND ...", "", "Jobs and endpoints on Azure Machine Learning.", ""]
    lines += [f"  {name:10} {story}" for name, story in COMMANDS.items()]
    return "\n".join([*lines, "", f"`{prog} COMMAND --help` explains a command."])


def main(words: Sequence[str], prog: str = "gen-jax azure") -> int:
    """Run the command; returns the exit code."""
    if not words or words[0] in ("-h", "--help"):
        print(usage(prog))
        return 0
    lookup(COMMANDS, words[0], what="azure command")
    module = importlib.import_module(f"gen_jax.cli.azure_{words[0]}")
    return module.main(words[1:], prog=f"{prog} {words[0]}")
