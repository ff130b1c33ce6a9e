"""Penalties of a piecewise linear discriminator against the same by plain differentiation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.models import r3gan
from gen_jax.models.r3gan import R3ganConfig
from gen_jax.objectives import penalties, piecewise
from gen_jax.objectives.adversarial import relativistic_discriminator

CONFIG = R3ganConfig(size=8, widths=(8, 6), cardinality=(4, 3), blocks=(1, 1), conditional=True, disc_class_embedding=5)
GAMMA = 3.0


def random(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def augment(images):
    """An affine one with an offset, as shifts of brightness have."""
    return 0.7 * images[:, :, ::-1] + 0.3 * jnp.roll(images, 1, axis=1) + 0.2


def outcomes(way, change):
    """Logits, squared gradients, and the gradient of the whole loss by the parameters."""
    networks = r3gan.build(CONFIG, num_classes=3)
    shapes = jax.eval_shape(networks.discriminator.init, jax.random.key(0))
    leaves, tree = jax.tree.flatten(shapes)
    params = jax.tree.unflatten(tree, [0.4 * random(i, *leaf.shape) for i, leaf in enumerate(leaves)])
    images, labels = random(100, 6, 8, 8, 3), np.array([0, 0, 1, 1, 2, 2], np.int32)

    def loss(params):
        apply = networks.discriminator.apply
        if way == "plain":
            shown = (lambda x: x) if change is None else change
            logits, squares = penalties.logits_and_gradient(lambda x: apply(params, shown(x), labels), images)
        else:
            with_unit = lambda x, unit: apply(params, x, labels, unit)  # noqa: E731
            logits, squares = piecewise.logits_and_gradient(with_unit, images, augment=change)
        game = relativistic_discriminator(logits[0::2], logits[1::2])
        return jnp.mean(game + 0.5 * GAMMA * (squares[0::2] + squares[1::2])), (logits, squares)

    return jax.jit(jax.grad(loss, has_aux=True))(params)


@pytest.mark.parametrize("change", [None, augment], ids=["plain", "augmented"])
def test_logits_penalties_and_the_gradient_of_the_loss_are_those_of_plain_differentiation(change):
    ours, plain = outcomes("piecewise", change), outcomes("plain", change)
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(plain), strict=True):
        assert np.any(b)
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * np.abs(b).max())


def test_a_loss_takes_four_passes_of_the_products_where_plain_differentiation_takes_six():
    def products(way):
        matrix = jnp.ones((8, 8))

        def loss(matrix):
            def apply(x, unit):
                for _ in range(10):
                    x = x @ matrix
                return jnp.sum(x, axis=-1) + unit

            x = jnp.ones((2, 8))
            if way == "plain":
                logits, squares = penalties.logits_and_gradient(lambda x: apply(x, jnp.ones(2)), x)
            else:
                logits, squares = piecewise.logits_and_gradient(apply, x)
            return jnp.sum(jnp.sin(logits) + squares)

        return str(jax.make_jaxpr(jax.grad(loss))(matrix)).count("dot_general")

    assert products("plain") / 10 > 5.5
    assert products("piecewise") / 10 < 4.5
