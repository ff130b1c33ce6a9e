"""The families of marks by name: a new one is a dataclass in a file of this folder and a line here."""

from __future__ import annotations

from gen_jax.draw.logo.marks.grids import Dots, Honeycomb, Modules, Sprite
from gen_jax.draw.logo.marks.monogram import Monogram
from gen_jax.draw.logo.marks.nature import Crescent, Drop, Eye, Leaves, Peaks
from gen_jax.draw.logo.marks.radial import Burst, Gem, Pinwheel, Rosette
from gen_jax.draw.logo.marks.rings import Arcs, Links, Orbit, Segments, Spiral
from gen_jax.draw.logo.marks.solids import Arrow, Cube, Overlap, Shield
from gen_jax.draw.logo.marks.stripes import Bars, Chevrons, Maze, Waves
from gen_jax.draw.logo.marks.strokes import Bolt, Infinity

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
