"""The presets by name: what ``gen-jax draw texture NAME`` knows besides the textures themselves."""

from __future__ import annotations

from gen_jax.draw.texture.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "acid": Preset(
        texture="plasma",
        doc="Plasma in violet, pink and orange.",
        colors=((0.0, "#1b0b4b"), (0.35, "#8a1fb0"), (0.65, "#ff4f8b"), (1.0, "#ffd27a")),
    ),
    "oak": Preset(
        texture="wood",
        doc="Oak: pale brown, with open pores.",
        colors=((0.0, "#d9b88a"), (0.35, "#c39a66"), (0.7, "#9a6f42"), (1.0, "#5d3f24")),
        relief=0.0015,
        light=0.5,
    ),
    "walnut": Preset(
        texture="wood",
        doc="Walnut: dark brown, with quiet rings.",
        parameters={"contrast": 0.45, "rings": 26},
        colors=((0.0, "#8d6646"), (0.35, "#6f4b31"), (0.7, "#4d3121"), (1.0, "#2c1a12")),
        relief=0.001,
        light=0.5,
    ),
    "pine": Preset(
        texture="wood",
        doc="Pine: yellow, with bold rings and knots.",
        parameters={"contrast": 0.7, "rings": 16, "pores": 0, "knots": 0.4},
        colors=((0.0, "#f0d9a8"), (0.35, "#e5c185"), (0.7, "#c8924f"), (1.0, "#6d3f1d")),
        relief=0.002,
        light=0.5,
    ),
}
