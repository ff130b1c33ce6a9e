"""Styles, what a StyleModel maps its latents to: truncated towards their mean, and mixed layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from gen_jax.types import Latent, LatentModel


def has_styles(model: Any) -> bool:
    """Whether a model, or the networks of one, goes through styles: the one place that decides it."""
    return hasattr(model, "synthesize")


def entrance(
    model: LatentModel,
    latent: Latent,
    labels: Array | None,
    *,
    truncation: ArrayLike | None = None,
    cutoff: ArrayLike | None = None,
) -> Latent:
    """Return what the synthesis starts from: the styles [b, n, w] of a StyleModel, any other's latent as it is.

    Args:
      model: with its weights.
      latent: leaves [b, ...].
      labels: int32 [b] or None.
      truncation: psi of ``truncate_styles``, a scalar or [b]; None leaves the styles whole.
      cutoff: how many styles it moves, a scalar or [b]; None moves all.
    """
    if not has_styles(model):
        return latent
    styled: Any = model
    style = styled.map(latent, labels)
    styles = jnp.broadcast_to(style[:, None], (style.shape[0], styled.num_styles, style.shape[1]))
    if truncation is None:
        return styles
    return truncate_styles(styles, styled.mean_style, truncation=truncation, cutoff=cutoff)


def truncate_styles(styles: Array, mean: Array, *, truncation: ArrayLike, cutoff: ArrayLike | None = None) -> Array:
    """Move styles towards their mean: ``w' = m + psi (w - m)`` for the first ``cutoff`` of an image's styles.

    StyleGAN's truncation trick (Karras et al., arXiv 1812.04948, section 2 and appendix B).

    Args:
      styles: w, [b, n, w].
      mean: m, [w].
      truncation: psi; 1 changes nothing, 0 gives the mean image, below 0 the mirror image about the mean. A scalar,
        or [b], one an image.
      cutoff: styles moved, coarse ones first; a scalar, or [b]; None moves all n.
    """
    psi = jnp.asarray(truncation, styles.dtype).reshape(-1, 1, 1)
    moved = mean.reshape(1, 1, -1) + psi * (styles - mean.reshape(1, 1, -1))
    if cutoff is None:
        return moved
    inside = jnp.arange(styles.shape[1]).reshape(1, -1, 1) < jnp.asarray(cutoff).reshape(-1, 1, 1)
    return jnp.where(inside, moved, styles)


def mix(rows: np.ndarray, columns: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
    """Return every row's styles with those of every column in the chosen places (arXiv 1812.04948, figure 3).

    Args:
      rows: [r, n, w].
      columns: [c, n, w].
      chosen: places in [0, n) that are the column's.

    Returns:
      [r, c, n, w].
    """
    from_column = np.isin(np.arange(rows.shape[1]), list(chosen))
    return np.where(from_column[:, None], columns[None], rows[:, None])
