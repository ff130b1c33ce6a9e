"""Presets of cloth."""

from __future__ import annotations

from gen_jax.draw.texture.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "linen": Preset(
        texture="weave",
        doc="Linen: pale, plainly woven, of uneven threads",
        parameters={"scale": 72, "uneven": 0.6, "tone_variation": 0.35, "contrast": 0.15},
        colors=((0.0, "#a3957c"), (0.4, "#cbbea4"), (0.7, "#ddd3bd"), (1.0, "#f1ead9")),
        relief=0.006,
        light=0.7,
    ),
    "burlap": Preset(
        texture="weave",
        doc="Burlap: coarse and brown, with gaps",
        parameters={
            "scale": 36,
            "uneven": 0.8,
            "thickness": 0.72,
            "tone_variation": 0.4,
            "twist": 0.5,
            "contrast": 0.15,
        },
        colors=((0.0, "#3f2c17"), (0.35, "#8a6a3f"), (0.7, "#b4925f"), (1.0, "#d9bf8f")),
        relief=0.015,
        light=0.8,
    ),
    "denim": Preset(
        texture="weave",
        doc="Denim: blue across white, in diagonals",
        parameters={"weave": "denim", "scale": 80, "contrast": 0.8, "uneven": 0.5, "tone_variation": 0.25},
        colors=((0.0, "#13233f"), (0.35, "#2b4a78"), (0.6, "#5478a6"), (1.0, "#c9d6e4")),
        relief=0.005,
        light=0.7,
    ),
    "wool": Preset(
        texture="weave",
        doc="Wool: grey, softly woven in twill",
        parameters={
            "weave": "twill",
            "scale": 48,
            "twist": 0.7,
            "uneven": 0.7,
            "tone_variation": 0.35,
            "contrast": 0.5,
        },
        colors=((0.0, "#2f3236"), (0.4, "#5b6066"), (0.7, "#868b90"), (1.0, "#bcc0c2")),
        relief=0.012,
        light=0.7,
    ),
    "tartan": Preset(
        texture="plaid",
        doc="Tartan: bands of red, green and blue",
        colors=(
            (0.0, "#0d1b2a"),
            (0.2, "#17422f"),
            (0.4, "#1f5a3f"),
            (0.6, "#a81e2b"),
            (0.85, "#c9283a"),
            (1.0, "#efe3c2"),
        ),
        hue=12.0,
    ),
    "gingham": Preset(
        texture="plaid",
        doc="Gingham: red and white checks",
        parameters={"sett": "gingham", "scale": 9, "twill": 0.25},
        colors=((0.0, "#fdfbf7"), (0.5, "#e58a8a"), (1.0, "#c3222f")),
        hue=12.0,
    ),
    "windowpane": Preset(
        texture="plaid",
        doc="Windowpane: thin lines on dark cloth",
        parameters={"sett": "windowpane", "scale": 4},
        colors=((0.0, "#26303f"), (0.5, "#5d6c80"), (1.0, "#d9dde0")),
    ),
    "houndstooth": Preset(
        texture="houndstooth",
        doc="Houndstooth: black and white teeth",
        colors=((0.0, "#f5f3ee"), (1.0, "#17181a")),
    ),
    "pinstripe": Preset(
        texture="stripes",
        doc="Pinstripes: fine pale lines on navy",
        parameters={"scale": 16, "duty": 0.06},
        colors=((0.0, "#1b2438"), (1.0, "#b9c2d2")),
    ),
}
