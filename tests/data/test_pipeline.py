"""The two feeds show the same images in the same order, wherever a run starts, on one device or four."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from gen_jax.data import order
from gen_jax.data.config import FolderData
from gen_jax.data.dataset import dataset_from_source, open_dataset
from gen_jax.data.pipeline import DeviceFeed, StreamFeed, make_feed
from gen_jax.data.source import ArraySource
from gen_jax.errors import RunError, UserError
from tests.data.pictures import png, random_array, write

N = 23
IMAGES, LABELS = random_array(N, 4, 4), np.arange(N) % 3
SEED = 5


def dataset(labels=LABELS):
    return dataset_from_source(ArraySource.from_arrays(IMAGES, labels))


def mesh_of(devices):
    return jax.make_mesh((devices,), ("data",), axis_types=(AxisType.Auto,), devices=jax.devices()[:devices])


@pytest.fixture
def feeds():
    """Make feeds and close them at the end."""
    made = []

    def make(placement, *, devices=1, batch=8, steps_per_call=3, labels=LABELS, data=None, **options):
        options = {"seed": SEED, "mesh": mesh_of(devices), "progress": False, **options}
        feed = make_feed(
            data or dataset(labels), batch=batch, steps_per_call=steps_per_call, placement=placement, **options
        )
        made.append(feed)
        return feed

    yield make
    for feed in made:
        feed.close()


def one_batch(feed, step):
    block = feed.take(step, 1)
    return jax.jit(lambda constants, block, step: feed.batch(constants, block, 0, step))(feed.constants, block, step)


def expected(step, rows):
    chosen = order.indices(SEED, np.arange(step * rows, (step + 1) * rows), N, np)
    return IMAGES[chosen], LABELS[chosen]


@pytest.mark.parametrize("placement", ["device", "stream"])
@pytest.mark.parametrize("devices", [1, pytest.param(4, marks=pytest.mark.devices(4))])
def test_a_batch_is_a_function_of_seed_and_step(feeds, placement, devices):
    feed = feeds(placement, devices=devices)
    for step in (0, 1, 2, 7, 1000, 3):  # across epochs, forward and back
        batch = one_batch(feed, step)
        images, labels = expected(step, 8)
        np.testing.assert_array_equal(batch.images, images)
        np.testing.assert_array_equal(batch.labels, labels)
        assert batch.images.dtype == jnp.uint8 and batch.labels.dtype == jnp.int32


@pytest.mark.devices(4)
@pytest.mark.parametrize("placement", ["device", "stream"])
def test_each_device_holds_its_share_of_the_batch(feeds, placement):
    feed = feeds(placement, devices=4)
    batch = one_batch(feed, 2)
    split = NamedSharding(mesh_of(4), PartitionSpec("data"))
    assert batch.images.sharding.is_equivalent_to(split, 4) and batch.labels.sharding.is_equivalent_to(split, 1)
    assert [shard.data.shape for shard in batch.images.addressable_shards] == [(2, 4, 4, 3)] * 4


@pytest.mark.devices(4)
def test_the_device_feed_gathers_without_communication(feeds):
    feed = feeds("device", devices=4)
    program = jax.jit(lambda constants, step: feed.batch(constants, (), 0, step)).lower(feed.constants, 3).compile()
    text = program.as_text()
    assert not any(word in text for word in ("all-gather", "all-reduce", "all-to-all", "collective-permute"))


@pytest.mark.parametrize("placement", ["device", "stream"])
def test_a_block_holds_the_steps_of_one_call(feeds, placement):
    feed = feeds(placement, steps_per_call=3)

    @jax.jit
    def scan(constants, block, first):
        def body(carry, offset):
            return carry, feed.batch(constants, block, offset, first + offset).images

        return jax.lax.scan(body, 0, jnp.arange(3))[1]

    for first in (0, 3):
        images = scan(feed.constants, feed.take(first, 3), first)
        for offset in range(3):
            np.testing.assert_array_equal(images[offset], expected(first + offset, 8)[0])


def test_a_short_block_is_padded_so_that_the_program_keeps_its_shape(feeds):
    feed = feeds("stream", steps_per_call=4)
    block = feed.take(10, 2)
    assert len(block) == 4
    for place, step in enumerate([10, 11, 11, 11]):
        np.testing.assert_array_equal(block[place].images, expected(step, 8)[0])
    np.testing.assert_array_equal(feed.take(12, 4)[0].images, expected(12, 8)[0])
    with pytest.raises(ValueError, match="steps_per_call"):
        feed.take(16, 5)


@pytest.mark.parametrize("placement", ["device", "stream"])
def test_draws_multiply_the_rows_of_a_step(feeds, placement):
    feed = feeds(placement, draws=2)
    np.testing.assert_array_equal(one_batch(feed, 3).images, expected(3, 16)[0])


@pytest.mark.parametrize("placement", ["device", "stream"])
def test_without_labels(feeds, placement):
    assert one_batch(feeds(placement, labels=None), 0).labels is None


def test_auto_keeps_the_set_on_the_device_where_it_takes_a_quarter(feeds):
    size = IMAGES.nbytes
    assert isinstance(feeds("auto", memory_limit=4 * size), DeviceFeed)
    assert isinstance(feeds("auto", memory_limit=4 * size - 1), StreamFeed)
    assert isinstance(feeds("auto"), DeviceFeed)


@pytest.mark.devices(4)
def test_a_batch_that_the_devices_cannot_share_is_refused(feeds):
    with pytest.raises(UserError, match="batch of 6 cannot be shared by 4 devices"):
        feeds("device", devices=4, batch=6)
    for name in ("batch", "draws", "steps_per_call"):
        with pytest.raises(UserError, match=f"{name} must be at least 1"):
            feeds("device", **{name: 0})


@pytest.mark.parametrize("placement", ["device", "stream"])
def test_a_run_too_long_for_its_positions_is_refused(feeds, placement):
    feed = feeds(placement)
    np.testing.assert_array_equal(one_batch(feed, 2**29 - 2).images, expected(2**29 - 2, 8)[0])
    with pytest.raises(UserError, match="images"):
        feed.take(2**29 - 1, 1)


def test_what_goes_wrong_in_the_thread_is_raised_by_take(feeds, tmp_path):
    root = write(tmp_path / "i", {f"{i}.png": png(i) for i in range(16)})
    feed = feeds("stream", data=open_dataset(FolderData(path=str(root)), size=8))
    feed.take(0, 1)
    for file in root.iterdir():
        file.unlink()

    def go_on():
        for step in range(1, 50):  # past what was read ahead
            feed.take(step, 1)

    with pytest.raises(RunError, match=r"png was a good image when the run began"):
        go_on()


def test_close_stops_the_thread(feeds):
    feed = feeds("stream")
    feed.take(0, 1)
    assert any(thread.name == "gen_jax-feed" for thread in threading.enumerate())
    feed.close()
    assert not any(thread.name == "gen_jax-feed" for thread in threading.enumerate())
    np.testing.assert_array_equal(feed.take(4, 1)[0].images, expected(4, 8)[0])
    assert feed.waited > 0


def test_reading_ahead_is_bounded(tmp_path):
    read = []
    lock = threading.Lock()

    class Counting(ArraySource):
        def image(self, index):
            with lock:
                read.append(index)
            return super().image(index)

    data = dataset_from_source(Counting(IMAGES))
    feed = StreamFeed(data, rows=8, seed=SEED, mesh=mesh_of(1), steps_per_call=2)
    try:
        feed.take(0, 1)
        before = -1
        while before != len(read):  # until it has stopped reading
            before = len(read)
            threading.Event().wait(0.3)
        assert len(read) <= 8 * 40
    finally:
        feed.close()
