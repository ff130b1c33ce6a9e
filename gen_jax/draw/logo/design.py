"""From parameters to a scene: the mark is drawn by its family, laid out with the text, and inked."""

from __future__ import annotations

import dataclasses

from gen_jax.draw.logo import badge, lockup, wordmark
from gen_jax.draw.logo.marks.catalog import FAMILIES
from gen_jax.draw.logo.marks.shapes import GROUND, merged
from gen_jax.draw.logo.palette import readable
from gen_jax.draw.logo.parameters import LogoParameters
from gen_jax.draw.logo.scene import Layer, Scene, Shape

MOST_SHAPES = 48
"""No mark alone has more shapes: 40, a container and a text or two."""


def scene_of(parameters: LogoParameters) -> Scene:
    """Return the scene that both back ends draw.

    Everything lies within ``padding`` of the canvas's edges. The canvas is 1 wide, or wider where a text stands
    beside a mark or alone (``layout.WIDTHS``).
    """
    inks, ground, background = colors_of(parameters)
    width, parts = _LAYOUTS[parameters.layout](parameters, flat=len(set(inks)) == 1)
    layers = tuple(
        Layer(shapes=_united(p.shapes), color=ground if p.ink == GROUND else inks[p.ink]) for p in merged(parts)
    )
    return Scene(layers=layers, background=background, width=width)


def colors_of(parameters: LogoParameters) -> tuple[tuple[str, str, str], str, str | None]:
    """Return the inks, the ground that they are readable on, and the background."""
    colors = parameters.palette
    inks, ground = {
        "light": (colors.light, colors.paper),
        "dark": (colors.dark, colors.ground),
        "one_color": (("#000000",) * 3, "#ffffff"),
        "one_color_dark": (("#ffffff",) * 3, "#000000"),
    }[parameters.variant]
    if parameters.background is None:
        return inks, ground, None
    if parameters.background == "auto":
        return inks, ground, ground
    first, second, third = (readable(color, parameters.background) for color in inks)
    return (first, second, third), parameters.background, parameters.background


def _united(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Return shapes with the first as the start, whatever it was."""
    return (dataclasses.replace(shapes[0], op="union"), *shapes[1:])


_LAYOUTS = {
    "mark": lockup.alone,
    "stacked": lockup.stacked,
    "horizontal": lockup.horizontal,
    "wordmark": wordmark.wordmark,
    "badge": badge.badge,
}

__all__ = ["FAMILIES", "MOST_SHAPES", "colors_of", "scene_of"]
