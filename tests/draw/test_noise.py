"""Random pixels: their distributions, spectra, palettes, and that a seed is a picture whatever it is drawn with."""

from __future__ import annotations

import functools
import statistics

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw import noise, oklab
from gen_jax.draw.noise import NoiseRecipe, draw_noise, from_json, noise_recipe, to_json, white
from gen_jax.draw.noise.blue import ranks
from gen_jax.draw.noise.colored import colored
from gen_jax.errors import UserError

SLOPES = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
PALETTE = ("#112233", "#445566", "#aa8855", "#ffffff", "#cc2200")


def power(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies in cycles a pixel and the power there, 1 on average; the mean is left out."""
    height, width = image.shape
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    spectrum = np.abs(np.fft.fft2(image - image.mean())) ** 2 / (image.size * image.var())
    return frequency[frequency > 0], spectrum[frequency > 0]


def colors_of(image: np.ndarray) -> dict[str, int]:
    values, counts = np.unique(image.reshape(-1, 3), axis=0, return_counts=True)
    return {"#" + bytes(value).hex(): int(count) for value, count in zip(values, counts, strict=True)}


# --- every pixel by itself


def chances_of(kind: str, **numbers: float) -> np.ndarray:
    return {"uniform": white.uniform, "gaussian": white.gaussian, "salt_pepper": white.salt_pepper}[kind](**numbers)


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("uniform", {"low": 0.2, "high": 0.7}),
        ("uniform", {"low": 1.0, "high": 0.0}),
        ("gaussian", {"mean": 0.4, "std": 0.2}),
        ("gaussian", {"mean": 0.5, "std": 0.0}),
        ("gaussian", {"mean": 2.0, "std": 0.1}),
        ("salt_pepper", {"amount": 0.3, "salt": 0.25, "ground": 1.0}),
        ("salt_pepper", {"amount": 0.0, "salt": 0.5, "ground": 0.5}),
    ],
)
def test_the_table_of_a_distribution_is_exact(kind, numbers):
    """Counted over all outcomes of the 32 bits: 256 columns of 2^24 cases."""
    chances = chances_of(kind, **numbers)
    stay, other = white.alias_table(tuple(chances))
    cases = stay.astype(np.float64)
    np.add.at(cases, other, 2.0**24 - stay.astype(np.float64))
    np.testing.assert_allclose(cases / 2.0**32, chances, atol=2.0**-31)
    assert chances.sum() == pytest.approx(1.0) and not cases[chances == 0.0].any()


def test_distributions_have_their_closed_forms():
    np.testing.assert_array_equal(white.uniform(0.2, 0.6)[[50, 51, 153, 154]], [0.0, 1 / 103, 1 / 103, 0.0])
    normal = statistics.NormalDist(0.4, 0.25)
    chances = white.gaussian(0.4, 0.25)
    assert chances[0] == pytest.approx(normal.cdf(0.5 / 255))
    assert chances[100] == pytest.approx(normal.cdf(100.5 / 255) - normal.cdf(99.5 / 255))
    assert chances[255] == pytest.approx(1.0 - normal.cdf(254.5 / 255))
    np.testing.assert_allclose(white.salt_pepper(0.4, 0.75, 0.5)[[0, 128, 255]], [0.1, 0.6, 0.3])


@pytest.fixture(scope="module")
def white_pictures() -> dict[str, np.ndarray]:
    recipes = [noise_recipe(kind, seed=11) for kind in ("uniform", "gaussian", "salt_pepper")]
    return {
        recipe.kind: image[..., 0] for recipe, image in zip(recipes, draw_noise(recipes, size=(96, 128)), strict=True)
    }


@pytest.mark.parametrize("kind", ["uniform", "gaussian", "salt_pepper"])
def test_levels_are_as_frequent_as_they_should_be(kind, white_pictures):
    image = white_pictures[kind]
    expected = chances_of(kind, **noise_recipe(kind).numbers) * image.size
    likely = expected > 5.0
    counts = np.bincount(image.ravel(), minlength=256)
    excess = np.sum((counts - expected)[likely] ** 2 / expected[likely]) - likely.sum()
    assert abs(excess) < 6.0 * np.sqrt(2.0 * likely.sum())  # chi-squared
    assert not counts[expected == 0.0].any()


def test_white_noise_has_a_flat_spectrum(white_pictures):
    frequency, spectrum = power(white_pictures["uniform"].astype(float))
    for low in np.arange(0.0, 0.5, 0.1):
        ring = spectrum[(frequency > low) & (frequency <= low + 0.1)]
        assert abs(ring.mean() - 1.0) < 5.0 / np.sqrt(ring.size / 2)


# --- blue noise


@pytest.fixture(scope="module")
def blue() -> np.ndarray:
    """Three pictures whose sides are no multiple of anything."""
    return blue_of(3, 4, 5)


@functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 1})
def blue_program(seeds):
    return ranks(seeds, size=(70, 61))


def blue_of(*seeds: int) -> np.ndarray:
    return np.asarray(blue_program(np.array(seeds, np.uint32)))


def test_blue_noise_has_every_rank_once(blue):
    for image in blue:
        np.testing.assert_array_equal(np.sort(image, axis=None), np.arange(image.size))


def test_blue_noise_has_no_low_frequencies_around_its_edges_too(blue):
    """The transform knows no edge: a seam would be power at low frequencies along the axes."""
    frequency, spectrum = power(blue[0].astype(float))
    assert spectrum[frequency < 0.1].mean() < 0.002
    assert spectrum[frequency < 0.2].mean() < 0.01
    assert spectrum[frequency > 0.35].mean() > 1.1
    columns = np.abs(np.fft.fft2(blue[0] - blue[0].mean())) ** 2 / (blue[0].size * blue[0].var())
    assert columns[0, 1:6].max() < 0.05 and columns[1:6, 0].max() < 0.05


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_the_darkest_pixels_of_blue_noise_are_blue_as_well(blue, share):
    for image in blue:
        frequency, spectrum = power((image < share * image.size).astype(float))
        assert spectrum[frequency < 0.1].mean() < 0.1


def test_the_darkest_pixels_of_blue_noise_keep_their_distance(blue):
    """Of random ones the nearest is half a spacing away on average, and some are beside each other."""
    for image in blue:
        places = np.argwhere(image < 0.05 * image.size)
        gap = np.abs(places[:, None] - places[None])
        gap = np.minimum(gap, np.array(image.shape) - gap)
        distance = np.hypot(*np.moveaxis(gap, -1, 0)) + 1e9 * np.eye(len(places))
        assert distance.min(axis=1).mean() > 0.8 / np.sqrt(0.05)
        assert distance.min() >= 2.0


def test_blue_noise_does_not_depend_on_its_batch(blue):
    np.testing.assert_array_equal(blue_of(4, 99, 100)[0], blue[1])
    assert np.mean(blue[0] == blue[1]) < 0.01


# --- coloured noise


@pytest.fixture(scope="module")
def shades() -> np.ndarray:
    """One picture a slope."""
    seeds = np.arange(len(SLOPES), dtype=np.uint32)
    return np.asarray(jax.jit(colored, static_argnames="size")(seeds, np.float32(SLOPES), size=(64, 81)))


@pytest.mark.parametrize("place", range(len(SLOPES)))
def test_the_spectrum_of_colored_noise_falls_as_asked(place, shades):
    frequency, spectrum = power(shades[place].astype(np.float64))
    slope, _ = np.polyfit(np.log(frequency), np.log(spectrum), 1)
    assert -slope == pytest.approx(SLOPES[place], abs=0.02)
    assert shades[place].mean() == pytest.approx(0.0, abs=1e-5)
    assert shades[place].std() == pytest.approx(1.0, abs=1e-4)


def test_colored_noise_is_close_to_normal(shades):
    """Of slopes up to 2 many waves add up: skewness 0, kurtosis 3."""
    for image in shades[:4]:
        assert abs(np.mean(image**3)) < 0.2 and abs(np.mean(image**4) - 3.0) < 0.3


def test_colored_noise_does_not_depend_on_its_batch(shades):
    alone = jax.jit(colored, static_argnames="size")(np.uint32([5]), np.float32([3.0]), size=(64, 81))
    np.testing.assert_array_equal(alone[0], shades[5])


def test_a_single_pixel_has_no_color():
    assert draw_noise([noise_recipe("brown")], size=(1, 1))[0].tolist() == [[[128]]]


# --- pictures


def test_red_green_and_blue_are_independent():
    [image] = draw_noise([noise_recipe("uniform", rgb=True)], size=(96, 128))
    assert np.abs(np.corrcoef(image.reshape(-1, 3).T) - np.eye(3)).max() < 0.05


def test_a_palette_has_as_many_pixels_of_each_color_the_first_on_the_darkest():
    plain, restricted = draw_noise(
        [noise_recipe("brown", seed=4), noise_recipe("brown", seed=4, palette=PALETTE)], size=(40, 50)
    )
    assert colors_of(restricted) == dict.fromkeys(PALETTE, 400)
    of_first = np.all(restricted == np.frombuffer(bytes.fromhex(PALETTE[0][1:]), np.uint8), axis=-1)
    assert plain[of_first].max() <= plain[~of_first].min()


def test_a_palette_of_colored_pixels_takes_the_nearest():
    recipes = [noise_recipe("uniform", rgb=True, seed=4, palette=palette) for palette in ((), PALETTE)]
    plain, restricted = draw_noise(recipes, size=(20, 24))
    palette = np.array([list(bytes.fromhex(color[1:])) for color in PALETTE], np.float32)
    pixels, colors = oklab.to_oklab(plain / np.float32(255)), oklab.to_oklab(palette / np.float32(255))
    nearest = np.argmin(np.sum((pixels[:, :, None] - colors[None, None]) ** 2, axis=-1), axis=-1)
    np.testing.assert_array_equal(restricted, palette[nearest])


def test_cells_have_one_color_each():
    small, large = draw_noise([noise_recipe("uniform", seed=6, rgb=True)], size=(3, 4)), None
    [large] = draw_noise([noise_recipe("uniform", seed=6, rgb=True, cell=8)], size=(20, 32))
    np.testing.assert_array_equal(large, np.repeat(np.repeat(small[0], 8, axis=0), 8, axis=1)[:20])


@pytest.mark.parametrize("size", [(1, 1), (3, 20)])
def test_blue_noise_of_any_size(size):
    image = np.asarray(ranks(np.array([1], np.uint32), size=size))[0]
    np.testing.assert_array_equal(np.sort(image, axis=None), np.arange(image.size))


def test_blue_levels_are_equally_often():
    [image] = draw_noise([noise_recipe("blue")], size=(32, 48))
    assert np.bincount(image.ravel(), minlength=256).tolist() == [6] * 256


def test_a_recipe_read_back_draws_the_same_picture():
    recipe = noise_recipe("salt_pepper", seed=2**32 - 1, rgb=True, parameters={"amount": 0.123456789}, cell=2)
    again = from_json(to_json(recipe), "a.json")
    assert again == recipe
    np.testing.assert_array_equal(*draw_noise([recipe, again], size=(16, 20)))


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: noise_recipe("bleu"), "unknown kind of noise 'bleu'. Perhaps you meant 'blue'"),
        (lambda: noise_recipe("pink", parameters={"slop": 2}), "unknown parameter of pink 'slop'. .*'slope'"),
        (lambda: noise_recipe("pink", parameters={"slope": 9}), r"pink.slope is 9; allowed are numbers from -2 to 4"),
        (lambda: noise_recipe("blue", cell=0), "cell is 0; allowed are whole numbers from 1"),
        (lambda: noise_recipe("blue", palette=["#12345"]), "palette is '#12345'; allowed are #rrggbb"),
        (lambda: noise_recipe("blue", palette=["teal"] * 300), "palette has 300 colors; allowed are 256"),
        (lambda: from_json({"kind": "blue", "sead": 3}, "a.json"), "a.json: sead: "),
        (lambda: from_json({"kind": "blue", "seed": "x"}, "a.json"), "a.json: seed: "),
        (lambda: from_json([1], "a.json"), "a.json: "),
        (lambda: NoiseRecipe(kind="gaussian", numbers={"std": float("nan")}), "gaussian.std is nan"),
    ],
)
def test_a_mistake_gets_one_line(make, complaint):
    with pytest.raises(UserError, match=complaint) as error:
        make()
    assert "\n" not in str(error.value)


def test_every_named_color_of_noise_is_a_kind():
    assert all(noise_recipe(name).kind in noise.KINDS for name in noise.NAMED)
    assert noise_recipe("red") == noise_recipe("brown")
    assert jnp.isfinite(jnp.float32(noise_recipe("violet").numbers["slope"]))
