"""Images for training: noise and mixing of styles, part by part."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.objectives.styles import make_generate, make_styles, moved_mean
from tests.train.steps import gan_networks, style_networks

NETWORKS = style_networks()
LATENT = jax.random.normal(jax.random.key(1), (64, 4))
LABELS, ROWS = jnp.zeros(64, jnp.int32), jnp.arange(64)


def params():
    shapes = NETWORKS.generator.init(None)
    rng = np.random.default_rng(0)
    return jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape), jnp.float32), shapes)


def styles_of(mixing, seed=0):
    return make_styles(NETWORKS, jax.random.key(seed), style_mixing=mixing)(params(), LATENT, LABELS, ROWS)


def test_without_mixing_every_layer_has_the_style_of_its_image():
    made = styles_of(0.0)
    style = NETWORKS.map(params(), LATENT, LABELS)
    np.testing.assert_array_equal(made.styles, np.repeat(np.asarray(style)[:, None], 3, axis=1))
    np.testing.assert_allclose(made.mean, np.mean(style, axis=0), rtol=1e-5, atol=1e-6)


def test_mixing_keeps_the_first_style_and_changes_a_tail_of_the_others():
    own = np.asarray(styles_of(0.0).styles)
    changed = np.any(np.asarray(styles_of(1.0).styles) != own, axis=-1)
    assert not changed[:, 0].any() and changed[:, 2].all()
    # The crossing lies evenly before the second or before the third of three styles.
    assert 16 < changed[:, 1].sum() < 48


@pytest.mark.parametrize("probability", [0.25, 0.9])
def test_as_many_images_are_mixed_as_the_probability_says(probability):
    own = np.asarray(styles_of(0.0).styles)
    counts = [np.any(np.asarray(styles_of(probability, seed).styles) != own, axis=(1, 2)).mean() for seed in range(8)]
    np.testing.assert_allclose(np.mean(counts), probability, atol=4 * np.sqrt(probability * (1 - probability) / 512))


def test_parts_of_a_batch_have_noise_of_their_own():
    generate = make_generate(NETWORKS, NETWORKS.init_buffers(jax.random.key(0)), jax.random.key(3))
    same = jnp.broadcast_to(LATENT[:1], LATENT.shape)
    first, _ = generate(params(), same, LABELS, ROWS[0::2])
    second, _ = generate(params(), same, LABELS, ROWS[1::2])
    assert not np.allclose(first, second)
    again, _ = generate(params(), same, LABELS, ROWS[0::2])
    np.testing.assert_array_equal(first, again)


def test_a_generator_without_styles_is_used_as_it_is():
    networks = gan_networks(None, real=False)
    rng = np.random.default_rng(0)
    weights = jax.tree.map(
        lambda leaf: jnp.asarray(rng.normal(size=leaf.shape), jnp.float32), networks.generator.init(None)
    )
    images, extra = make_generate(networks, None, jax.random.key(0))(weights, LATENT, LABELS, ROWS)
    np.testing.assert_array_equal(images, networks.generator.apply(weights, LATENT, LABELS))
    assert extra == {}


def test_the_mean_style_moves_by_half_a_percent():
    np.testing.assert_allclose(moved_mean(jnp.array([1.0, 0.0]), jnp.array([3.0, 2.0])), [1.01, 0.01], rtol=1e-6)
