"""What logos look like, as far as it can be said in numbers: safe area, contrast, size, difference."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gen_jax.draw import hexcolor, oklab
from gen_jax.draw.logo.design import FAMILIES, MOST_SHAPES, scene_of
from gen_jax.draw.logo.layout import WIDTHS
from gen_jax.draw.logo.marks.shapes import bounds_of
from gen_jax.draw.logo.parameters import LogoParameters, from_json, logo_parameters, to_json
from gen_jax.draw.logo.raster import raster
from gen_jax.draw.logo.scene import Scene, Text
from gen_jax.draw.logo.svg import svg

SIZE = 64
SEEDS = range(60)
NAMES = ("Hi", "Northwind", "Blue Harbor Coffee", "Internationale Gesellschaft für Zeitmessung", "jÅgypsyÅj")


@pytest.fixture(scope="module")
def designs() -> list[LogoParameters]:
    """Every family, every layout on a square, every variant."""
    variants = ("light", "dark", "one_color", "one_color_dark")
    names = list(FAMILIES)
    marks = [logo_parameters(seed, family=names[seed % len(names)], variant=variants[seed % 4]) for seed in SEEDS]
    layouts = ("stacked", "badge")
    return [*marks, *(logo_parameters(i, text=NAMES[i % len(NAMES)], layout=layouts[i % 2]) for i in range(10))]


@pytest.fixture(scope="module")
def scenes(designs: list[LogoParameters]) -> list[Scene]:
    return [scene_of(parameters) for parameters in designs]


@pytest.fixture(scope="module")
def images(scenes: list[Scene]) -> np.ndarray:
    return raster(scenes, size=SIZE).astype(int)


def srgb(color: str) -> np.ndarray:
    return hexcolor.parse(color, where="color")


def test_nothing_but_the_ground_lies_outside_of_the_safe_area(
    designs: list[LogoParameters], scenes: list[Scene], images: np.ndarray
) -> None:
    for parameters, scene, image in zip(designs, scenes, images, strict=True):
        edge = int(parameters.padding * SIZE)
        outside = np.ones((SIZE, SIZE), bool)
        outside[edge : SIZE - edge, edge : SIZE - edge] = False
        assert scene.background is not None
        ground = np.array([*np.round(srgb(scene.background) * 255.0), 255.0])
        assert np.abs(image[outside] - ground).max() <= 1, (parameters.family, parameters.seed)


def test_something_is_drawn_and_it_reaches_the_safe_area_somewhere(scenes: list[Scene], images: np.ndarray) -> None:
    for scene, image in zip(scenes, images, strict=True):
        assert scene.background is not None
        inked = np.abs(image[..., :3] - np.round(srgb(scene.background) * 255.0)).max(-1) > 30
        assert 0.03 < inked.mean() < 0.7
        rows, columns = np.nonzero(inked)
        assert max(np.ptp(rows), np.ptp(columns)) > 0.6 * SIZE


@pytest.mark.parametrize("variant", ["light", "dark", "one_color", "one_color_dark"])
@pytest.mark.parametrize("background", ["auto", "#808080", "#ffd500"])
def test_every_ink_is_readable_on_the_background(variant: str, background: str) -> None:
    for seed in range(12):
        scene = scene_of(logo_parameters(seed, variant=variant, background=background))
        assert scene.background is not None
        for layer in scene.layers:
            # What is empty in a container has the colour of the ground.
            contrast = float(oklab.contrast(srgb(layer.color), srgb(scene.background)))
            assert layer.color == scene.background or contrast >= 4.5


def test_one_color_is_one_color(scenes: list[Scene], designs: list[LogoParameters]) -> None:
    for parameters, scene in zip(designs, scenes, strict=True):
        colors = {layer.color for layer in scene.layers}
        if parameters.variant == "one_color":
            assert colors <= {"#000000", "#ffffff"} and scene.background == "#ffffff"
        if parameters.variant == "one_color_dark":
            assert colors <= {"#000000", "#ffffff"} and scene.background == "#000000"


def test_a_transparent_logo_is_the_same_one_without_its_ground() -> None:
    for seed in range(8):
        solid, clear = (scene_of(logo_parameters(seed, background=given)) for given in ("auto", None))
        assert clear == dataclasses.replace(solid, background=None)


def test_a_logo_is_a_small_svg_file_of_few_shapes(scenes: list[Scene]) -> None:
    assert max(sum(len(layer.shapes) for layer in scene.layers) for scene in scenes) <= MOST_SHAPES
    assert max(len(svg(scene).encode()) for scene in scenes[: len(SEEDS)]) < 10_000


def test_no_two_seeds_look_alike(images: np.ndarray) -> None:
    grey = images[..., :3].mean(-1).reshape(len(images), 16, SIZE // 16, 16, SIZE // 16).mean((2, 4))
    apart = np.abs(grey[:, None] - grey[None]).mean((2, 3))
    assert apart[np.triu_indices(len(images), 1)].min() > 4.0


@pytest.mark.parametrize("layout", ["stacked", "horizontal", "wordmark", "badge"])
@pytest.mark.parametrize("name", NAMES)
def test_every_name_fits_into_every_layout(layout: str, name: str) -> None:
    for seed in range(4):
        parameters = logo_parameters(seed, text=name, layout=layout)
        scene = scene_of(parameters)
        assert scene.width == 1.0 or scene.width in WIDTHS
        words = [shape.text for layer in scene.layers for shape in layer.shapes if isinstance(shape, Text)]
        assert "".join(words).replace(" ", "").lower().endswith(name.replace(" ", "").lower())
        for layer in scene.layers:
            left, top, right, bottom = bounds_of(layer.shapes)
            assert min(left, top) >= parameters.padding
            assert max(right - scene.width, bottom - 1.0) <= -parameters.padding


def test_a_scene_follows_from_the_json(designs: list[LogoParameters], scenes: list[Scene]) -> None:
    for parameters, scene in zip(designs[::7], scenes[::7], strict=True):
        assert scene_of(from_json(to_json(parameters), where="file")) == scene


def test_the_name_of_a_family_is_its_kind() -> None:
    assert len(FAMILIES) >= 16
    for name, family in FAMILIES.items():
        assert logo_parameters(0, family=name).mark == logo_parameters(0, family=name, mark={"kind": name}).mark
        assert family.__doc__ and len(family.__doc__.splitlines()[0]) < 120
