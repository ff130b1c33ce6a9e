"""Where arrays lie on the devices, and what the processes decide together."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec

from gen_jax import parallel
from gen_jax.errors import UserError
from gen_jax.parallel import AXIS, Distributed


def test_starting_on_its_own_joins_nobody(monkeypatch):
    monkeypatch.setattr(jax.distributed, "initialize", lambda **kwargs: pytest.fail("there is nobody to join"))
    parallel.start(Distributed(), {})
    parallel.start(Distributed(coordinator="localhost:1", num_processes=1, process_id=0), {})


@pytest.mark.devices(4)
@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((3, 3, 64, 128), (3, 3, 64, 32)),
        ((512, 64), (128, 64)),
        ((64, 66), (16, 66)),  # 66 is longer, but 4 does not divide it
        ((16384,), (4096,)),
        ((16383,), (16383,)),
        ((127, 129), (127, 129)),
        ((64,), (64,)),
        ((), ()),
    ],
)
def test_fsdp_splits_each_large_leaf_along_its_longest_divisible_axis(shape, expected):
    mesh, leaf = parallel.make_mesh(), jax.ShapeDtypeStruct(shape, jnp.float32)
    least = 4096
    sharding = parallel.state_shardings(mesh, {"leaf": leaf}, fsdp=True, least=least)["leaf"]
    assert sharding.shard_shape(shape) == expected
    whole = parallel.state_shardings(mesh, {"leaf": leaf}, fsdp=False, least=least)["leaf"]
    assert whole.shard_shape(shape) == shape


@pytest.mark.devices(4)
def test_a_leaf_smaller_than_the_least_stays_whole():
    mesh = parallel.make_mesh()
    shapes = {"small": jnp.zeros((128, 127)), "large": jnp.zeros((128, 128))}
    shardings = parallel.state_shardings(mesh, shapes, fsdp=True)
    assert shardings["small"].spec == PartitionSpec()
    assert shardings["large"].spec == PartitionSpec(AXIS, None)
    placed = jax.device_put(shapes, shardings)
    assert [shard.data.shape for shard in placed["large"].addressable_shards] == [(32, 128)] * 4


@pytest.mark.devices(4)
def test_a_batch_is_split_in_order_over_the_mesh():
    mesh = parallel.make_mesh()
    assert mesh.size == 4 and mesh.axis_names == (AXIS,)
    batch = jax.device_put(np.arange(8), parallel.split(mesh))
    rows = {shard.device: shard.data.tolist() for shard in batch.addressable_shards}
    assert [rows[device] for device in mesh.devices] == [[0, 1], [2, 3], [4, 5], [6, 7]]


@pytest.mark.devices(4)
def test_a_vote_of_this_process_fills_its_devices():
    mesh = parallel.make_mesh()
    for choice in (0, 1, 2):
        vote = parallel.vote(mesh, choice)
        assert vote.shape == (4,) and int(jax.jit(jnp.max)(vote)) == choice


def test_a_batch_that_the_devices_cannot_share_is_refused_with_the_nearest():
    devices = jax.device_count()
    parallel.check_batch(4 * devices)
    parallel.check_batch(8 * devices, accumulate=2)
    if devices == 1:
        pytest.skip("one device shares any batch")
    with pytest.raises(
        UserError, match=rf"--train.batch {4 * devices + 1}: .* the {devices} devices; .* {4 * devices}$"
    ):
        parallel.check_batch(4 * devices + 1)
    with pytest.raises(UserError, match=rf"devices times --train.accumulate 2; the nearest is {2 * devices}$"):
        parallel.check_batch(devices, accumulate=2)
    with pytest.raises(UserError, match=rf"the nearest is {devices}$"):
        parallel.check_batch(1)


def test_compile_step_gives_back_the_state_on_its_shardings_and_takes_its_memory():
    mesh = parallel.make_mesh()
    state = {"w": jax.device_put(jnp.ones((8, 4)), parallel.split(mesh)), "n": jnp.zeros((), jnp.int32)}
    shardings = {"w": parallel.split(mesh), "n": parallel.replicated(mesh)}
    step = parallel.compile_step(lambda s, x: ({"w": s["w"] + x, "n": s["n"] + 1}, s["n"]), state=shardings)
    new, before = step(state, 2.0)
    assert new["w"].sharding == shardings["w"] and int(new["n"]) == 1 and int(before) == 0
    np.testing.assert_array_equal(new["w"], np.full((8, 4), 3.0))
    assert state["w"].is_deleted()
