"""Path lengths of generators whose derivatives are known."""

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.objectives.path_length import path_lengths, penalty

SHAPE = (4, 4, 3)


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_lengths_of_a_linear_synthesis_are_those_of_its_matrices():
    matrices, noise = drawn(5, 6, 48), drawn(2, *SHAPE, seed=1)  # n styles of length 6
    lengths = path_lengths(
        lambda styles: jnp.einsum("bnw,nwp->bp", styles, matrices).reshape(-1, *SHAPE), drawn(2, 5, 6), noise
    )
    back = np.einsum("nwp,bp->bnw", matrices, noise.reshape(2, -1))
    np.testing.assert_allclose(lengths, np.sqrt(np.mean(np.sum(back**2, axis=2), axis=1)), rtol=1e-5)


def test_lengths_are_differentiated_again_as_calculus_says():
    """The image s w: J^T y = s y, of length s |y|, whose derivative in s is |y|."""
    noise = drawn(2, *SHAPE)
    styles = jnp.asarray(drawn(2, 1, 48, seed=1))

    def total(scale):
        return jnp.sum(path_lengths(lambda w: scale * w.reshape(-1, *SHAPE), styles, noise))

    norms = np.linalg.norm(noise.reshape(2, -1), axis=1)
    value, slope = jax.jit(jax.value_and_grad(total))(3.0)
    np.testing.assert_allclose([value, slope], [3.0 * norms.sum(), norms.sum()], rtol=1e-5)


def test_the_mean_moves_by_its_decay_and_the_penalty_is_the_square_of_what_is_left():
    lengths = np.array([1.0, 3.0], np.float32)
    penalties, mean = penalty(lengths, jnp.float32(1.0), decay=0.1)
    np.testing.assert_allclose(mean, 1.1, rtol=1e-6)
    np.testing.assert_allclose(penalties, [0.1**2, 1.9**2], rtol=1e-4)


def test_the_penalty_is_differentiated_through_the_mean_and_the_new_mean_is_not():
    lengths = np.array([1.0, 3.0], np.float32)
    slopes = jax.grad(lambda x: penalty(x, jnp.float32(1.0), decay=0.1)[0].sum())(lengths)
    # d/dx_i sum_j (x_j - a)^2 = 2 (x_i - a) - 2 * 0.1 / 2 * sum_j (x_j - a), with a = 1.1
    np.testing.assert_allclose(slopes, [2 * -0.1 - 0.1 * 1.8, 2 * 1.9 - 0.1 * 1.8], rtol=1e-4)
    assert not np.any(jax.grad(lambda x: penalty(x, jnp.float32(1.0))[1])(lengths))
