"""Kernel distance (KID): the unbiased squared maximum mean discrepancy under a polynomial kernel.

``mean_{i!=j} k(x_i, x_j) + mean_{i!=j} k(y_i, y_j) - 2 mean_{ij} k(x_i, y_j)`` with the kernel
``k(x, y) = (gamma x.y + coef0)^degree`` (Binkowski et al., arXiv 1801.01401, eq. 4 and section 4; Gretton et al.,
2012, eq. 3).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.result import Measured

_PANELS = 4
"""Parts of the rows of a subset: of a symmetric matrix of kernels 10 of 16 tiles are computed."""
_IN_FLIGHT = 4
"""Subsets whose rows may wait for the device at once."""
_TILE = 1024
"""Rows and columns of the kernels that ``kernel_distance_full`` holds at once."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class KernelDistance(Measured):
    """Mean and spread over random subsets."""

    mean: float
    """Unbiased, so slightly below 0 about as often as above where the sets are alike; lower is better."""
    std: float
    """Standard deviation over the subsets (divided by their number). It is the spread of one subset, not the error of
    the mean, and says nothing where a subset is nearly the whole set: it is then 0 by construction."""
    subsets: int
    subset_size: int
    """Rows of a subset; below what was asked for where a set has fewer."""
    count: int
    """Rows of the features."""
    reference_count: int
    """Rows of the reference."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class KernelDistanceFull(Measured):
    """The estimate from all pairs at once."""

    distance: float
    """Unbiased; below 0 about as often as above where the sets are alike."""
    count: int
    """Rows of the features."""
    reference_count: int
    """Rows of the reference."""


def kernel_distance(
    features: Any,
    reference: Any,
    *,
    subsets: int = 100,
    subset_size: int = 1000,
    degree: int = 3,
    gamma: float | None = None,
    coef0: float = 1.0,
    seed: int = 2020,
) -> KernelDistance:
    """Return the kernel distance, mean and standard deviation over random subsets.

    With the standard options these are the KID's subsets of torch-fidelity for the same seed. Products are computed in
    float32 of features around a common centre, the rest in float64, so a large mean of the features costs no digits.

    Args:
      features: [n, d], n >= 2.
      reference: [m, d], m >= 2.
      subsets: 1 or more.
      subset_size: 2 or more; reduced to the smaller of n and m where it is larger, see the result's ``subset_size``.
      degree: of the polynomial, 1 to 10.
      gamma: factor of the scalar product; None: 1/d.
      coef0: added to it.
      seed: of ``numpy.random.RandomState(seed)``, which chooses the rows of each subset without replacement.

    Raises:
      UserError: see ``as_features``; the widths differ; an option is out of range.
    """
    ours, theirs = _checked(features, reference)
    subsets = whole_number(subsets, name="subsets", least=1)
    size = min(whole_number(subset_size, name="subset_size", least=2), len(ours), len(theirs))
    degree = whole_number(degree, name="degree", least=1, most=10)
    center = _center(ours, theirs)
    kernel = _constants(center, gamma, coef0)
    random = np.random.RandomState(seed)
    waiting: list[Array] = []
    with jax.enable_x64(True):
        for number in range(subsets):
            chosen = _around(ours[random.choice(len(ours), size, replace=False)], center)
            against = _around(theirs[random.choice(len(theirs), size, replace=False)], center)
            waiting.append(_subset_distance(chosen, against, kernel, degree=degree))
            jax.block_until_ready(waiting[max(0, number - _IN_FLIGHT)])
        values = np.array([float(value) for value in waiting])
    return KernelDistance(
        mean=float(values.mean()),
        std=float(values.std()),
        subsets=subsets,
        subset_size=size,
        count=len(ours),
        reference_count=len(theirs),
    )


def kernel_distance_full(
    features: Any, reference: Any, *, degree: int = 3, gamma: float | None = None, coef0: float = 1.0
) -> KernelDistanceFull:
    """Return the kernel distance from all pairs of samples: no subsets, no seed, the least variance.

    Its time grows with (n + m)^2: 5,000 + 5,000 samples cost about half of ``kernel_distance``.

    Args:
      features: [n, d], n >= 2.
      reference: [m, d], m >= 2.
      degree: of the polynomial, 1 to 10.
      gamma: factor of the scalar product; None: 1/d.
      coef0: added to it.

    Raises:
      UserError: see ``as_features``; the widths differ; an option is out of range.
    """
    ours, theirs = _checked(features, reference)
    degree = whole_number(degree, name="degree", least=1, most=10)
    center = _center(ours, theirs)
    total = functools.partial(_total, center=center, kernel=_constants(center, gamma, coef0), degree=degree)
    n, m = len(ours), len(theirs)
    distance = total(ours) / (n * (n - 1)) + total(theirs) / (m * (m - 1)) - 2.0 * total(ours, theirs) / (n * m)
    return KernelDistanceFull(distance=distance, count=n, reference_count=m)


def _checked(features: Any, reference: Any) -> tuple[np.ndarray, np.ndarray]:
    ours, theirs = as_features(features, name="features"), as_features(reference, name="reference")
    same_width(ours, theirs)
    return ours, theirs


def _center(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return a point amid the features, float32 [d]; any point gives the same distance, this one the most digits."""
    return 0.5 * (ours[:_TILE].mean(axis=0) + theirs[:_TILE].mean(axis=0)).astype(np.float32)


