"""Many images through one compiled program, so that no image depends on how many are made at a time.

Compilers choose other kernels for other shapes, and their results differ in the last bits. So images are always
made in chunks of 16 by one and the same loop body: image ``i`` at place ``i % 16`` of its chunk. How many chunks
a call has is data, not shape; how many it can have, its capacity, is.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from gen_jax.parallel import AXIS
from gen_jax.types import PyTree

CHUNK = 16
"""Images in a chunk; another number gives other bits."""

CAPACITY = 16
"""Most chunks that one call of a command makes on one device."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Decoder:
    """Functions of a chunk of rows, one after the other, for any number of rows."""

    mesh: Mesh
    chunk: int
    capacity: int
    stages: tuple[Callable[[PyTree, PyTree, Any], PyTree], ...]
    """``stage(shared, rows [d, capacity, chunk, ...], chunks [d]) -> results of those axes``, each a program."""
    rows_per_call: int
    """Whole chunks."""

    def stream(self, shared: PyTree, rows: PyTree) -> Iterator[Any]:
        """Yield the results in order, ``rows_per_call`` of them at a time; the next call computes meanwhile.

        They are numpy arrays in the pytree that the last function returns.

        Args:
          shared: the function's first argument, such as weights; it moves to the devices once, or is there already
            where ``put`` gave it.
          rows: a pytree of arrays [n, ...], n at least 1, that begins where a chunk begins.
        """
        shared = self.put(shared)
        total = len(jax.tree.leaves(rows)[0])
        running: tuple[PyTree, int] | None = None
        for first in range(0, total, self.rows_per_call):
            part = jax.tree.map(lambda row, first=first: np.asarray(row[first : first + self.rows_per_call]), rows)
            started = self._start(shared, part)
            if running is not None:
                yield _in_order(*running)
            running = started
        if running is not None:
            yield _in_order(*running)

    def put(self, shared: PyTree) -> PyTree:
        """Return ``shared`` on every device; what lies there already is not copied."""
        return jax.device_put(shared, NamedSharding(self.mesh, PartitionSpec()))

    def __call__(self, shared: PyTree, rows: PyTree) -> Any:
        """Return the results of all rows, [n, ...]; see ``stream``."""
        return jax.tree.map(lambda *parts: np.concatenate(parts), *self.stream(shared, rows))

    def _start(self, shared: PyTree, rows: PyTree) -> tuple[PyTree, int]:
        count, devices = len(jax.tree.leaves(rows)[0]), self.mesh.size
        chunks = -(-count // self.chunk)
        per_device = np.array([-(-(chunks - device) // devices) for device in range(devices)], np.int32)
        laid = jax.tree.map(self._laid_out, rows)
        laid, per_device = jax.device_put((laid, per_device), NamedSharding(self.mesh, PartitionSpec(AXIS)))
        for stage in self.stages:
            laid = stage(shared, laid, per_device)
        return laid, count

    def _laid_out(self, rows: np.ndarray) -> np.ndarray:
        """Deal chunks to the devices in turn: ``[n, ...] -> [device, chunk, place, ...]``, the last row repeated."""
        axes = (self.capacity, self.mesh.size, self.chunk)
        place = np.minimum(np.arange(math.prod(axes)), len(rows) - 1)
        return rows[place].reshape(*axes, *rows.shape[1:]).swapaxes(0, 1)


def make_decoder(
    *functions: Callable[[Any, Any], PyTree],
    batch: int = 256,
    chunk: int = CHUNK,
    capacity: int = CAPACITY,
    devices: Sequence[Any] | None = None,
) -> Decoder:
    """Return the functions, one after the other, for any number of rows, on all devices of this process.

    Each is compiled on its own: the bits that one of them makes of its rows do not depend on which went before, and
    a set that is cut between two of them, saved and read back goes on as if it had not been.

    Args:
      functions: ``function(shared, rows) -> results``, pytrees of rows and results [chunk, ...]; pure, each result a
        function of ``shared`` and its own row alone. The results of one are the rows of the next.
      batch: rows a call, at least 1; rounded up to whole chunks, at most ``capacity`` chunks a device. It
        changes how often results arrive, and no bit of them.
      chunk: rows that one step of the loop makes; another number gives other bits.
      capacity: most chunks that one call makes on one device; a call moves arrays of that size, however few rows it
        has. 1 answers a small request soonest.
      devices: of jax; left out, ``jax.local_devices()``.
    """
    devices = list(jax.local_devices() if devices is None else devices)
    mesh = Mesh(np.array(devices), (AXIS,), axis_types=(AxisType.Auto,))
    split, whole = PartitionSpec(AXIS), PartitionSpec()

    def stage(function: Callable[[Any, Any], PyTree]) -> Callable[[PyTree, PyTree, Any], PyTree]:
        def on_one_device(shared: PyTree, rows: PyTree, chunks: Array) -> PyTree:
            results = _loop(function, shared, jax.tree.map(lambda row: row[0], rows), chunks[0], capacity)
            return jax.tree.map(lambda leaf: leaf[None], results)

        specs = {"in_specs": (whole, split, split), "out_specs": split}
        return jax.jit(jax.shard_map(on_one_device, mesh=mesh, check_vma=False, **specs))

    per_call = min(-(-batch // chunk), capacity * len(devices)) * chunk
    stages = tuple(map(stage, functions))
    return Decoder(mesh=mesh, chunk=chunk, capacity=capacity, stages=stages, rows_per_call=per_call)


def _loop(function: Callable[[Any, Any], PyTree], shared: PyTree, rows: PyTree, chunks: Array, capacity: int) -> PyTree:
    # With one slot the compiler makes another loop body, whose results differ in the last bits; so one stays unused.
    slots = max(capacity, 2)
    if slots > capacity:
        rows = jax.tree.map(lambda row: jnp.concatenate([row, row]), rows)

    def chunk(number: Any) -> PyTree:
        return jax.tree.map(lambda row: lax.dynamic_index_in_dim(row, number, keepdims=False), rows)

    def body(number: Array, results: PyTree) -> PyTree:
        def put(everything: Array, new: Array) -> Array:
            return lax.dynamic_update_index_in_dim(everything, new, number, 0)

        return jax.tree.map(put, results, function(shared, chunk(number)))

    one = jax.eval_shape(lambda: function(shared, chunk(0)))
    empty = jax.tree.map(lambda leaf: jnp.zeros((slots, *leaf.shape), leaf.dtype), one)
    made = lax.fori_loop(0, chunks, body, empty)
    return jax.tree.map(lambda leaf: leaf[:capacity], made)


def _in_order(results: PyTree, count: int) -> Any:
    """Undo ``Decoder._laid_out``: the first ``count`` results."""

    def in_order(leaf: Array) -> np.ndarray:
        array = np.asarray(leaf).swapaxes(0, 1)
        return array.reshape(-1, *array.shape[3:])[:count]

    return jax.tree.map(in_order, results)
