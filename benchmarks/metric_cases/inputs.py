"""Features with the look of a network's: half below 0 made 0, neighbours correlated, scales from 0.05 to 1."""

from __future__ import annotations

import numpy as np


def features(seed: int, count: int, width: int = 2048) -> np.ndarray:
    """Return float32 [count, width]."""
    values = np.random.default_rng(seed).standard_normal((count, width), dtype=np.float32)
    values *= np.linspace(0.05, 1.0, width, dtype=np.float32)
    values[:, 1:] += 0.5 * values[:, :-1]
    values += np.float32(0.2)
    return np.maximum(values, 0.0, out=values)


def at_least(count: int, share: float, least: int) -> int:
    """Return a share of a count, for a quick look."""
    return max(least, int(count * share))
