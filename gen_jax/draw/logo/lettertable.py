"""Tables of signed distances to letters: what the raster draws text from, made once a text on the host."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterator

import numpy as np

from gen_jax.draw.logo import letters

MARGIN = 3
"""Texels about the letters; so far, distances are exact."""


@dataclasses.dataclass(frozen=True)
class Table:
    """Signed distances to a line of letters, below 0 inside; lengths but those in units of the capitals' height."""

    distances: np.ndarray
    """float16 [rows, columns], in texels."""
    texel: float
    """Side of a texel."""
    corner: tuple[float, float]
    """x and y of the first texel's corner, from the centre of the line."""


@functools.lru_cache(maxsize=256)
def table(text: str, font: str, tracking: float, *, texels: int) -> Table:
    """Return the table of a line of text, of at most so many texels; raises as ``letters.outline`` does."""
    edges = _edges(letters.outline(text, font, tracking))
    if not len(edges):
        return Table(np.full((2, 2), 2.0 * MARGIN, np.float16), 1.0, (-1.0, -1.0))
    low, high = edges.min(axis=(0, 1)), edges.max(axis=(0, 1))
    texel = float(np.sqrt(np.prod(high - low) / texels))
    while np.prod(np.ceil((high - low) / texel) + 2 * MARGIN) > texels:
        texel *= 1.01
    columns, rows = (int(side) for side in np.ceil((high - low) / texel) + 2 * MARGIN)
    corner = (low + high) / 2 - np.array([columns, rows]) * texel / 2
    distances = _distances((edges - corner) / texel - 0.5, rows, columns)
    return Table(distances.astype(np.float16), texel, (float(corner[0]), float(corner[1])))


def _edges(line: letters.Line) -> np.ndarray:
    """Return the outlines as straight edges, float64 [edges, 2 (start, end), 2 (x, y)]."""
    chains = [np.array(list(_points(contour))) for glyph in line.glyphs for contour in glyph]
    edges = [np.stack([chain, np.roll(chain, -1, axis=0)], axis=1) for chain in chains]
    joined = np.concatenate(edges) if edges else np.zeros((0, 2, 2))
    return joined[(joined[:, 0] != joined[:, 1]).any(axis=1)]


def _points(contour: letters.Contour, pieces: int = 12) -> Iterator[np.ndarray]:
    """Yield the corners of a contour, its curves cut into so many chords."""
    at = np.array(contour[0])
    yield at
    for segment in contour[1]:
        points = [at, *(np.array(point) for point in segment)]
        for t in [1.0] if len(points) == 2 else np.arange(1, pieces + 1) / pieces:
            level = points
            while len(level) > 1:
                level = [(1 - t) * one + t * two for one, two in itertools.pairwise(level)]
            yield level[0]
        at = points[-1]


def _distances(edges: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return signed distances at the points (column, row) of a grid; within MARGIN they are exact."""
    from scipy import ndimage

    inside = _winding(edges, rows, columns) != 0
    near = _near(edges, rows, columns)
    far = sum(np.asarray(ndimage.distance_transform_edt(side)) for side in (inside, ~inside)) - 0.5
    return np.where(np.isfinite(near), near, far) * np.where(inside, -1.0, 1.0)


def _winding(edges: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return how often outlines wind round every point: edges are crossed from left to right, up +1 and down -1."""
    (x0, y0), (x1, y1) = edges[:, 0].T, edges[:, 1].T
    first, last = np.ceil(np.minimum(y0, y1)).astype(int), np.ceil(np.maximum(y0, y1)).astype(int)
    counts = last - first
    edge = np.repeat(np.arange(len(edges)), counts)
    row = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    x = x0[edge] + (row - y0[edge]) / (y1 - y0)[edge] * (x1 - x0)[edge]
    turns = np.zeros((rows, columns + 1), int)
    np.add.at(turns, (row, np.ceil(x).astype(int)), np.where(y1 > y0, 1, -1)[edge])
    return turns.cumsum(axis=1)[:, :columns]


def _near(edges: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the distance to the nearest edge at points within MARGIN of one, elsewhere infinity."""
    low = np.maximum(np.floor(edges.min(axis=1) - MARGIN), 0).astype(int)
    high = np.minimum(np.ceil(edges.max(axis=1) + MARGIN), [columns - 1, rows - 1]).astype(int)
    wide, tall = (high - low + 1).T
    counts = wide * tall
    edge = np.repeat(np.arange(len(edges)), counts)
    index = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    points = np.stack([index % wide[edge], index // wide[edge]], axis=1) + low[edge]
    start, along = edges[edge, 0], (edges[:, 1] - edges[:, 0])[edge]
    offset = points - start
    # Ends that were a rounding apart may be one place by now.
    share = np.clip((offset * along).sum(axis=1) / np.maximum((along * along).sum(axis=1), 1e-30), 0.0, 1.0)
    distance = np.hypot(*(offset - share[:, None] * along).T)
    nearest = np.full(rows * columns, np.inf)
    np.minimum.at(nearest, points[:, 1] * columns + points[:, 0], distance)
    nearest[nearest > MARGIN] = np.inf
    return nearest.reshape(rows, columns)
