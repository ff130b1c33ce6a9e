"""Materials: seamless, in range, alone as in a batch, with finite slopes, and a few things known of each."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.draw.texture.catalog import TEXTURES
from gen_jax.draw.texture.field import Field
from gen_jax.draw.texture.plan import known
from gen_jax.draw.texture.shaping import Strand, above, apart, nearest, noise, noises, slanted, together

quick = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
MATERIALS = ("wood", "ripples", "stones", "camouflage")
HEIGHT, WIDTH = 32, 48


def number_of(name: str, batch: int) -> dict[str, np.ndarray]:
    """Return the default of every number, a little larger in every further picture."""
    steps = 1.0 + 0.05 * np.arange(batch, dtype=np.float32)[:, None, None]
    return {key: np.float32(spec.default) * steps for key, spec in TEXTURES[name].numbers.items()}


class Moved(Field):
    """A field whose places lie so many pixels further right and down."""

    shift = (0.0, 0.0)

    @property
    def x(self):
        return super().x + self.shift[0] * self.pixel

    @property
    def y(self):
        return super().y + self.shift[1] * self.pixel


def draw(name: str):
    choices = {key: spec.default for key, spec in known(name).items() if key in TEXTURES[name].choices}

    def layers(seed, numbers, right=0.0, down=0.0):
        field = Moved(seed, HEIGHT, WIDTH, True, 1)
        object.__setattr__(field, "shift", (right, down))
        drawn = TEXTURES[name].draw(field, **numbers, **choices)
        tone = drawn.height if drawn.tone is None else drawn.tone
        return {"height": drawn.height, "tone": tone, "mask": tone if drawn.mask is None else drawn.mask}

    return layers


@pytest.fixture(scope="module", params=MATERIALS)
def material(request):
    """The name, the program, and three pictures of it."""
    program = quick(draw(request.param))
    seeds = np.array([3, 1000, 4000000000], np.uint32)[:, None, None]
    return request.param, program, seeds, program(seeds, number_of(request.param, 3), 0.0, 0.0)


def test_a_material_is_in_range_and_not_empty(material) -> None:
    for layer in material[3].values():
        layer = np.asarray(layer)
        assert layer.shape == (3, HEIGHT, WIDTH)
        assert layer.min() >= 0.0
        assert layer.max() <= 1.0
        assert (layer.std(axis=(1, 2)) > 0.005).all()
        assert (layer[0] != layer[1]).any()


def test_a_material_goes_on_at_the_opposite_edges(material) -> None:
    """What lies further right and down, beyond the edges, is what lies at the other side."""
    name, program, seeds, pictures = material
    moved = program(seeds, number_of(name, 3), 20.0, 13.0)
    for key, layer in moved.items():
        difference = np.abs(np.asarray(layer) - np.roll(np.asarray(pictures[key]), (-13, -20), axis=(1, 2)))
        assert np.median(difference) < 1e-3
        assert (difference > 0.02).mean() < 0.005, "but where a rounding decides on which side of an edge a pixel is"


def test_a_picture_does_not_depend_on_its_batch(material) -> None:
    name, program, seeds, together_ = material
    numbers = {key: np.repeat(value[1:2], 3, axis=0) for key, value in number_of(name, 3).items()}
    alike = program(np.repeat(seeds[1:2], 3, axis=0), numbers, 0.0, 0.0)
    for key, layer in alike.items():
        for image in np.asarray(layer):
            np.testing.assert_array_equal(image, np.asarray(together_[key])[1])


@pytest.mark.parametrize("name", ["ripples"])
def test_slopes_in_every_number_are_finite_and_not_all_zero(name) -> None:
    def mean(numbers):
        layers = draw(name)(np.array([[[5]]], np.uint32), numbers)
        return sum(jnp.mean(layer * layer) for layer in layers.values())

    slopes = quick(jax.grad(mean))(number_of(name, 1))
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    assert any(np.abs(slope).max() > 1e-4 for slope in slopes.values())


@pytest.fixture(scope="module")
def tools():
    """What materials are shaped with, all by one program."""

    def program(seed, scale):
        from gen_jax.draw.texture.field import lattice

        field = Field(seed, 32, 32, True, 1)
        cells = lattice(field, scale)
        one, two = noises(Strand(cells, field.seed_of(1), 3), Strand(cells.refined(2), field.seed_of(2), 2, 0.7))
        alone = noise(cells.refined(2), field.seed_of(2), 2, 0.7)
        half = above(one, 0.0, tile=True)
        sheared = slanted(cells, 1)
        ones = jnp.ones_like(scale)
        found = nearest(
            together(cells, cells.refined(2)), together(field.seed_of(3), field.seed_of(4)), together(ones, ones)
        )
        fine = nearest(cells.refined(2), field.seed_of(4), ones)
        return one, two, alone, half, sheared.x, apart(found, 2)[1].f1, fine.f1

    return [
        np.asarray(part)
        for part in quick(program)(np.array([7, 8], np.uint32)[:, None, None], np.full((2, 1, 1), 4.0, np.float32))
    ]


def test_noises_that_are_drawn_together_are_what_each_is_alone(tools) -> None:
    _, two, alone, *_, found, fine = tools
    np.testing.assert_allclose(two, alone, atol=1e-5)
    np.testing.assert_allclose(found, fine, atol=1e-5)


def test_an_edge_is_a_pixel_wide_and_lies_where_the_value_crosses(tools) -> None:
    one, _, _, half, *_ = tools
    assert (half[one > 0.3] == 1.0).all()
    assert (half[one < -0.3] == 0.0).all()
    assert half.mean() == pytest.approx((one > 0.0).mean(), abs=0.02)
    assert 0.0 < ((half > 0.0) & (half < 1.0)).mean() < 0.35


def test_cells_that_are_slanted_come_round_across_and_down(tools) -> None:
    sheared = tools[4]
    step = 4.0 / 32
    np.testing.assert_allclose(np.diff(sheared, axis=2), step, atol=1e-5)
    np.testing.assert_allclose(sheared[:, -1] + step - sheared[:, 0], 4.0, atol=1e-5)
