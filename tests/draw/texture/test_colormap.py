"""Colour maps: the stops themselves, what lies between them in OKLab, and mistakes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw import oklab
from gen_jax.draw.texture import colormap
from gen_jax.errors import UserError

STOPS = ((0.0, "#102040"), (0.25, "#c04010"), (0.25, "#10c040"), (1.0, "#f0e0d0"))


@pytest.fixture(scope="module")
def look_up():
    return jax.jit(colormap.look_up)


def drawn(look_up, stops, tones) -> np.ndarray:
    positions, colors = colormap.arrays(stops)
    return np.asarray(look_up(jnp.asarray(tones, jnp.float32)[None, None, :], positions[None], colors[None]))[0, 0]


def test_a_stop_has_its_own_colour(look_up) -> None:
    colors = drawn(look_up, STOPS, [0.0, 0.249999, 0.250002, 1.0])
    np.testing.assert_allclose(colors * 255.0, [[16, 32, 64], [192, 64, 16], [16, 192, 64], [240, 224, 208]], atol=0.05)


def test_between_two_stops_lies_the_middle_of_their_oklab_colours(look_up) -> None:
    _, ends = colormap.arrays(STOPS[2:])
    middle = oklab.from_oklab(oklab.to_oklab(ends).mean(axis=0))
    np.testing.assert_allclose(drawn(look_up, STOPS[2:], [0.0, 0.625, 0.625, 1.0])[1], middle, atol=1e-5)


def test_black_to_white_is_even_in_lightness_and_grey(look_up) -> None:
    greys = drawn(look_up, colormap.GREYS, [0.0, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(oklab.to_oklab(greys)[:, 0], [0.0, 0.25, 0.5, 1.0], atol=2e-4)
    np.testing.assert_allclose(greys, greys[:, :1] * np.ones(3), atol=1e-4)


def test_every_picture_has_a_map_of_its_own_and_one_color_is_a_map(look_up) -> None:
    colors = np.array([[[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]]], np.float32)
    found = look_up(jnp.full((2, 3, 4), 0.7), jnp.zeros((2, 1)), jnp.asarray(colors))
    np.testing.assert_allclose(found, np.broadcast_to(colors[:, None], (2, 3, 4, 3)), atol=1e-3)


def test_colours_have_a_slope_in_the_tone() -> None:
    positions, colors = (jnp.asarray(each)[None] for each in colormap.arrays(STOPS))
    slope = jax.jit(jax.grad(lambda tone: colormap.look_up(tone, positions, colors).sum()))(
        jnp.linspace(0, 1, 8)[None, None, :]
    )
    assert np.isfinite(slope).all()
    assert (np.abs(slope) > 0.1).any()


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        ((), "colors has 0 colours; give from 1 to 32"),
        (((0.5, "red"), (0.2, "blue")), "position 2 is 0.2; positions rise from 0 to 1"),
        (((0.0, "red"), (1.5, "blue")), "position 2 is 1.5"),
        (((0.0, "reddish"),), "colour 1 is 'reddish'; allowed are #rrggbb"),
    ],
)
def test_a_map_that_is_none_is_refused_in_one_line(stops, message) -> None:
    with pytest.raises(UserError) as error:
        colormap.check(stops, where="colors")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_colours_in_words_become_hexadecimal() -> None:
    assert colormap.check(((0, "teal"), (1, "#FA0")), where="colors") == ((0.0, "#008080"), (1.0, "#ffaa00"))
