"""Adaptive augmentation against the published percentiles, and what is drawn: how often, how far, for whom."""

import dataclasses
import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.augment import ada
from gen_jax.augment.ada_pipes import PIPES, AdaPipe
from gen_jax.errors import UserError
from tests.golden import golden, golden_json

MANY = 20_000
GEOMETRY = ("xflip", "rotate90", "xint", "scale", "rotate", "aniso", "xfrac")
COLOR = ("brightness", "contrast", "lumaflip", "hue", "saturation", "imgfilter", "noise", "cutout")


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@jax.jit
def augmented(images, draws, noise):
    """One program for all pipes that do the same kinds of things."""
    return ada.augment(AdaPipe(), images, draws, noise=noise)


def draws_of(pipe, percentiles, count, size):
    """Draws of ``count`` images at each of the percentiles."""
    draws = [ada.draw_at(pipe, count, float(level), size=(size, size)) for level in percentiles]
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *draws)


@pytest.mark.parametrize(
    ("size", "part", "name"),
    [
        *((size, "geom", name) for size in (32, 48) for name in GEOMETRY),
        *((size, "color", name) for size in (32, 48) for name in COLOR),
        *((size, "sets", name) for size in (32, 48) for name in ("bgc", "bgc_cutout")),
        (32, "geom", "bg"),
        (32, "sets", "bgcfnc"),
    ],
)
def test_every_percentile_equals_the_published_one_border_included(size, part, name):
    stored = golden(f"augment_{size}_{part}")
    pipe = AdaPipe(**golden_json("augment_configs")["constructor_arguments"][name])
    levels = stored["percentiles"]
    images, expected = (stored[key].swapaxes(-3, -1).swapaxes(-3, -2) for key in ("images", f"out/{name}"))
    given = None
    if pipe.noise > 0:
        given = np.tile(stored["noise_randn"].transpose(0, 2, 3, 1), (len(levels), 1, 1, 1))
    out = augmented(np.tile(images, (len(levels), 1, 1, 1)), draws_of(pipe, levels, len(images), size), given)
    np.testing.assert_allclose(out, expected.reshape(out.shape), rtol=0, atol=1e-4)


@functools.cache
def drawn(pipe, p, size=(40, 40)):
    return jax.tree.map(np.asarray, ada.draw(pipe, jax.random.key(7), MANY, p, size=size))


def rate(happened):
    return float(np.mean(happened))


def within(share, expected):
    """Whether a share of MANY lies within four standard errors of what is expected."""
    return abs(share - expected) <= 4 * np.sqrt(expected * (1 - expected) / MANY) + 1e-12


IDENTITY = AdaPipe(**dict.fromkeys([*GEOMETRY, *COLOR], 1.0))


def changed(draws, field):
    """Whether each image has anything but the identity in a field."""
    value = getattr(draws, field)
    if field in ("noise", "rectangle"):
        return (value if field == "noise" else value[:, 2]) != 0
    nothing = getattr(drawn(IDENTITY, 0.0), field)[:1]
    return np.any(np.abs(value - nothing) > 1e-6, axis=tuple(range(1, value.ndim)))


@pytest.mark.parametrize("name", [name for name in (*GEOMETRY, *COLOR) if name != "imgfilter"])
def test_a_transform_happens_as_often_as_its_multiplier_times_p(name):
    field = {"noise": "noise", "cutout": "rectangle"}.get(name, "geometry" if name in GEOMETRY else "color")
    seen = {"xflip": 1 / 2, "rotate90": 3 / 4, "lumaflip": 1 / 2}.get(name, 1.0)  # of those that happen
    draws = drawn(AdaPipe(**{name: 0.5}), 0.6)
    share = rate(changed(draws, field))
    expected = 0.3 * seen
    assert abs(share - expected) <= 4 * np.sqrt(expected * (1 - expected) / MANY) + (0.01 if name == "xint" else 0.0)
    others = {key for key, value in draws._asdict().items() if value is not None} - {field, "noise_seeds"}
    assert not others, "what a pipe has at 0 is not drawn"


def test_at_probability_0_nothing_happens_and_at_1_everything():
    pipe = PIPES["bgcfnc"]
    for field in ("geometry", "color", "bands", "noise", "rectangle"):
        assert not changed(drawn(pipe, 0.0), field).any(), field
        assert changed(drawn(pipe, 1.0), field).all(), field


def test_each_band_is_filtered_with_its_own_probability():
    draws = drawn(AdaPipe(imgfilter=1.0, imgfilter_bands=(1.0, 0.0, 0.0, 0.5)), 0.4)
    assert within(rate(changed(draws, "bands")), 1 - 0.6 * 0.8)


