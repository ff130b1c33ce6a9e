"""Directions of a latent space along which images change most: SeFa and GANSpace, in float64 on the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

Space = Literal["z", "w"]


class Directions(NamedTuple):
    """Directions of one space, the strongest first."""

    vectors: np.ndarray
    """float32 [k, d], of unit length; the largest component of each is positive."""
    strengths: np.ndarray
    """float32 [k]: one standard deviation of the model's own latents along each vector."""
    space: Space
    """w where the model has styles, else z."""
    styles: tuple[int, ...] | None = None
    """The styles of an image that an edit moves; None moves all."""

    def shift(self, which: int, amount: float, *, num_styles: int | None = None) -> np.ndarray:
        """Return ``amount * strength * vector`` for the entrance of a model: [d], or [n, d] for one of n styles."""
        moved = np.float32(amount) * self.strengths[which] * self.vectors[which]
        if num_styles is None:
            return moved
        chosen = np.ones(num_styles, bool) if self.styles is None else np.isin(np.arange(num_styles), self.styles)
        return np.where(chosen[:, None], moved[None], np.float32(0.0))


def sefa(weights: Sequence[np.ndarray], *, num: int) -> np.ndarray:
    """Return the eigenvectors of ``A^T A`` with the largest eigenvalues, ``A`` being the weights that take the latent.

    A step along the first moves the output of those layers most: ``argmax |A n|^2, |n| = 1``; and so on at right
    angles. Closed-form factorisation (Shen and Zhou, arXiv 2007.06600, equations 5 to 8); no image is made.

    Args:
      weights: kernels [d, o], one a layer that takes the latent; their outputs are laid side by side.
      num: k, at most d.

    Returns:
      float64 [k, d], orthonormal, in order of falling eigenvalue; the largest component of each is positive.
    """
    kernel = np.concatenate([np.asarray(matrix, np.float64) for matrix in weights], axis=1)
    return _signed(_leading_eigenvectors(kernel @ kernel.T, num))


def principal(points: np.ndarray, *, num: int) -> np.ndarray:
    """Return the principal components of points: GANSpace where the model has styles.

    The eigenvectors of the covariance of w (Härkönen et al., arXiv 2004.02546, section 2.1).

    Args:
      points: [n, d], n at least 2.
      num: k, at most d.

    Returns:
      float64 [k, d], orthonormal, in order of falling variance; the largest component of each is positive.
    """
    centred = _centred(points)
    return _signed(_leading_eigenvectors(centred.T @ centred, num))


def regressed(latents: np.ndarray, activations: np.ndarray, *, num: int) -> np.ndarray:
    """Return latent directions of the principal components of a layer: GANSpace where the model has no styles.

    ``U = argmin sum_j |U x_j - z_j|^2``, ``x_j = V (y_j - mean)`` the coordinates of activation y_j in its principal
    components V (Härkönen et al., arXiv 2004.02546, section 2.2). For a layer linear in a Gaussian z these are the
    directions of ``sefa``, up to the sampling.

    Args:
      latents: z, [n, d].
      activations: y, [n, f].
      num: k, at most d and f.

    Returns:
      float64 [k, d] of unit length, not at right angles in general; the largest component of each is positive.
    """
    centred = _centred(activations)
    # Of a linear layer no more components than numbers in z have any variance.
    components = _leading_eigenvectors(centred.T @ centred, num)
    solution, *_ = np.linalg.lstsq(centred @ components.T, _centred(latents), rcond=None)
    return _signed(solution / np.linalg.norm(solution, axis=1, keepdims=True))


def deviations(points: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the standard deviation of points [n, d] along unit vectors [k, d]: float64 [k]."""
    return np.std(np.asarray(points, np.float64) @ vectors.T, axis=0)


def _centred(points: np.ndarray) -> np.ndarray:
    points = np.asarray(points, np.float64)
    return points - points.mean(axis=0)


def _leading_eigenvectors(symmetric: np.ndarray, num: int) -> np.ndarray:
    _, vectors = np.linalg.eigh(symmetric)  # in order of rising eigenvalue
    return vectors.T[::-1][:num]


def _signed(vectors: np.ndarray) -> np.ndarray:
    """Turn each vector such that its component of largest size is positive."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return vectors * np.where(largest < 0, -1.0, 1.0)
