"""The adversarial losses against hand calculations, finite differences and published numbers."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.objectives.adversarial import LOSSES
from gen_jax.objectives.penalties import zero_centered
from tests.golden import golden, golden_json, tolerance

LOG_2, LOG_3, LOG_5 = math.log(2.0), math.log(3.0), math.log(5.0)


@pytest.mark.parametrize(
    ("name", "real", "fake", "discriminator", "generator"),
    [
        # softplus(-log 3) = log(1 + 1/3) and softplus(log 3) = log 4.
        ("non_saturating", LOG_3, LOG_3, math.log(4 / 3) + math.log(4), math.log(4 / 3)),
        ("non_saturating", 0.0, 0.0, 2 * LOG_2, LOG_2),
        ("hinge", 0.25, -0.5, 0.75 + 0.5, 0.5),
        ("hinge", 3.0, -2.0, 0.0, 2.0),
        ("hinge", -3.0, 2.0, 4.0 + 3.0, -2.0),
        ("wasserstein", 1.5, -0.5, -2.0, 0.5),
        ("least_squares", 3.0, -2.0, 2.0 + 2.0, 4.5),
        ("least_squares", 1.0, 0.0, 0.0, 0.5),
        ("relativistic", LOG_5, LOG_2, math.log(1 + 2 / 5), math.log(1 + 5 / 2)),
        ("relativistic", 7.0, 7.0, LOG_2, LOG_2),
    ],
)
def test_losses_match_a_hand_calculation(name, real, fake, discriminator, generator):
    logits = jnp.full((1,), real), jnp.full((1,), fake)
    np.testing.assert_allclose(LOSSES[name].discriminator(*logits), [discriminator], rtol=1e-6)
    np.testing.assert_allclose(LOSSES[name].generator(*logits), [generator], rtol=1e-6)


@pytest.mark.parametrize("side", ["discriminator", "generator"])
@pytest.mark.parametrize("name", LOSSES)
def test_gradients_match_finite_differences(name, side):
    function = getattr(LOSSES[name], side)
    real, fake = jnp.array([-2.1, -0.4, 0.3, 1.7]), jnp.array([0.6, -1.9, 2.2, -0.3])
    step = 1e-2
    for argument in (0, 1):
        exact = jax.grad(lambda *logits: jnp.sum(function(*logits)), argnums=argument)(real, fake)
        moved = [
            function(*(logits + sign * step * (i == argument) for i, logits in enumerate((real, fake))))
            for sign in (1, -1)
        ]
        np.testing.assert_allclose(exact, (moved[0] - moved[1]) / (2 * step), atol=1e-4)


@pytest.mark.parametrize("size", [1e4, 1e30])
@pytest.mark.parametrize("name", ["non_saturating", "hinge", "wasserstein", "relativistic"])
def test_extreme_logits_give_finite_losses_and_gradients(name, size):
    real, fake = jnp.array([size, size, -size, -size]), jnp.array([size, -size, size, -size])
    for function in LOSSES[name]:
        assert np.isfinite(function(real, fake)).all()
        gradients = jax.grad(lambda r, f, function=function: jnp.sum(function(r, f)), argnums=(0, 1))(real, fake)
        assert np.isfinite(np.stack(gradients)).all()


@pytest.mark.parametrize("name", LOSSES)
def test_both_sides_pull_the_fake_logit_in_opposite_directions(name):
    real, fake = jnp.array([0.2, -0.3]), jnp.array([0.1, 0.4])
    pulls = [jax.grad(lambda f, side=side: jnp.sum(side(real, f)))(fake) for side in LOSSES[name]]
    assert (pulls[0] > 0).all() and (pulls[1] < 0).all()


@pytest.mark.parametrize("name", LOSSES)
def test_bfloat16_logits_give_float32_losses(name):
    logits = jnp.array([1.0, 2.0], jnp.bfloat16)
    assert all(side(logits, logits).dtype == jnp.float32 for side in LOSSES[name])


@pytest.mark.parametrize("augmentation", ["plain", "aug"])
@pytest.mark.parametrize("model", ["uncond", "cond"])
def test_relativistic_loss_with_its_penalties_matches_r3gan(model, augmentation):
    name = f"r3gan_{model}_loss"
    arrays, gamma = golden(name), golden_json("r3gan_configs")[model]["gamma"]

    def close(value, key):
        key = f"{augmentation}/{key}"
        # The augmented phases have no float64 twin for the pipeline, so these get a floor of float32 rounding.
        np.testing.assert_allclose(value, arrays[key], rtol=1e-6, atol=tolerance(name, key) + 1e-6)

    d_phase = {key.rsplit("/", 1)[1]: value for key, value in arrays.items() if f"{augmentation}/D_phase/" in key}
    logits = d_phase["real_logits"], d_phase["fake_logits"]
    discriminator = LOSSES["relativistic"].discriminator(*logits)
    penalties = sum(zero_centered(d_phase[key], gamma=gamma) for key in ("r1_penalty", "r2_penalty"))
    close(discriminator, "D_phase/adv_loss")
    close(jnp.mean(discriminator + penalties), "D_phase/total_loss")

    generator = LOSSES["relativistic"].generator(*logits)
    close(generator, "G_phase/adv_loss")
    close(jnp.mean(generator), "G_phase/total_loss")
