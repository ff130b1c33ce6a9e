"""The order of images: position -> index, a keyed permutation of [0, n) for every epoch, in O(1) memory.

A Feistel network shuffles the numbers below ``a * b``, where ``a * b`` is the smallest found product that is at
least ``n``; a result that falls outside [0, n) is sent through the network again until it is inside (cycle
walking). At most ``a * b - n`` numbers lie outside, and ``a, b`` are chosen to make that 0, 1 or 2 or so, so the
walk has a small fixed length: no loop on the device depends on data. The integers are uint32 throughout, and the
same code runs on numpy and on jax.numpy, so that the host and the device see the same order.

Source: M. Luby, C. Rackoff, How to construct pseudorandom permutations, 1988; J. Black, P. Rogaway, Ciphers with
arbitrary finite domains, 2002 (the cycle walk, and the Feistel network on Z_a x Z_b); the mixing function is the
finaliser of MurmurHash3 (A. Appleby, public domain).
"""

from __future__ import annotations

import functools
import math
from types import ModuleType
from typing import Any

from gen_jax.errors import UserError

MAX_POSITIONS = 2**32
"""A run may consume at most this many images; positions are uint32."""

_PAIRS_OF_ROUNDS = 4
_MASK = 0xFFFFFFFF


def indices(seed: int, positions: Any, n: int, xp: ModuleType) -> Any:
    """Return which image stands at each position: epoch ``p // n`` visits every image of [0, n) once.

    Args:
      seed: any integer; its low 64 bits count.
      positions: unsigned or non-negative integers below 2^32, any shape of rank one or more.
      n: number of images, in [1, 2^32).
      xp: ``numpy`` or ``jax.numpy``; both give the same integers.

    Returns:
      uint32, the shape of ``positions``, in [0, n).
    """
    rows, columns = factors(n)
    positions = xp.asarray(positions).astype(xp.uint32)
    size = xp.uint32(n)
    epoch, index = positions // size, positions % size
    keys = _round_keys(seed, epoch, xp)
    result = _feistel(index, keys, rows, columns, xp)
    for _ in range(rows * columns - n):
        result = xp.where(result < size, result, _feistel(result, keys, rows, columns, xp))
    return result


def check_positions(total: int) -> None:
    """Raise UserError where a run would consume 2^32 images or more, for which positions have no room."""
    if total >= MAX_POSITIONS:
        raise UserError(f"a run may use at most {MAX_POSITIONS - 1} images, not {total}: ask for fewer training images")


@functools.lru_cache(maxsize=64)
def factors(n: int) -> tuple[int, int]:
    """Return ``(a, b)`` with ``a <= b``, ``a * b >= n`` and ``a * b - n`` smallest, not too far from square.

    Raises:
      ValueError: n is not in [1, 2^32).
    """
    if not 1 <= n < MAX_POSITIONS:
        raise ValueError(f"the number of images must lie in [1, 2^32), not {n}")
    least = 2 if n > 2 else 1  # a half with one value would leave the network nothing but rotations
    root = max(math.isqrt(n), least)
    best = (root, -(-n // root))
    # Skewed halves mix worse, so the search stops at a : b = 1 : 64, and the squarest of equals wins.
    for a in range(root, max(root // 8, least) - 1, -1):
        b = -(-n // a)
        if a * b < best[0] * best[1]:
            best = (a, b)
        if a * b == n:
            break
    return best


def _feistel(index: Any, keys: list[Any], rows: int, columns: int, xp: ModuleType) -> Any:
    """Permute [0, rows * columns): ``l += F(r) mod rows; r += F(l) mod columns``, and again."""
    a, b = xp.uint32(rows), xp.uint32(columns)
    left, right = index // b, index % b
    for i in range(_PAIRS_OF_ROUNDS):
        left = (left + _mix(right ^ keys[2 * i], xp) % a) % a
        right = (right + _mix(left ^ keys[2 * i + 1], xp) % b) % b
    return left * b + right


def _round_keys(seed: int, epoch: Any, xp: ModuleType) -> list[Any]:
    """Return one uint32 key a round, each of the shape of ``epoch``."""
    low, high = seed & _MASK, (seed >> 32) & _MASK
    key = _mix(_mix(epoch + xp.uint32(0x9E3779B9), xp) ^ xp.uint32(low), xp)
    key = _mix(key ^ xp.uint32(high), xp)
    rounds = range(1, 2 * _PAIRS_OF_ROUNDS + 1)
    return [_mix(key ^ xp.uint32(0x9E3779B9 * i & _MASK), xp) for i in rounds]


def _mix(x: Any, xp: ModuleType) -> Any:
    """Spread every bit over all 32 (the finaliser of MurmurHash3); a bijection of uint32."""
    x = (x ^ (x >> xp.uint32(16))) * xp.uint32(0x85EBCA6B)
    x = (x ^ (x >> xp.uint32(13))) * xp.uint32(0xC2B2AE35)
    return x ^ (x >> xp.uint32(16))
