"""The families of marks by name: a new one is a dataclass in a file of this folder and a line here."""

from __future__ import annotations

from gen_jax.draw.logo.marks.arcs import Arcs
from gen_jax.draw.logo.marks.arrow import Arrow
from gen_jax.draw.logo.marks.bars import Bars
from gen_jax.draw.logo.marks.bolt import Bolt
from gen_jax.draw.logo.marks.burst import Burst
from gen_jax.draw.logo.marks.chevrons import Chevrons
from gen_jax.draw.logo.marks.crescent import Crescent
from gen_jax.draw.logo.marks.cube import Cube
from gen_jax.draw.logo.marks.dots import Dots
from gen_jax.draw.logo.marks.drop import Drop
from gen_jax.draw.logo.marks.eye import Eye
from gen_jax.draw.logo.marks.gem import Gem
from gen_jax.draw.logo.marks.honeycomb import Honeycomb
from gen_jax.draw.logo.marks.infinity import Infinity
from gen_jax.draw.logo.marks.leaves import Leaves
from gen_jax.draw.logo.marks.links import Links
from gen_jax.draw.logo.marks.maze import Maze
from gen_jax.draw.logo.marks.modules import Modules
from gen_jax.draw.logo.marks.monogram import Monogram
from gen_jax.draw.logo.marks.orbit import Orbit
from gen_jax.draw.logo.marks.overlap import Overlap
from gen_jax.draw.logo.marks.peaks import Peaks
from gen_jax.draw.logo.marks.pinwheel import Pinwheel
from gen_jax.draw.logo.marks.rosette import Rosette
from gen_jax.draw.logo.marks.segments import Segments
from gen_jax.draw.logo.marks.shield import Shield
from gen_jax.draw.logo.marks.spiral import Spiral
from gen_jax.draw.logo.marks.sprite import Sprite
from gen_jax.draw.logo.marks.waves import Waves

Mark = (
    Arcs | Arrow | Bars | Bolt | Burst | Chevrons | Crescent | Cube | Dots | Drop | Eye | Gem | Honeycomb | Infinity
    | Leaves | Links | Maze | Modules | Monogram | Orbit | Overlap | Peaks | Pinwheel | Rosette | Segments | Shield
    | Spiral | Sprite | Waves
)  # fmt: skip

FAMILIES: dict[str, type[Mark]] = {
    "arcs": Arcs,
    "arrow": Arrow,
    "bars": Bars,
    "bolt": Bolt,
    "burst": Burst,
    "chevrons": Chevrons,
    "crescent": Crescent,
    "cube": Cube,
    "dots": Dots,
    "drop": Drop,
    "eye": Eye,
    "gem": Gem,
    "honeycomb": Honeycomb,
    "infinity": Infinity,
    "leaves": Leaves,
    "links": Links,
    "maze": Maze,
    "modules": Modules,
    "monogram": Monogram,
    "orbit": Orbit,
    "overlap": Overlap,
    "peaks": Peaks,
    "pinwheel": Pinwheel,
    "rosette": Rosette,
    "segments": Segments,
    "shield": Shield,
    "spiral": Spiral,
    "sprite": Sprite,
    "waves": Waves,
}
"""Name -> the family; its docstring says what it looks like, its fields what varies."""
