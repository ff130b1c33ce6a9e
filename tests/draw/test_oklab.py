"""Colours against published values: OKLab and OKLCH of the CSS colours, contrasts of WCAG."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw import hexcolor, oklab
from gen_jax.errors import UserError

# W3C, CSS Color Module Level 4, sample values; also what browsers compute.
OKLCH = {
    "#ff0000": (0.62796, 0.25768, 29.234),
    "#00ff00": (0.86644, 0.29483, 142.495),
    "#0000ff": (0.45201, 0.31321, 264.052),
    "#ffff00": (0.96798, 0.21101, 109.769),
    "#00ffff": (0.90540, 0.15455, 194.769),
}
# WebAIM's contrast checker, which rounds down.
CONTRAST = {
    ("#000000", "#ffffff"): 21.0,
    ("#777777", "#ffffff"): 4.48,
    ("#767676", "#ffffff"): 4.54,
    ("#0000ff", "#ffffff"): 8.59,
    ("#ff0000", "#ffffff"): 4.00,
}


def color(text: str) -> np.ndarray:
    return hexcolor.parse(text, where="a color")


@pytest.mark.parametrize("text", OKLCH)
def test_oklch_is_that_of_the_standard(text):
    lightness, chroma, hue = oklab.to_oklch(color(text))
    np.testing.assert_allclose((lightness, chroma), OKLCH[text][:2], atol=2e-4)
    assert hue == pytest.approx(OKLCH[text][2], abs=0.05)


def test_oklab_of_red_is_that_of_the_standard_and_white_has_no_chroma():
    np.testing.assert_allclose(oklab.to_oklab(color("red")), (0.62796, 0.22486, 0.12585), atol=1e-4)
    np.testing.assert_allclose(oklab.to_oklab(color("white")), (1.0, 0.0, 0.0), atol=1e-4)
    np.testing.assert_allclose(oklab.to_oklab(color("black")), 0.0, atol=1e-6)


@pytest.mark.parametrize("pair", CONTRAST)
def test_contrast_is_that_of_wcag(pair):
    first, second = map(color, pair)
    assert oklab.contrast(first, second) == pytest.approx(CONTRAST[pair], abs=0.006)
    assert oklab.contrast(second, first) == oklab.contrast(first, second)


def test_every_way_there_leads_back_in_both_libraries():
    colors = np.random.default_rng(0).random((500, 3), np.float32)

    def there_and_back(colors):
        return (
            oklab.from_oklab(oklab.to_oklab(colors)),
            oklab.from_oklch(oklab.to_oklch(colors)),
            oklab.from_linear(oklab.to_linear(colors)),
        )

    for back in (there_and_back(colors), jax.jit(there_and_back)(colors)):
        for result in back:
            np.testing.assert_allclose(result, colors, atol=2e-5)


def test_gradients_are_finite_at_black_and_where_the_curve_of_srgb_bends():
    lab = jnp.array([[0.0, 0.0, 0.0], [0.2, 0.0, 0.0], [1.0, 0.0, 0.0], [0.1, 0.3, -0.3]])
    gradient = jax.jit(jax.grad(lambda colors: jnp.sum(oklab.from_oklab(colors) ** 2)))(lab)
    assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0.1


def test_colors_in_words():
    np.testing.assert_array_equal(color("#f80"), color("#ff8800"))
    np.testing.assert_array_equal(color("teal"), np.float32([0, 128, 128]) / np.float32(255))
    assert [hexcolor.text_of(color(text)) for text in ("#123abc", "teal", "#F80")] == ["#123abc", "#008080", "#ff8800"]
    assert hexcolor.text_of(np.array([-0.2, 0.5, 1.7])) == "#0080ff"


def test_words_that_are_no_color_are_named():
    with pytest.raises(UserError, match=r"--colors is 'teale'; allowed are #rrggbb"):
        hexcolor.parse("teale", where="--colors")
