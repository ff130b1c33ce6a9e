"""From an experiment and its data to networks, and from weights to a model that samples."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax import build
from gen_jax.data.config import EmbeddedData
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment
from gen_jax.models import ConvVaeConfig, DcganConfig
from gen_jax.objectives.config import AdversarialObjective, ElboObjective
from gen_jax.types import DatasetInfo, GanNetworks, VaeNetworks

INFO = DatasetInfo(image_shape=(16, 16, 3), num_images=100, class_names=("cat", "dog", "eel"))
UNLABELLED = dataclasses.replace(INFO, class_names=())
SMALL = {"size": 16, "channels": 3, "width": 4, "latent_size": 5}


def gan(**changes):
    model = DcganConfig(**(SMALL | changes))
    return Experiment(name="test", data=EmbeddedData(), model=model, objective=AdversarialObjective())


def vae(likelihood="gaussian", **changes):
    model = ConvVaeConfig(**(SMALL | changes))
    objective = ElboObjective(likelihood=likelihood, mixtures=2)
    return Experiment(name="test", data=EmbeddedData(), model=model, objective=objective)


@pytest.mark.parametrize(("conditional", "classes"), [(True, 3), (False, 0)])
def test_networks_know_their_images_and_the_classes_they_use(conditional, classes):
    for experiment, kind in ((gan(conditional=conditional), GanNetworks), (vae(conditional=conditional), VaeNetworks)):
        networks = build.build_networks(experiment, INFO)
        assert isinstance(networks, kind)
        assert (networks.image_shape, networks.num_classes, networks.latent_size) == ((16, 16, 3), classes, 5)


def test_an_unconditional_model_takes_data_without_labels():
    assert build.build_networks(gan(), UNLABELLED).num_classes == 0


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "learned_gaussian", "logistic_mixture"])
def test_a_decoder_gives_what_its_likelihood_wants(likelihood):
    networks = build.build_networks(vae(likelihood), INFO)
    shapes = jax.eval_shape(networks.decoder.init, jax.random.key(0))
    out = jax.eval_shape(networks.decoder.apply, shapes, jnp.zeros((2, 5)), None)
    # Hand count for RGB: c; c; 2 c; K (1 weight + 3 means + 3 scales + 3 coefficients) with K = 2.
    expected = {"bernoulli": 3, "gaussian": 3, "learned_gaussian": 6, "logistic_mixture": 20}[likelihood]
    assert out.shape == (2, 16, 16, expected) and out.dtype == jnp.float32


@pytest.mark.parametrize("make", [gan, vae])
@pytest.mark.parametrize(
    ("changes", "info", "message"),
    [
        ({}, dataclasses.replace(INFO, image_shape=(16, 16, 1)), "the data have 1 channel and --model.channels is 3; "),
        (
            {},
            dataclasses.replace(INFO, image_shape=(16, 16, 4)),
            "the data have 4 channels and --model.channels is 3; ",
        ),
        ({}, dataclasses.replace(INFO, image_shape=(32, 32, 3)), "the data are 32x32 and --model.size is 16; "),
        ({}, dataclasses.replace(INFO, image_shape=(16, 32, 3)), "the data are 16x32 and --model.size is 16; "),
        ({"conditional": True}, UNLABELLED, "--model.conditional True, but the data have no class labels; "),
    ],
)
def test_data_that_the_model_cannot_take_are_refused_in_one_line(make, changes, info, message):
    with pytest.raises(UserError) as caught:
        build.build_networks(make(**changes), info)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_gan_has_no_likelihood():
    with pytest.raises(UserError, match=r"--objective\.kind adversarial: "):
        build.likelihood_of(gan())


def test_a_bound_gan_samples_with_the_weights_it_is_given():
    experiment = gan(conditional=True)
    networks = build.build_networks(experiment, INFO)
    # This kind of key compiles in a fraction of the time.
    key = jax.random.key(1, impl="unsafe_rbg")
    labels = jnp.array([0, 2])

    @jax.jit
    def run(scale):
        params = {"gen": jax.tree.map(lambda leaf: scale * leaf, networks.generator.init(key))}
        model = build.bind(experiment, networks, params)
        latent = model.prior(jax.random.key(2), 2)
        return latent, model.decode(latent, labels), networks.generator.apply(params["gen"], latent, labels)

    model = build.bind(experiment, networks, {})
    assert (model.image_shape, model.num_classes) == ((16, 16, 3), 3)
    latent, images, expected = run(1.0)
    assert latent.shape == (2, 5) and images.shape == (2, 16, 16, 3)
    np.testing.assert_allclose(images, expected, atol=1e-5)
    assert not np.allclose(run(2.0)[1], images)


def test_a_bound_vae_decodes_to_the_mean_and_encodes_to_the_posterior_mean():
    experiment = vae("learned_gaussian")
    networks = build.build_networks(experiment, INFO)
    key = jax.random.key(1, impl="unsafe_rbg")

    @jax.jit
    def run(images):
        params = {"enc": networks.encoder.init(key), "dec": networks.decoder.init(jax.random.fold_in(key, 1))}
        model = build.bind(experiment, networks, params)
        latent = model.encode(images, None)
        expected = networks.encoder.apply(params["enc"], images, None)[0]
        return latent, expected, model.decode(latent, None), networks.decoder.apply(params["dec"], latent, None)

    latent, expected, decoded, raw = run(jnp.linspace(-1.0, 1.0, 2 * 16 * 16 * 3).reshape(2, 16, 16, 3))
    np.testing.assert_allclose(latent, expected, atol=1e-5)
    np.testing.assert_allclose(decoded, np.clip(raw[..., :3], -1.0, 1.0), atol=1e-6)


def test_the_prior_is_a_unit_gaussian():
    model = build.bind(gan(), build.build_networks(gan(), INFO), {})
    latent = np.asarray(model.prior(jax.random.key(0), 4000))
    assert abs(latent.mean()) < 5 / np.sqrt(20000) and abs(latent.std() - 1.0) < 5 / np.sqrt(40000)
