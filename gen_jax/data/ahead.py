"""Batches made ahead of the step by a thread, handed over in blocks of one length."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import NamedSharding

from gen_jax.data.order import check_positions
from gen_jax.types import PyTree


class ReadAhead:
    """Hands out blocks of what an iterator makes, from any step on; a thread keeps ahead of it."""

    def __init__(self, batches_from: Callable[[int], Iterator[PyTree]], *, rows: int, steps_per_call: int) -> None:
        """Take what yields the batches from a step on, of ``rows`` images each."""
        self._batches_from, self._rows, self._steps_per_call = batches_from, rows, steps_per_call
        self._reader: _Reader | None = None
        self.waited = 0.0

    def take(self, step: int, steps: int) -> PyTree:
        """Return a tuple of ``steps_per_call`` batches from ``step`` on; the last is repeated past ``steps``.

        Raises:
          Whatever the iterator raised.
        """
        if not 1 <= steps <= self._steps_per_call:
            raise ValueError(f"steps must lie in [1, steps_per_call={self._steps_per_call}], not {steps}")
        check_positions((step + steps) * self._rows)
        start = time.perf_counter()
        if self._reader is None or self._reader.next_step != step:
            self.close()
            self._reader = _Reader(self._batches_from(step), step, ahead=max(2, self._steps_per_call))
        block = [self._reader.get() for _ in range(steps)]
        self.waited += time.perf_counter() - start
        return tuple(block + block[-1:] * (self._steps_per_call - steps))

    def close(self) -> None:
        """Stop the thread; ``take`` would start it again."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def item_of(block: PyTree, offset: Array | int) -> PyTree:
    """Return number ``offset`` of a block, known or not."""
    if isinstance(offset, int):
        return block[offset]
    return jax.tree.map(lambda *parts: jnp.stack(parts)[offset], *block)


class _Reader:
    """A thread that runs an iterator ahead of its user, at most ``ahead`` items; what it raises, ``get`` raises."""

    def __init__(self, items: Iterator[PyTree], step: int, *, ahead: int) -> None:
        self.next_step = step
        self._queue: queue.Queue[Any] = queue.Queue(maxsize=ahead)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(items,), name="gen_jax-feed", daemon=True)
        self._thread.start()

    def get(self) -> PyTree:
        """Return the next item; wait for it."""
        item = self._queue.get()
        if isinstance(item, BaseException):
            self.next_step = -1  # the next take starts anew
            raise item
        self.next_step += 1
        return item

    def close(self) -> None:
        """Stop the thread and wait until it has."""
        self._stopped.set()
        self._thread.join()

    def _run(self, items: Any) -> None:
        try:
            for item in items:
                if not self._put(item):
                    return
            self._put(RuntimeError("the feed is exhausted"))
        except BaseException as error:
            self._put(error)
        finally:
            items.close()

    def _put(self, item: Any) -> bool:
        """Hand an item over; False where the feed was closed meanwhile."""
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False


def rows_of_process(sharding: NamedSharding, rows: int) -> np.ndarray:
    """Return which rows of a global batch the devices of this process hold, ascending."""
    slices = sharding.addressable_devices_indices_map((rows,)).values()
    everything = np.arange(rows)
    return np.unique(np.concatenate([everything[index] for index in slices if index is not None]))
