"""Fingerprints of arrays, large ones computed where they lie: the same for every layout over devices."""

from __future__ import annotations

import functools
import zlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from gen_jax.types import PyTree

_SEEDS = (0x243F6A88, 0x85A308D3)
_UNSIGNED = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint32}
_HOST_BYTES = 1 << 20
_Words = Any


def fingerprint(tree: PyTree) -> dict[str, str]:
    """Return 16 hexadecimal digits for each leaf of ``tree``, keyed by its path.

    ``sum_i f(w_i ^ f(i g + s))`` modulo ``2**32`` for two seeds ``s``: ``w_i`` is the bit pattern at flat
    position ``i``, ``f`` the finaliser of MurmurHash3 and ``g`` Knuth's golden ratio. A sum does not depend
    on the order of its terms, so neither does the fingerprint on how the array is cut over devices; ``f`` is
    one to one, so every change of a single word is seen. Shape and dtype count too.

    Args:
      tree: arrays of any real dtype, numpy arrays and numbers. Arrays spread over several processes are
        legal where every process makes the call.

    Returns:
      ``{"gen/dense/kernel": "0123456789abcdef", ...}``, the same on every process.
    """
    leaves = named_leaves(tree)
    sums = jax.device_get({path: _sums_of(leaf) for path, leaf in leaves.items()})
    return {path: _digits(sums[path], describe(leaf)) for path, leaf in leaves.items()}


def digest(tree: PyTree) -> str:
    """Return 8 hexadecimal digits that tell the arrays of ``tree`` from any others, see ``fingerprint``."""
    return f"{zlib.crc32(repr(sorted(fingerprint(tree).items())).encode()):08x}"


def named_leaves(tree: PyTree) -> dict[str, Array | np.ndarray]:
    """Return the leaves of ``tree`` by path: ``gen/dense/kernel`` or, inside a tuple, ``0/mu/bias``.

    Raises:
      ValueError: two leaves have one path (a key of a dictionary contains ``/``).
    """
    flat, _ = jax.tree_util.tree_flatten_with_path(tree)
    named = {jax.tree_util.keystr(path, simple=True, separator="/"): leaf for path, leaf in flat}
    if len(named) != len(flat):
        raise ValueError("two leaves of the tree have the same path: no key of a dictionary may contain '/'")
    return named


def describe(leaf: Array | np.ndarray | jax.ShapeDtypeStruct) -> str:
    """Return the kind of an array in words: ``float32[64, 3]``."""
    if not hasattr(leaf, "dtype"):
        leaf = np.asarray(leaf)
    return f"{leaf.dtype}{list(leaf.shape)}"


def _digits(sums: np.ndarray, description: str) -> str:
    first, second = (int(value) for value in sums)
    return f"{first ^ zlib.crc32(description.encode()):08x}{second:08x}"


def _sums_of(leaf: Array | np.ndarray) -> Array | np.ndarray:
    if not isinstance(leaf, Array):
        return _sums_on_host(leaf)
    # Of a small array that is here as a whole, a copy costs less than compiling for its shape.
    if leaf.nbytes <= _HOST_BYTES and (leaf.is_fully_addressable or leaf.is_fully_replicated):
        return _sums_on_host(leaf)
    return _sums_on_device(leaf)


def _sums_on_host(leaf: Array | np.ndarray) -> np.ndarray:
    flat = np.ascontiguousarray(jax.device_get(leaf)).reshape(-1)
    words = flat.view(_UNSIGNED[flat.dtype.itemsize]).astype(np.uint32)
    position = np.arange(words.size, dtype=np.uint32)
    return np.stack([_sum(words, position, seed) for seed in _SEEDS])


def _sums_on_device(leaf: Array) -> Array:
    if isinstance(leaf.sharding, jax.NamedSharding):
        return _program(jax.NamedSharding(leaf.sharding.mesh, jax.P()))(leaf)
    return _program(None)(leaf)


@functools.cache
def _program(out_sharding: jax.NamedSharding | None) -> jax.stages.Wrapped:
    return jax.jit(_sums, out_shardings=out_sharding)


def _sums(x: Array) -> Array:
    """Return the two sums, uint32 [2]."""
    if x.dtype == jnp.bool_:
        x = x.astype(jnp.uint8)
    # 64-bit numbers give two words each, on a new last axis.
    words = lax.bitcast_convert_type(x, _UNSIGNED[x.dtype.itemsize]).astype(jnp.uint32)
    position = lax.full(words.shape, 0, jnp.uint32)
    stride = 1
    for axis in reversed(range(words.ndim)):  # arithmetic, not a reshape: it stays local to each shard
        index = lax.broadcasted_iota(jnp.uint32, words.shape, axis)
        position += index * np.uint32(stride % 2**32)
        stride *= words.shape[axis]
    return jnp.stack([_sum(words, position, seed) for seed in _SEEDS])


# The rest is the same arithmetic for numpy and for JAX: modulo 2**32.


def _sum(words: _Words, position: _Words, seed: int) -> _Words:
    return _mix(words ^ _mix(position * np.uint32(0x9E3779B1) + np.uint32(seed))).sum(dtype=np.uint32)


def _mix(x: _Words) -> _Words:
    """Scramble 32 bits, one to one: the finaliser of MurmurHash3 (Appleby, public domain)."""
    x = (x ^ (x >> 16)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    return x ^ (x >> 16)
