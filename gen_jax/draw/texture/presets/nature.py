"""Presets of sky, water and fire."""

from __future__ import annotations

from gen_jax.draw.texture.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "clouds": Preset(
        texture="clouds",
        doc="White clouds in a blue sky",
        colors=((0.0, "#3b7fc4"), (0.35, "#8db6de"), (0.75, "#e8eef4"), (1.0, "#ffffff")),
    ),
    "storm": Preset(
        texture="clouds",
        doc="A sky full of dark clouds",
        parameters={"coverage": 0.8, "softness": 1.6},
        colors=((0.0, "#a9b4bb"), (0.35, "#7b8894"), (0.6, "#4d5864"), (0.8, "#2f3843"), (1.0, "#171c24")),
    ),
    "sunset_clouds": Preset(
        texture="clouds",
        doc="Clouds that the evening colours",
        parameters={"coverage": 0.5, "softness": 0.9},
        colors=((0.0, "#43406f"), (0.3, "#8b5a86"), (0.55, "#d9787a"), (0.8, "#f4a878"), (1.0, "#fde3ae")),
    ),
    "nebula": Preset(
        texture="stars",
        doc="A nebula of blue and rose, full of stars",
        parameters={"nebula": 0.95, "stars": 0.35},
        colors=(
            (0.0, "#04040c"),
            (0.2, "#141a4a"),
            (0.4, "#46308a"),
            (0.58, "#a8478f"),
            (0.75, "#e8909a"),
            (1.0, "#ffffff"),
        ),
        hue=40.0,
    ),
    "starfield": Preset(
        texture="stars",
        doc="A clear night full of stars",
        parameters={"nebula": 0.35, "stars": 0.7},
        colors=((0.0, "#03040a"), (0.3, "#131b38"), (0.6, "#6d86b8"), (1.0, "#ffffff")),
    ),
    "caustics": Preset(
        texture="caustics",
        doc="Light on the ground of a pool",
        colors=((0.0, "#04577f"), (0.3, "#1286ad"), (0.55, "#43b9d1"), (0.8, "#a9e8ec"), (1.0, "#ffffff")),
    ),
    "water": Preset(
        texture="ripples",
        doc="Water under a breeze",
        parameters={"scale": 13, "bend": 1.3, "steepness": 0.55, "grain": 0},
        colors=((0.0, "#0b3350"), (0.4, "#1d6286"), (0.65, "#4d9fb8"), (1.0, "#d3f0f2")),
        relief=0.04,
        light=0.5,
    ),
    "lava": Preset(
        texture="lava",
        doc="Lava: black crust that glows between its plates",
        colors=(
            (0.0, "#0b0707"),
            (0.2, "#2a1613"),
            (0.38, "#5f160c"),
            (0.55, "#c8340c"),
            (0.75, "#ff8a1c"),
            (1.0, "#fff3b0"),
        ),
        relief=0.05,
        light=0.5,
    ),
    "ice": Preset(
        texture="marble",
        doc="Ice of a lake, with white cracks",
        parameters={"veins": 0.9, "width": 0.006, "fine": 0.8, "clouds": 0.9, "warp": 0.25, "scale": 2.4},
        colors=((0.0, "#2f7ea3"), (0.3, "#66aac6"), (0.55, "#a8d5e2"), (1.0, "#ffffff")),
        relief=0.004,
        light=0.5,
    ),
    "plasma": Preset(
        texture="plasma",
        doc="Plasma in violet, rose and orange",
        colors=((0.0, "#1b0b4b"), (0.35, "#8a1fb0"), (0.65, "#ff4f8b"), (1.0, "#ffd27a")),
        hue=40.0,
    ),
    "aurora": Preset(
        texture="plasma",
        doc="Plasma in the greens of northern lights",
        parameters={"scale": 1, "warp": 0.7},
        colors=((0.0, "#050b24"), (0.35, "#0f4a5c"), (0.6, "#21a179"), (0.85, "#8df0a4"), (1.0, "#e9ffd9")),
        hue=15.0,
    ),
}
