"""Mean and covariance of features in float64, from arrays of any length or from chunks, in bounded memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gen_jax.errors import UserError
from gen_jax.metrics.arrays import as_features

_BLOCK_VALUES = 1 << 25
"""float64 values of one block of rows: 256 MiB, so large that merging the blocks costs next to nothing."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """What a Frechet distance knows of a set of features; also made of the statistics that another tool wrote."""

    count: int | None
    """Rows that were seen; None where the statistics do not say."""
    mean: np.ndarray
    """float64 [d]."""
    covariance: np.ndarray
    """float64 [d, d]: the unbiased estimate, divided by ``count - 1``."""

    def __post_init__(self) -> None:
        """Convert to float64 and check the shapes."""
        object.__setattr__(self, "mean", np.asarray(self.mean, np.float64))
        object.__setattr__(self, "covariance", np.asarray(self.covariance, np.float64))
        width = self.mean.shape[0] if self.mean.ndim == 1 else 0
        if not width:
            raise UserError(f"mean: shape {self.mean.shape}, must be [d]; give the mean of each feature")
        if self.covariance.shape != (width, width):
            raise UserError(f"covariance: shape {self.covariance.shape}, must be [{width}, {width}] as the mean says")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.covariance).all()):
            raise UserError("mean and covariance: a value is not finite; compute the statistics again")


class RunningMoments:
    """Moments of features that arrive in chunks of any size; the result does not keep the rows.

    Blocks of rows are reduced to their own mean and scatter matrix (sum of squared deviations), in float64, and these
    are merged: no digit is lost to a large mean (Chan, Golub and LeVeque, 1983, eq. 2.1, for matrices).
    """

    def __init__(self) -> None:
        self._total: _Scatter | None = None
        self._waiting: list[np.ndarray] = []
        self._width = 0

    def add(self, features: Any) -> None:
        """Add rows [n, d], n >= 1.

        Raises:
          UserError: wrong shape, a value that is not finite, or another width than before.
        """
        rows = as_features(features, name="features", least=1)
        if self._width and rows.shape[1] != self._width:
            raise UserError(f"features: {rows.shape[1]} columns, and the chunks before had {self._width}")
        self._width = rows.shape[1]
        self.add_checked(rows)

    def add_checked(self, rows: np.ndarray) -> None:
        """Add rows that ``as_features`` has already seen."""
        block = block_rows(rows.shape[1])
        waiting = sum(map(len, self._waiting))
        if waiting + len(rows) < block:
            # A copy, for the caller may use its buffer again.
            self._waiting.append(rows.copy())
            return
        for part in row_blocks(rows, self._drain(rows, block - waiting), block):
            if len(part) < block:
                self._waiting.append(part.copy())
            else:
                self._merge(_scatter(part))

    def moments(self) -> Moments:
        """Return the moments of all rows so far; more may be added afterwards.

        Raises:
          UserError: fewer than two rows.
        """
        total = self._total
        if self._waiting:
            rest = _scatter(np.concatenate(self._waiting))
            total = rest if total is None else _merged(total.copy(), rest)
        if total is None or total.count < 2:
            raise UserError(
                f"features: {total.count if total else 0} rows, and a covariance needs 2; give more samples"
            )
        return Moments(count=total.count, mean=total.mean.copy(), covariance=total.squares / (total.count - 1))

    def _drain(self, rows: np.ndarray, missing: int) -> int:
        """Complete the block that is waiting with the first rows; return how many of them it took."""
        if not self._waiting:
            return 0
        self._merge(_scatter(np.concatenate([*self._waiting, rows[:missing]])))
        self._waiting = []
        return missing

    def _merge(self, part: _Scatter) -> None:
        self._total = part if self._total is None else _merged(self._total, part)


def moments(features: Any) -> Moments:
    """Return mean and covariance of features.

    ``mean = sum_i x_i / n``, ``covariance = sum_i (x_i - mean)(x_i - mean)^T / (n - 1)``, in float64, one block of rows
    at a time; on an accelerator the blocks are reduced there, likewise in float64.

    Args:
      features: [n, d], n >= 2.

    Raises:
      UserError: see ``as_features``.
    """
    running = RunningMoments()
    running.add_checked(as_features(features, name="features"))
    return running.moments()


def merge_moments(first: Moments, second: Moments) -> Moments:
    """Return the moments of two sets of rows together.

    Raises:
      UserError: a count is not known, or the widths differ.
    """
    if first.count is None or second.count is None:
        raise UserError("count: None, must be known to merge moments; give the number of samples behind the statistics")
    if first.mean.shape != second.mean.shape:
        raise UserError(f"mean: {len(first.mean)} and {len(second.mean)} features cannot be merged; use one network")
    total = _merged(
        _Scatter(first.count, first.mean, first.covariance * (first.count - 1)),
        _Scatter(second.count, second.mean, second.covariance * (second.count - 1)),
    )
    return Moments(count=total.count, mean=total.mean, covariance=total.squares / (total.count - 1))


def block_rows(width: int) -> int:
    """Return how many rows of so many features are reduced at once."""
    return max(256, min(1 << 14, _BLOCK_VALUES // width))


def row_blocks(rows: np.ndarray, start: int, block: int) -> Iterator[np.ndarray]:
    """Yield views of ``block`` rows from ``start`` on; the last may be shorter."""
    for first in range(start, len(rows), block):
        yield rows[first : first + block]


@dataclasses.dataclass
class _Scatter:
    """Moments before the division: ``squares`` is the sum of squared deviations from the mean."""

    count: int
    mean: np.ndarray
    squares: np.ndarray

    def copy(self) -> _Scatter:
        return _Scatter(self.count, self.mean.copy(), self.squares.copy())


def _merged(first: _Scatter, second: _Scatter) -> _Scatter:
    """Merge into ``first``, whose arrays are used again."""
    count = first.count + second.count
    apart = second.mean - first.mean
    first.squares += second.squares
    first.squares += np.outer(apart * (first.count / count * second.count), apart)
    first.mean = first.mean + apart * (second.count / count)
    first.count = count
    return first


def _scatter(rows: np.ndarray) -> _Scatter:
    """Return count, mean and squares of one block, by the means that is faster here."""
    if jax.default_backend() == "cpu":
        return _scatter_on_host(rows)
    return _scatter_on_device(rows)


def _scatter_on_host(rows: np.ndarray) -> _Scatter:
    values = rows.astype(np.float64)
    mean = values.mean(axis=0)
    values -= mean
    # NumPy sees a matrix times its own transpose and computes one triangle only: half the work.
    return _Scatter(len(rows), mean, values.T @ values)


def _scatter_on_device(rows: np.ndarray) -> _Scatter:
    block = block_rows(rows.shape[1])
    padded = rows if len(rows) == block else np.pad(rows, ((0, block - len(rows)), (0, 0)))
    with jax.enable_x64(True):
        mean, squares = _reduce(padded, np.int64(len(rows)))
    return _Scatter(len(rows), np.array(mean), np.array(squares))


@jax.jit
def _reduce(block: jax.Array, count: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return mean and squares of a block whose rows from ``count`` on are padding."""
    values = block.astype(jnp.float64)
    real = (jnp.arange(block.shape[0]) < count)[:, None]
    mean = jnp.sum(jnp.where(real, values, 0.0), axis=0) / count
    deviations = jnp.where(real, values - mean[None, :], 0.0)
    return mean, jnp.dot(deviations.T, deviations, precision=jax.lax.Precision.HIGHEST)
