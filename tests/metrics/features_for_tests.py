"""Feature arrays with known laws, made by NumPy seeds."""

from __future__ import annotations

import numpy as np


def gaussian(seed: int, count: int, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return float64 [count, d] samples of a Gaussian."""
    values = np.random.default_rng(seed).standard_normal((count, len(mean)))
    return mean + values @ np.linalg.cholesky(covariance).T


def exactly(seed: int, count: int, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return float64 [count, d] whose sample mean and covariance (ddof 1) are the given ones to rounding; count > d."""
    values = np.random.default_rng(seed).standard_normal((count, len(mean)))
    orthogonal, _ = np.linalg.qr(values - values.mean(axis=0))
    return mean + orthogonal * np.sqrt(count - 1) @ np.linalg.cholesky(covariance).T


def rotation(seed: int, width: int) -> np.ndarray:
    """Return a random orthogonal matrix."""
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((width, width)))[0]


def skewed(seed: int, count: int, width: int) -> np.ndarray:
    """Return float32 [count, d] like those of a network: never below 0, correlated, scales from 0.1 to 1."""
    mixing = np.random.default_rng(99).standard_normal((width, width)) / np.sqrt(width)
    values = np.abs(np.random.default_rng(seed).standard_normal((count, width)))
    return (np.maximum(values @ mixing, 0.0) * np.linspace(0.1, 1.0, width)).astype(np.float32)
