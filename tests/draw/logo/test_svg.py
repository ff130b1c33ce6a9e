"""Logos as SVG files: small, whole, and drawn by other renderers as the raster draws them."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from gen_jax.draw.logo import letters, raster
from gen_jax.draw.logo.scene import Arc, Bezier, Box, Circle, Layer, Op, Polygon, Scene, Shape, Star, Text
from gen_jax.draw.logo.svg import svg
from gen_jax.errors import UserError

INK = "#1a56db"
NOTCHED = ((-0.3, -0.3), (0.3, -0.15), (0.0, 0.0), (0.25, 0.3), (-0.3, 0.3))
SHAPES: dict[str, Shape] = {
    "disc": Circle(radius=0.3),
    "ellipse": Circle(radius=0.4, ratio=0.4, angle=25),
    "box": Box(width=0.6, height=0.3, corner=0.06, angle=20),
    "triangle": Polygon(corners=((-0.3, 0.2), (0.0, -0.3), (0.3, 0.2)), round=0.03),
    "notched": Polygon(corners=NOTCHED, round=0.03, angle=10),
    "backwards": Polygon(corners=NOTCHED[::-1]),
    "star": Star(points=5, radius=0.4, inner=0.4),
    "round star": Star(points=8, radius=0.35, inner=0.6, round=0.03, angle=7),
    "ring": Arc(radius=0.3, width=0.08),
    "arc": Arc(radius=0.3, width=0.08, sweep=220, angle=40),
    "nearly a ring": Arc(radius=0.3, width=0.1, sweep=345),
    "butt arc": Arc(radius=0.25, width=0.2, sweep=300, cap="butt"),
    "pie": Arc(radius=0.2, width=0.4, sweep=100, cap="butt", angle=-30),
    "curve": Bezier(start=(-0.3, 0.1), control=(0.0, -0.4), end=(0.3, 0.2), width=0.1),
    "tight curve": Bezier(start=(-0.3, 0.2), control=(0.0, -0.6), end=(0.1, 0.3), width=0.2),
    "straight curve": Bezier(start=(-0.3, 0.2), control=(0.0, 0.0), end=(0.3, -0.2), width=0.1),
    "there and back": Bezier(start=(-0.3, 0.0), control=(0.4, 0.0), end=(-0.1, 0.0), width=0.1),
    "word": Text(text="Rag&go", font="fraunces", size=0.18),
    "letter": Text(text="B", font="outfit", size=0.6, angle=15),
}
BASE = Box(x=0.45, width=0.7, height=0.7, corner=0.1)


def shown(shape: Shape, op: Op, background: str | None) -> Scene:
    """A shape alone for a union, else what it leaves of a box."""
    shapes = (shape,) if op == "union" else (BASE, dataclasses.replace(shape, op=op))
    return Scene(layers=(Layer(shapes=shapes, color=INK),), background=background)


def many() -> list[Scene]:
    """Every kind of shape with every op; then some of them over one another."""
    scenes = [shown(shape, op, None) for shape in SHAPES.values() for op in ("union", "subtract", "intersect")]
    scenes += [shown(shape, "union", "#ffffff") for shape in list(SHAPES.values())[::3]]
    mixed = (BASE, *(dataclasses.replace(SHAPES[name], op="subtract") for name in ("ring", "word", "curve", "star")))
    layers = (Layer(shapes=mixed, color=INK), Layer(shapes=(SHAPES["pie"], SHAPES["disc"]), color="#e0b020"))
    shut = dataclasses.replace(SHAPES["box"], op="intersect")
    back = dataclasses.replace(SHAPES["letter"], op="union")
    return [
        *scenes,
        Scene(layers=layers, background="#fff4e0"),
        Scene(layers=(Layer(shapes=(*mixed, shut, back), color=INK),)),
    ]


def resvg(text: str, size: int) -> bytes:
    renderer = pytest.importorskip("resvg_py")
    return bytes(renderer.svg_to_bytes(svg_string=text, width=size, height=size))


def cairosvg(text: str, size: int) -> bytes:
    try:
        import cairosvg as renderer
    except (ImportError, OSError):  # the package, or the library that it needs
        pytest.skip("cairosvg is not installed")
    return renderer.svg2png(bytestring=text.encode(), output_width=size, output_height=size)


def levels(image: np.ndarray) -> np.ndarray:
    """Colours multiplied by alpha, and alpha, in [0, 255]: where nothing shows, no colour counts."""
    alpha = image[..., 3:].astype(np.float64)
    return np.concatenate([image[..., :3] * alpha / 255, alpha], axis=-1)


@pytest.fixture(scope="module", params=[64, 256])
def drawn(request: pytest.FixtureRequest) -> tuple[int, list[Scene], np.ndarray]:
    scenes = many() if request.param == 64 else many()[::4]
    return request.param, scenes, raster.raster(scenes, size=request.param)


@pytest.mark.parametrize("renderer", [resvg, cairosvg])
def test_other_renderers_draw_the_file_as_the_raster_is(
    drawn: tuple[int, list[Scene], np.ndarray], renderer: Callable[[str, int], bytes]
) -> None:
    size, scenes, images = drawn
    differences = []
    for scene, image in zip(scenes, images, strict=True):
        other = np.asarray(Image.open(io.BytesIO(renderer(svg(scene), size))).convert("RGBA"))
        differences.append(np.abs(levels(image) - levels(other)).mean())
    assert max(differences) < 1.3, scenes[int(np.argmax(differences))]
    assert np.mean(differences) < 0.5


def test_a_file_is_small_whole_and_needs_no_font() -> None:
    names = ["disc", "ellipse", "box", "triangle", "notched", "star", "ring", "arc", "curve", "letter"]
    scene = Scene(layers=tuple(Layer(shapes=(SHAPES[name],) * 4, color=INK) for name in names))
    assert sum(len(layer.shapes) for layer in scene.layers) == 40
    text = svg(scene, title="A & B <logo>")
    root = ElementTree.fromstring(text)
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert len(text.encode()) < 10_000
    assert tags == {"svg", "title", "path"}
    assert root.findtext("{*}title") == "A & B <logo>"
    assert text.count("http") == 1 and "href" not in text
    assert root.get("viewBox") == "0 0 1000 1000"


def test_cuts_are_clipping_paths_whose_names_are_the_files_own() -> None:
    one, two = (svg(shown(SHAPES[name], "subtract", None)) for name in ("disc", "star"))
    names = [
        {element.get("id") for element in ElementTree.fromstring(text).findall(".//{*}clipPath")} for text in (one, two)
    ]
    assert len(names[0]) == len(names[1]) == 1
    assert names[0].isdisjoint(names[1])
    assert all(f'clip-path="url(#{name})"' in one for name in names[0])


def test_a_disc_is_round_and_in_its_place() -> None:
    data = ElementTree.fromstring(svg(Scene(layers=(Layer(shapes=(Circle(x=0.3, radius=0.2),), color=INK),))))
    [path] = data.findall("{*}path")
    quarters = ["200 200", "-200 200", "-200-200", "200-200"]
    arcs = "".join(f"a200 200 0 0 1 {quarter}" for quarter in quarters)
    assert path.get("d") == f"M300 300{arcs}z"


def test_rounded_steps_do_not_add_up() -> None:
    corners = tuple((0.4 * math.sin(turn), 0.4 * math.cos(turn)) for turn in np.linspace(0, 6, 12))
    text = svg(Scene(layers=(Layer(shapes=(Polygon(corners=corners),), color=INK),)))
    [path] = ElementTree.fromstring(text).findall("{*}path")
    numbers = path.attrib["d"].removesuffix("z").translate({ord("M"): " ", ord("l"): " "}).replace("-", " -").split()
    places = np.cumsum(np.array(numbers, np.float64).reshape(-1, 2), axis=0)
    expected = 1000 * (0.5 + np.array(corners))
    nearest = np.abs(places[:, None] - expected[None]).max(axis=-1).min(axis=1)
    assert len(places) == 12 and nearest.max() < 0.051


def test_a_missing_letter_is_an_error_in_the_file_too() -> None:
    with pytest.raises(UserError, match="does not have 世"):
        svg(shown(Text(text="世", font=next(iter(letters.FONTS)), size=0.2), "union", None))
