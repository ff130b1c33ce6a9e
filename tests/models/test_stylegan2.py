"""StyleGAN2: published sizes, noise, the comparison of the batch, precision, refusals."""

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.models import stylegan2
from gen_jax.models.style_networks import batch_deviation
from gen_jax.models.stylegan2 import PRESETS, StyleGan2Config, auto_config
from tests.golden import golden_json
from tests.models.test_stylegan2_golden import quick

PUBLISHED = {
    "stylegan2": (30_370_060, 29_012_513),
    "paper256": (24_767_458, 24_001_089),
    "paper512": (30_276_583, 28_982_849),
    "paper1024": (30_370_060, 29_012_513),
    "cifar-uncond": (19_947_539, 20_720_641),
    "cifar-cond": (20_215_315, 23_089_664),
    "auto256": (23_191_522, 24_001_089),
    "auto512": (28_700_647, 28_982_849),
    "auto1024": (28_794_124, 29_012_513),
}
"""Parameters of generator and discriminator."""


def published_config(name):
    if name.startswith("auto"):
        return auto_config(int(name.removeprefix("auto")))
    return dataclasses.replace(PRESETS[name.split("-")[0]], conditional=name.endswith("-cond"))


def count(network):
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(jax.eval_shape(network.init, jax.random.key(0))))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_preset_has_as_many_parameters_as_published(name):
    networks = stylegan2.build(published_config(name), num_classes=10)
    assert (count(networks.generator), count(networks.discriminator)) == PUBLISHED[name]


def test_the_published_counts_are_those_of_the_published_code():
    counts = golden_json("sg2_param_counts")
    assert {name: (entry["G"], entry["D"]) for name, entry in counts.items()} == PUBLISHED
    for name, entry in counts.items():
        assert stylegan2.build(published_config(name), num_classes=entry["c_dim"]).num_styles == entry["num_ws"]


def small(**fields):
    defaults = {"size": 16, "latent_size": 6, "style_size": 8, "mapping_layers": 1, "channel_base": 128, "max_width": 8}
    return StyleGan2Config(**(defaults | fields))


@pytest.fixture(scope="module")
def made():
    """(networks, params, buffers, styles, compiled synthesis without noise, and with constant noise)."""
    networks = stylegan2.build(small(), num_classes=0)
    draw = np.random.default_rng(0)
    shapes = jax.eval_shape(networks.generator.init, jax.random.key(0))
    params = jax.tree.map(lambda leaf: draw.normal(size=leaf.shape).astype(np.float32), shapes)
    buffers = quick(networks.init_buffers)(jax.random.key(1, impl="unsafe_rbg"))
    styles = draw.normal(size=(3, networks.num_styles, networks.style_size)).astype(np.float32)
    bare = quick(lambda styles: networks.synthesize(params, None, styles, "none"))
    constant = quick(lambda styles: networks.synthesize(params, buffers, styles, "const"))
    return networks, params, buffers, styles, bare, constant


def test_the_parameters_of_a_generator_are_in_two_parts_and_its_buffers_beside(made):
    _, params, buffers, *_ = made
    assert params.keys() == {"mapping", "synthesis"}
    assert buffers["mean_style"].shape == (8,) and not np.any(buffers["mean_style"])
    shapes = {f"{stage}/{layer}": leaf.shape for stage, of in buffers["noise"].items() for layer, leaf in of.items()}
    assert shapes == {
        "b4/conv1": (4, 4),
        "b8/conv0": (8, 8),
        "b8/conv1": (8, 8),
        "b16/conv0": (16, 16),
        "b16/conv1": (16, 16),
    }
    drawn = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(buffers["noise"])])
    assert abs(drawn.mean()) < 0.15 and abs(drawn.std() - 1.0) < 0.15
    assert len(np.unique(drawn)) == drawn.size


def repeated(styles):
    return np.broadcast_to(styles[:1], styles.shape)


