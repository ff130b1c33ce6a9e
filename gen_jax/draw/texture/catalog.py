"""The textures by name."""

from __future__ import annotations

from gen_jax.draw.texture import plasma, wood
from gen_jax.draw.texture.kind import Texture

TEXTURES: dict[str, Texture] = {
    "plasma": plasma.plasma,
    "wood": wood.wood,
}
"""Name -> texture; a new one is one line here."""
