"""R3GAN against the published networks: outputs, penalties, gradients, parameter counts, initialisation, types."""

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.weights import r3gan as weights
from gen_jax.models import r3gan
from gen_jax.models.r3gan import PRESETS, R3ganConfig
from gen_jax.objectives import penalties
from gen_jax.objectives.adversarial import relativistic_discriminator, relativistic_generator
from tests.golden import golden, golden_json, tolerance

TINY = R3ganConfig(size=16, widths=(16, 16, 8), cardinality=(4, 4, 2), blocks=(2, 1, 1), latent_size=8)


@dataclasses.dataclass(frozen=True)
class Published:
    """A published network with its inputs in our layout."""

    data: dict
    config: R3ganConfig
    networks: object
    gen: dict
    disc: dict
    labels: np.ndarray | None
    images: np.ndarray
    fakes: np.ndarray


@functools.cache
def published(name):
    data = golden(f"r3gan_{name}_nets")
    gen, disc = ({key[2:]: value for key, value in data.items() if key.startswith(net)} for net in ("G/", "D/"))
    config = weights.config_of(gen, disc, latent_size=16)
    labels = data["labels"].argmax(axis=1).astype(np.int32) if "labels" in data else None
    return Published(
        data=data,
        config=config,
        networks=r3gan.build(config, num_classes=weights.num_classes_of(gen)),
        gen=weights.generator_params(gen),
        disc=weights.discriminator_params(disc),
        labels=labels,
        images=data["images"].transpose(0, 2, 3, 1),
        fakes=data["G_out"].transpose(0, 2, 3, 1),
    )


@pytest.mark.parametrize("name", ["uncond", "cond"])
def test_outputs_equal_the_published_ones(name):
    model = published(name)
    images = jax.jit(model.networks.generator.apply)(model.gen, model.data["z"], model.labels)
    error = tolerance(f"r3gan_{name}_nets", "G_out")
    np.testing.assert_allclose(images, model.fakes, rtol=0, atol=error)
    apply = jax.jit(model.networks.discriminator.apply)
    for given, key in ((model.images, "D_out"), (model.fakes, "D_G_out")):
        error = tolerance(f"r3gan_{name}_nets", key)
        np.testing.assert_allclose(apply(model.disc, given, model.labels), model.data[key], rtol=0, atol=error)


def same_gradient(gradient, of_state, loss, name, phase, *, scale):
    """Compare a gradient in our layout with every stored one of that phase, and with the norms of all the others."""
    state = of_state(gradient)
    prefix = f"plain/{phase}/grad/"
    keys = [key for key in loss if key.startswith(prefix)]
    assert keys
    for key in keys:
        atol = 1e-4 * np.abs(loss[key]).max() + 1e-6 * scale
        np.testing.assert_allclose(state[key.removeprefix(prefix)], loss[key], rtol=0, atol=atol, err_msg=key)
    order = golden_json("r3gan_configs")[name]["parameter_order"]["G" if phase[0] == "G" else "D"]
    norms = [np.linalg.norm(state[parameter]) for parameter in order]
    stored = loss[f"plain/{phase}/grad_l2norm_per_parameter"]
    np.testing.assert_allclose(norms, stored, rtol=1e-4, atol=1e-6 * scale)


@pytest.mark.parametrize("name", ["uncond", "cond"])
def test_the_loss_of_the_discriminator_and_its_gradient_equal_the_published_ones(name):
    model, stored = published(name), golden(f"r3gan_{name}_loss")
    gamma = golden_json("r3gan_configs")[name]["gamma"]
    pairs = np.stack([model.images, model.fakes], axis=1).reshape(16, 16, 16, 3)
    labels = None if model.labels is None else np.repeat(model.labels, 2)

    def loss(params):
        apply = model.networks.discriminator.apply
        logits, squares = penalties.logits_and_gradient(lambda images: apply(params, images, labels), pairs)
        game = relativistic_discriminator(logits[0::2], logits[1::2])
        terms = {
            "real_logits": logits[0::2],
            "fake_logits": logits[1::2],
            "r1_penalty": squares[0::2],
            "r2_penalty": squares[1::2],
            "adv_loss": game,
        }
        penalty = penalties.zero_centered(squares[0::2] + squares[1::2], gamma=gamma)
        return jnp.mean(game + penalty), terms

    (value, terms), gradient = jax.jit(jax.value_and_grad(loss, has_aux=True))(model.disc)
    np.testing.assert_allclose(value, stored["plain/D_phase/total_loss"], rtol=1e-5)
    for key, term in terms.items():
        np.testing.assert_allclose(term, stored[f"plain/D_phase/{key}"], rtol=1e-4, atol=1e-5)
    of_state = functools.partial(weights.discriminator_state, config=model.config, num_classes=5)
    scale = float(stored["plain/D_phase/grad_l2norm"])
    same_gradient(gradient, of_state, stored, name, "D_phase", scale=scale)


