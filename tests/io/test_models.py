"""A checkpoint becomes a model: which weights, which checkpoint, and what is said when it cannot."""

import jax
import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io.checkpoint import Checkpoints, restore_item
from gen_jax.io.models import load_model
from tests.saved_run import GAN, VAE, save_run


@pytest.fixture(scope="module")
def gan(tmp_path_factory):
    return save_run(tmp_path_factory.mktemp("models") / "gan", GAN, 100, 200)


@pytest.mark.parametrize(("weights", "item"), [("ema", "ema"), ("raw", "params")])
def test_the_weights_are_those_of_the_checkpoint_and_the_generator_alone(gan, weights, item):
    model = load_model(gan.path, weights=weights, images=100)
    saved, _ = restore_item(gan.checkpoints, item, 100)
    assert model.images_seen == 100
    assert set(model.weights) == {"gen"}
    jax.tree.map(np.testing.assert_array_equal, model.weights["gen"], saved["gen"])


def test_the_newest_checkpoint_is_taken_and_the_experiment_comes_with_it(gan):
    model = load_model(gan.path)
    assert model.images_seen == 200
    assert model.experiment == GAN
    assert model.info == gan.read_data()


def test_a_vae_decodes_and_encodes(tmp_path):
    model = load_model(save_run(tmp_path / "vae", VAE, 50).path)

    @jax.jit
    def there_and_back(weights):
        bound = model.bind(weights)
        images = bound.decode(bound.prior(jax.random.key(0), 2), None)
        return images, bound.encode(images, None)

    images, latents = there_and_back(model.weights)
    assert images.shape == (2, 16, 16, 1)
    assert latents.shape == (2, 8)


@pytest.mark.parametrize("metadata", [{}, {"config": {}}, {"config": {"name": "x"}, "info": {}}])
def test_a_checkpoint_of_another_origin_is_refused_in_one_line(tmp_path, metadata):
    run = save_run(tmp_path / "other", GAN)
    with Checkpoints(run.checkpoints, keep_last=1) as checkpoints:
        checkpoints.save(1, {"ema": {"gen": np.ones(3, np.float32)}}, metadata)
    with pytest.raises(UserError, match=r"other/checkpoints/1") as error:
        load_model(run.path)
    assert "\n" not in str(error.value)
