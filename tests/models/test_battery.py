"""What every registered model must do, whatever is inside; a new model needs one line in SMALL."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.experiment import KINDS
from gen_jax.models import GANS, VAES, ConvVaeConfig, DcganConfig, conv_vae, dcgan, pyramid, r3gan, stylegan2
from gen_jax.types import Network, StyleNetworks

SMALL = {
    "dcgan": {"width": 8, "max_width": 16, "latent_size": 6},
    "classic_dcgan": {"width": 8, "max_width": 16, "latent_size": 6},
    "conv_vae": {"width": 8, "max_width": 16, "latent_size": 6},
    "r3gan": {"latent_size": 6, "class_embedding": 4, "disc_class_embedding": 4},
    "stylegan2": {
        "latent_size": 6,
        "style_size": 8,
        "mapping_layers": 1,
        "disc_mapping_layers": 1,
        "channel_base": 2048,
        "max_width": 8,
        "minibatch_std_group": 0,
    },
}
"""kind -> fields that make it tiny."""

PER_STAGE = {"r3gan": {"widths": 8, "cardinality": 2, "blocks": 1}}
"""kind -> fields that make it tiny and have one value for each stage."""

SCALE = {"stylegan2": 1.0}
"""kind -> standard deviation of the weights that tests draw, where it is not 0.15."""

BOUNDED = ("dcgan", "classic_dcgan")
"""GANs whose last layer keeps images between black and white."""

CLASSES = 3
SIZES = dict.fromkeys(SMALL, pyramid.SIZES) | {"r3gan": r3gan.SIZES, "stylegan2": stylegan2.SIZES}
"""kind -> sizes of images that it takes."""

VARIANTS = [(1, False, "float32"), (3, True, "bfloat16"), (4, True, "float32"), (1, False, "bfloat16")]
"""channels, conditional, precision."""


def build(kind, *, classes=CLASSES, **fields):
    stages = r3gan.stages(fields["size"])
    tuples = {name: (value,) * stages for name, value in PER_STAGE.get(kind, {}).items()}
    config = KINDS["model"][kind](**(SMALL[kind] | tuples | fields))
    if kind in GANS:
        return GANS[kind](config, num_classes=classes)
    return VAES[kind](config, num_classes=classes, out_channels=2 * config.channels)


def generator_of(networks):
    """The generator; one with styles gets noise, which its plain ``apply`` leaves out and some parameters act on."""
    if not isinstance(networks, StyleNetworks):
        return networks.generator
    shapes = jax.eval_shape(networks.init_buffers, jax.random.key(0))
    buffers = jax.tree.map(lambda leaf: np.linspace(-1.0, 1.0, leaf.size, dtype=np.float32).reshape(leaf.shape), shapes)

    def generate(params, latent, labels):
        style = networks.map(params, latent, labels)[:, None]
        styles = jnp.broadcast_to(style, (style.shape[0], networks.num_styles, networks.style_size))
        return networks.synthesize(params, buffers, styles, "const")

    return Network(networks.generator.init, generate)


def parts(networks):
    """Name -> (network, shape of an input, shapes of the outputs), the batch left out."""
    z, image = (networks.latent_size,), networks.image_shape
    if hasattr(networks, "generator"):
        return {"gen": (generator_of(networks), z, [image]), "disc": (networks.discriminator, image, [()])}
    likelihood = (*image[:2], 2 * image[2])
    return {"enc": (networks.encoder, image, [z, z]), "dec": (networks.decoder, z, [likelihood])}


def labels_of(networks, n):
    return jnp.arange(n, dtype=jnp.int32) % CLASSES if networks.num_classes else None


def test_every_registered_model_is_tried_here():
    assert SMALL.keys() == GANS.keys() | VAES.keys()


@pytest.mark.parametrize(("channels", "conditional", "precision"), VARIANTS)
@pytest.mark.parametrize(("kind", "size"), [(kind, size) for kind, sizes in SIZES.items() for size in sizes])
def test_shapes_and_types_at_every_size(kind, size, channels, conditional, precision):
    networks = build(kind, size=size, channels=channels, conditional=conditional, precision=precision)
    assert networks.image_shape == (size, size, channels)
    assert networks.num_classes == (CLASSES if conditional else 0)
    for network, given, expected in parts(networks).values():
        params = jax.eval_shape(network.init, jax.random.key(0))
        assert {leaf.dtype for leaf in jax.tree.leaves(params)} == {jnp.dtype(jnp.float32)}
        out = jax.eval_shape(network.apply, params, jnp.zeros((5, *given)), labels_of(networks, 5))
        leaves = jax.tree.leaves(out)
        assert [leaf.shape for leaf in leaves] == [(5, *shape) for shape in expected]
        assert {leaf.dtype for leaf in leaves} == {jnp.dtype(jnp.float32)}


@pytest.mark.parametrize(
    ("kind", "size"), [(kind, size) for kind in SMALL for size in (0, 4, 8, 20, 48, 256) if size not in SIZES[kind]]
)
def test_a_size_that_halving_does_not_reach_is_refused(kind, size):
    with pytest.raises(UserError, match=rf"^--model\.size {size}: a {kind} takes one of "):
        KINDS["model"][kind](size=size)


def outputs(network, params, x, labels):
    """All outputs of a batch side by side, [b, n]."""
    out = jax.tree.leaves(network.apply(params, x, labels))
    return jnp.concatenate([leaf.reshape(leaf.shape[0], -1) for leaf in out], axis=-1)


@functools.cache
def trial(kind, name):
    """(network, params, compiled ``(params, x, labels) -> outputs, gradients of params and x``, x, labels)."""
    networks = build(kind, size=16, channels=1, conditional=True)
    network, given, _ = parts(networks)[name]

    @jax.jit
    def run(params, x, labels):
        def loss(params, x):
            y = outputs(network, params, x, labels)
            return jnp.sum(jnp.sin(3.0 * y)), y

        (_, y), gradient = jax.value_and_grad(loss, argnums=(0, 1), has_aux=True)(params, x)
        return y, gradient

    x = np.random.default_rng(0).uniform(-1.0, 1.0, (4, *given)).astype(np.float32)
    return network, weights_of(network, SCALE.get(kind, 0.15)), run, x, labels_of(networks, 4)


def weights_of(network, scale):
    """Weights that leave nothing at zero, so that every parameter has its effect; compiling ``init`` takes seconds."""
    draw = np.random.default_rng(1)
    shapes = jax.eval_shape(network.init, jax.random.key(0))
    return jax.tree.map(lambda leaf: draw.normal(size=leaf.shape, scale=scale).astype(np.float32), shapes)


NETWORKS = [(kind, name) for kind in GANS for name in ("gen", "disc")] + [
    (kind, name) for kind in VAES for name in ("enc", "dec")
]


@pytest.mark.parametrize(("kind", "name"), NETWORKS)
def test_weights_are_a_function_of_the_key_alone(kind, name):
    network = trial(kind, name)[0]
    init = jax.jit(network.init)
    # This kind of key compiles in a fraction of the time.
    keys = [jax.random.key(seed, impl="unsafe_rbg") for seed in (1, 1, 2)]
    one, again, other = (jax.tree.leaves(init(key)) for key in keys)
    for a, b in zip(one, again, strict=True):
        np.testing.assert_array_equal(a, b)
    drawn = [np.array_equal(a, b) for a, b in zip(one, other, strict=True) if np.ptp(a)]
    assert drawn and not any(drawn)


@pytest.mark.parametrize(("kind", "name"), NETWORKS)
def test_no_image_depends_on_the_others_of_its_batch(kind, name):
    _, params, run, x, labels = trial(kind, name)
    moved = x.copy()
    moved[1] *= -0.5
    before, after = (np.asarray(run(params, images, labels)[0]) for images in (x, moved))
    others = [0, 2, 3]
    np.testing.assert_allclose(before[others], after[others], rtol=1e-6, atol=1e-6)
    assert not np.allclose(before[1], after[1])


@pytest.mark.parametrize(("kind", "name"), NETWORKS)
def test_labels_matter_to_a_conditional_model_and_only_to_the_image_they_name(kind, name):
    _, params, run, x, _ = trial(kind, name)
    before, after = (np.asarray(run(params, x, jnp.array(labels))[0]) for labels in ([0, 1, 2, 0], [0, 2, 2, 0]))
    assert not np.allclose(before[1], after[1], atol=1e-4)
    np.testing.assert_allclose(before[[0, 2, 3]], after[[0, 2, 3]], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("kind", "name"), NETWORKS)
def test_gradients_are_finite_and_reach_every_parameter_and_the_input(kind, name):
    _, params, run, x, labels = trial(kind, name)
    y, (of_params, of_x) = run(params, x, labels)
    assert np.isfinite(y).all()
    for path, leaf in [*jax.tree_util.tree_leaves_with_path(of_params), ((), of_x)]:
        assert np.isfinite(leaf).all() and np.any(leaf), jax.tree_util.keystr(path)


@pytest.mark.parametrize(("kind", "name"), NETWORKS)
def test_a_batch_of_one_gives_what_it_gives_in_company(kind, name):
    network, params, run, x, labels = trial(kind, name)
    alone = jax.jit(functools.partial(outputs, network))(params, x[2:3], labels[2:3])
    np.testing.assert_allclose(alone[0], run(params, x, labels)[0][2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("kind", "name"), NETWORKS)
def test_an_unconditional_model_has_no_use_for_labels(kind, name):
    networks = build(kind, size=16, channels=1, conditional=False)
    network, given, _ = parts(networks)[name]
    params = jax.eval_shape(network.init, jax.random.key(0))
    bare, labelled = (
        str(jax.make_jaxpr(lambda p, x, _=labels, net=network: net.apply(p, x, _))(params, jnp.zeros((4, *given))))
        for labels in (None, jnp.arange(4))
    )
    assert bare == labelled


@pytest.mark.parametrize("kind", BOUNDED)
def test_generated_images_lie_between_black_and_white(kind):
    _, params, run, x, labels = trial(kind, "gen")
    for size in (1.0, 100.0):
        y = np.asarray(run(jax.tree.map(lambda leaf, size=size: size * leaf, params), x, labels)[0])
        assert y.min() >= -1.0 and y.max() <= 1.0 and y.std() > 0.01


@pytest.mark.parametrize("kind", SMALL)
def test_bfloat16_is_close_to_float32(kind):
    name = "gen" if kind in GANS else "enc"
    _, params, run, x, labels = trial(kind, name)
    network = parts(build(kind, size=16, channels=1, conditional=True, precision="bfloat16"))[name][0]
    exact = np.asarray(run(params, x, labels)[0])
    rounded = np.asarray(jax.jit(functools.partial(outputs, network))(params, x, labels))
    assert 0.0 < np.abs(exact - rounded).max() < 0.05 * np.abs(exact).max()


def count(network):
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(jax.eval_shape(network.init, jax.random.key(0))))


def test_parameters_of_the_default_dcgan_match_a_hand_count():
    networks = dcgan.build(DcganConfig(), num_classes=0)  # 28x28, grey, z = 64, widths 32 and 64
    dense = 64 * 7 * 7 * 64 + 7 * 7 * 64
    stages = (9 * 64 * 4 * 32 + 4 * 32) + (9 * 32 * 4 * 16 + 4 * 16)
    assert count(networks.generator) == dense + stages + (9 * 16 * 1 + 1) == 296_337
    down = (16 * 1 * 32 + 32) + (16 * 32 * 64 + 64)
    assert count(networks.discriminator) == down + (7 * 7 * 64 + 1) == 36_513


def test_parameters_of_a_conditional_vae_match_a_hand_count():
    config = ConvVaeConfig(size=16, channels=3, latent_size=8, width=8, conditional=True)
    networks = conv_vae.build(config, num_classes=5, out_channels=6)
    residual_8, residual_16 = 2 * (9 * 8 * 8 + 8), 2 * (9 * 16 * 16 + 16)
    down = (16 * 3 * 8 + 8) + residual_8 + (16 * 8 * 16 + 16) + residual_16
    assert count(networks.encoder) == down + (4 * 4 * 16 + 5) * 16 + 16 == 12_456
    dense = (8 + 5) * 4 * 4 * 16 + 4 * 4 * 16
    up = residual_16 + (9 * 16 * 32 + 32) + residual_8 + (9 * 8 * 32 + 32)
    assert count(networks.decoder) == dense + up + (9 * 8 * 6 + 6) == 16_806


def test_widths_double_at_each_halving_up_to_the_most():
    assert dcgan.stage_widths(DcganConfig(size=128, width=32, max_width=100)) == [32, 64, 100, 100, 100]
    assert dcgan.stage_widths(DcganConfig(size=28, width=32)) == [32, 64]
    assert conv_vae.stage_widths(ConvVaeConfig(size=16, width=8)) == [8, 16]
