"""Recipes: what a seed varies, what is given, JSON both ways, and mistakes."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw import oklab
from gen_jax.draw.texture.catalog import TEXTURES
from gen_jax.draw.texture.colormap import arrays
from gen_jax.draw.texture.plan import known, plan
from gen_jax.draw.texture.presets import PRESETS
from gen_jax.draw.texture.recipe import TextureRecipe, from_json, texture_recipe, to_json
from gen_jax.errors import UserError


@pytest.mark.parametrize("name", [*PRESETS, *(name for name in TEXTURES if name not in PRESETS)])
def test_without_variation_a_name_gives_what_it_says_itself(name) -> None:
    recipe = texture_recipe(name, seed=5, vary=0.0)
    for key, parameter in known(name).items():
        said = {**recipe.numbers, **recipe.choices}[key]
        assert said == (parameter.default if isinstance(said, str) else pytest.approx(parameter.default, rel=1e-6))
    if name in PRESETS:
        np.testing.assert_array_equal(arrays(recipe.colors)[1], arrays(PRESETS[name].colors)[1])


def test_a_seed_moves_numbers_within_their_share_and_no_given_one() -> None:
    specs = known("oak")
    rings = {texture_recipe("oak", seed=seed, parameters={"fibre": 0.25}).numbers["rings"] for seed in range(40)}
    assert len(rings) > 30
    middle, reach = specs["rings"].default, specs["rings"].default * specs["rings"].vary
    assert min(rings) >= middle - reach
    assert max(rings) <= middle + reach
    assert max(rings) - min(rings) > reach
    assert {texture_recipe("oak", seed=seed, parameters={"fibre": 0.25}).numbers["fibre"] for seed in (1, 2)} == {0.25}


def test_a_seed_moves_colours_by_what_the_preset_allows() -> None:
    preset = PRESETS["oak"]
    before = oklab.to_oklch(arrays(preset.colors)[1])
    after = [oklab.to_oklch(arrays(texture_recipe("oak", seed=seed).colors)[1]) for seed in range(20)]
    turned = np.stack(after) - before
    assert np.abs(turned[..., 0]).max() <= preset.lightness + 0.004
    assert np.abs(turned[..., 2]).max() <= preset.hue + 1.5
    assert np.abs(turned[..., 2]).max() > 0.5 * preset.hue


def test_a_seed_and_another_by_2_to_the_32_are_the_same() -> None:
    assert texture_recipe("oak", seed=-1).numbers == texture_recipe("oak", seed=2**32 - 1).numbers


@pytest.mark.parametrize("name", ["oak", "camouflage", "tartan"])
def test_a_compiled_program_varies_by_the_same_numbers_to_the_bit(name) -> None:
    """Also where the compiler fuses product and sum; colours are rounded to 8 bits, one level is allowed."""
    said, seeds = plan(name), np.arange(1000, dtype=np.uint32) * np.uint32(2654435761)
    numbers, colors = jax.jit(lambda seeds: (said.numbers_of(seeds), said.colors_of(seeds)))(jnp.asarray(seeds))
    for key, value in said.numbers_of(seeds).items():
        np.testing.assert_array_equal(numbers[key], value, err_msg=key)
    difference = np.abs(np.asarray(colors) - said.colors_of(seeds)) * 255.0
    assert difference.max() < 1.01
    assert (difference > 0.5).mean() < 0.001


def test_a_whole_number_stays_whole() -> None:
    bands = {texture_recipe("tartan", seed=seed).numbers["bands"] for seed in range(30)}
    assert len(bands) > 1
    assert all(number == round(number) for number in bands)


@pytest.mark.parametrize("name", ["oak", "carrara", "digital_camouflage", "noise", "terrazzo"])
def test_json_gives_the_recipe_back(name) -> None:
    recipe = texture_recipe(name, seed=11, tile=True)
    assert from_json(json.loads(json.dumps(to_json(recipe))), "it.json") == recipe


def test_colours_that_are_given_stay() -> None:
    recipe = texture_recipe("oak", seed=3, colors=((0, "teal"), (1, "#fff")))
    assert recipe.colors == ((0.0, "#008080"), (1.0, "#ffffff"))


def test_a_recipe_fills_in_defaults() -> None:
    recipe = TextureRecipe(texture="wood", numbers={"rings": 5}, colors=((0.0, "red"),))
    assert recipe.numbers["rings"] == 5
    assert recipe.numbers["fibre"] == TEXTURES["wood"].numbers["fibre"].default
    assert recipe.numbers["relief"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "oka"}, "unknown texture or preset 'oka'. Perhaps you meant 'oak'. Known: "),
        ({"name": "oak", "parameters": {"ring": 3}}, "unknown parameter of oak 'ring'. Perhaps you meant 'rings'"),
        ({"name": "oak", "parameters": {"rings": -1}}, "oak.rings is -1; allowed are numbers from 2 to 100"),
        ({"name": "oak", "parameters": {"rings": "many"}}, "oak.rings is 'many'"),
        ({"name": "noise", "parameters": {"kind": "fmb"}}, "noise.kind is 'fmb'; allowed are single, fbm"),
        ({"name": "tartan", "parameters": {"bands": 2.5}}, "tartan.bands is 2.5; allowed are whole numbers"),
        ({"name": "oak", "vary": -1}, "vary is -1; allowed are numbers from 0 to 10"),
        ({"name": "oak", "colors": ((0, "no colour"),)}, "colour 1 is 'no colour'"),
    ],
)
def test_a_mistake_is_answered_in_one_line(arguments, message) -> None:
    with pytest.raises(UserError) as error:
        texture_recipe(arguments.pop("name"), **arguments)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"texture": "wodo"}, "it.json: unknown texture 'wodo'. Perhaps you meant 'wood'"),
        ({"numbers": {"rings": 1e9}}, "it.json: wood.rings is 1000000000.0; allowed are"),
        ({"numbers": {"knoten": 1}}, "it.json: unknown parameter of wood 'knoten'"),
        ({"seed": "first"}, "it.json: seed: "),
        ({"colours": []}, "it.json: colours: "),
        ({"colors": []}, "it.json: colors of wood has 0 colours"),
    ],
)
def test_a_file_that_says_something_else_is_refused_in_one_line(change, message) -> None:
    with pytest.raises(UserError) as error:
        from_json({**to_json(texture_recipe("oak")), **change}, "it.json")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_no_recipe_at_all_is_refused() -> None:
    with pytest.raises(UserError, match=r"^it.json: "):
        from_json([1, 2], "it.json")