@pytest.mark.parametrize("name", ["uncond", "cond"])
def test_the_loss_of_the_generator_and_its_gradient_equal_the_published_ones(name):
    model, stored = published(name), golden(f"r3gan_{name}_loss")

    def loss(params):
        images = model.networks.generator.apply(params, model.data["z"], model.labels)
        on_fake = model.networks.discriminator.apply(model.disc, images, model.labels)
        return jnp.mean(relativistic_generator(stored["plain/D_phase/real_logits"], on_fake))

    value, gradient = jax.jit(jax.value_and_grad(loss))(model.gen)
    np.testing.assert_allclose(value, stored["plain/G_phase/total_loss"], rtol=1e-5)
    of_state = functools.partial(weights.generator_state, config=model.config, num_classes=5)
    same_gradient(gradient, of_state, stored, name, "G_phase", scale=float(stored["plain/G_phase/grad_l2norm"]))


def shapes(network):
    return jax.eval_shape(network.init, jax.random.key(0))


def count(network):
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(shapes(network)))


@pytest.mark.parametrize(
    ("preset", "classes", "gen", "disc"),
    [
        ("cifar10", 10, 20_781_952, 21_280_512),
        ("stacked_mnist", 0, 20_732_160, 20_683_776),
        ("ffhq64", 0, 22_429_824, 22_381_440),
        ("ffhq256", 0, 23_057_952, 23_009_568),
        ("imagenet32", 1000, 82_914_304, 86_548_992),
        ("imagenet64", 1000, 103_570_432, 107_205_120),
    ],
)
def test_presets_have_the_published_numbers_of_parameters(preset, classes, gen, disc):
    networks = r3gan.build(PRESETS[preset], num_classes=classes)
    assert networks.num_classes == classes
    assert (count(networks.generator), count(networks.discriminator)) == (gen, disc)


def per_stage(params):
    """Parameters of each stage, lowest resolution first, the ends counted with the lowest."""
    totals = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        name = path[0].key
        if name not in ("to_image", "from_image", "class_embedding"):
            stage = 0 if not any(map(str.isdigit, name)) else int(name.split("_")[0].lstrip("stagernio"))
            totals[stage] = totals.get(stage, 0) + math.prod(leaf.shape)
    return [totals[stage] for stage in sorted(totals)]


NAMES = {"cifar10": "CIFAR10-cond", "stacked_mnist": "CIFAR10-uncond"} | {
    "ffhq64": "FFHQ-64",
    "ffhq256": "FFHQ-256",
    "imagenet32": "ImageNet-32",
    "imagenet64": "ImageNet-64",
}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_stage_and_type_of_a_preset_is_the_published_one(preset):
    counts = golden_json("r3gan_param_counts")[NAMES[preset]]
    networks = r3gan.build(PRESETS[preset], num_classes=counts["c_dim"])
    generator, discriminator = shapes(networks.generator), shapes(networks.discriminator)
    assert per_stage(generator) == counts["G_per_stage"]
    assert len(jax.tree.leaves(discriminator)) == counts["D_tensors"]
    assert len(jax.tree.leaves(generator)) == counts["G_tensors"]
    assert networks.image_shape == (counts["img_resolution"], counts["img_resolution"], 3)
    low = golden_json("r3gan_presets")[NAMES[preset]]["generator"]["FP16Stages"]
    stages = len(PRESETS[preset].widths)
    published_low = {stage % stages for stage in low}
    ours = {i for i, dtype in enumerate(r3gan.stage_dtypes(PRESETS[preset])) if dtype == jnp.bfloat16}
    assert ours == published_low


@functools.cache
def fresh():
    """A network at its start: wide enough for statistics, with images and logits of a batch."""
    config = dataclasses.replace(TINY, widths=(64, 64, 48), cardinality=(8, 8, 6), conditional=True, latent_size=32)
    networks = r3gan.build(config, num_classes=7)

    @jax.jit
    def start(key):
        keys = jax.random.split(key, 3)
        gen, disc = networks.generator.init(keys[0]), networks.discriminator.init(keys[1])
        latent = jax.random.normal(keys[2], (64, config.latent_size))
        labels = jnp.arange(64) % 7
        images = networks.generator.apply(gen, latent, labels)
        return gen, disc, images, networks.discriminator.apply(disc, images, labels)

    return config, *start(jax.random.key(3, impl="unsafe_rbg"))  # this kind of key compiles in a fraction of the time


