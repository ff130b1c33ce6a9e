"""Directions against NumPy's own factorisations and closed forms, and the weights that they are read from."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.build import build_networks
from gen_jax.errors import UserError
from gen_jax.latent.directions import Directions, deviations, principal, regressed, sefa
from gen_jax.latent.entry import entry_weights
from gen_jax.models import R3ganConfig, StyleGan2Config
from gen_jax.types import DatasetInfo
from tests.saved_run import CLASSES, CONDITIONAL_GAN, GAN, VAE

RANDOM = np.random.default_rng(0)


def _same(got, expected, atol=1e-10):
    np.testing.assert_allclose(got, expected, atol=atol)


def test_sefa_gives_the_left_singular_vectors_of_the_kernels_side_by_side():
    kernels = [RANDOM.normal(size=(7, 4)), RANDOM.normal(size=(7, 9))]
    got = sefa(kernels, num=3)
    expected = np.linalg.svd(np.concatenate(kernels, axis=1))[0].T[:3]
    _same(np.abs(np.sum(got * expected, axis=1)), 1.0)
    _same(got @ got.T, np.eye(3))


def test_sefa_of_a_scaled_rotation_by_hand():
    """``K K^T`` is diag(9, 1): the axes themselves, the larger first, each pointing the positive way."""
    _same(sefa([np.array([[0.0, 1.0], [-3.0, 0.0]])], num=2), [[0.0, 1.0], [1.0, 0.0]])


def test_no_direction_moves_the_first_layer_more_than_the_first_of_sefa():
    kernel = RANDOM.normal(size=(8, 20))
    moved = np.linalg.norm(sefa([kernel], num=8) @ kernel, axis=1)
    assert (np.diff(moved) <= 1e-9).all()
    others = RANDOM.normal(size=(200, 8))
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert np.linalg.norm(others @ kernel, axis=1).max() <= moved[0] + 1e-9


def test_principal_components_are_those_of_the_covariance():
    points = RANDOM.normal(size=(500, 4)) @ RANDOM.normal(size=(4, 4)) + 7.0
    got = principal(points, num=4)
    values, vectors = np.linalg.eigh(np.cov(points.T))
    _same(np.abs(np.sum(got * vectors.T[::-1], axis=1)), 1.0)
    _same(got @ got.T, np.eye(4))
    _same(deviations(points, got), np.sqrt(values[::-1] * 499 / 500), atol=1e-8)


def test_principal_components_by_hand():
    """Four points of a cross, 3 long and 1 wide, about (5, 5)."""
    points = np.array([[8.0, 5.0], [2.0, 5.0], [5.0, 6.0], [5.0, 4.0]])
    _same(principal(points, num=2), [[1.0, 0.0], [0.0, 1.0]])
    _same(deviations(points, principal(points, num=2)), np.sqrt([4.5, 0.5]))


def test_regression_finds_the_latent_of_each_component_of_a_linear_layer():
    kernel = np.diag([3.0, 2.0, 1.0]) @ np.linalg.qr(RANDOM.normal(size=(6, 6)))[0][:3]
    latents = np.linalg.qr(RANDOM.normal(size=(400, 4)) - 0.0)[0]
    latents = np.linalg.qr(latents - latents.mean(axis=0))[0][:, :3]  # exactly white
    _same(regressed(latents, latents @ kernel + 5.0, num=3), np.eye(3), atol=1e-6)
    _same(sefa([kernel], num=3), np.eye(3))


def test_every_direction_points_to_where_its_largest_component_is_positive():
    kernel, points = RANDOM.normal(size=(9, 9)), RANDOM.normal(size=(50, 9))
    for vectors in (sefa([kernel], num=9), principal(points, num=9), regressed(points, points @ kernel, num=9)):
        assert (np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1) > 0).all()


def test_a_shift_is_amount_times_strength_in_the_chosen_styles_alone():
    found = Directions(np.eye(2, 3, dtype=np.float32), np.array([1.0, 4.0], np.float32), "w", (1, 2))
    np.testing.assert_array_equal(found.shift(1, -0.5), [0.0, -2.0, 0.0])
    moved = found.shift(1, -0.5, num_styles=4)
    np.testing.assert_array_equal(moved[:, 1], [0.0, -2.0, -2.0, 0.0])
    assert (found._replace(styles=None).shift(1, 1.0, num_styles=4)[:, 1] == 4.0).all()


R3GAN = R3ganConfig(
    size=8, channels=1, latent_size=8, widths=(8, 8), cardinality=(2, 2), blocks=(1, 1), class_embedding=4
)
PLAIN = {"dcgan": GAN, "conditional": CONDITIONAL_GAN, "vae": VAE, "r3gan": dataclasses.replace(GAN, model=R3GAN)}


def _networks(experiment):
    shape = (experiment.model.size, experiment.model.size, experiment.model.channels)
    return build_networks(experiment, DatasetInfo(image_shape=shape, num_images=1, class_names=CLASSES))


def _params(network):
    generator = np.random.default_rng(0)
    shapes = jax.eval_shape(network.init, jax.random.key(0))
    return jax.tree.map(lambda leaf: generator.normal(0.0, 0.3, leaf.shape).astype(np.float32), shapes)


@pytest.mark.parametrize("name", PLAIN)
def test_entry_weights_are_what_takes_the_latent(name):
    """A number of z whose row is zero changes no image; any other does."""
    experiment = PLAIN[name]
    networks = _networks(experiment)
    part, network = ("dec", networks.decoder) if name == "vae" else ("gen", networks.generator)
    params = _params(network)
    [kernel] = entry_weights({part: params}, experiment.model.kind)
    assert len(kernel) >= networks.latent_size
    without = np.where(np.arange(len(kernel))[:, None] == 3, np.float32(0), kernel)
    blind = jax.tree.map(lambda leaf: without if leaf is kernel else leaf, params)
    latent = jnp.zeros((3, 8)).at[1, 3].set(2.0).at[2, 4].set(2.0)
    labels = jnp.zeros(3, jnp.int32) if networks.num_classes else None
    images = jax.jit(network.apply)(blind, latent, labels)
    np.testing.assert_allclose(images[0], images[1], atol=1e-5)
    assert np.abs(images[0] - images[2]).max() > 1e-3


def test_the_images_of_styles_depend_on_each_style_through_its_entry_weights():
    """The gradient by a style lies in the span of the kernels that are said to take it, and of no others."""
    model = StyleGan2Config(size=8, latent_size=8, style_size=48, mapping_layers=1, channel_base=128, max_width=16)
    networks = _networks(dataclasses.replace(GAN, model=model))
    params = _params(networks.generator)
    buffers = {"noise": None}
    kernels = entry_weights({"gen": params}, "stylegan2")
    assert [kernel.shape[0] for kernel in kernels] == [48] * networks.num_styles

    def brightness(styles):
        return jnp.sum(jnp.square(networks.synthesize(params, buffers, styles, "none")))

    gradient = jax.jit(jax.grad(brightness))(jnp.asarray(RANDOM.normal(size=(1, 4, 48)), jnp.float32))[0]
    outside = np.empty((4, 4))
    for style in range(4):
        for number, kernel in enumerate(kernels):
            rest = gradient[style] - kernel @ np.linalg.lstsq(kernel, gradient[style], rcond=None)[0]
            outside[style, number] = np.linalg.norm(rest) / np.linalg.norm(gradient[style])
    assert (np.diag(outside) < 1e-4).all()
    assert outside[~np.eye(4, dtype=bool)].min() > 0.1


def test_entry_weights_of_styles_stand_in_the_order_of_the_styles():
    def affine(value, outputs):
        return {"affine": {"kernel": np.full((2, outputs), value, np.float32)}}

    stages = {
        "b16": {"conv0": affine(6, 4), "conv1": affine(7, 4), "torgb": affine(8, 4)},
        "b4": {"conv1": affine(1, 4), "torgb": affine(2, 4), "const": np.zeros(3)},
        "b8": {"conv0": affine(3, 4), "conv1": affine(4, 4), "torgb": affine(5, 4)},
    }
    kernels = entry_weights({"gen": {"synthesis": stages}}, "stylegan2")
    assert [kernel[0].tolist() for kernel in kernels] == [
        [1.0] * 4,
        [1.0] * 4 + [3.0] * 4,  # a torgb of four inputs counts half
        [4.0] * 4,
        [2.5] * 4 + [6.0] * 4,
        [7.0] * 4,
        [4.0] * 4,
    ]


def test_a_kind_without_a_rule_is_refused():
    with pytest.raises(UserError, match=r"unknown model with known entry weights 'other'.*dcgan"):
        entry_weights({}, "other")
