"""The presets by name: what ``gen-jax draw texture NAME`` knows besides the textures themselves."""

from __future__ import annotations

from gen_jax.draw.texture.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "acid": Preset(
        texture="plasma",
        doc="Plasma in violet, pink and orange.",
        colors=((0.0, "#1b0b4b"), (0.35, "#8a1fb0"), (0.65, "#ff4f8b"), (1.0, "#ffd27a")),
    ),
}
