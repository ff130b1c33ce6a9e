"""Kernel distance (KID): the unbiased squared maximum mean discrepancy under a polynomial kernel.

``mean_{i!=j} k(x_i, x_j) + mean_{i!=j} k(y_i, y_j) - 2 mean_{ij} k(x_i, y_j)`` with the kernel
``k(x, y) = (gamma x.y + coef0)^degree`` (Binkowski et al., arXiv 1801.01401, eq. 4 and section 4; Gretton et al.,
2012, eq. 3).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from gen_jax.metrics.arrays import as_features, same_width
from gen_jax.metrics.options import whole_number
from gen_jax.metrics.result import Measured

_STRIPS = 4
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
    constants = _constants(center, gamma, coef0)
    random = np.random.RandomState(seed)
    waiting: list[Array] = []
    with jax.enable_x64(True):
        for number in range(subsets):
            chosen = _around(ours[random.choice(len(ours), size, replace=False)], center, strips=_STRIPS)
            against = _around(theirs[random.choice(len(theirs), size, replace=False)], center, strips=_STRIPS)
            waiting.append(_subset_distance(chosen, against, constants, degree=degree))
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
    total = functools.partial(_total, center=center, constants=_constants(center, gamma, coef0), degree=degree)
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

    scale: np.float64
    offset: np.float64


class _Rows(NamedTuple):
    """Rows x = u + c around a centre c, cut into strips: products of operands of that size run fastest on a CPU."""

    strips: list[np.ndarray]
    """u, float32 [n, d] each."""
    along: list[np.ndarray]
    """u.c, float64 [n] each."""


def _constants(center: np.ndarray, gamma: float | None, coef0: float) -> _Constants:
    scale = 1.0 / len(center) if gamma is None else gamma
    wide = center.astype(np.float64)
    return _Constants(np.float64(scale), np.float64(scale * (wide @ wide) + coef0))


def _around(rows: np.ndarray, center: np.ndarray, *, strips: int) -> _Rows:
    values = (rows - center).astype(np.float32, copy=False)
    # No BLAS here: its threads wait busily after their work and would take the cores from XLA's products.
    along = np.einsum("nd,d->n", values.astype(np.float64), center.astype(np.float64))
    edges = [len(rows) * strip // strips for strip in range(strips + 1)]
    spans = [slice(start, stop) for start, stop in itertools.pairwise(edges) if stop > start]
    return _Rows([values[span] for span in spans], [along[span] for span in spans])


def _subset_distance(ours: _Rows, theirs: _Rows, constants: _Constants, *, degree: int) -> Array:
    """Return the unbiased estimate of two subsets of equal size, float64."""
    products = _products(ours.strips, theirs.strips)
    return _estimate(products, ours.along, theirs.along, constants, degree=degree)


@jax.jit
def _products(ours: list[Array], theirs: list[Array]) -> tuple[list[Array], list[Array], list[Array]]:
    """Return u.v within ours, within theirs, and between them, float32, tile by tile.

    A program of its own: XLA's products on a CPU are slower by half where they share one with what follows.
    """
    pairs = _within(ours), _within(theirs), list(itertools.product(ours, theirs))
    within, of_theirs, between = ([_product(first, second) for first, second in part] for part in pairs)
    return within, of_theirs, between


@functools.partial(jax.jit, static_argnames="degree")
def _estimate(
    products: tuple[list[Array], list[Array], list[Array]],
    ours: list[Array],
    theirs: list[Array],
    constants: _Constants,
    *,
    degree: int,
) -> Array:
    kernels = functools.partial(_kernels, constants=constants, degree=degree)
    size = sum(part.shape[0] for part in ours)
    total = jnp.zeros((), jnp.float64)
    for tiles, along in ((products[0], ours), (products[1], theirs)):
        for tile, (first, second) in zip(tiles, _within(along), strict=True):
            values = kernels(tile, first, second)
            total += jnp.sum(jnp.triu(values, k=1) if first is second else values)
    between = [
        jnp.sum(kernels(tile, *pair)) for tile, pair in zip(products[2], itertools.product(ours, theirs), strict=True)
    ]
    return 2.0 * total / (size * (size - 1)) - 2.0 * sum(between[1:], between[0]) / size**2


def _within(parts: list[Array]) -> list[tuple[Array, Array]]:
    """Return the pairs of strips whose tiles lie on or right of the diagonal."""
    return list(itertools.combinations_with_replacement(parts, 2))


def _product(first: Array, second: Array) -> Array:
    return jnp.dot(first, second.T, precision=jax.lax.Precision.HIGHEST)


def _kernels(products: Array, first: Array, second: Array, *, constants: _Constants, degree: int) -> Array:
    """Return k of each pair of rows, float64 [a, b].

    With x = u + c and y = v + c: ``x.y = u.v + u.c + v.c + c.c``. Only u.v is float32, and it is small where the mean
    of the features is large.
    """
    whole = products.astype(jnp.float64) + first[:, None] + second[None, :]
    return (constants.scale * whole + constants.offset) ** degree


def _total(
    ours: np.ndarray, theirs: np.ndarray | None = None, *, center: np.ndarray, constants: _Constants, degree: int
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
                column = _tile(others, other, center)
                product = _tile_product(row.values, column.values)
                values.append(_tile_total(product, row, column, shift, constants, degree=degree))
            total += sum(float(value) for value in values)
    return total if theirs is not None else 2.0 * total


class _Tile(NamedTuple):
    values: np.ndarray
    along: np.ndarray
    real: np.int64
    """Rows from here on are padding."""


def _tile(rows: np.ndarray, start: int, center: np.ndarray) -> _Tile:
    """Return the rows from ``start`` on around the centre, padded to the size of a tile."""
    part = rows[start : start + _TILE]
    padded = part if len(part) == _TILE else np.pad(part, ((0, _TILE - len(part)), (0, 0)))
    around = _around(padded, center, strips=1)
    return _Tile(around.strips[0], around.along[0], np.int64(len(part)))


_tile_product = jax.jit(_product)


@functools.partial(jax.jit, static_argnames="degree")
def _tile_total(
    product: Array, first: _Tile, second: _Tile, shift: ArrayLike, constants: _Constants, *, degree: int
) -> Array:
    """Return the sum of k over the real pairs of a tile whose column lies right of its row, float64."""
    row, column = jnp.arange(_TILE)[:, None], jnp.arange(_TILE)[None, :]
    kept = (row < first.real) & (column < second.real) & (column + shift > row)
    values = _kernels(product, first.along, second.along, constants=constants, degree=degree)  # type: ignore[arg-type]
    return jnp.sum(jnp.where(kept, values, 0.0))
