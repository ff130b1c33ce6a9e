"""Do something to many items in threads, in order, with a progress bar and a bounded amount in flight."""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_CHUNK = 32


def usable_cores() -> int:
    """Number of cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_in_threads(function: Callable[[T], R], items: Sequence[T], *, title: str | None = None) -> Iterator[R]:
    """Yield ``function(item)`` for every item, in order; the first exception ends it.

    Args:
      function: thread-safe; worth threads where it leaves the interpreter lock (decoding, reading).
      items: what to work on; only a few chunks are in flight at a time.
      title: of the progress bar on stderr, shown where that is a terminal; None for no bar.
    """
    from tqdm import tqdm

    def work(start: int) -> list[R]:
        return [function(item) for item in items[start : start + _CHUNK]]

    workers = usable_cores() + 1
    waiting: collections.deque[Future[list[R]]] = collections.deque()
    starts = iter(range(0, len(items), _CHUNK))
    pool = ThreadPoolExecutor(workers, thread_name_prefix="gen_jax-data")
    bar = tqdm(total=len(items), desc=title, unit="img", disable=True if title is None else None, leave=False)
    try:
        for start in starts:
            waiting.append(pool.submit(work, start))
            if len(waiting) >= 4 * workers:
                for result in waiting.popleft().result():
                    yield result
                    bar.update()
        while waiting:
            for result in waiting.popleft().result():
                yield result
                bar.update()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        bar.close()
