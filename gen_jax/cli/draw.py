"""``gen-jax draw KIND``: pictures by rule, from a seed: random pixels, textures, logos."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from gen_jax.registry import lookup

KINDS = {
    "noise": "random pixels: uniform, Gaussian, salt and pepper, blue, coloured",
    "texture": "wood, stone, cloth, clouds, patterns: seamless, with normal maps",
    "logo": "logos of a name or a seed, as pictures and SVG files",
}
"""Kind -> what it draws; each is a module ``draw_KIND`` here with ``main(words, prog)``."""


def usage(prog: str) -> str:
    """Return the list of kinds."""
    lines = [f"usage: {prog} KIND ...", "", "Draw pictures by rule, from a seed.", ""]
    lines += [f"  {name:10} {story}" for name, story in KINDS.items()]
    return "\n".join(
        [*lines, "", f"`{prog} KIND --help` explains a kind; `{prog} KIND --list` shows what it can draw."]
    )


def main(words: Sequence[str], prog: str = "gen-jax draw") -> int:
    """Run the command; returns the exit code."""
    if not words or words[0] in ("-h", "--help"):
        print(usage(prog))
        return 0
    lookup(KINDS, words[0], what="kind of drawing")
    module = importlib.import_module(f"gen_jax.cli.draw_{words[0]}")
    return module.main(words[1:], prog=f"{prog} {words[0]}")
