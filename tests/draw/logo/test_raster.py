"""Logos as images: areas in closed form, what joins and lies over what, independence of the batch, gradients."""

from __future__ import annotations

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.logo import distance, raster
from gen_jax.draw.logo.pack import BOX, EMPTY, pack
from gen_jax.draw.logo.scene import Arc, Bezier, Box, Circle, Layer, Polygon, Scene, Shape, Star, Text
from gen_jax.errors import UserError

SIZE = 64
RED, BLUE = "#d02030", "#2040c0"


def scene(*layers: tuple[str, tuple[Shape, ...]], background: str | None = None) -> Scene:
    return Scene(layers=tuple(Layer(color=color, shapes=shapes) for color, shapes in layers), background=background)


def lens(radius: float, apart: float) -> float:
    """Area that two discs share."""
    half = apart / 2
    return 2 * radius**2 * math.acos(half / radius) - 2 * half * math.sqrt(radius**2 - half**2)


BIG = Circle(x=0.4, radius=0.25)
OTHER = Circle(x=0.6, radius=0.25)
DISC = math.pi * 0.25**2
STROKE = Bezier(start=(-0.3, 0.0), control=(0.0, 0.0), end=(0.3, 0.0), width=0.1)
AREAS: dict[str, tuple[tuple[Shape, ...], float]] = {
    "disc": ((BIG,), DISC),
    "ellipse": ((Circle(radius=0.4, ratio=0.3, angle=20),), math.pi * 0.4**2 * 0.3),
    "box": ((Box(width=0.6, height=0.3, angle=33, corner=0.1),), 0.18 - (4 - math.pi) * 0.1**2),
    "triangle": ((Polygon(corners=((-0.3, 0.3), (0.3, 0.3), (0.1, -0.3))),), 0.18),
    "notched": ((Polygon(corners=((-0.3, -0.3), (0.3, -0.3), (0.0, 0.0), (0.3, 0.3), (-0.3, 0.3))),), 0.27),
    "star": ((Star(points=5, radius=0.45, inner=0.4),), 5 * 0.45**2 * 0.4 * math.sin(math.pi / 5)),
    "grown": (
        (Star(points=4, radius=0.3, inner=math.sqrt(0.5), round=0.1),),
        0.18 + 4 * math.sqrt(0.18) * 0.1 + math.pi * 0.01,
    ),
    "ring": ((Arc(radius=0.3, width=0.1),), 2 * math.pi * 0.3 * 0.1),
    "butt": ((Arc(radius=0.3, width=0.1, sweep=130, cap="butt", angle=70),), math.radians(130) * 0.03),
    "round": ((Arc(radius=0.3, width=0.1, sweep=130),), math.radians(130) * 0.03 + math.pi * 0.05**2),
    "stroke": ((STROKE,), 0.06 + math.pi * 0.05**2),
    "union": ((BIG, OTHER), 2 * DISC - lens(0.25, 0.2)),
    "subtract": ((BIG, dataclasses.replace(OTHER, op="subtract")), DISC - lens(0.25, 0.2)),
    "intersect": ((BIG, dataclasses.replace(OTHER, op="intersect")), lens(0.25, 0.2)),
}
OTHERS = {
    "painted": scene((RED, (BIG,)), (BLUE, (OTHER,)), background="#ffffff"),
    "text": scene((RED, (Text(text="Ag", font="outfit", size=0.4),))),
}
SCENES = {**{name: scene((RED, shapes)) for name, (shapes, _) in AREAS.items()}, **OTHERS}


@pytest.fixture(scope="module")
def images() -> dict[str, np.ndarray]:
    return dict(zip(SCENES, raster.raster(list(SCENES.values()), size=SIZE), strict=True))


@pytest.mark.parametrize("name", AREAS)
def test_the_coverage_of_a_shape_adds_up_to_its_area(name: str, images: dict[str, np.ndarray]) -> None:
    assert images[name][..., 3].mean() / 255 == pytest.approx(AREAS[name][1], abs=4e-4)


def test_a_pixel_has_its_layers_colour_even_where_it_is_half_covered(images: dict[str, np.ndarray]) -> None:
    for name in AREAS:
        colors, alpha = images[name][..., :3], images[name][..., 3]
        assert ((alpha > 0) & (alpha < 255)).any()
        assert (colors[alpha > 0] == (0xD0, 0x20, 0x30)).all()
        assert (colors[alpha == 0] == 0).all()


