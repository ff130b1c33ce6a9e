"""Official state dicts of StyleGAN2: read, written back bit for bit, and refused where something is wrong."""

import jax
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.weights import stylegan2 as weights
from gen_jax.models import stylegan2
from gen_jax.models.stylegan2 import StyleGan2Config
from tests.golden import golden

CLASSES = 3
SIZES = {"size": 16, "latent_size": 6, "style_size": 8, "mapping_layers": 2, "channel_base": 96, "max_width": 12}


def drawn(shapes):
    draw = np.random.default_rng(0)
    return jax.tree.map(lambda leaf: draw.normal(size=leaf.shape).astype(np.float32), shapes)


def states_of(config):
    """Official state dicts of both networks with random numbers, and those numbers in our form."""
    networks, key = stylegan2.build(config, num_classes=CLASSES), jax.random.key(0)
    inits = (networks.generator.init, networks.discriminator.init, networks.init_buffers)
    gen, disc, buffers = (drawn(jax.eval_shape(init, key)) for init in inits)
    states = weights.generator_state(gen, buffers, config), weights.discriminator_state(disc, config)
    return states, (gen, disc, buffers)


@pytest.fixture
def small():
    """Official state dicts of a small conditional model."""
    return states_of(StyleGan2Config(**SIZES, conditional=True, disc_mapping_layers=2))[0]


CONFIGS = [
    StyleGan2Config(**SIZES, conditional=True, disc_mapping_layers=2),
    StyleGan2Config(**SIZES, channels=1, disc_architecture="orig"),
    StyleGan2Config(**SIZES, channels=4, minibatch_std_group=0),
]


@pytest.mark.parametrize("config", CONFIGS, ids=["conditional", "orig", "rgba"])
def test_sizes_and_numbers_come_back_from_the_official_form(config):
    (generator, discriminator), ours = states_of(config)
    assert weights.config_of(generator, discriminator) == config
    back = weights.generator_params(generator), weights.discriminator_params(discriminator), weights.buffers(generator)
    assert jax.tree.structure(back) == jax.tree.structure(ours)
    jax.tree.map(np.testing.assert_array_equal, back, ours)


@pytest.mark.parametrize(("name", "classes"), [("uncond", 0), ("cond", 4), ("clamp", 0)])
def test_a_published_state_dict_comes_back_as_it_was(name, classes):
    data = golden(f"sg2_{name}_nets")
    generator, discriminator = ({key[2:]: data[key] for key in data if key.startswith(part)} for part in ("G/", "D/"))
    config = weights.config_of(generator, discriminator)
    assert weights.num_classes_of(generator) == weights.num_classes_of(discriminator) == classes
    gen, disc = weights.generator_params(generator), weights.discriminator_params(discriminator)
    same(weights.generator_state(gen, weights.buffers(generator), config), generator)
    same(weights.discriminator_state(disc, config), discriminator)


def same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, array in theirs.items():
        assert ours[name].dtype == np.float32 and ours[name].shape == array.shape
        np.testing.assert_array_equal(ours[name], array, err_msg=name)


NESTED = {"synthesis_kwargs": {"conv_clamp": 256, "num_fp16_res": 3, "channel_base": 100}}
FLAT = {"conv_clamp": None, "num_fp16_res": 0, "channel_base": 100, "fused_modconv_default": "inference_only"}


@pytest.mark.parametrize(
    ("given", "clamp", "low", "base"), [(NESTED, 256.0, 3, 100), (FLAT, 0.0, 0, 100), ({}, 256.0, 4, 96)]
)
def test_what_no_shape_tells_comes_from_the_arguments_of_the_file(small, given, clamp, low, base):
    discriminator_kwargs = {"epilogue_kwargs": {"mbstd_group_size": 8}}
    config = weights.config_of(*small, init_kwargs=given, discriminator_kwargs=discriminator_kwargs)
    assert (config.clamp, config.bf16_resolutions, config.channel_base) == (clamp, low, base)
    assert config.minibatch_std_group == 8 and config.precision == "float32"


