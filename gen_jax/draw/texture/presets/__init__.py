"""The presets by name: what ``gen-jax draw texture NAME`` knows besides the textures themselves.

A preset may have the name of its texture: it is then what that name draws.
"""

from __future__ import annotations

from gen_jax.draw.texture.presets import animals, cloth, ground, nature, patterns, stone, surfaces, timber, walls
from gen_jax.draw.texture.presets.preset import Preset as Preset

PRESETS: dict[str, Preset] = {
    **timber.PRESETS,
    **stone.PRESETS,
    **ground.PRESETS,
    **nature.PRESETS,
    **surfaces.PRESETS,
    **animals.PRESETS,
    **walls.PRESETS,
    **cloth.PRESETS,
    **patterns.PRESETS,
}
