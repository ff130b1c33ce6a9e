"""The two losses of a GAN against a plain re-computation, penalty by penalty."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.objectives.adversarial import LOSSES
from gen_jax.objectives.config import AdversarialObjective
from gen_jax.objectives.gan import Attempts, Critic, Gammas, Pairs, discriminator_loss, generator_loss

SHAPE = (8, 2, 2, 1)
STEP = jnp.int32(0)


def weights(seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"first": (4, 6), "second": (6, 1), "classes": (3, 6)}
    return {name: jnp.asarray(rng.normal(size=shape), jnp.float32) for name, shape in shapes.items()}


def critic(params, images, labels):
    """A small smooth discriminator; a label shifts its hidden layer."""
    hidden = images.reshape(images.shape[0], -1) @ params["first"]
    if labels is not None:
        hidden = hidden + params["classes"][labels]
    return (jnp.tanh(hidden) @ params["second"])[:, 0]


def images(seed):
    return jnp.asarray(np.random.default_rng(seed).uniform(-1, 1, SHAPE), jnp.float32)


CRITIC = Critic(apply=critic)
REAL, FAKE, BETWEEN, LABELS = images(1), images(2), images(3), jnp.array([0, 1, 2, 0, 1, 2, 0, 1])


def squares(params, x, labels):
    """|dD/dx|^2 one image at a time."""

    def of_one(image, label):
        return critic(params, image[None], None if label is None else label[None])[0]

    gradient = jax.vmap(jax.grad(of_one), (0, None if labels is None else 0))(x, labels)
    return jnp.sum(jnp.square(gradient), axis=(1, 2, 3))


def plain(objective, params, labels, *, some=slice(None)):
    """The discriminator's loss, written the long way."""
    pair = critic(params, REAL, labels), critic(params, FAKE, labels)
    loss = jnp.mean(LOSSES[objective.loss].discriminator(*pair))
    picked = None if labels is None else labels[some]
    if objective.r1:
        loss += objective.r1 / 2 * jnp.mean(squares(params, REAL[some], picked))
    if objective.r2:
        loss += objective.r2 / 2 * jnp.mean(squares(params, FAKE[some], picked))
    if objective.gradient_penalty:
        norms = jnp.sqrt(squares(params, BETWEEN[some], picked))
        loss += objective.gradient_penalty * jnp.mean(jnp.square(norms - 1.0))
    return loss


@functools.cache
def compiled(objective):
    def run(params, labels, step):
        between = BETWEEN if objective.gradient_penalty else None
        loss = discriminator_loss(objective, CRITIC, due=step % objective.penalty_every == 0)
        pairs = Pairs(REAL, FAKE, labels, between)
        (value, terms), gradient = jax.value_and_grad(loss, has_aux=True)(params, pairs)
        return value, terms, gradient

    return jax.jit(run)


def value_and_gradient(objective, labels, step=STEP):
    return compiled(objective)(weights(), labels, step)


def assert_same(objective, labels, *, some=slice(None)):
    value, terms, gradient = value_and_gradient(objective, labels)
    expected, expected_gradient = jax.jit(
        jax.value_and_grad(lambda params: plain(objective, params, labels, some=some))
    )(weights())
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    for name in gradient:
        np.testing.assert_allclose(gradient[name], expected_gradient[name], rtol=1e-4, atol=1e-5, err_msg=name)
    return terms


@pytest.mark.parametrize(("loss", "labels"), [*((loss, LABELS) for loss in LOSSES), ("relativistic", None)])
def test_discriminator_loss_matches_a_plain_computation(loss, labels):
    assert_same(AdversarialObjective(loss=loss, r1=0.7, r2=0.3), labels)


@pytest.mark.parametrize(
    ("r1", "r2", "gradient_penalty"),
    [(0.0, 0.0, 0.0), (0.7, 0.0, 0.0), (0.0, 0.3, 0.0), (0.0, 0.0, 10.0), (0.7, 0.3, 10.0), (0.7, 0.0, 10.0)],
)
def test_every_mixture_of_penalties_matches_a_plain_computation(r1, r2, gradient_penalty):
    objective = AdversarialObjective(loss="wasserstein", r1=r1, r2=r2, gradient_penalty=gradient_penalty)
    terms = assert_same(objective, LABELS)
    named = {"penalty/r1": r1, "penalty/r2": r2, "penalty/gradient": gradient_penalty}
    assert {name for name in terms if name.startswith("penalty/")} == {name for name, on in named.items() if on}


@pytest.mark.parametrize(("share", "stride"), [(0.25, 4), (0.5, 2), (0.01, 8)])
def test_a_share_of_the_penalties_looks_at_every_so_many_images(share, stride):
    r1, r2, gradient_penalty = 0.7, 0.3, 10.0
    objective = AdversarialObjective(loss="hinge", r1=r1, r2=r2, gradient_penalty=gradient_penalty, penalty_share=share)
    assert_same(objective, LABELS, some=slice(None, None, stride))