def test_a_generator_alone_tells_its_part_of_the_configuration(small):
    config = weights.config_of(small[0])
    assert (config.size, config.latent_size, config.style_size, config.mapping_layers) == (16, 6, 8, 2)
    assert config.conditional and config.disc_architecture == "resnet"


CONV = "synthesis.b8.conv0.weight"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop(CONV), f"generator: tensor {CONV} is missing"),
        (lambda state: state.pop("mapping.w_avg"), "generator: tensor mapping.w_avg is missing"),
        (lambda state: state.update(surplus=np.zeros(3)), "generator: tensor surplus is not part of a StyleGAN2"),
        (lambda state: state.update({CONV: state[CONV][:-1]}), rf"{CONV} has shape \(11, 12, 3, 3\), but the others"),
        (
            lambda state: state.update({"synthesis.b8.resample_filter": np.ones((4, 4), np.float32) / 16}),
            "synthesis.b8.resample_filter is another filter",
        ),
        (lambda state: state.pop("synthesis.b8.torgb.weight"), "torgb.weight is missing, as in the architecture orig"),
        (lambda state: state.update({"synthesis.b8.skip.weight": np.zeros((12, 12, 1, 1))}), "architecture resnet"),
        (lambda state: state.update({"synthesis.input.freqs": np.zeros((4, 2))}), "is of a StyleGAN3 generator"),
        (lambda state: state.pop("synthesis.b8.conv1.weight"), "conv1.weight is missing"),
        (
            lambda state: [state.pop(name) for name in [*state] if name.startswith("synthesis.b8")],
            "it has the resolutions 4, 16, not 4, 8, 16",
        ),
        (lambda state: state.clear(), "it has the resolutions none, not 4, 8, 16"),
    ],
)
def test_a_generator_with_a_wrong_tensor_is_refused(small, change, message):
    change(small[0])
    with pytest.raises(UserError, match=message):
        weights.generator_params(small[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("b4.out.weight"), "discriminator: tensor b4.out.weight is missing"),
        (lambda state: state.update(surplus=np.zeros(3)), "discriminator: tensor surplus is not part of a StyleGAN2"),
        (lambda state: state.update({"b8.fromrgb.weight": np.zeros((12, 3, 1, 1))}), "is of the architecture skip"),
        (lambda state: state.update({"b4.conv.weight": np.zeros((12, 16, 3, 3))}), "4 more inputs than outputs"),
    ],
)
def test_a_discriminator_with_a_wrong_tensor_is_refused(small, change, message):
    change(small[1])
    with pytest.raises(UserError, match=message):
        weights.discriminator_params(small[1])


@pytest.mark.parametrize("name", ["synthesis.b8.conv0.noise_const", "mapping.w_avg"])
def test_buffers_of_the_wrong_shape_or_left_over_are_refused(small, name):
    state = dict(small[0])
    state["synthesis.b8.conv2.noise_const"] = np.zeros((8, 8), np.float32)
    with pytest.raises(UserError, match=r"conv2\.noise_const is not part of a StyleGAN2"):
        weights.buffers(state)
    with pytest.raises(UserError, match=f"{name}"):
        weights.buffers(small[0] | {name: np.zeros((3, 3), np.float32)})


def test_networks_of_two_models_are_refused(small):
    other = states_of(StyleGan2Config(**SIZES | {"size": 32}, conditional=True))[0]
    with pytest.raises(UserError, match="the discriminator has size 32 and the generator 16"):
        weights.config_of(small[0], other[1])


def test_widths_that_do_not_halve_are_refused(small):
    state = dict(small[0])
    state["synthesis.b16.conv1.weight"] = np.zeros((12, 6, 3, 3), np.float32)
    state["synthesis.b8.conv1.weight"] = np.zeros((7, 12, 3, 3), np.float32)
    with pytest.raises(UserError, match="only halving at each doubling"):
        weights.config_of(state)
