"""Presets of stone: polished slabs and rough blocks."""

from __future__ import annotations

from gen_jax.draw.texture.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "carrara": Preset(
        texture="marble",
        doc="Carrara: white marble with soft grey veins",
        colors=((0.0, "#f6f5f2"), (0.3, "#e4e4e3"), (0.6, "#b4b7ba"), (1.0, "#74797f")),
        hue=8.0,
    ),
    "nero_marquina": Preset(
        texture="marble",
        doc="Nero Marquina: black marble with white veins",
        parameters={"clouds": 0.25, "width": 0.007, "veins": 0.95, "fine": 0.55},
        colors=((0.0, "#121214"), (0.3, "#232427"), (0.6, "#85868a"), (1.0, "#f4f2ee")),
    ),
    "verde": Preset(
        texture="marble",
        doc="Verde: green marble with pale veins",
        parameters={"clouds": 0.8, "width": 0.012, "veins": 0.8, "fine": 0.7, "warp": 0.8, "scale": 2.6},
        colors=((0.0, "#0e2a20"), (0.3, "#1d4a38"), (0.6, "#4c8068"), (1.0, "#d5e6d8")),
    ),
    "calacatta_gold": Preset(
        texture="marble",
        doc="Calacatta: white marble with broad golden veins",
        parameters={"width": 0.04, "veins": 0.7, "fine": 0.25, "scale": 1.4, "clouds": 0.3},
        colors=((0.0, "#f8f6f1"), (0.3, "#ece7dc"), (0.55, "#cdb58a"), (0.8, "#a58353"), (1.0, "#7f6340")),
    ),
    "rosa": Preset(
        texture="marble",
        doc="Rosa: pink marble with red veins",
        parameters={"clouds": 0.7, "veins": 0.6, "fine": 0.5},
        colors=((0.0, "#f0d6c8"), (0.35, "#dcaf9c"), (0.65, "#b6715f"), (1.0, "#743b33")),
    ),
    "granite": Preset(
        texture="granite",
        doc="Granite: grey and white crystals with dark flakes",
        colors=((0.0, "#1e1f22"), (0.3, "#6b6d70"), (0.55, "#a3a4a5"), (1.0, "#e9e7e2")),
        hue=12.0,
    ),
    "red_granite": Preset(
        texture="granite",
        doc="Red granite: rosy crystals with dark flakes",
        parameters={"crystals": 0.65},
        colors=((0.0, "#211a1a"), (0.3, "#74564e"), (0.55, "#b97d6b"), (0.8, "#d7a18c"), (1.0, "#ecd3c4")),
    ),
    "travertine": Preset(
        texture="strata",
        doc="Travertine: cream layers with holes along them",
        parameters={"scale": 5, "bend": 0.3, "bands": 0.8, "pits": 0.9, "grain": 0.25},
        colors=((0.0, "#7d6546"), (0.3, "#bfa47d"), (0.5, "#dbc6a2"), (0.7, "#ead9bd"), (1.0, "#f8f0e0")),
        relief=0.012,
        light=0.6,
    ),
    "sandstone": Preset(
        texture="strata",
        doc="Sandstone: warm layers with a sandy grain",
        parameters={"scale": 6, "bend": 0.8, "bands": 0.85, "grain": 0.9},
        colors=((0.0, "#8a5230"), (0.35, "#bd8150"), (0.6, "#d9a66f"), (1.0, "#f2d5a6")),
        relief=0.006,
        light=0.6,
    ),
    "agate": Preset(
        texture="strata",
        doc="Agate: bands of blue and white",
        parameters={"scale": 3, "bend": 2.0, "bands": 1.0, "grain": 0.05},
        colors=(
            (0.0, "#0f2b46"),
            (0.25, "#2d6a94"),
            (0.4, "#8fbdd1"),
            (0.5, "#f2f0ea"),
            (0.6, "#b4cdd6"),
            (0.75, "#3f7fa6"),
            (1.0, "#12304d"),
        ),
        hue=20.0,
    ),
    "slate": Preset(
        texture="surface",
        doc="Slate: dark blue grey, split along its layers",
        parameters={"scale": 2.5, "blotches": 0.4, "rough": 0.9, "grain": 0.3, "stretch": 0.5},
        colors=((0.0, "#23282e"), (0.5, "#474f57"), (1.0, "#7b848b")),
        relief=0.02,
        light=0.9,
    ),
    "terrazzo": Preset(
        texture="terrazzo",
        doc="Terrazzo: coloured chips in pale cement",
        colors=(
            (0.0, "#efe9df"),
            (0.08, "#d98e6e"),
            (0.26, "#d98e6e"),
            (0.26, "#3f4a4e"),
            (0.44, "#3f4a4e"),
            (0.44, "#c7b299"),
            (0.64, "#c7b299"),
            (0.64, "#7d9a8c"),
            (0.82, "#7d9a8c"),
            (0.82, "#e3b9a2"),
            (1.0, "#e3b9a2"),
        ),
        hue=25.0,
    ),
}
