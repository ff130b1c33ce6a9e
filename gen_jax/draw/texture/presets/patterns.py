"""Presets of ornament and print."""

from __future__ import annotations

from gen_jax.draw.texture.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "polka_dots": Preset(
        texture="dots",
        doc="Polka dots: white on red",
        parameters={"packing": "hexagonal", "scale": 8, "radius": 0.27},
        colors=((0.0, "#d33a4a"), (1.0, "#fdf7ee")),
        hue=12.0,
    ),
    "confetti": Preset(
        texture="dots",
        doc="Confetti: coloured dots of many sizes on white",
        parameters={"scale": 14, "jitter": 0.8, "size_variation": 0.7, "tone_variation": 1.0, "radius": 0.33},
        colors=(
            (0.0, "#fffaf2"),
            (0.1, "#2d4a86"),
            (0.3, "#2aa198"),
            (0.5, "#8cc152"),
            (0.7, "#f6bb42"),
            (0.85, "#ee6a50"),
            (1.0, "#d6336c"),
        ),
        hue=0.0,
    ),
    "truchet_maze": Preset(
        texture="truchet",
        doc="A maze of quarter circles",
        parameters={"pattern": "arcs", "scale": 9, "width": 0.3},
        colors=((0.0, "#f4ecdc"), (1.0, "#1f5f6b")),
        hue=12.0,
    ),
    "memphis": Preset(
        texture="truchet",
        doc="Triangles by chance, in two colours",
        parameters={"pattern": "triangles", "scale": 7},
        colors=((0.0, "#f7c948"), (1.0, "#2b2d6e")),
        hue=12.0,
    ),
    "diagonal_maze": Preset(
        texture="truchet",
        doc="A maze of diagonals, as a home computer drew it",
        parameters={"pattern": "diagonals", "scale": 18, "width": 0.28},
        colors=((0.0, "#3f3ab0"), (1.0, "#a5a0ff")),
    ),
    "zigzag": Preset(
        texture="chevron",
        doc="Zigzag: bands of teal and cream",
        colors=((0.0, "#f6efe2"), (1.0, "#1d7a78")),
        hue=12.0,
    ),
    "retro_waves": Preset(
        texture="chevron",
        doc="Waves in the colours of the 1970s",
        parameters={"shape": "wave", "profile": "saw", "scale": 3, "turns": 3, "depth": 0.45},
        colors=(
            (0.0, "#f3e3c3"),
            (0.25, "#f3e3c3"),
            (0.25, "#e9a93a"),
            (0.5, "#e9a93a"),
            (0.5, "#d9632b"),
            (0.75, "#d9632b"),
            (0.75, "#6b2f1d"),
            (1.0, "#6b2f1d"),
        ),
        hue=20.0,
    ),
    "checkerboard": Preset(
        texture="checker",
        doc="Checkerboard: black and white squares",
        colors=((0.0, "#1a1a1c"), (1.0, "#f4f1ea")),
    ),
    "blueprint": Preset(
        texture="grid",
        doc="Blueprint: white lines on blue",
        parameters={"scale": 5, "parts": 5, "width": 0.012, "faint": 0.45},
        colors=((0.0, "#1c4f9c"), (1.0, "#dbe7f7")),
    ),
    "honeycomb": Preset(
        texture="hexagons",
        doc="Honeycomb: golden cells in wax",
        parameters={"gap": 0.12, "bevel": 0.3, "tone_variation": 0.5, "scale": 9},
        colors=((0.0, "#f3c45a"), (0.4, "#8a4a0e"), (0.7, "#c57a17"), (1.0, "#eba42c")),
        relief=0.0,
    ),
    "coral": Preset(
        texture="reaction_diffusion",
        doc="Coral: branching ridges",
        parameters={"pattern": "coral", "scale": 14},
        colors=((0.0, "#7c2440"), (0.4, "#d9546a"), (0.7, "#f59a86"), (1.0, "#ffe1c9")),
        relief=0.02,
        light=0.7,
        hue=30.0,
    ),
    "labyrinth": Preset(
        texture="reaction_diffusion",
        doc="A labyrinth of black and white",
        parameters={"pattern": "maze", "contrast": 8, "scale": 14},
        colors=((0.0, "#f6f3ec"), (1.0, "#141416")),
    ),
    "zebra": Preset(
        texture="gabor",
        doc="Zebra: black stripes that fork",
        parameters={"scale": 8, "bandwidth": 0.7, "spread": 0.12, "profile": "ridges", "contrast": 6},
        colors=((0.0, "#f6f1e7"), (1.0, "#16130f")),
    ),
    "tiger": Preset(
        texture="gabor",
        doc="Tiger: black stripes on orange",
        parameters={"scale": 7, "bandwidth": 1.0, "spread": 0.2, "profile": "noise", "contrast": 2.4},
        colors=((0.0, "#f2bf70"), (0.35, "#e0913a"), (0.62, "#c9691c"), (0.74, "#20140d"), (1.0, "#120c08")),
    ),
    "fish_scales": Preset(
        texture="scales",
        doc="Scales of a fish: blue and silver",
        parameters={"scale": 11, "tone_variation": 0.4},
        colors=((0.0, "#0b2a3d"), (0.5, "#2c7a90"), (0.8, "#7fc0c4"), (1.0, "#dff1ea")),
        relief=0.03,
        light=0.6,
        hue=30.0,
    ),
    "sunset": Preset(
        texture="gradient",
        doc="The colours of the evening sky, from violet to gold",
        parameters={"angle": 90, "repeat": "mirror"},
        colors=((0.0, "#1d1a4b"), (0.3, "#6b2a78"), (0.55, "#d94d6a"), (0.78, "#ff9a56"), (1.0, "#ffe49a")),
        hue=10.0,
    ),
}
