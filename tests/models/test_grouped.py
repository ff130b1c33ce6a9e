"""Grouped convolution against PyTorch, and its forms against each other up to the third derivative."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.models.grouped import convolve_grouped

GROUPS, INSIDE, FEATURES = 3, 2, 4


def random(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("form", ["native", "cells"])
@pytest.mark.parametrize(("height", "width"), [(4, 6), (7, 7), (1, 2)])
def test_a_grouped_convolution_matches_torch(height, width, form):
    torch = pytest.importorskip("torch")
    x, kernel = random(0, 2, height, width, GROUPS * INSIDE), random(1, 3, 3, INSIDE, GROUPS * FEATURES)
    expected = torch.nn.functional.conv2d(
        torch.tensor(x).permute(0, 3, 1, 2), torch.tensor(kernel).permute(3, 2, 0, 1), padding=1, groups=GROUPS
    )
    ours = jax.jit(lambda x, k: convolve_grouped(x, k, groups=GROUPS, form=form))(x, kernel)
    np.testing.assert_allclose(ours, expected.permute(0, 2, 3, 1).numpy(), rtol=1e-4, atol=1e-5)


def derivatives(form):
    """Values and derivatives of a small critic, of its gradient penalty, and of the slope of that."""

    def critic(kernel, x):
        return jnp.sum(jnp.tanh(convolve_grouped(x, kernel, groups=GROUPS, form=form)))

    def penalty(kernel, x):
        return jnp.sum(jnp.square(jax.grad(critic, argnums=1)(kernel, x)))

    def slope(kernel, x):
        return sum(jnp.sum(jnp.square(part)) for part in jax.grad(penalty, argnums=(0, 1))(kernel, x))

    both = (0, 1)
    gradients = jax.jit(lambda k, x: [jax.grad(f, argnums=both)(k, x) for f in (critic, penalty, slope)])
    return gradients(random(2, 3, 3, INSIDE, GROUPS * FEATURES) / 4, random(3, 2, 4, 5, GROUPS * INSIDE))


def test_the_forms_agree_up_to_the_third_derivative():
    for native, cells in zip(derivatives("native"), derivatives("cells"), strict=True):
        for a, b in zip(native, cells, strict=True):
            np.testing.assert_allclose(b, a, rtol=0, atol=1e-5 * np.abs(a).max())


def test_a_group_sees_its_own_channels_only():
    x = random(4, 1, 4, 4, GROUPS * INSIDE)
    kernel = random(5, 3, 3, INSIDE, GROUPS * FEATURES)
    moved = x.copy()
    moved[..., INSIDE : 2 * INSIDE] += 1.0
    before, after = (np.asarray(convolve_grouped(images, kernel, groups=GROUPS)) for images in (x, moved))
    changed = np.any(before != after, axis=(0, 1, 2))
    np.testing.assert_array_equal(changed, np.arange(GROUPS * FEATURES) // FEATURES == 1)
