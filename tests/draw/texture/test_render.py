"""Pictures of recipes: what comes out, alone, together and inside a compiled program."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.texture.recipe import from_json, texture_recipe, to_json
from gen_jax.draw.texture.render import draw_textures, make_drawer
from gen_jax.errors import UserError

SIZE = (24, 40)
ALL = ("color", "height", "normal", "mask", "height16", "normal_directx")


@pytest.fixture(scope="module")
def recipes():
    names = ("plasma", "checkerboard", "plasma", "plasma")
    return [texture_recipe(name, seed=seed, tile=True) for seed, name in enumerate(names)]


@pytest.fixture(scope="module")
def pictures(recipes):
    return draw_textures(recipes, size=SIZE, outputs=ALL)


def test_outputs_have_their_shapes_and_kinds(pictures) -> None:
    shapes = {name: (images.shape, images.dtype.name) for name, images in pictures.items()}
    assert shapes == {
        "color": ((4, *SIZE, 3), "uint8"),
        "height": ((4, *SIZE, 1), "uint8"),
        "normal": ((4, *SIZE, 3), "uint8"),
        "mask": ((4, *SIZE, 1), "uint8"),
        "height16": ((4, *SIZE, 1), "uint16"),
        "normal_directx": ((4, *SIZE, 3), "uint8"),
    }


def test_a_picture_is_the_same_alone_and_in_any_company(recipes, pictures) -> None:
    alone = draw_textures([recipes[2]], size=SIZE, outputs=ALL)
    turned = draw_textures(recipes[::-1], size=SIZE, outputs=ALL)
    for name in ALL:
        np.testing.assert_array_equal(alone[name][0], pictures[name][2])
        np.testing.assert_array_equal(turned[name][::-1], pictures[name])
    assert (pictures["color"][2] != pictures["color"][3]).any()


def test_what_json_gives_back_draws_the_same_bytes(recipes, pictures) -> None:
    again = [from_json(json.loads(json.dumps(to_json(recipe))), "it.json") for recipe in recipes]
    for name, images in draw_textures(again, size=SIZE, outputs=ALL).items():
        assert images.tobytes() == pictures[name].tobytes()


def test_16_bits_of_height_are_the_8_bits_but_finer(pictures) -> None:
    assert np.abs(pictures["height16"] / 257.0 - pictures["height"]).max() <= 0.51
    assert len(np.unique(pictures["height16"][0])) > 256


def test_directx_turns_green_over(pictures) -> None:
    other = pictures["normal_directx"].astype(int)
    np.testing.assert_array_equal(other[..., [0, 2]], pictures["normal"][..., [0, 2]])
    assert np.abs(other[..., 1] + pictures["normal"][..., 1] - 255).max() <= 1


def test_relief_and_light_are_parameters_of_every_texture() -> None:
    flat, steep = (
        texture_recipe("plasma", tile=True, parameters={"relief": relief, "light": 1}) for relief in (0, 0.1)
    )
    images = draw_textures([flat, steep], size=SIZE, outputs=("color", "normal", "height", "mask", "height16"))
    assert (images["normal"][0] == np.array([128, 128, 255])).all()
    assert (images["normal"][1] != images["normal"][0]).any()
    assert (images["color"][1] != images["color"][0]).any()


@pytest.fixture(scope="module")
def drawer():
    return jax.jit(make_drawer("aurora", size=(32, 32)))


def test_a_compiled_program_draws_what_the_recipes_say(drawer) -> None:
    images, numbers = drawer(jnp.arange(4, dtype=jnp.uint32))
    recipes = [texture_recipe("aurora", seed=seed, tile=True) for seed in range(4)]
    expected = draw_textures(recipes, size=(32, 32))["color"]
    difference = np.abs(np.asarray(images).astype(int) - expected)
    assert (difference > 1).mean() < 0.002
    for key, values in numbers.items():
        np.testing.assert_array_equal(values, np.float32([recipe.numbers[key] for recipe in recipes]))


@pytest.mark.devices(4)
def test_a_batch_over_four_devices_is_the_batch_on_one(drawer) -> None:
    seeds = jnp.arange(4, dtype=jnp.uint32)
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:4]), ("batch",))
    spread = jax.device_put(seeds, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("batch")))
    np.testing.assert_array_equal(drawer(spread)[0], drawer(seeds)[0])


def test_given_parameters_are_the_same_in_every_picture() -> None:
    draw = make_drawer("plasma", size=(8, 8), output="height", parameters={"scale": 2}, vary=0.5)
    images, numbers = jax.jit(draw)(jnp.arange(3, dtype=jnp.uint32))
    assert images.shape == (3, 8, 8, 1)
    assert set(np.asarray(numbers["scale"])) == {2.0}
    assert len(set(np.asarray(numbers["warp"]))) == 3


def test_an_output_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(UserError, match="output is 'colour'; allowed are color, height"):
        draw_textures([texture_recipe("plasma")], size=SIZE, outputs=("colour",))
    with pytest.raises(UserError, match="output is 'colour'; allowed are color, height"):
        make_drawer("plasma", size=SIZE, output="colour")