def test_scale_turn_stretch_and_shift_have_their_distributions():
    linear = {name: drawn(AdaPipe(**{name: 1.0}), 1.0).geometry for name in GEOMETRY}
    scale = np.log2(linear["scale"][:, 0, 0])
    np.testing.assert_array_equal(linear["scale"][:, 0, 0], linear["scale"][:, 1, 1])
    assert abs(scale.mean()) < 4 * 0.2 / np.sqrt(MANY) and abs(scale.std() / 0.2 - 1) < 0.03
    stretch = linear["aniso"]
    np.testing.assert_allclose(stretch[:, 0, 0] * stretch[:, 1, 1], 1.0, rtol=1e-5)
    assert abs(np.log2(stretch[:, 0, 0]).std() / 0.2 - 1) < 0.03
    shift = linear["xfrac"][:, :2, 2] / 40
    assert abs(shift.std() / 0.125 - 1) < 0.03 and abs(np.corrcoef(shift.T)[0, 1]) < 0.03
    whole = linear["xint"][:, :2, 2]
    np.testing.assert_array_equal(whole, np.round(whole))
    assert set(whole.ravel()) == set(range(-5, 6)) and abs(np.corrcoef(whole.T)[0, 1]) < 0.03
    # Two turns of any angle are one of any angle.
    turn = linear["rotate"]
    angle = np.arctan2(turn[:, 1, 0], turn[:, 0, 0])
    counts, _ = np.histogram(angle, bins=10, range=(-np.pi, np.pi))
    assert np.all(np.abs(counts / MANY - 0.1) < 4 * np.sqrt(0.09 / MANY))
    quarters = np.round(np.arctan2(linear["rotate90"][:, 1, 0], linear["rotate90"][:, 0, 0]) / (np.pi / 2)) % 4
    assert all(within(rate(quarters == k), 0.25) for k in range(4))


def test_the_shift_counts_pixels_of_each_side():
    draws = drawn(AdaPipe(xint=1.0), 1.0, size=(16, 80))
    assert np.abs(draws.geometry[:, 0, 2]).max() == 10 and np.abs(draws.geometry[:, 1, 2]).max() == 2


def test_color_noise_and_rectangle_have_their_distributions():
    color = {name: drawn(AdaPipe(**{name: 1.0}), 1.0).color for name in COLOR[:5]}
    assert abs(color["brightness"][:, 0, 3].std() / 0.2 - 1) < 0.03
    assert abs(np.log2(color["contrast"][:, 0, 0]).std() / 0.5 - 1) < 0.03
    chroma = color["saturation"][:, 0, 0] - color["saturation"][:, 0, 1]
    assert abs(np.log2(chroma).std() - 1) < 0.03
    cosine = (np.trace(color["hue"][:, :, :3], axis1=1, axis2=2) - 1) / 2
    assert abs(np.mean(cosine)) < 0.03 and abs(np.mean(cosine**2) - 0.5) < 0.03
    draws = drawn(AdaPipe(noise=1.0, cutout=1.0), 1.0)
    assert np.all(draws.noise >= 0) and abs(np.sqrt(np.mean(draws.noise**2)) / 0.1 - 1) < 0.03
    assert np.all(draws.rectangle[:, 2] == 0.5)
    assert np.all((draws.rectangle[:, :2] >= 0) & (draws.rectangle[:, :2] < 1))
    assert np.all(np.abs(draws.rectangle[:, :2].mean(axis=0) - 0.5) < 4 * np.sqrt(1 / 12 / MANY))


def test_transforms_and_images_are_drawn_independently():
    draws = drawn(PIPES["bgcfnc"], 0.5)
    happened = np.stack([changed(draws, field) for field in ("noise", "rectangle")]).astype(float)
    assert abs(np.corrcoef(happened)[0, 1]) < 0.03
    assert abs(np.corrcoef(draws.noise[:-1] != 0, draws.noise[1:] != 0)[0, 1]) < 0.03
    assert len(np.unique(draws.noise_seeds, axis=0)) == MANY


@pytest.fixture(scope="module")
def everything():
    """Eight color images, draws of all that there is, and what comes out."""
    images = noise(8, 16, 16, 3)
    draws = ada.draw(PIPES["bgcfnc"], jax.random.key(3), 8, 0.8, size=(16, 16))
    return images, draws, np.asarray(augmented(images, draws, None))


def test_an_image_comes_out_the_same_in_whatever_batch_it_is(everything):
    images, draws, out = everything
    some = np.array([5, 2, 5, 0, 1, 7, 3, 2])
    again = augmented(images[some], jax.tree.map(lambda leaf: leaf[some], draws), None)
    np.testing.assert_allclose(again, out[some], rtol=0, atol=1e-6)


def test_draws_can_be_woven_together_as_images_can(everything):
    _, draws, _ = everything
    woven = jax.tree.map(lambda a: jnp.stack([a, a], axis=1).reshape(16, *a.shape[1:]), draws)
    assert woven.noise_seeds.dtype == np.uint32
    np.testing.assert_array_equal(woven.geometry[1::2], draws.geometry)


def test_at_probability_0_images_come_out_as_they_went_in(everything):
    images, _, _ = everything
    draws = ada.draw(PIPES["bgcfnc"], jax.random.key(3), 8, 0.0, size=(16, 16))
    np.testing.assert_allclose(augmented(images, draws, None), images, rtol=0, atol=1e-5)


def test_a_pipe_of_nothing_gives_the_images_themselves():
    images = noise(2, 5, 5, 3)
    np.testing.assert_array_equal(ada.apply(PIPES["none"], jnp.asarray(images), jax.random.key(0), 1.0), images)


