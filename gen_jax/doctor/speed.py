"""Measure what the first device does: copy its memory, take data from the host, multiply matrices."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

REPEATS = 5
"""The best counts: whatever else runs only makes a measurement worse."""


def measure() -> dict[str, Any]:
    """Return gigabytes a second of copies on the device and to it, and floating-point operations a second.

    A few seconds on a GPU. What fails is told in place of its number.
    """
    on_cpu = jax.default_backend() == "cpu"
    size = 2**26 if on_cpu else 2**30
    limit = (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit")
    size = min(size, limit // 8) if limit else size
    return {
        "device_copy_gb_per_s": _tried(lambda: device_copy(size)),
        "host_to_device_gb_per_s": _tried(lambda: host_to_device(min(size, 2**28))),
        "matmul_tflop_per_s": _tried(lambda: matmul(1024 if on_cpu else 8192, jnp.float32 if on_cpu else jnp.bfloat16)),
        "matmul_dtype": "float32" if on_cpu else "bfloat16",
    }


def device_copy(size: int) -> float:
    """Return gigabytes read and written a second, by an array of ``size`` bytes."""
    array = jnp.zeros(size // 4, jnp.float32)
    copy = jax.jit(lambda x: x + 1)
    return 2 * size / _best(lambda: copy(array)) / 1e9


def host_to_device(size: int) -> float:
    """Return gigabytes a second from the memory of the host to the device."""
    array = np.ones(size // 4, np.float32)
    # The device may share the memory of the host and take an array as it is; a copy is what training waits for.
    return size / _best(lambda: jnp.array(array, copy=True)) / 1e9


def matmul(width: int, dtype: Any) -> float:
    """Return 10^12 floating-point operations a second in products of square matrices."""
    matrix = jnp.full((width, width), 1 / width, dtype)
    rounds = 8
    product = jax.jit(lambda x: jax.lax.fori_loop(0, rounds, lambda _, y: (y @ x).astype(dtype), x))
    return rounds * 2 * width**3 / _best(lambda: product(matrix)) / 1e12


def _best(call: Callable[[], jax.Array]) -> float:
    call().block_until_ready()
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call().block_until_ready()
        seconds.append(time.perf_counter() - start)
    return max(min(seconds), 1e-9)


def _tried(function: Callable[[], float]) -> float | str:
    try:
        return round(function(), 3)
    except Exception as error:
        return f"failed: {str(error).partition(chr(10))[0][:200]}"
