"""The two ways images reach the step: the whole set on the device, or read ahead by threads; one order for both.

Image ``j`` of the batch of step ``s`` is the image at position ``s * rows + j`` of the order (``data/order.py``), so
that a run can start at any step and both placements show the same images.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from gen_jax.data import order
from gen_jax.data.ahead import ReadAhead, item_of, rows_of_process
from gen_jax.data.dataset import Dataset
from gen_jax.data.drawn_feed import drawn_feed
from gen_jax.data.feed import Feed
from gen_jax.data.threads import usable_cores
from gen_jax.errors import UserError
from gen_jax.types import Batch, PyTree

Placement = Literal["auto", "device", "stream"]
Local = tuple[np.ndarray, np.ndarray | None]

_SHARE_OF_MEMORY = 4  # the set may take one part in so many of the device's memory
_MEMORY_WHERE_UNKNOWN = 2 * 2**30


def make_feed(
    dataset: Dataset,
    *,
    batch: int,
    seed: int,
    mesh: Mesh,
    steps_per_call: int,
    draws: int = 1,
    placement: Placement = "auto",
    memory_limit: int | None = None,
    progress: bool = True,
) -> Feed:
    """Return the feed of a data set.

    Args:
      dataset: the images.
      batch: images of one draw over all devices, a multiple of the size of the mesh's axis "data".
      seed: of the order.
      mesh: with an axis "data", over which every batch is cut.
      steps_per_call: most steps that one ``take`` will be asked for.
      draws: how many times ``batch`` images a step consumes; it receives ``draws * batch``.
      placement: "device", "stream", or "auto": device where the set takes at most a quarter of the memory; images
        drawn by rule are drawn as they are needed, whatever it says.
      memory_limit: bytes of a device's memory; None asks the device.
      progress: show a bar on stderr while the set is loaded.

    Raises:
      UserError: the batch is no multiple of the devices, or a count is not positive.
    """
    for name, value in (("batch", batch), ("draws", draws), ("steps_per_call", steps_per_call)):
        if value < 1:
            raise UserError(f"{name} must be at least 1, not {value}")
    devices = mesh.shape["data"]
    if batch % devices:
        raise UserError(f"a batch of {batch} cannot be shared by {devices} devices: make it a multiple of {devices}")
    drawn = drawn_feed(dataset, rows=draws * batch, seed=seed, mesh=mesh, steps_per_call=steps_per_call)
    if drawn is not None:
        return drawn
    if placement == "auto":
        limit = _device_memory(mesh) if memory_limit is None else memory_limit
        placement = "device" if dataset.num_bytes * _SHARE_OF_MEMORY <= limit else "stream"
    if placement == "device":
        return DeviceFeed(dataset, rows=draws * batch, seed=seed, mesh=mesh, progress=progress)
    return StreamFeed(dataset, rows=draws * batch, seed=seed, mesh=mesh, steps_per_call=steps_per_call)


class DeviceFeed:
    """Every device holds the whole set; a batch is gathered inside the compiled step, without host work."""

    def __init__(self, dataset: Dataset, *, rows: int, seed: int, mesh: Mesh, progress: bool = True) -> None:
        self._rows, self._seed, self._count = rows, seed, len(dataset)
        self._sharding = NamedSharding(mesh, PartitionSpec("data"))
        everywhere = NamedSharding(mesh, PartitionSpec())

        def replicate(array: np.ndarray) -> Array:
            return jax.make_array_from_callback(array.shape, everywhere, lambda index: array[index])

        images, labels = dataset.load_all(progress=progress)
        self.constants: PyTree = (replicate(images), None if labels is None else replicate(labels))
        self.waited = 0.0

    def take(self, step: int, steps: int) -> PyTree:
        """Return (): there is nothing to do on the host."""
        order.check_positions((step + steps) * self._rows)
        return ()

    def batch(self, constants: PyTree, block: PyTree, offset: Array | int, step: Array | int) -> Batch:
        """Gather the images of ``step``, each device its own share."""
        images, labels = constants
        first = jnp.asarray(step).astype(jnp.uint32) * jnp.uint32(self._rows)
        positions = first + jnp.arange(self._rows, dtype=jnp.uint32)
        rows = order.indices(self._seed, positions, self._count, jnp)
        rows = jax.lax.with_sharding_constraint(rows, self._sharding)

        def gather(array: Array) -> Array:
            chosen = array.at[rows].get(mode="promise_in_bounds")
            return jax.lax.with_sharding_constraint(chosen, self._sharding)

        return Batch(gather(images), None if labels is None else gather(labels))

    def close(self) -> None:
        """Nothing runs beside the step."""


class StreamFeed:
    """Threads read, decode and send batches to the devices, a bounded number ahead of the step."""

    constants: PyTree = ()

    def __init__(self, dataset: Dataset, *, rows: int, seed: int, mesh: Mesh, steps_per_call: int) -> None:
        self._dataset, self._rows, self._seed = dataset, rows, seed
        self._sharding = NamedSharding(mesh, PartitionSpec("data"))
        self._mine = rows_of_process(self._sharding, rows)
        self._ahead = ReadAhead(self._batches, rows=rows, steps_per_call=steps_per_call)

    @property
    def waited(self) -> float:
        """Seconds that ``take`` has waited for batches."""
        return self._ahead.waited

    def take(self, step: int, steps: int) -> PyTree:
        """Return ``steps_per_call`` batches on the devices, from ``step`` on; the last is repeated past ``steps``.

        Raises:
          Whatever reading raised: a file that has gone bad, a disk that has gone away.
        """
        return self._ahead.take(step, steps)

    def batch(self, constants: PyTree, block: PyTree, offset: Array | int, step: Array | int) -> Batch:
        """Return number ``offset`` of the block."""
        return item_of(block, offset)

    def close(self) -> None:
        """Stop the threads; ``take`` would start them again."""
        self._ahead.close()

    def _batches(self, first: int) -> Iterator[Batch]:
        """Yield the batches of this process from step ``first`` on, on its devices."""
        for images, labels in _read_ahead(
            self._dataset, rows=self._rows, mine=self._mine, seed=self._seed, first=first
        ):
            yield Batch(self._send(images), None if labels is None else self._send(labels))

    def _send(self, local: np.ndarray) -> Array:
        return jax.make_array_from_process_local_data(self._sharding, local, (self._rows, *local.shape[1:]))


def _read_ahead(dataset: Dataset, *, rows: int, mine: np.ndarray, seed: int, first: int) -> Iterator[Local]:
    """Yield (images, labels) of the rows ``mine`` of every batch from step ``first`` on, decoded in threads."""
    import grain

    # A piece of a batch is the unit of work, so that all threads work on the next batch. Each writes into its place
    # in that batch: to stack pieces afterwards would copy every image twice more.
    # More threads than cores would only get in each other's way.
    workers = usable_cores()
    piece = max(1, min(16, -(-len(mine) // workers)))
    pieces = -(-len(mine) // piece)
    labels = dataset.labels
    batches: dict[int, np.ndarray] = {}
    lock = threading.Lock()

    def read(number: int) -> bool:
        step, part = divmod(int(number), pieces)
        with lock:
            if step not in batches:
                batches[step] = _aligned_empty((len(mine), *dataset.info.image_shape))
            images = batches[step]
        start = part * piece
        for row, index in enumerate(_chosen(step, mine[start : start + piece], rows, seed, len(dataset)), start):
            images[row] = dataset.image(int(index))
        return True

    source = grain.MapDataset.range(first * pieces, order.MAX_POSITIONS // rows * pieces).map(read)
    options = grain.ReadOptions(num_threads=workers, prefetch_buffer_size=2 * max(workers, pieces))
    iterator = iter(source.to_iter_dataset(options))
    try:
        for step in range(first, order.MAX_POSITIONS // rows):
            for _ in range(pieces):
                next(iterator)
            chosen = _chosen(step, mine, rows, seed, len(dataset))
            yield batches.pop(step), None if labels is None else labels[chosen]
    finally:
        iterator.close()  # type: ignore[attr-defined]


def _aligned_empty(shape: tuple[int, ...]) -> np.ndarray:
    """Return an uninitialised uint8 array at a multiple of 64 bytes: a CPU device takes such a one as it is."""
    size = math.prod(shape)
    memory = np.empty(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].reshape(shape)


def _chosen(step: int, places: np.ndarray, rows: int, seed: int, count: int) -> np.ndarray:
    """Return which images stand at ``places`` of the batch of ``step``."""
    return order.indices(seed, step * rows + places, count, np)


def _device_memory(mesh: Mesh) -> int:
    """Return the bytes of one device, or 2 GiB where it does not say (a CPU)."""
    device = next(d for d in mesh.devices.flat if d.process_index == jax.process_index())
    stats = device.memory_stats() or {}
    return int(stats.get("bytes_limit", 0)) or _MEMORY_WHERE_UNKNOWN