def test_later_layers_lie_over_earlier_ones(images: dict[str, np.ndarray]) -> None:
    image = images["painted"]
    assert (image[..., 3] == 255).all()
    assert tuple(image[SIZE // 2, SIZE // 2, :3]) == (0x20, 0x40, 0xC0)
    assert tuple(image[SIZE // 2, SIZE // 4, :3]) == (0xD0, 0x20, 0x30)
    assert tuple(image[0, 0, :3]) == (255, 255, 255)


def test_a_picture_does_not_depend_on_its_batch(images: dict[str, np.ndarray]) -> None:
    back = raster.raster(list(SCENES.values())[::-1], size=SIZE)[::-1]
    alone = raster.raster([SCENES["text"]], size=SIZE)[0]
    assert all(np.array_equal(image, images[name]) for name, image in zip(SCENES, back, strict=True))
    assert np.array_equal(alone, images["text"])


def test_new_scenes_are_drawn_by_the_same_program(images: dict[str, np.ndarray]) -> None:
    before = raster._levels._cache_size()
    moved = [Scene(layers=one.layers[::-1], background="#abcdef") for one in SCENES.values()]
    raster.raster([*moved[:9], scene((BLUE, (BIG, STROKE, *[OTHER] * 5)))], size=SIZE)
    assert raster._levels._cache_size() == before


FAST = {"xla_backend_optimization_level": 0}


def test_on_a_wide_canvas_areas_and_their_gradients_are_right_and_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    # Gradients of all kinds of distances are tests of their own; here they would take long to compile.
    kinds = {kind: distance.disc for kind in raster.KINDS if kind not in (EMPTY, BOX)}
    monkeypatch.setattr(raster, "KINDS", {**raster.KINDS, **kinds})
    cut = (Box(width=0.6, height=0.6), dataclasses.replace(OTHER, op="subtract"))
    letter = Text(x=1.6, text="o", font="outfit", size=0.4)
    packed = pack([scene((RED, shapes)) for shapes in ((BIG,), cut, (letter,))], texels=1 << 10)
    floats = {name: jnp.asarray(getattr(packed, name)) for name in ("place", "numbers", "color", "background")}

    def areas(floats: dict[str, jax.Array]) -> tuple[jax.Array, jax.Array]:
        image = raster.draw(dataclasses.replace(packed, **floats), size=(32, 64))
        areas = image[..., 3].sum(axis=(1, 2)) / 32**2
        return areas.sum() + image[..., :3].sum() * 1e-30, areas

    gradients, found = jax.device_get(jax.jit(jax.grad(areas, has_aux=True), compiler_options=FAST)(floats))
    assert found[0] == pytest.approx(DISC, rel=0.01)
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())
    assert gradients["numbers"][0, 0, 0] == pytest.approx(2 * math.pi * 0.25, rel=0.02)
    np.testing.assert_allclose(gradients["place"][0, 0], 0.0, atol=0.03)
    assert gradients["numbers"][2, 0, 6] == pytest.approx(2 * found[2] / letter.size, rel=0.1)


def test_all_at_once_the_pictures_are_those_of_the_tiles(images: dict[str, np.ndarray]) -> None:
    names = ["notched", "subtract", "painted", "text"]
    arrays = jax.tree.map(jnp.asarray, pack([SCENES[name] for name in names], texels=1 << 14))
    side = 4 * SIZE
    whole = jax.jit(lambda scenes: raster._draw_whole(scenes, size=(side, side), samples=4), compiler_options=FAST)
    for name, alpha in zip(names, np.asarray(whole(arrays))[..., 3], strict=True):
        np.testing.assert_allclose(images[name][..., 3] / 255, alpha, atol=0.6 / 255)


def test_room_for_shapes_grows_in_powers_of_two_or_is_said() -> None:
    many = scene((RED, (BIG,) * 9))
    assert pack([many]).kind.shape == (1, 16)
    assert pack([many], shapes=12).kind.shape == (1, 12)
    with pytest.raises(UserError, match="holds 9 shapes; there is room for 8"):
        pack([many], shapes=8)


def test_a_polygon_of_too_many_corners_is_refused() -> None:
    with pytest.raises(UserError, match="13 corners; allowed are 3 to 12"):
        pack([scene((RED, (Polygon(corners=((0.0, 0.0),) * 13),)))])
