"""What tells a collapse: distances inside a batch, and the classes of what is generated."""

import jax.numpy as jnp
import numpy as np

from gen_jax.objectives.diversity import batch_diversity


def pictures(seed, count=32):
    return jnp.asarray(np.random.default_rng(seed).uniform(-1, 1, (count, 8, 8, 1)), jnp.float32)


def test_the_distance_is_that_of_all_pairs():
    real, fake = pictures(0, 6), pictures(1, 6)
    terms = batch_diversity(real, fake, None)
    flat = np.asarray(fake).reshape(6, -1)
    pairs = [np.sqrt(np.mean((flat[i] - flat[j]) ** 2)) for i in range(6) for j in range(i)]
    np.testing.assert_allclose(terms["diversity/fake"], np.mean(pairs), rtol=1e-5)
    assert "diversity/classes" not in terms


def test_one_image_over_and_over_has_no_diversity_and_real_images_have_one():
    real = pictures(0)
    same = jnp.broadcast_to(real[:1], real.shape)
    np.testing.assert_allclose(batch_diversity(real, same, None)["diversity/ratio"], 0.0, atol=1e-3)
    np.testing.assert_allclose(batch_diversity(real, real, None)["diversity/ratio"], 1.0, rtol=1e-4)


def test_fine_noise_is_not_diversity():
    rng = np.random.default_rng(0)
    grey = jnp.asarray(rng.normal(size=(32, 64, 64, 1)) * 0.3, jnp.float32)
    real = jnp.asarray(np.repeat(np.repeat(rng.normal(size=(32, 8, 8, 1)), 8, 1), 8, 2) * 0.3, jnp.float32)
    assert batch_diversity(real, grey, None)["diversity/ratio"] < 0.2


def test_classes_of_generated_images_are_those_of_their_nearest_real_images():
    labels = jnp.arange(32, dtype=jnp.int32) % 4
    real = pictures(0)
    every = batch_diversity(real, real, labels)["diversity/classes"]
    np.testing.assert_allclose(every, 1.0, rtol=1e-5)
    two = jnp.where((labels < 2)[:, None, None, None], real, jnp.roll(real, 2, axis=0))  # classes 0 and 1 only
    half = batch_diversity(real, two, labels)["diversity/classes"]
    np.testing.assert_allclose(half, 0.5, rtol=1e-5)


def test_large_batches_are_looked_at_in_part():
    many = jnp.concatenate([pictures(seed, 300) for seed in range(2)])
    terms = batch_diversity(many, many, None)
    part = batch_diversity(many[::3], many[::3], None)
    np.testing.assert_allclose(terms["diversity/fake"], part["diversity/fake"], rtol=1e-6)
