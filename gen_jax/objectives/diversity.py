"""How different the images of a batch are from one another: what falls when a generator collapses."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

MOST = 256
"""Images looked at; more would say the same."""
SIDE = 8
"""Images are averaged down to about so many pixels a side: a collapse is seen there, and noise is not."""


def batch_diversity(real: Array, fake: Array, labels: Array | None) -> dict[str, Array]:
    """Return what tells a collapse, of one batch.

    ``diversity/fake`` and ``diversity/real``: mean distance of two images, in root mean square over the pixels of
    images averaged down to about 8x8, [-1, 1]. ``diversity/ratio``: the one over the other; 1 is right, 0 one
    image only. With labels ``diversity/classes``: exp of the entropy of the classes of the generated images, the
    class of an image being that of the nearest real one, over the same of the real images' classes (about
    1; Salimans et al., arXiv 1606.03498, have the marginal entropy as a part of the Inception score).

    Args:
      real: [b, h, w, c] in [-1, 1], of the batch.
      fake: [b, h, w, c].
      labels: int32 [b] of the real images, which an unconditional model need not know; None leaves the classes out.
    """
    stride = -(-real.shape[0] // MOST)
    small_real, small_fake = (_flat(lax.stop_gradient(images[::stride])) for images in (real, fake))
    of_real, of_fake = _mean_distance(small_real), _mean_distance(small_fake)
    terms = {"diversity/real": of_real, "diversity/fake": of_fake, "diversity/ratio": of_fake / (of_real + 1e-6)}
    if labels is not None:
        some = labels[::stride]
        nearest = jnp.argmin(_squares(small_fake, small_real), axis=1)
        terms["diversity/classes"] = _classes(some[nearest]) / _classes(some)
    return terms


def _flat(images: Array) -> Array:
    """Average down, ``[b, h, w, c] -> [b, 64 c]`` or about that."""
    b, h, w, c = images.shape
    rows, columns = (max(1, side // SIDE) for side in (h, w))
    images = images[:, : h - h % rows, : w - w % columns].astype(jnp.float32)
    pooled = images.reshape(b, h // rows, rows, w // columns, columns, c).mean(axis=(2, 4))
    return pooled.reshape(b, -1)


def _squares(first: Array, second: Array) -> Array:
    """Return the squared distances [n, m] of rows."""
    products = jnp.matmul(first, second.T, precision="highest")
    lengths = jnp.sum(first * first, axis=1)[:, None] + jnp.sum(second * second, axis=1)[None]
    return jnp.maximum(lengths - 2.0 * products, 0.0)


def _mean_distance(rows: Array) -> Array:
    count = rows.shape[0]
    if count < 2:
        return jnp.zeros(())
    distances = jnp.sqrt(_squares(rows, rows) / rows.shape[1])
    apart = 1.0 - jnp.eye(count)
    return jnp.sum(distances * apart) / (count * (count - 1))


def _classes(labels: Array) -> Array:
    """Return exp of the entropy of the labels of a batch: how many classes it seems to hold."""
    shares = jnp.mean((labels[:, None] == labels[None]).astype(jnp.float32), axis=1)  # of each image's own class
    return jnp.exp(-jnp.mean(jnp.log(shares)))
