"""Chunked decoding: no bit depends on the batch, on the devices, or on where a set is cut."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.latent.decode import CAPACITY, CHUNK, make_decoder
from gen_jax.models import GANS, StyleGan2Config


def _network(shared, rows):
    """A matrix product, a convolution and a norm: what compilers block by shape."""
    latent = jax.vmap(lambda i: jax.random.normal(jax.random.fold_in(shared["key"], i), (24,)))(rows["index"])
    x = jnp.tanh(latent @ shared["dense"]).reshape(-1, 8, 8, 4)
    x = jax.lax.conv_general_dilated(x, shared["kernel"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=(1, 2, 3), keepdims=True) + rows["scale"].reshape(-1, 1, 1, 1))


def _shared():
    keys = jax.random.split(jax.random.key(1), 3)
    return {
        "key": keys[0],
        "dense": jax.random.normal(keys[1], (24, 256)),
        "kernel": jax.random.normal(keys[2], (3, 3, 4, 12)),
    }


def _rows(count):
    return {"index": np.arange(count, dtype=np.int32), "scale": np.linspace(0.1, 1.0, 70, dtype=np.float32)[:count]}


@pytest.fixture(scope="module")
def seventy():
    """The rows of 70 images, and the images as one device makes them one chunk a call."""
    return make_decoder(_network, batch=1, devices=jax.local_devices()[:1])(_shared(), _rows(70))


@pytest.mark.parametrize("batch", [1, 16, 17, 64, 100_000])
@pytest.mark.parametrize("devices", [1, 3, 4])
@pytest.mark.devices(4)
def test_results_are_bit_equal_for_every_batch_and_device_count(seventy, batch, devices):
    decoder = make_decoder(_network, batch=batch, devices=jax.local_devices()[:devices])
    found = decoder(_shared(), _rows(70))
    assert found.shape == (70, 8, 8, 12)
    assert found.tobytes() == seventy.tobytes()


def test_results_are_those_of_the_plain_function(seventy):
    plain = _network(_shared(), jax.tree.map(jnp.asarray, _rows(70)))
    np.testing.assert_allclose(seventy, plain, rtol=2e-4, atol=2e-5)


def test_a_set_cut_at_chunks_or_cut_short_gives_the_same_bits(seventy):
    decoder = make_decoder(_network, batch=32)
    later = decoder(_shared(), jax.tree.map(lambda row: row[2 * CHUNK :], _rows(70)))
    assert later.tobytes() == seventy[2 * CHUNK :].tobytes()
    assert decoder(_shared(), _rows(5)).tobytes() == seventy[:5].tobytes()


def test_a_batch_is_rounded_up_to_whole_chunks_and_down_to_what_a_call_holds():
    one = jax.local_devices()[:1]
    assert make_decoder(_network, batch=1, devices=one).rows_per_call == CHUNK
    assert make_decoder(_network, batch=17, devices=one).rows_per_call == 2 * CHUNK
    assert make_decoder(_network, batch=10**6, devices=one).rows_per_call == CAPACITY * CHUNK


@pytest.mark.parametrize("devices", [1, 4])
@pytest.mark.devices(4)
def test_the_capacity_changes_no_bit(seventy, devices):
    decoder = make_decoder(_network, capacity=1, devices=jax.local_devices()[:devices])
    assert decoder.rows_per_call == devices * CHUNK
    assert decoder(_shared(), _rows(70)).tobytes() == seventy.tobytes()
    assert decoder(_shared(), _rows(1)).tobytes() == seventy[:1].tobytes()


def test_a_synthesis_gives_the_same_bits_with_one_slot():
    """XLA folds axes of length 1 away and then fuses StyleGAN2's demodulation otherwise."""
    config = StyleGan2Config(size=8, channel_base=64, max_width=16, mapping_layers=1, latent_size=16, style_size=16)
    networks = GANS["stylegan2"](config, num_classes=0)
    shared = networks.generator.init(jax.random.key(0)), networks.init_buffers(jax.random.key(1))
    styles = np.random.default_rng(0).normal(size=(CHUNK, networks.num_styles, 16)).astype(np.float32)

    def synthesis(shared, rows):
        return networks.synthesize(*shared, rows, "const")

    one = jax.local_devices()[:1]
    usual = make_decoder(synthesis, devices=one)(shared, styles)
    assert make_decoder(synthesis, capacity=1, devices=one)(shared, styles).tobytes() == usual.tobytes()


def test_a_chunk_may_be_of_another_size(seventy):
    decoder = make_decoder(_network, batch=4, chunk=3, capacity=2, devices=jax.local_devices()[:1])
    assert decoder.rows_per_call == 6
    np.testing.assert_allclose(decoder(_shared(), _rows(8)), seventy[:8], rtol=2e-4, atol=2e-5)


def test_weights_that_lie_on_the_devices_are_not_copied():
    decoder = make_decoder(_network)
    there = decoder.put(_shared())
    again = decoder.put(there)
    for old, new in zip(jax.tree.leaves(there), jax.tree.leaves(again), strict=True):
        before = [shard.data.unsafe_buffer_pointer() for shard in old.addressable_shards]
        assert [shard.data.unsafe_buffer_pointer() for shard in new.addressable_shards] == before


def test_results_arrive_call_by_call():
    decoder = make_decoder(_network, batch=32)
    assert [len(part) for part in decoder.stream(_shared(), _rows(70))] == [32, 32, 6]


def test_neither_the_number_of_rows_nor_new_weights_compile_again():
    traces = []

    def traced(shared, rows):
        traces.append(0)
        return _network(shared, rows)

    decoder = make_decoder(traced, batch=48)
    decoder(_shared(), _rows(3))
    first = len(traces)
    decoder(jax.tree.map(lambda leaf: leaf, _shared()), _rows(70))
    assert first > 0
    assert len(traces) == first


def _first(shared, rows):
    x = jnp.tanh(jax.vmap(lambda i: jax.random.normal(jax.random.fold_in(shared["key"], i), (24,)))(rows["index"]))
    return {"x": x @ shared["dense"], "scale": rows["scale"], "none": None}


def _second(shared, rows):
    x = rows["x"].reshape(-1, 8, 8, 4)
    x = jax.lax.conv_general_dilated(x, shared["kernel"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return x * rows["scale"].reshape(-1, 1, 1, 1)


def test_a_set_that_was_cut_between_two_functions_goes_on_bit_for_bit():
    whole = make_decoder(_first, _second)(_shared(), _rows(70))
    halfway = make_decoder(_first, batch=16)(_shared(), _rows(70))
    assert halfway["x"].shape == (70, 256) and halfway["none"] is None
    assert make_decoder(_second, batch=48)(_shared(), halfway).tobytes() == whole.tobytes()
