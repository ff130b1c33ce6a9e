"""Presets of wood."""

from __future__ import annotations

from gen_jax.draw.texture.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "oak": Preset(
        texture="wood",
        doc="Oak: pale brown, with open pores",
        colors=((0.0, "#d9b88a"), (0.35, "#c39a66"), (0.7, "#9a6f42"), (1.0, "#5d3f24")),
        relief=0.0015,
        light=0.5,
    ),
    "walnut": Preset(
        texture="wood",
        doc="Walnut: dark brown, with quiet rings",
        parameters={"contrast": 0.5, "rings": 26, "pores": 0.22},
        colors=((0.0, "#946b49"), (0.35, "#734e33"), (0.7, "#4a2f20"), (1.0, "#281710")),
        relief=0.001,
        light=0.5,
    ),
    "pine": Preset(
        texture="wood",
        doc="Pine: yellow, with bold rings and knots",
        parameters={"contrast": 0.7, "rings": 17, "pores": 0, "knots": 0.35},
        colors=((0.0, "#f0d9a8"), (0.35, "#e5c185"), (0.7, "#c8924f"), (1.0, "#6d3f1d")),
        relief=0.001,
        light=0.4,
    ),
    "mahogany": Preset(
        texture="wood",
        doc="Mahogany: red brown, with fine even grain",
        parameters={"contrast": 0.35, "rings": 34, "pores": 0.3, "fibre": 0.6, "waviness": 0.35},
        colors=((0.0, "#b5673f"), (0.35, "#97482a"), (0.7, "#6c2c1a"), (1.0, "#3d160e")),
        relief=0.001,
        light=0.4,
    ),
    "ebony": Preset(
        texture="wood",
        doc="Ebony: almost black, with faint brown rings",
        parameters={"contrast": 0.5, "rings": 30, "pores": 0.2, "fibre": 0.6, "waviness": 0.3},
        colors=((0.0, "#4a3c33"), (0.35, "#33281f"), (0.7, "#1f1814"), (1.0, "#0e0b0a")),
        relief=0.001,
        light=0.6,
    ),
    "maple": Preset(
        texture="wood",
        doc="Maple: almost white, with thin lines",
        parameters={"contrast": 0.4, "rings": 14, "pores": 0.05, "fibre": 0.5},
        colors=((0.0, "#f3e2c6"), (0.35, "#ead2ac"), (0.7, "#d3ab7c"), (1.0, "#a87a4d")),
        relief=0.0006,
        light=0.4,
    ),
    "driftwood": Preset(
        texture="wood",
        doc="Wood that the weather has made grey and rough",
        parameters={"contrast": 0.6, "rings": 24, "pores": 0.25, "fibre": 1.0, "waviness": 0.7, "knots": 0.2},
        colors=((0.0, "#c9c3b8"), (0.35, "#a39b8e"), (0.7, "#6f675c"), (1.0, "#37322c")),
        relief=0.006,
        light=0.6,
    ),
    "floorboards": Preset(
        texture="planks",
        doc="Oak boards, each row begun elsewhere",
        colors=((0.0, "#2a1a0e"), (0.04, "#dcbb8d"), (0.35, "#bd9360"), (0.7, "#8f6539"), (1.0, "#533720")),
        parameters={"contrast": 0.5},
        relief=0.006,
        light=0.6,
    ),
    "herringbone_parquet": Preset(
        texture="planks",
        doc="Oak parquet in a zigzag",
        parameters={"bond": "herringbone", "scale": 8, "aspect": 5, "contrast": 0.4, "variety": 0.6},
        colors=((0.0, "#2a180c"), (0.04, "#d6b07c"), (0.35, "#b98a55"), (0.7, "#8c5f34"), (1.0, "#4f331c")),
        relief=0.006,
        light=0.6,
    ),
    "basket_parquet": Preset(
        texture="planks",
        doc="Walnut parquet in squares",
        parameters={"bond": "basket", "scale": 16, "aspect": 4, "contrast": 0.4, "variety": 0.7},
        colors=((0.0, "#1c100a"), (0.04, "#a2764f"), (0.35, "#7d5336"), (0.7, "#563522"), (1.0, "#2d1a11")),
        relief=0.004,
        light=0.6,
    ),
}
