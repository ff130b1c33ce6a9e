"""Fingerprints see every change of content and no change of layout."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh

from gen_jax.io import fingerprint as module
from gen_jax.io.fingerprint import fingerprint

DTYPES = [np.float32, jnp.bfloat16, np.float16, np.int32, np.uint32, np.uint8, np.int8, np.bool_]
WIDE = [np.int64, np.float64]  # numpy only: JAX cuts them


@pytest.fixture(params=["host", "device"])
def place(request, monkeypatch):
    """Where the sums are computed: small arrays on the host, all others on the device."""
    if request.param == "device":
        monkeypatch.setattr(module, "_HOST_BYTES", -1)
    return np.asarray if request.param == "host" else jnp.asarray


def _example(dtype, shape=(1, 3)):
    bits = np.random.default_rng(0).integers(0, 256, (*shape, np.dtype(dtype).itemsize), np.uint8)
    if np.dtype(dtype) == np.bool_:
        return bits[..., 0] > 127
    return bits.view(dtype)[..., 0]


def _print(array):
    (value,) = fingerprint({"x": array}).values()
    return value


def _murmur3_finaliser(word):
    word ^= word >> 16
    word = word * 0x85EBCA6B % 2**32
    word ^= word >> 13
    word = word * 0xC2B2AE35 % 2**32
    return word ^ word >> 16


def test_sums_follow_the_formula(place):
    import zlib

    array = np.array([[7, 0, 2**32 - 1], [1, 2, 3]], np.uint32)
    sums = [
        sum(
            _murmur3_finaliser(int(word) ^ _murmur3_finaliser((position * 0x9E3779B1 + seed) % 2**32))
            for position, word in enumerate(array.ravel())
        )
        % 2**32
        for seed in (0x243F6A88, 0x85A308D3)
    ]
    assert _print(place(array)) == f"{sums[0] ^ zlib.crc32(b'uint32[2, 3]'):08x}{sums[1]:08x}"


@pytest.mark.parametrize("dtype", DTYPES + WIDE, ids=lambda dtype: np.dtype(dtype).name)
def test_every_changed_bit_changes_it(dtype, place):
    place = np.asarray if dtype in WIDE else place
    array = _example(dtype)
    seen = {_print(place(array))}
    for byte in range(array.nbytes):
        for bit in range(1 if array.dtype == np.bool_ else 8):
            changed = np.frombuffer(array.tobytes(), np.uint8).copy()
            changed[byte] ^= 1 << bit
            seen.add(_print(place(changed.view(array.dtype).reshape(array.shape))))
    assert len(seen) == 1 + array.nbytes * (1 if array.dtype == np.bool_ else 8)


def test_swap_transposition_and_reshape_change_it():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    swapped = array.copy()
    swapped[0, 0], swapped[2, 3] = array[2, 3], array[0, 0]
    variants = [array, swapped, array.T, array.reshape(4, 3), array.ravel(), array[None], array[::-1], array[:, ::-1]]
    assert len({_print(variant) for variant in variants}) == len(variants)


def test_dtype_and_sign_of_zero_and_nan_payload_count():
    zeros = [np.zeros(4, dtype) for dtype in (np.float32, np.int32, np.uint32, np.uint8)]
    negative = np.array([0.0, 0.0, 0.0, -0.0], np.float32)
    payload = np.array([0x7FC00000, 0x7FC00001], np.uint32).view(np.float32)
    arrays = [*zeros, negative, payload[:1], payload[1:]]
    assert len({_print(array) for array in arrays}) == len(arrays)


@pytest.mark.devices(4)
@pytest.mark.parametrize("dtype", [np.float32, jnp.bfloat16, np.uint8, np.bool_], ids=lambda d: np.dtype(d).name)
def test_same_on_one_and_four_devices_and_in_numpy(dtype, place):
    array = _example(dtype, (8, 12))
    mesh = Mesh(np.array(jax.devices()[:4]).reshape(2, 2), ("a", "b"))
    specs = [jax.P(), jax.P("a"), jax.P(None, "b"), jax.P("a", "b"), jax.P(("a", "b"))]
    laid_out = [jax.device_put(array, jax.NamedSharding(mesh, spec)) for spec in specs]
    on_last = jax.device_put(array, jax.devices()[3])
    assert {_print(each) for each in [*laid_out, on_last, jnp.asarray(array)]} == {_print(array)}


def test_paths_name_the_leaves_and_scalars_are_legal():
    tree = {"gen": {"dense": {"kernel": np.ones((2, 2))}}, "opt": ({"mu": jnp.float32(1)}, 7), "step": np.int64(7)}
    prints = fingerprint(tree)
    assert list(prints) == ["gen/dense/kernel", "opt/0/mu", "opt/1", "step"]
    assert prints["opt/1"] == prints["step"]
    assert all(len(value) == 16 and int(value, 16) >= 0 for value in prints.values())


def test_two_leaves_of_one_path_are_refused():
    with pytest.raises(ValueError, match="same path"):
        fingerprint({"a/b": np.ones(1), "a": {"b": np.ones(1)}})
