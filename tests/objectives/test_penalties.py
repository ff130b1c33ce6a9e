"""Gradient penalties against calculus, and against a second backward pass in PyTorch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.objectives.penalties import interpolate, interpolated_penalty, logits_and_gradient, zero_centered

SHAPE = (5, 4, 4, 3)
SIZE = 48


def images_of(seed):
    return np.random.default_rng(seed).uniform(-1.0, 1.0, SHAPE).astype(np.float32)


def quadratic(matrix, vector):
    """D(x) = x A x / 2 + v x, whose gradient is (A + A') x / 2 + v."""

    def apply_images(images):
        flat = images.reshape(images.shape[0], -1)
        return 0.5 * jnp.einsum("bi,ij,bj->b", flat, matrix, flat) + flat @ vector

    return apply_images


def weights_of(seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(SIZE, SIZE)).astype(np.float32) / 7.0, rng.normal(size=SIZE).astype(np.float32)


def test_logits_and_squared_norm_of_a_quadratic_match_calculus():
    matrix, vector = (np.asarray(w, np.float64) for w in weights_of(0))
    flat = np.asarray(images_of(1), np.float64).reshape(SHAPE[0], -1)
    gradient = flat @ (matrix + matrix.T) / 2 + vector
    logits, squared_norm = jax.jit(lambda w, x: logits_and_gradient(quadratic(*w), x))(weights_of(0), images_of(1))
    np.testing.assert_allclose(logits, 0.5 * ((flat @ matrix) * flat).sum(1) + flat @ vector, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(squared_norm, (gradient**2).sum(1), rtol=1e-5)


def test_penalty_of_a_quadratic_is_differentiated_again_as_calculus_says():
    vector = weights_of(0)[1]
    flat = np.asarray(images_of(1), np.float64).reshape(SHAPE[0], -1)
    matrix64, vector64 = (np.asarray(w, np.float64) for w in weights_of(0))
    gradient = flat @ (matrix64 + matrix64.T) / 2 + vector64

    @jax.jit
    def penalty(weights, images):
        return jnp.mean(zero_centered(logits_and_gradient(quadratic(*weights), images)[1], gamma=3.0))

    by_matrix, by_vector = jax.grad(penalty)((weights_of(0)[0], vector), images_of(1))
    # d/dv of gamma/2 |g|^2 is gamma g; d/dA is gamma (g x' + x g') / 2.
    outer = np.einsum("bi,bj->ij", gradient, flat) / SHAPE[0]
    np.testing.assert_allclose(by_vector, 3.0 * gradient.mean(0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(by_matrix, 3.0 * (outer + outer.T) / 2, rtol=1e-4, atol=1e-4)


def test_one_call_on_real_and_fake_together_gives_what_two_calls_give():
    apply_images = quadratic(*weights_of(0))
    together = logits_and_gradient(apply_images, np.concatenate([images_of(1), images_of(2)]))
    apart = [logits_and_gradient(apply_images, images_of(seed)) for seed in (1, 2)]
    for whole, halves in zip(together, zip(*apart, strict=True), strict=True):
        np.testing.assert_allclose(whole, jnp.concatenate(halves), rtol=1e-5, atol=1e-5)


def test_one_call_runs_the_discriminator_once():
    runs = []

    def apply_images(images):
        runs.append(images.shape)
        return jnp.sum(images, axis=(1, 2, 3))

    logits_and_gradient(apply_images, images_of(0))
    assert runs == [SHAPE]


def test_a_bfloat16_discriminator_is_penalised_in_float32():
    vector = weights_of(0)[1]

    def apply_images(images):
        return images.reshape(images.shape[0], -1).astype(jnp.bfloat16) @ vector.astype(jnp.bfloat16)

    logits, squared_norm = logits_and_gradient(apply_images, images_of(0))
    assert logits.dtype == squared_norm.dtype == jnp.float32
    np.testing.assert_allclose(squared_norm, np.full(SHAPE[0], np.sum(np.square(vector))), rtol=1e-2)


def test_logits_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"logits of shape \(5,\), not \(5, 4\)"):
        logits_and_gradient(lambda images: jnp.sum(images, axis=(2, 3)), images_of(0))


def mlp_weights():
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(np.float32) / 5 for shape in ((SIZE, 16), (16,), (16, 16), (16, 1))]


def mlp(weights, images):
    first, bias, second, last = weights
    hidden = jnp.tanh(images.reshape(images.shape[0], -1) @ first + bias[None])
    return (jax.nn.softplus(hidden @ second) @ last)[:, 0]


def torch_penalty(torch, weights, images, from_squared_norm):
    """The mean penalty, its value for each image, and its gradient by a second backward pass."""
    first, bias, second, last = weights = [torch.tensor(w, requires_grad=True) for w in weights]
    x = torch.tensor(np.array(images), requires_grad=True)
    hidden = torch.tanh(x.reshape(len(x), -1) @ first + bias)
    logits = (torch.nn.functional.softplus(hidden @ second) @ last)[:, 0]
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    penalty = from_squared_norm(gradient.square().sum((1, 2, 3)))
    penalty.mean().backward()
    return penalty.detach().numpy(), [w.grad.numpy() for w in weights]


def test_zero_centered_penalty_and_its_gradient_match_torch():
    torch = pytest.importorskip("torch")
    expected, expected_gradient = torch_penalty(torch, mlp_weights(), images_of(3), lambda norm: 0.5 * 2.5 * norm)

    def penalty(weights):
        _, squared_norm = logits_and_gradient(lambda images: mlp(weights, images), images_of(3))
        values = zero_centered(squared_norm, gamma=2.5)
        return jnp.mean(values), values

    (_, values), gradient = jax.jit(jax.value_and_grad(penalty, has_aux=True))(mlp_weights())
    np.testing.assert_allclose(values, expected, rtol=1e-5)
    for ours, theirs in zip(gradient, expected_gradient, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_interpolated_and_its_gradient_match_torch():
    torch = pytest.importorskip("torch")
    mixed = interpolate(jax.random.key(7), images_of(4), images_of(5))
    expected, expected_gradient = torch_penalty(torch, mlp_weights(), mixed, lambda norm: (norm.sqrt() - 1).square())

    def penalty(weights):
        values = interpolated_penalty(jax.random.key(7), lambda x: mlp(weights, x), images_of(4), images_of(5))
        return jnp.mean(values), values

    (_, values), gradient = jax.jit(jax.value_and_grad(penalty, has_aux=True))(mlp_weights())
    np.testing.assert_allclose(values, expected, rtol=1e-4)
    for ours, theirs in zip(gradient, expected_gradient, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_interpolates_lie_on_the_line_between_the_pair_one_place_an_image():
    share = (np.asarray(interpolate(jax.random.key(0), jnp.ones(SHAPE), -jnp.ones(SHAPE))) + 1.0) / 2.0
    assert (share >= 0.0).all() and (share <= 1.0).all()
    np.testing.assert_array_equal(share, np.broadcast_to(share[:, :1, :1, :1], SHAPE))
    assert len(np.unique(share)) == SHAPE[0]


def test_a_linear_discriminator_pays_for_the_distance_of_its_slope_from_one():
    for slope in (0.0, 0.5, 1.0, 4.0):
        direction = jnp.full((SIZE,), slope / np.sqrt(SIZE))
        values = interpolated_penalty(
            jax.random.key(0), lambda x, d=direction: x.reshape(x.shape[0], -1) @ d, images_of(0), images_of(1)
        )
        np.testing.assert_allclose(values, np.full(SHAPE[0], (slope - 1.0) ** 2), atol=1e-5)


def test_a_flat_discriminator_gets_a_finite_gradient():
    def penalty(direction):
        return jnp.mean(
            interpolated_penalty(
                jax.random.key(0), lambda x: x.reshape(x.shape[0], -1) @ direction, images_of(0), images_of(1)
            )
        )

    value, gradient = jax.value_and_grad(penalty)(jnp.zeros(SIZE))
    assert value == 1.0
    np.testing.assert_array_equal(gradient, np.zeros(SIZE))