class _Constants(NamedTuple):
    """The kernel of two centred rows is ``(scale (u.v + u.c + v.c) + offset)^degree``."""

    scale: ArrayLike
    offset: ArrayLike


class _Rows(NamedTuple):
    """Rows x = u + c around a centre c."""

    values: Array
    """u, float32 [n, d]."""
    along: Array
    """u.c, float64 [n]."""


def _constants(center: np.ndarray, gamma: float | None, coef0: float) -> _Constants:
    scale = 1.0 / len(center) if gamma is None else gamma
    wide = center.astype(np.float64)
    return _Constants(np.float64(scale), np.float64(scale * (wide @ wide) + coef0))


def _around(rows: np.ndarray, center: np.ndarray) -> _Rows:
    values = (rows - center).astype(np.float32, copy=False)
    return _Rows(jnp.asarray(values), jnp.asarray(values.astype(np.float64) @ center.astype(np.float64)))


@functools.partial(jax.jit, static_argnames="degree")
def _subset_distance(ours: _Rows, theirs: _Rows, constants: _Constants, *, degree: int) -> Array:
    """Return the unbiased estimate of two subsets of equal size, float64."""
    kernels = functools.partial(_kernels, constants=constants, degree=degree)
    size = ours.values.shape[0]
    within = _pairs_within(ours, kernels) + _pairs_within(theirs, kernels)
    return within / (size * (size - 1)) - 2.0 * jnp.mean(kernels(ours, theirs))


def _pairs_within(rows: _Rows, kernels: Callable[[_Rows, _Rows], Array]) -> Array:
    """Return the sum of k(x_i, x_j) over i != j: twice the pairs i < j, in panels right of the diagonal."""
    size = rows.values.shape[0]
    edges = [size * panel // _PANELS for panel in range(_PANELS + 1)]
    total = jnp.zeros((), jnp.float64)
    for start, stop in itertools.pairwise(edges):
        panel = _Rows(rows.values[start:stop], rows.along[start:stop])
        later = jnp.arange(start, size)[None, :] > jnp.arange(start, stop)[:, None]
        values = kernels(panel, _Rows(rows.values[start:], rows.along[start:]))
        total += jnp.sum(jnp.where(later, values, 0.0))
    return 2.0 * total


def _kernels(first: _Rows, second: _Rows, *, constants: _Constants, degree: int) -> Array:
    """Return k of each pair of rows, float64 [a, b].

    With x = u + c and y = v + c: ``x.y = u.v + u.c + v.c + c.c``. Only u.v is float32, and it is small where the mean
    of the features is large.
    """
    near = jnp.dot(first.values, second.values.T, precision=jax.lax.Precision.HIGHEST).astype(jnp.float64)
    product = near + first.along[:, None] + second.along[None, :]
    return jnp.add(constants.scale * product, constants.offset) ** degree


def _total(
    ours: np.ndarray, theirs: np.ndarray | None = None, *, center: np.ndarray, kernel: _Constants, degree: int
) -> float:
    """Return the sum of k over all pairs, or, of one set, over all pairs of different rows; tile by tile."""
    total, others = 0.0, ours if theirs is None else theirs
    with jax.enable_x64(True):
        for start in range(0, len(ours), _TILE):
            row = _tile(ours, start, center)
            values = []
            for other in range(start if theirs is None else 0, len(others), _TILE):
                # Of one set only the pairs i < j are computed: all of a tile right of the diagonal, half of one on it.
                shift = np.int64(other - start if theirs is None else _TILE)
                values.append(_tile_total(row, _tile(others, other, center), shift, kernel, degree=degree))
            total += sum(float(value) for value in values)
    return total if theirs is not None else 2.0 * total


class _Tile(NamedTuple):
    rows: _Rows
    real: ArrayLike
    """Rows from here on are padding."""


def _tile(rows: np.ndarray, start: int, center: np.ndarray) -> _Tile:
    """Return the rows from ``start`` on, padded to the size of a tile."""
    part = rows[start : start + _TILE]
    padded = part if len(part) == _TILE else np.pad(part, ((0, _TILE - len(part)), (0, 0)))
    return _Tile(_around(padded, center), np.int64(len(part)))


@functools.partial(jax.jit, static_argnames="degree")
def _tile_total(first: _Tile, second: _Tile, shift: ArrayLike, constants: _Constants, *, degree: int) -> Array:
    """Return the sum of k over the real pairs of a tile whose column lies right of its row, float64."""
    values = _kernels(first.rows, second.rows, constants=constants, degree=degree)
    row, column = jnp.arange(_TILE)[:, None], jnp.arange(_TILE)[None, :]
    kept = (row < first.real) & (column < second.real) & (column + shift > row)
    return jnp.sum(jnp.where(kept, values, 0.0))