@pytest.mark.parametrize(("r1", "r2", "gradient_penalty"), [(0.7, 0.3, 0.0), (0.7, 0.3, 10.0)])
def test_lazy_penalties_have_on_average_the_gradient_of_penalties_at_every_step(r1, r2, gradient_penalty):
    choices = {"loss": "wasserstein", "r1": r1, "r2": r2, "gradient_penalty": gradient_penalty}
    lazy, eager = AdversarialObjective(**choices, penalty_every=4), AdversarialObjective(**choices)
    steps = [value_and_gradient(lazy, LABELS, jnp.int32(step)) for step in range(4, 8)]
    expected = value_and_gradient(eager, LABELS)
    average = jax.tree.map(lambda *leaves: sum(leaves) / 4, *steps)
    for a, b in zip(jax.tree.leaves(average), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    without = value_and_gradient(AdversarialObjective(loss="wasserstein", r1=0, r2=0), LABELS)
    np.testing.assert_allclose(steps[1][0], without[0], rtol=1e-6)
    assert float(steps[0][1]["penalty/r1"]) > 0.0 and float(steps[1][1]["penalty/r1"]) == 0.0


def test_terms_are_the_means_that_a_person_follows():
    _, terms, _ = value_and_gradient(AdversarialObjective(loss="hinge", r1=0.7, r2=0.3), LABELS)
    real, fake = critic(weights(), REAL, LABELS), critic(weights(), FAKE, LABELS)
    np.testing.assert_allclose(terms["logits/real"], jnp.mean(real), rtol=1e-5)
    np.testing.assert_allclose(terms["logits/fake"], jnp.mean(fake), rtol=1e-5)
    np.testing.assert_allclose(terms["logits/real_sign"], np.mean(np.sign(real)), rtol=1e-5)
    np.testing.assert_allclose(terms["loss/disc"], jnp.mean(LOSSES["hinge"].discriminator(real, fake)), rtol=1e-5)
    np.testing.assert_allclose(terms["penalty/r1"], jnp.mean(squares(weights(), REAL, LABELS)), rtol=1e-5)
    np.testing.assert_allclose(terms["penalty/r2"], jnp.mean(squares(weights(), FAKE, LABELS)), rtol=1e-5)


def test_r1_and_r2_at_every_image_run_the_discriminator_once():
    runs = []

    def counted(params, x, labels):
        runs.append(x.shape[0])
        return critic(params, x, labels)

    discriminator_loss(AdversarialObjective(), Critic(apply=counted))(weights(), Pairs(REAL, FAKE))
    assert runs == [2 * SHAPE[0]]


def test_a_discriminator_that_compares_its_batch_never_sees_real_and_generated_images_together():
    seen = []

    def counted(params, x, labels):
        seen.append(x.shape[0])
        return critic(params, x, labels) - jnp.mean(x)

    for objective in (AdversarialObjective(r1=0.7, r2=0.3), AdversarialObjective(r1=0.7, r2=0.3, penalty_share=0.5)):
        for compares in (True, False):
            seen.clear()
            loss = discriminator_loss(objective, Critic(apply=counted, compares_batch=compares))
            _, terms = loss(weights(), Pairs(REAL, FAKE))
            assert (max(seen) == SHAPE[0]) == compares
            if compares:
                expected = jnp.mean(critic(weights(), REAL, None) - jnp.mean(REAL))
                np.testing.assert_allclose(terms["logits/real"], expected, rtol=1e-5)


def test_scheduled_gammas_take_the_place_of_the_configured_ones():
    scheduled = discriminator_loss(AdversarialObjective(r1=9.0, r2=9.0), CRITIC, gammas=Gammas(0.7, 0.3))
    value, _ = scheduled(weights(), Pairs(REAL, FAKE, LABELS))
    np.testing.assert_allclose(value, plain(AdversarialObjective(r1=0.7, r2=0.3), weights(), LABELS), rtol=1e-5)


def test_penalties_are_those_of_the_images_before_the_augmentation():
    def darken(images, draws):
        return images * draws

    shares = jnp.linspace(0.1, 0.9, SHAPE[0]).reshape(-1, 1, 1, 1)
    objective = AdversarialObjective(r1=0.7, r2=0.3)
    loss = discriminator_loss(objective, Critic(apply=critic, augment=darken))
    _, terms = loss(weights(), Pairs(REAL, FAKE, real_draws=shares, fake_draws=1.0 - shares))
    logits = critic(weights(), REAL * shares, None)
    np.testing.assert_allclose(terms["logits/real"], jnp.mean(logits), rtol=1e-5)
    # The chain rule: the gradient of an image is its share times that of the darkened image.
    darkened = squares(weights(), REAL * shares, None) * shares[:, 0, 0, 0] ** 2
    np.testing.assert_allclose(terms["penalty/r1"], jnp.mean(darkened), rtol=1e-5)


def make_images(params, latent, labels):
    shift = 0.0 if labels is None else params["classes"][labels]
    return jnp.tanh(latent @ params["mix"] + shift).reshape(-1, *SHAPE[1:])


GENERATOR = {"mix": jnp.asarray(np.random.default_rng(5).normal(size=(3, 4)), jnp.float32), "classes": jnp.eye(3, 4)}
LATENT = jnp.asarray(np.random.default_rng(6).normal(size=(SHAPE[0], 3)), jnp.float32)


@pytest.mark.parametrize(("loss", "labels"), [*((loss, LABELS) for loss in LOSSES), ("relativistic", None)])
def test_generator_loss_matches_a_plain_computation(loss, labels):
    def expected(params):
        on_fake = critic(weights(), make_images(params, LATENT, labels), labels)
        return jnp.mean(LOSSES[loss].generator(critic(weights(), REAL, labels), on_fake))

    def generate(params, latent, labels, rows):
        return make_images(params, latent, labels), {}

    ours = generator_loss(AdversarialObjective(loss=loss), generate, CRITIC, weights())
    attempts = Attempts(LATENT, labels, jnp.arange(SHAPE[0]), REAL)
    (value, terms), gradient = jax.jit(jax.value_and_grad(ours, has_aux=True))(GENERATOR, attempts)
    assert terms == {"loss/gen": value}
    plain_value, plain_gradient = jax.jit(jax.value_and_grad(expected))(GENERATOR)
    np.testing.assert_allclose(value, plain_value, rtol=1e-6)
    for name in gradient:
        np.testing.assert_allclose(gradient[name], plain_gradient[name], rtol=1e-5, atol=1e-6)
