"""Styles: truncation by hand and against the published mapping, mixing place by place, and who has styles."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.latent.styles import entrance, has_styles, mix, truncate_styles
from tests.golden import golden, golden_json
from tests.latent.style_model import STYLES, Styled, weights

MODEL = Styled(weights())


def _latent(count=3):
    return jax.random.normal(jax.random.key(1), (count, 6)), jnp.arange(count) % 3


def test_truncation_by_hand():
    styles = jnp.array([[[2.0, 0.0], [4.0, 8.0]]])
    got = truncate_styles(styles, jnp.array([1.0, 2.0]), truncation=0.5)
    np.testing.assert_array_equal(got, [[[1.5, 1.0], [2.5, 5.0]]])


def test_psi_and_cutoff_may_be_one_an_image():
    styles = np.full((3, 2, 1), 7.0, np.float32)
    psi, cutoff = np.array([0.0, 2.0, -1.0], np.float32), np.array([2, 1, 0], np.int32)
    got = truncate_styles(styles, np.array([3.0], np.float32), truncation=psi, cutoff=cutoff)
    np.testing.assert_array_equal(got[..., 0], [[3.0, 3.0], [11.0, 7.0], [7.0, 7.0]])


@pytest.mark.parametrize(("psi", "expected"), [(0.0, 3.0), (1.0, 7.0), (2.0, 11.0), (-1.0, -1.0)])
def test_psi_goes_from_the_mirror_image_through_the_mean_and_beyond(psi, expected):
    got = truncate_styles(jnp.full((1, 2, 1), 7.0), jnp.array([3.0]), truncation=psi)
    np.testing.assert_array_equal(got, np.full((1, 2, 1), expected))


def test_a_cutoff_leaves_the_fine_styles_bit_for_bit():
    styles = jax.random.normal(jax.random.key(0), (2, 4, 5))
    mean = jnp.arange(5.0)
    got = truncate_styles(styles, mean, truncation=0.3, cutoff=3)
    np.testing.assert_array_equal(got[:, 3:], styles[:, 3:])
    np.testing.assert_array_equal(got[:, :3], truncate_styles(styles, mean, truncation=0.3)[:, :3])


@pytest.mark.parametrize("name", ["cond", "uncond", "clamp"])
def test_truncation_is_that_of_the_published_network(name):
    arrays = golden(f"sg2_{name}_nets")
    cutoff = golden_json("sg2_configs")[name]["truncation_cutoff"]
    mean = jnp.asarray(arrays["G/mapping.w_avg"])
    whole = jnp.asarray(arrays["ws_psi1"])
    np.testing.assert_allclose(truncate_styles(whole, mean, truncation=0.7), arrays["ws_psi0.7"], atol=2e-6)
    cut = truncate_styles(whole, mean, truncation=0.7, cutoff=cutoff)
    np.testing.assert_allclose(cut, arrays["ws_psi0.7_cutoff"], atol=2e-6)


def test_the_entrance_of_a_model_with_styles_gives_each_layer_the_mapped_style():
    latent, labels = _latent()
    styles = entrance(MODEL, latent, labels)
    assert styles.shape == (3, STYLES, 5)
    for layer in range(STYLES):
        np.testing.assert_array_equal(styles[:, layer], MODEL.map(latent, labels))
    np.testing.assert_allclose(entrance(MODEL, latent, labels, truncation=0.0), np.tile(weights()["mean"], (3, 4, 1)))


def test_the_entrance_of_another_model_leaves_the_latent_alone():
    class Plain:
        def decode(self, latent, labels):
            return latent

    assert has_styles(MODEL) and not has_styles(Plain())
    latent, _ = _latent()
    assert entrance(Plain(), latent, None, truncation=0.5) is latent


def test_mixing_takes_the_chosen_styles_of_the_column_and_the_others_of_the_row():
    rows, columns = np.full((2, 4, 3), [[[1.0]], [[2.0]]]), np.full((3, 4, 3), [[[10.0]], [[20.0]], [[30.0]]])
    got = mix(rows, columns, (0, 2))
    assert got.shape == (2, 3, 4, 3)
    np.testing.assert_array_equal(got[1, 2, :, 0], [30.0, 2.0, 30.0, 2.0])
    np.testing.assert_array_equal(mix(rows, columns, range(4))[0], columns)
    np.testing.assert_array_equal(mix(rows, columns, ())[:, 1], rows)