def test_alpha_goes_where_the_picture_goes_and_keeps_its_values(everything):
    images, draws, _ = everything
    alpha = noise(8, 16, 16, 1, seed=1)
    four = augmented(np.concatenate([images, alpha], axis=-1), draws._replace(noise=None, bands=None), None)
    three = augmented(images, draws._replace(noise=None, bands=None), None)
    np.testing.assert_allclose(four[..., :3], three, rtol=0, atol=1e-5)
    moved = augmented(alpha, draws._replace(noise=None, bands=None, color=None), None)
    np.testing.assert_allclose(four[..., 3:], moved, rtol=0, atol=1e-5)


def test_a_grey_image_becomes_the_mean_of_the_same_image_in_color(everything):
    images, draws, _ = everything
    grey = images[..., :1]
    draws = draws._replace(noise=None)
    color = augmented(np.repeat(grey, 3, axis=-1), draws, None)
    np.testing.assert_allclose(augmented(grey, draws, None)[..., 0], np.mean(color, axis=-1), rtol=0, atol=1e-5)


def test_two_channels_have_no_color():
    draws = ada.draw_at(PIPES["bg"], 1, 0.3, size=(8, 8))
    with pytest.raises(UserError, match="1, 3 or 4 channels, these have 2"):
        ada.augment(PIPES["bgc"], jnp.zeros((1, 8, 8, 2)), draws)
    out = jax.eval_shape(functools.partial(ada.augment, PIPES["bg"]), jnp.zeros((1, 8, 8, 2)), draws)
    assert out.shape == (1, 8, 8, 2)


def test_a_new_probability_or_key_needs_no_new_program():
    traced = []

    @jax.jit
    def program(images, key, p):
        traced.append(1)
        return ada.apply(PIPES["r3gan"], images, key, p)

    images = jnp.asarray(noise(2, 8, 8, 3))
    out = [program(images, jax.random.key(seed), jnp.float32(p)) for seed, p in ((0, 0.0), (0, 1.0), (1, 1.0))]
    assert len(traced) == 1
    assert all(np.abs(a - b).max() > 0.1 for a, b in itertools.combinations(map(np.asarray, out), 2))


def test_gradients_go_to_the_images_and_not_to_the_draws(everything):
    images, draws, _ = everything
    arrays = (draws.geometry, draws.color, draws.bands)

    def loss(images, arrays):
        given = draws._replace(geometry=arrays[0], color=arrays[1], bands=arrays[2])
        return jnp.sum(jnp.sin(ada.augment(PIPES["bgcfnc"], images, given)))

    to_images, to_draws = jax.jit(jax.grad(loss, argnums=(0, 1)))(images, arrays)
    assert all(np.all(np.asarray(leaf) == 0) for leaf in to_draws)
    along = noise(8, 16, 16, 3, seed=5)
    step = 1e-2
    ahead, behind = (np.asarray(augmented(images + sign * step * along, draws, None)) for sign in (1, -1))
    expected = np.sum(np.sin(ahead.astype(np.float64)) - np.sin(behind.astype(np.float64))) / (2 * step)
    np.testing.assert_allclose(np.sum(np.asarray(to_images) * along), expected, rtol=1e-2)


def test_the_discriminator_behind_it_gives_the_published_logits_and_penalties():
    """R3GAN's: reals and fakes through the pipe at a percentile, gradients down to the images before it."""
    from gen_jax.io.weights import r3gan as weights
    from gen_jax.models import r3gan

    nets, stored = golden("r3gan_uncond_nets"), golden("r3gan_uncond_loss")
    gen, disc = ({key[2:]: value for key, value in nets.items() if key.startswith(net)} for net in ("G/", "D/"))
    networks = r3gan.build(weights.config_of(gen, disc, latent_size=16), num_classes=0)
    params = weights.discriminator_params(disc)
    draws = ada.draw_at(PIPES["r3gan"], 8, golden_json("r3gan_configs")["uncond"]["aug_percentile"], size=(16, 16))

    @jax.jit
    def logits_and_squares(images):
        def logits(images):
            return networks.discriminator.apply(params, ada.augment(PIPES["r3gan"], images, draws), None)

        values, back = jax.vjp(logits, images)
        return values, jnp.sum(jnp.square(back(jnp.ones_like(values))[0]), axis=(1, 2, 3))

    for images, kind, penalty in ((nets["images"], "real", "r1"), (nets["G_out"], "fake", "r2")):
        logits, squares = logits_and_squares(images.transpose(0, 2, 3, 1))
        np.testing.assert_allclose(logits, stored[f"aug/D_phase/{kind}_logits"], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(squares, stored[f"aug/D_phase/{penalty}_penalty"], rtol=1e-4)


def test_every_transform_of_the_pipes_is_one_that_exists():
    names = {field.name for field in dataclasses.fields(AdaPipe)}
    assert {*GEOMETRY, *COLOR} <= names
    assert all(getattr(PIPES["bgcfnc"], name) == 1.0 for name in (*GEOMETRY, *COLOR))
