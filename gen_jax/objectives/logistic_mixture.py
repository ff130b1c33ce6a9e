"""The discretised mixture of logistics of PixelCNN++ (Salimans et al., arXiv 1701.05517, section 2.1 and 2.2).

A pixel is one of 256 levels. Each of K components gives every level of every channel the mass of a logistic
distribution over the level's bin; the outermost bins reach to infinity, so that the masses sum to one. Within
a component a channel's mean moves with the channels before it: green with red, blue with red and green.

Layout of the ``parameters_a_pixel`` values of a pixel, each row K values (that of VDVAE for RGB):

    grey  logits | mean scale
    RGB   logits | mean_r scale_r c(g,r) | mean_g scale_g c(b,r) | mean_b scale_b c(b,g)
    RGBA  as RGB | mean_a scale_a c(a,r) c(a,g) c(a,b)

"scale" is a natural logarithm, and c are the coefficients before their tanh. So 3K values for grey (a mixture
for one channel, nothing to condition on), 10K for RGB and 15K for RGBA (alpha comes last and may follow the colour).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gen_jax.registry import lookup

LOG_SCALE_FLOOR = -7.0
"""Natural logarithm of the smallest scale of a logistic, in units of [-1, 1]."""
_EDGE = 0.999
_SMALLEST_MASS = 1e-5
_UNIFORM_MARGIN = 1e-5
_PAIRS = ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2))
"""(channel, earlier channel) of each coefficient, in the order of the rows below."""


class _Rows(NamedTuple):
    """Where the rows of the layout lie, counted after the mixture logits."""

    means: tuple[int, ...]
    log_scales: tuple[int, ...]
    coefficients: tuple[int, ...]


_ROWS = {
    "1": _Rows((0,), (1,), ()),
    "3": _Rows((0, 3, 6), (1, 4, 7), (2, 5, 8)),
    "4": _Rows((0, 3, 6, 9), (1, 4, 7, 10), (2, 5, 8, 11, 12, 13)),
}


class Components(NamedTuple):
    """The parameters of the mixture, taken apart; k components, c channels."""

    logits: Array
    """[..., k], of the components."""
    means: Array
    """[..., c, k], before conditioning."""
    log_scales: Array
    """[..., c, k], at least ``LOG_SCALE_FLOOR``."""
    coefficients: Array
    """[..., pairs, k] in (-1, 1)."""


def parameters_a_pixel(channels: int, *, mixtures: int) -> int:
    """Return how many values the network gives for a pixel: 3K for 1 channel, 10K for 3, 15K for 4.

    Raises:
      UserError: the number of channels is not 1, 3 or 4.
    """
    return (1 + sum(map(len, _rows(channels)))) * mixtures


def split(parameters: Array, *, channels: int, mixtures: int) -> Components:
    """Take parameters [..., p] apart, see the layout above."""
    rows = _rows(channels)
    table = parameters.astype(jnp.float32).reshape(*parameters.shape[:-1], -1, mixtures)
    logits, table = table[..., 0, :], table[..., 1:, :]
    return Components(
        logits=logits,
        means=table[..., np.array(rows.means), :],
        log_scales=jnp.maximum(table[..., np.array(rows.log_scales), :], LOG_SCALE_FLOOR),
        coefficients=jnp.tanh(table[..., np.array(rows.coefficients, dtype=int), :]),
    )


def log_prob(parameters: Array, images: Array, *, mixtures: int, levels: int = 256) -> Array:
    """Return the log-probability of each image, in nats, summed over height, width and channels.

    ``log sum_k pi_k prod_c [s((x - m + h) / a) - s((x - m - h) / a)]`` with s the logistic function, a the scale and
    h half a bin. Where the difference is below 1e-5, the density at the middle times the bin stands in.

    Args:
      parameters: [b, h, w, p], see the layout above.
      images: [b, h, w, c] in [-1, 1], on the levels ``2 i / (levels - 1) - 1``.
      mixtures: K.
      levels: of the images; 256 are 8 bits. The outermost bins are those beyond -0.999 and 0.999.

    Returns:
      float32 [b], at most 0.
    """
    channels = images.shape[-1]
    components = split(parameters, channels=channels, mixtures=mixtures)
    x = images.astype(jnp.float32)[..., None]  # b h w c 1
    centered = x - _conditional_means(components, [x[..., i, :] for i in range(channels)])
    bin_log_probs = _bin_log_prob(centered, components.log_scales, x, levels)
    log_weights = jax.nn.log_softmax(components.logits, axis=-1)
    pixel_log_probs = jax.nn.logsumexp(log_weights + jnp.sum(bin_log_probs, axis=-2), axis=-1)  # b h w
    return jnp.sum(pixel_log_probs, axis=(1, 2))


def mean(parameters: Array, *, channels: int, mixtures: int) -> Array:
    """Return ``sum_k pi_k m_k``, [b, h, w, c] in [-1, 1].

    ``m_k`` is the mean of component k, conditioned on its own means of the channels before and clipped to the range.
    """
    components = split(parameters, channels=channels, mixtures=mixtures)
    weights = jax.nn.softmax(components.logits, axis=-1)[..., None, :]
    return jnp.sum(weights * _unroll(components, components.means), axis=-1)


def sample(key: Array, parameters: Array, temperature: Array | float = 1.0, *, channels: int, mixtures: int) -> Array:
    """Draw images [b, h, w, c] in [-1, 1], not rounded to levels.

    Args:
      key: of the draw.
      parameters: [b, h, w, p].
      temperature: multiplies the scale of the logistics; at 0 each pixel is the mean of the component drawn.
      channels: of the images.
      mixtures: K.
    """
    choice_key, noise_key = jax.random.split(key)
    pixels, low, high = parameters.shape[:-1], _UNIFORM_MARGIN, 1.0 - _UNIFORM_MARGIN
    choice = jax.random.uniform(choice_key, (*pixels, mixtures), minval=low, maxval=high)
    noise = jax.random.uniform(noise_key, (*pixels, channels), minval=low, maxval=high)
    return sample_from_uniforms(parameters, choice, noise, temperature)


def sample_from_uniforms(parameters: Array, choice: Array, noise: Array, temperature: Array | float = 1.0) -> Array:
    """Draw an image from given uniform numbers.

    The component is the argmax of ``logits - log(-log(choice))`` (Gumbel), each channel is
    ``m + temperature a log(noise / (1 - noise))`` clipped to [-1, 1] before the next channel is conditioned on it.

    Args:
      parameters: [b, h, w, p].
      choice: [b, h, w, k] in (0, 1).
      noise: [b, h, w, c] in (0, 1).
      temperature: as in ``sample``.
    """
    mixtures, channels = choice.shape[-1], noise.shape[-1]
    components = split(parameters, channels=channels, mixtures=mixtures)
    chosen = jnp.argmax(components.logits - jnp.log(-jnp.log(choice)), axis=-1)
    picked = Components(*(_pick(part, chosen) for part in components))
    logistic = jnp.log(noise) - jnp.log1p(-noise)
    shifted = picked.means[..., 0] + temperature * jnp.exp(picked.log_scales[..., 0]) * logistic
    return _unroll(picked, shifted[..., None])[..., 0]


def _rows(channels: int) -> _Rows:
    return lookup(_ROWS, str(channels), what="number of image channels of the logistic mixture")


def _bin_log_prob(centered: Array, log_scales: Array, x: Array, levels: int) -> Array:
    """Return the log-mass that one logistic gives to the bin of x; [b, h, w, c, k]."""
    half_bin = 1.0 / (levels - 1)
    inverse_scales = jnp.exp(-log_scales)
    upper, lower = inverse_scales * (centered + half_bin), inverse_scales * (centered - half_bin)
    mass = jax.nn.sigmoid(upper) - jax.nn.sigmoid(lower)
    middle = inverse_scales * centered
    log_density = middle - log_scales - 2.0 * jax.nn.softplus(middle)
    inner = jnp.where(
        mass > _SMALLEST_MASS,
        jnp.log(jnp.maximum(mass, 1e-12)),  # the maximum keeps the gradient of the branch not taken finite
        log_density + jnp.log(2.0 * half_bin),
    )
    lowest, highest = jax.nn.log_sigmoid(upper), jax.nn.log_sigmoid(-lower)
    return jnp.where(x < -_EDGE, lowest, jnp.where(x > _EDGE, highest, inner))


def _conditional_means(components: Components, earlier: list[Array]) -> Array:
    """Return means [..., c, k] moved by the channels before: ``m_c + sum_j coefficient_(c, j) x_j``."""
    means = [components.means[..., i, :] for i in range(components.means.shape[-2])]
    for row in range(components.coefficients.shape[-2]):
        channel, source = _PAIRS[row]
        means[channel] = means[channel] + components.coefficients[..., row, :] * earlier[source]
    return jnp.stack(means, axis=-2)


def _unroll(components: Components, values: Array) -> Array:
    """Add to each channel's value what the channels before give it, clipping each to [-1, 1]; [..., c, k]."""
    done: list[Array] = []
    pairs = range(components.coefficients.shape[-2])
    for channel in range(values.shape[-2]):
        value = values[..., channel, :]
        for row in pairs:
            if _PAIRS[row][0] == channel:
                value = value + components.coefficients[..., row, :] * done[_PAIRS[row][1]]
        done.append(jnp.clip(value, -1.0, 1.0))
    return jnp.stack(done, axis=-2)


def _pick(part: Array, chosen: Array) -> Array:
    """Take the chosen component, [...], of a part [..., k] or [..., rows, k]; the last axis becomes 1."""
    index = chosen.reshape(*chosen.shape, *([1] * (part.ndim - chosen.ndim)))
    return jnp.take_along_axis(part, index, axis=-1)
