"""The colours of logos: harmonies that hold, inks that can be read."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from gen_jax.draw import hexcolor, oklab
from gen_jax.draw.logo.palette import SCHEMES, fit, palette, readable


def levels(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[place : place + 2], 16) / 255.0 for place in (1, 3, 5))
    return red, green, blue


def wcag_contrast(one: str, two: str) -> float:
    """From the text of WCAG 2.2, in plain Python."""
    lights = []
    for color in (one, two):
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels(color)]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(lights) / min(lights)


def hue_of(color: str) -> float:
    return float(oklab.to_oklch(hexcolor.parse(color, where="color"))[2])


def apart(one: float, two: float) -> float:
    return abs((one - two + 180.0) % 360.0 - 180.0)


PALETTES = [palette(f"seed {index}") for index in range(150)]


def test_every_ink_of_every_palette_is_readable_on_its_ground() -> None:
    for colors in PALETTES:
        assert min(wcag_contrast(ink, colors.paper) for ink in colors.light) >= 4.5
        assert min(wcag_contrast(ink, colors.ground) for ink in colors.dark) >= 4.5
        assert wcag_contrast(colors.ground, colors.paper) >= 4.5


def test_the_first_inks_are_not_muddy() -> None:
    for colors in PALETTES:
        assert colorsys.rgb_to_hsv(*levels(colors.light[0]))[1] > 0.5
        # Dark yellow and olive, about 100 degrees, never stand on white.
        assert all(apart(hue_of(ink), 100.0) > 25.0 for ink in colors.light if oklab_chroma(ink) > 0.06)


def oklab_chroma(color: str) -> float:
    return float(oklab.to_oklch(hexcolor.parse(color, where="color"))[1])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_inks_on_the_dark_ground_have_the_hues_of_the_scheme(scheme: str) -> None:
    made = [palette(f"{scheme} {index}", scheme=scheme, hue=20.0) for index in range(12)]  # type: ignore[arg-type]
    second, third = SCHEMES[scheme]
    for place, step in ((1, second), (2, third)):
        inks = [colors.dark[place] for colors in made if oklab_chroma(colors.dark[place]) > 0.035]
        # Eight bits a channel say the hue of a light colour to a few degrees.
        assert inks and all(apart(hue_of(ink), 20.0 + step) < 8.0 for ink in inks)


def test_a_colour_that_srgb_holds_stays_and_another_loses_chroma_alone() -> None:
    lightness, chroma, hue = (float(v) for v in oklab.to_oklch(hexcolor.parse("#3366cc", where="color")))
    assert max(abs(a - b) for a, b in zip(levels(fit(lightness, chroma, hue)), levels("#3366cc"), strict=True)) < 0.006
    mapped = oklab.to_oklch(hexcolor.parse(fit(0.6, 0.4, 200.0), where="color"))
    assert 0.05 < mapped[1] < 0.4
    np.testing.assert_allclose(mapped[0], 0.6, atol=0.01)
    np.testing.assert_allclose(mapped[2], 200.0, atol=4.0)


@pytest.mark.parametrize("ground", ["#ffffff", "#000000", "#808080", "#ff0000", "#00ffff", "#757575"])
@pytest.mark.parametrize("ink", ["#ffee00", "#101040", "#777777", "#ff0000"])
def test_any_ink_becomes_readable_on_any_ground_and_a_readable_one_stays(ink: str, ground: str) -> None:
    found = readable(ink, ground)
    assert wcag_contrast(found, ground) >= 4.5
    assert found == ink or wcag_contrast(ink, ground) < 4.5


def test_a_given_scheme_or_hue_moves_nothing_else() -> None:
    drawn = palette("some seed")
    assert palette("some seed", scheme=drawn.scheme) == drawn
    assert palette("some seed", hue=drawn.hue) == drawn
