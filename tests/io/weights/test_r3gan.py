"""Official state dicts of R3GAN: read, written back bit for bit, and refused where something is wrong."""

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.weights import r3gan
from tests.golden import golden


def states(name):
    data = golden(f"r3gan_{name}_nets")
    return tuple({key[2:]: value for key, value in data.items() if key.startswith(net)} for net in ("G/", "D/"))


@pytest.mark.parametrize(("name", "classes"), [("uncond", 0), ("cond", 5)])
def test_a_state_dict_comes_back_as_it_was(name, classes):
    generator, discriminator = states(name)
    config = r3gan.config_of(generator, discriminator)
    assert r3gan.num_classes_of(generator) == r3gan.num_classes_of(discriminator) == classes
    back = r3gan.generator_state(r3gan.generator_params(generator), config, num_classes=classes)
    same(back, generator)
    back = r3gan.discriminator_state(r3gan.discriminator_params(discriminator), config, num_classes=classes)
    same(back, discriminator)


def same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, array in theirs.items():
        assert ours[name].dtype == np.float32
        np.testing.assert_array_equal(ours[name], array, err_msg=name)


def test_sizes_are_read_off_the_tensors():
    generator, discriminator = states("cond")
    config = r3gan.config_of(generator, discriminator, latent_size=16)
    assert (config.size, config.channels, config.latent_size, config.expansion) == (16, 3, 16, 2)
    assert (config.widths, config.cardinality, config.blocks) == ((32, 32, 16), (8, 8, 4), (2, 2, 2))
    assert (config.conditional, config.class_embedding, config.disc_class_embedding) == (True, 16, 32)
    assert not r3gan.config_of(*states("uncond")).conditional


LAST = "Model.MainLayers.2.Layers.1.LinearLayer1.Layer.weight"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop(LAST), f"generator: tensor {LAST} is missing"),
        (lambda state: state.pop("Model.AggregationLayer.Layer.weight"), "generator: tensor Model.AggregationLayer"),
        (lambda state: state.update(surplus=np.zeros(3)), "generator: tensor surplus is not part of an R3GAN"),
        (lambda state: state.update({LAST: state[LAST][:-1]}), rf"{LAST} has shape \(31, 16, 1, 1\), but"),
        (
            lambda state: state.update({LAST: state[LAST][0]}),
            rf"{LAST} has shape \(16, 1, 1\), but it must have 4 axes",
        ),
        (lambda state: state.clear(), "generator: no tensor is named Model.MainLayers"),
    ],
)
def test_a_state_dict_with_a_wrong_tensor_is_refused(change, message):
    generator, _ = states("cond")
    change(generator)
    with pytest.raises(UserError, match=message):
        r3gan.generator_params(generator)


def test_two_networks_of_different_models_are_refused():
    generator, _ = states("cond")
    _, discriminator = states("uncond")
    with pytest.raises(
        UserError, match=r"the discriminator has widths \(40, 40, 24\) and the generator \(32, 32, 16\)"
    ):
        r3gan.config_of(generator, discriminator)
    with pytest.raises(UserError, match="leaves 16 numbers for the latent vector, and the file says 64"):
        r3gan.config_of(generator, latent_size=64)