def test_a_key_gives_every_image_noise_of_its_own_and_the_same_again(made):
    networks, params, buffers, styles, *_ = made
    synthesize = quick(lambda key: networks.synthesize(params, buffers, repeated(styles), key))
    one, again, other = (synthesize(jax.random.key(seed, impl="unsafe_rbg")) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert not np.allclose(one, other) and not np.allclose(one[0], one[1])


def test_constant_noise_is_the_same_for_every_image_and_differs_from_none(made):
    *_, styles, bare, constant = made
    images = constant(repeated(styles))
    np.testing.assert_allclose(images[0], images[1], rtol=1e-5, atol=1e-5)
    assert not np.allclose(images, bare(repeated(styles)), atol=1e-3)


def test_every_style_counts(made):
    networks, *_, styles, bare, _ = made
    before = np.asarray(bare(styles))
    for index in range(networks.num_styles):
        moved = styles.copy()
        moved[:, index] += 1.0
        assert not np.allclose(before, bare(moved), atol=1e-3), index


def test_latents_are_mapped_by_their_direction_alone(made):
    networks, params, *_ = made
    map_latent = quick(lambda latent: networks.map(params, latent, None))
    latent = np.random.default_rng(1).normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_allclose(map_latent(latent), map_latent(7.0 * latent), rtol=1e-4, atol=1e-7)


def deviations(x, group):
    """Group by group, as the definition says."""
    numbers = np.zeros(len(x))
    count = len(x) // group
    for g in range(count):
        members = x[g::count]
        numbers[g::count] = np.mean(np.sqrt(np.var(members, axis=0) + 1e-8))
    return numbers


@pytest.mark.parametrize(("batch", "group"), [(8, 4), (4, 4), (2, 4), (1, 4), (6, 2)])
def test_the_deviation_of_a_group_is_told_at_every_pixel_of_its_images(batch, group):
    x = np.random.default_rng(0).normal(size=(batch, 4, 4, 3)).astype(np.float32)
    found = quick(functools.partial(batch_deviation, group=group))(x)
    expected = deviations(x, min(group, batch)).reshape(-1, 1, 1, 1)
    np.testing.assert_allclose(found, np.broadcast_to(expected, (batch, 4, 4, 1)), rtol=1e-5)


def test_a_batch_that_groups_do_not_divide_is_refused():
    networks = stylegan2.build(small(), num_classes=0)
    params = jax.eval_shape(networks.discriminator.init, jax.random.key(0))
    with pytest.raises(UserError, match=r"^--model\.minibatch_std_group 4: the discriminator compares 4 .* got 6; "):
        jax.eval_shape(networks.discriminator.apply, params, jnp.zeros((6, 16, 16, 3)), None)


def test_without_a_group_the_discriminator_does_not_compare_the_batch():
    networks, alone = (stylegan2.build(small(minibatch_std_group=group), num_classes=0) for group in (4, 0))
    assert networks.compares_batch and not alone.compares_batch
    shapes = [jax.eval_shape(n.discriminator.init, jax.random.key(0)) for n in (networks, alone)]
    assert [of["b4"]["conv"]["kernel"].shape for of in shapes] == [(3, 3, 9, 8), (3, 3, 8, 8)]


@pytest.mark.parametrize(
    ("size", "low", "expected"), [(64, 4, {8, 16, 32, 64}), (64, 2, {32, 64}), (16, 4, {8, 16}), (64, 0, set())]
)
def test_the_highest_resolutions_compute_in_bfloat16(size, low, expected):
    config = small(size=size, precision="bfloat16", bf16_resolutions=low)
    assert {stage.size for stage in stylegan2.stages(config) if stage.dtype == jnp.bfloat16} == expected
    exact = dataclasses.replace(config, precision="float32")
    assert not any(stage.dtype == jnp.bfloat16 for stage in stylegan2.stages(exact))


def convolutions(low):
    """Types of the results of all convolutions in synthesis and discriminator, as StableHLO writes them."""
    networks = stylegan2.build(small(precision="bfloat16", bf16_resolutions=low), num_classes=0)
    params = jax.eval_shape(
        lambda: (networks.generator.init(jax.random.key(0)), networks.discriminator.init(jax.random.key(0)))
    )

    def both(params, latent):
        return networks.discriminator.apply(params[1], networks.generator.apply(params[0], latent, None), None)

    text = jax.jit(both).lower(params, jnp.zeros((4, 6))).as_text()
    return [line.split("->")[-1] for line in text.splitlines() if "stablehlo.convolution" in line]


def test_the_convolutions_of_low_precision_are_those_of_the_highest_resolutions():
    for low, types in ((0, {"4": "f32", "8": "f32", "16": "f32"}), (1, {"4": "f32", "8": "f32", "16": "bf16"})):
        found = convolutions(low)
        assert len(found) > 8
        for resolution, wanted in types.items():
            assert any(f"x{resolution}x{resolution}x" in line and f"x{wanted}>" in line for line in found)
        assert low or not any("bf16" in line for line in found)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"size": 48}, "--model.size 48: a stylegan2 takes one of 8, 16, 32"),
        ({"mapping_layers": 0}, "--model.mapping_layers 0: must be 1 or more"),
        ({"channel_base": 100}, "--model.channel_base 100: must be --model.size 256 or more"),
        ({"clamp": -1.0}, "--model.clamp -1.0: must be 0 or more"),
        ({"minibatch_std_group": -4}, "--model.minibatch_std_group -4: must be 0 or more"),
    ],
)
def test_what_no_network_can_be_built_from_is_refused(fields, message):
    with pytest.raises(UserError) as error:
        StyleGan2Config(**fields)
    assert str(error.value).startswith(message)
