"""Presets of coats of animals, and of the clothes that hide people."""

from __future__ import annotations

from gen_jax.draw.texture.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "leopard": Preset(
        texture="coat",
        doc="Leopard: dark rosettes on gold",
        colors=((0.0, "#f0cf93"), (0.2, "#dba75c"), (0.45, "#b0722f"), (0.75, "#3b2415"), (1.0, "#140d0a")),
    ),
    "giraffe": Preset(
        texture="coat",
        doc="Giraffe: brown plates between pale lines",
        parameters={"coat": "giraffe", "scale": 5, "ragged": 0.3, "size": 0.55},
        colors=((0.0, "#f0dcb3"), (0.25, "#e2bf86"), (0.55, "#b06f35"), (0.8, "#8a4d22"), (1.0, "#5d3116")),
    ),
    "cow": Preset(
        texture="coat",
        doc="Cow: black blots on white",
        parameters={"coat": "cow", "scale": 2.2, "ragged": 0.35, "size": 0.45},
        colors=((0.0, "#fbf8f2"), (0.3, "#e6e0d6"), (0.75, "#2c2826"), (1.0, "#121011")),
    ),
    "woodland_camouflage": Preset(
        texture="camouflage",
        doc="Camouflage for woods: green, brown, black",
        colors=((0.0, "#a39a6f"), (0.333, "#4f6137"), (0.667, "#5b4329"), (1.0, "#1d1f18")),
    ),
    "desert_camouflage": Preset(
        texture="camouflage",
        doc="Camouflage for deserts: sand and brown",
        parameters={"fourth": 0.14},
        colors=((0.0, "#d9c29a"), (0.333, "#c2a173"), (0.667, "#9b7a50"), (1.0, "#6d5136")),
    ),
    "urban_camouflage": Preset(
        texture="camouflage",
        doc="Camouflage for towns: greys",
        colors=((0.0, "#c5c8ca"), (0.333, "#8c9196"), (0.667, "#555b61"), (1.0, "#202326")),
    ),
    "digital_camouflage": Preset(
        texture="camouflage",
        doc="Camouflage in square blocks",
        parameters={"style": "digital"},
        colors=((0.0, "#b3ad8c"), (0.333, "#7d8360"), (0.667, "#4d5a43"), (1.0, "#23291f")),
    ),
}