def test_weights_start_as_fix_up_prescribes():
    config, gen, disc, _, _ = fresh()
    gain = math.sqrt(2 / 1.04) * sum(config.blocks) ** -0.25
    for params in (gen, disc):
        block = params["stage1_block0"]
        np.testing.assert_allclose(np.std(block["expand"]["kernel"]), gain / math.sqrt(64), rtol=0.05)
        assert block["grouped"]["kernel"].shape == (3, 3, 16, 128)
        np.testing.assert_allclose(np.std(block["grouped"]["kernel"]), gain / math.sqrt(9 * 16), rtol=0.05)
        assert not np.any(block["reduce"]["kernel"])
        assert not np.any(block["activation1"]["bias"]) and not np.any(block["activation2"]["bias"])
    np.testing.assert_allclose(np.std(gen["basis"]), 1.0, rtol=0.1)
    np.testing.assert_allclose(np.std(gen["from_latent"]["kernel"]), (32 + 64) ** -0.5, rtol=0.05)
    np.testing.assert_allclose(np.std(gen["class_embedding"]["embedding"]), 7**-0.5, rtol=0.1)
    np.testing.assert_allclose(np.std(disc["class_embedding"]["embedding"]), (7 * 768) ** -0.5, rtol=0.05)
    np.testing.assert_allclose(np.std(disc["to_logit"]["kernel"]), 64**-0.5, rtol=0.05)
    np.testing.assert_allclose(np.std(disc["basis"]), 1 / 4, rtol=0.1)


def test_a_fresh_network_gives_images_and_logits_of_a_sane_size():
    _, _, _, images, logits = fresh()
    assert 0.2 < np.std(images) < 2.0
    assert 0.01 < np.std(logits) < 3.0


def test_a_fresh_block_is_the_identity():
    block = r3gan.Block(TINY, groups=4, dtype=jnp.float32)
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 16)).astype(np.float32)
    y, _ = jax.jit(block.init_with_output)(jax.random.key(1, impl="unsafe_rbg"), x)
    np.testing.assert_array_equal(x, y)


@functools.cache
def rounded():
    """The conditional published network, in float32 and with two of three stages in bfloat16."""
    model = published("cond")
    config = dataclasses.replace(model.config, precision="bfloat16", bf16_stages=2)
    return model, r3gan.build(config, num_classes=5)


def test_bfloat16_stages_stay_close_to_float32():
    model, networks = rounded()
    images = jax.jit(networks.generator.apply)(model.gen, model.data["z"], model.labels)
    logits = jax.jit(networks.discriminator.apply)(model.disc, model.images, model.labels)
    assert images.dtype == logits.dtype == jnp.float32
    for ours, exact in ((images, model.fakes), (logits, model.data["D_out"])):
        error = np.abs(ours - exact).max()
        assert 1e-5 < error < 0.03 * np.abs(exact).max()


@pytest.mark.parametrize("low", [0, 1, 2, 5])
def test_the_stages_of_highest_resolution_compute_in_bfloat16(low):
    """Read off the program: the type of the products by the side of the images they work on."""
    config = dataclasses.replace(TINY, precision="bfloat16", bf16_stages=low)
    assert [dtype == jnp.bfloat16 for dtype in r3gan.stage_dtypes(config)] == [low > 2, low > 1, low > 0]
    networks = r3gan.build(config, num_classes=0)
    params = shapes(networks.generator)
    assert {leaf.dtype for leaf in jax.tree.leaves(params)} == {jnp.dtype(jnp.float32)}
    program = jax.make_jaxpr(networks.generator.apply)(params, jnp.zeros((2, 8)), None)
    kinds = {4: set(), 8: set(), 16: set()}
    for equation in program.jaxpr.eqns:
        for out in equation.outvars:
            if equation.primitive.name == "dot_general" and len(out.aval.shape) == 4 and out.aval.shape[0] == 2:
                kinds[out.aval.shape[1]].add(out.aval.dtype)
    assert [kinds[side] == {jnp.dtype(jnp.bfloat16)} for side in (4, 8, 16)] == [low > 2, low > 1, low > 0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"size": 48}, "--model.size 48: a r3gan takes one of 8, 16, 28"),
        ({"size": 64}, "--model.widths 768 768 768 768: has 4 values, and --model.size 64 needs 5"),
        ({"blocks": (2, 2, 2)}, "--model.blocks 2 2 2: has 3 values"),
        ({"widths": (8, 8, 8, 0)}, "--model.widths 8 8 8 0: every value must be 1 or more"),
        ({"cardinality": (96, 96, 96, 100)}, "--model.cardinality 100: must divide the 1536 channels"),
        ({"latent_size": 0}, "--model.latent_size 0: must be 1 or more"),
        ({"bf16_stages": -1}, "--model.bf16_stages -1: must be 0 or more"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(fields, message):
    with pytest.raises(UserError) as error:
        R3ganConfig(**fields)
    assert str(error.value).startswith(message) and "\n" not in str(error.value)


@pytest.mark.parametrize(("size", "stages"), [(8, 2), (16, 3), (28, 3), (32, 4), (512, 8)])
def test_every_stage_doubles_from_the_smallest_map(size, stages):
    assert r3gan.stages(size) == stages
    config = R3ganConfig(size=size, widths=(8,) * stages, cardinality=(2,) * stages, blocks=(1,) * stages)
    networks = r3gan.build(config, num_classes=0)
    out = jax.eval_shape(networks.generator.apply, shapes(networks.generator), jnp.zeros((3, 64)), None)
    assert out.shape == (3, size, size, 3)
    assert shapes(networks.discriminator)["basis"].shape == ((7, 7, 8) if size == 28 else (4, 4, 8))
