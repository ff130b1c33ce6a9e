"""Augmentation that the discriminator sees every image through: what happens to each image, and its doing.

Transforms come in the order of Karras et al., arXiv 2006.06676, appendix B: geometry (mirror, quarter turn, whole
shift, scale, turn, stretch, turn, shift), color (brightness, contrast, luma flip, hue, saturation), frequency bands,
noise, rectangle. All geometry is one resampling, all color one matrix. What a pipe has at 0 is not computed.
Everything is linear in the images up to an offset, so gradients of gradients go through it.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from gen_jax import rng
from gen_jax.augment import ada_color, ada_filter, ada_geometry
from gen_jax.augment.ada_pipes import AdaPipe
from gen_jax.errors import UserError

_GEOMETRY = ("xflip", "rotate90", "xint", "scale", "rotate", "aniso", "xfrac")
_COLOR = ("brightness", "contrast", "lumaflip", "hue", "saturation")
_NAMES = (
    *("xflip", "rotate90", "xint", "xint x", "xint y", "scale", "rotate before", "aniso", "rotate after"),
    *("xfrac", "xfrac x", "xfrac y", *_COLOR, *(f"imgfilter {band}" for band in range(4))),
    *("noise", "cutout", "cutout x", "cutout y"),
)
"""Every quantity that is drawn."""


class Draws(NamedTuple):
    """What happens to each image of a batch; None where the pipe does not do it at all."""

    geometry: Array | None
    """[b, 3, 3]: from a point of the result to a point of the image, in pixels from the middle."""
    color: Array | None
    """[b, 3, 4]: product and offset."""
    bands: Array | None
    """[b, 4]: gain of each frequency band, the lowest first."""
    noise: Array | None
    """[b]: standard deviation."""
    noise_seeds: Array | None
    """uint32 [b, ...]: what each image's noise is drawn from, so that the same draws give the same noise."""
    rectangle: Array | None
    """[b, 3]: x and y of the middle, and the sides, as shares of the image's."""


def apply(pipe: AdaPipe, images: Array, key: Array, p: ArrayLike) -> Array:
    """Augment images [b, h, w, c] in [-1, 1], each with draws of its own: ``augment`` with what ``draw`` draws."""
    count, height, width, _ = images.shape
    return augment(pipe, images, draw(pipe, key, count, p, size=(height, width)))


def augment(pipe: AdaPipe, images: Array, draws: Draws, *, noise: Array | None = None) -> Array:
    """Do to each image what was drawn for it.

    Args:
      pipe: the pipe that the draws were made for.
      images: [b, h, w, c] in about [-1, 1], sides of 2 or more. Color goes to the color channels only, see
        ``ada_color.recolor``; all else to every channel, alpha included.
      draws: of ``draw``.
      noise: standard normal [b, h, w, c] in place of what the seeds give.

    Returns:
      float32 [b, h, w, c]. Gradients go to the images, to any order, never to the draws.

    Raises:
      UserError: the pipe has color, and the images neither 1, 3 nor 4 channels.
    """
    channels = images.shape[-1]
    if channels not in (1, 3, 4) and _does(pipe, _COLOR):
        raise UserError(
            f"--ada.pipe: its color transforms take images of 1, 3 or 4 channels, these have {channels}; "
            "choose one without color: blit or bg"
        )
    images = images.astype(jnp.float32)
    draws = jax.tree.map(jax.lax.stop_gradient, draws)
    if draws.geometry is not None:
        images = ada_geometry.resample(images, draws.geometry)
    if draws.color is not None:
        images = ada_color.recolor(images, draws.color)
    if draws.bands is not None:
        images = ada_filter.filter_bands(images, draws.bands)
    if draws.noise is not None:
        noise = _noise_of(draws, images.shape[1:]) if noise is None else noise
        images = images + draws.noise[:, None, None, None] * noise
    if draws.rectangle is not None:
        images = ada_color.cut_out(images, draws.rectangle)
    return images


def draw(pipe: AdaPipe, key: Array, count: int, p: ArrayLike, *, size: tuple[int, int]) -> Draws:
    """Draw what happens to each of ``count`` images.

    Args:
      pipe: relative probability and range of each transform.
      key: of these draws.
      count: b.
      p: probability in [0, 1]; a transform happens with its multiplier times p, at most 1. The two turns by any angle
        happen with ``1 - sqrt(1 - p)`` each, so that an image is turned with p.
      size: height and width in pixels.
    """
    keys = rng.named(key, "happens", "uniform", "normal", "noise seeds")
    shape = (len(_NAMES), count)

    # Three tables of which all is drawn, used or not: one generator for each number takes twice as long to compile.
    def rows(table: Array) -> dict[str, Array]:
        return dict(zip(_NAMES, table, strict=True))

    source = _Source(
        count=count,
        p=jnp.asarray(p, jnp.float32),
        levels=rows(jax.random.uniform(keys["happens"], shape)),
        uniform=rows(jax.random.uniform(keys["uniform"], shape)),
        normal=rows(jax.random.normal(keys["normal"], shape)),
        key=keys["noise seeds"],
    )
    return _draws(pipe, source, size)


def draw_at(pipe: AdaPipe, count: int, percentile: float, *, size: tuple[int, int]) -> Draws:
    """Return draws without chance: every transform of the pipe happens, each quantity at one percentile in (0, 1).

    As in the published code's own check: a normal quantity is ``erfinv(2 percentile - 1)``, without the factor
    sqrt(2), the noise's ``erfinv(percentile)``, and the second turn does not happen.
    """
    level = jnp.full((count,), percentile, jnp.float32)
    normal = jax.scipy.special.erfinv(2.0 * level - 1.0)
    source = _Source(
        count=count,
        p=jnp.float32(1.0),
        levels=dict.fromkeys(_NAMES, jnp.zeros(count)) | {"rotate after": jnp.full((count,), jnp.inf)},
        uniform=dict.fromkeys(_NAMES, level),
        normal=dict.fromkeys(_NAMES, normal) | {"noise": jax.scipy.special.erfinv(level)},
        key=jax.random.key(0),
    )
    return _draws(pipe, source, size)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Source:
    """Where the quantities come from: [b] for each name."""

    count: int
    p: Array
    levels: dict[str, Array]
    """A transform happens where its chance is above its level."""
    uniform: dict[str, Array]
    normal: dict[str, Array]
    key: Array
    """Of the noise's seeds."""

    def happens(self, name: str, chance: Array) -> Array:
        """Return where a transform happens, bool [b]."""
        return self.levels[name] < chance

    def gated(self, name: str, multiplier: float, value: Array, otherwise: float) -> Array:
        """Return ``value`` where the transform happens, else what leaves the image as it is."""
        return jnp.where(self.happens(name, multiplier * self.p), value, otherwise)


def _does(pipe: AdaPipe, names: tuple[str, ...]) -> bool:
    return any(getattr(pipe, name) > 0 for name in names)


def _draws(pipe: AdaPipe, source: _Source, size: tuple[int, int]) -> Draws:
    return Draws(
        geometry=_geometry(pipe, source, size) if _does(pipe, _GEOMETRY) else None,
        color=_color(pipe, source) if _does(pipe, _COLOR) else None,
        bands=_bands(pipe, source) if pipe.imgfilter > 0 else None,
        noise=_noise(pipe, source) if pipe.noise > 0 else None,
        noise_seeds=_seeds(source) if pipe.noise > 0 else None,
        rectangle=_rectangle(pipe, source) if pipe.cutout > 0 else None,
    )


def _geometry(pipe: AdaPipe, source: _Source, size: tuple[int, int]) -> Array:
    """Return the product of the inverse transforms: the first that happens to an image stands leftmost."""
    height, width = size
    matrices = []
    if pipe.xflip > 0:
        side = source.gated("xflip", pipe.xflip, 1.0 - 2.0 * jnp.floor(2.0 * source.uniform["xflip"]), 1.0)
        matrices.append(ada_geometry.scale(side, jnp.ones_like(side)))
    if pipe.rotate90 > 0:
        quarters = source.gated("rotate90", pipe.rotate90, jnp.floor(4.0 * source.uniform["rotate90"]), 0.0)
        matrices.append(ada_geometry.rotate(0.5 * jnp.pi * quarters))
    if pipe.xint > 0:
        x, y = (pipe.xint_max * (2.0 * source.uniform[name] - 1.0) for name in ("xint x", "xint y"))
        moved = [jnp.round(x * width), jnp.round(y * height)]
        matrices.append(ada_geometry.shift(*(-v for v in source.gated("xint", pipe.xint, jnp.stack(moved), 0.0))))
    if pipe.scale > 0:
        factor = source.gated("scale", pipe.scale, jnp.exp2(-pipe.scale_std * source.normal["scale"]), 1.0)
        matrices.append(ada_geometry.scale(factor, factor))
    if pipe.rotate > 0:
        matrices.append(_turn(pipe, source, "rotate before"))
    if pipe.aniso > 0:
        factor = source.gated("aniso", pipe.aniso, jnp.exp2(-pipe.aniso_std * source.normal["aniso"]), 1.0)
        matrices.append(ada_geometry.scale(factor, 1.0 / factor))
    if pipe.rotate > 0:
        matrices.append(_turn(pipe, source, "rotate after"))
    if pipe.xfrac > 0:
        moved = [pipe.xfrac_std * width * source.normal["xfrac x"], pipe.xfrac_std * height * source.normal["xfrac y"]]
        matrices.append(ada_geometry.shift(*(-v for v in source.gated("xfrac", pipe.xfrac, jnp.stack(moved), 0.0))))
    return functools.reduce(functools.partial(jnp.matmul, precision=jax.lax.Precision.HIGHEST), matrices)


def _turn(pipe: AdaPipe, source: _Source, name: str) -> Array:
    angle = jnp.pi * pipe.rotate_max * (2.0 * source.uniform[name] - 1.0)
    chance = 1.0 - jnp.sqrt(1.0 - jnp.clip(pipe.rotate * source.p, 0.0, 1.0))
    return ada_geometry.rotate(jnp.where(source.happens(name, chance), angle, 0.0))


def _color(pipe: AdaPipe, source: _Source) -> Array:
    brightness, hue = jnp.zeros((2, source.count))
    contrast, flip, saturation = jnp.ones((3, source.count))
    if pipe.brightness > 0:
        brightness = source.gated("brightness", pipe.brightness, pipe.brightness_std * source.normal["brightness"], 0.0)
    if pipe.contrast > 0:
        contrast = source.gated("contrast", pipe.contrast, jnp.exp2(pipe.contrast_std * source.normal["contrast"]), 1.0)
    if pipe.lumaflip > 0:
        flip = source.gated("lumaflip", pipe.lumaflip, 1.0 - 2.0 * jnp.floor(2.0 * source.uniform["lumaflip"]), 1.0)
    if pipe.hue > 0:
        hue = source.gated("hue", pipe.hue, jnp.pi * pipe.hue_max * (2.0 * source.uniform["hue"] - 1.0), 0.0)
    if pipe.saturation > 0:
        factor = jnp.exp2(pipe.saturation_std * source.normal["saturation"])
        saturation = source.gated("saturation", pipe.saturation, factor, 1.0)
    return ada_color.matrix(brightness=brightness, contrast=contrast, flip=flip, hue=hue, saturation=saturation)


def _bands(pipe: AdaPipe, source: _Source) -> Array:
    rows = []
    for band, multiplier in enumerate(pipe.imgfilter_bands):
        name = f"imgfilter {band}"
        factor = jnp.exp2(pipe.imgfilter_std * source.normal[name])
        factor = source.gated(name, pipe.imgfilter * multiplier, factor, 1.0)
        rows.append(jnp.ones((source.count, len(pipe.imgfilter_bands))).at[:, band].set(factor))
    return ada_filter.gains(jnp.stack(rows, axis=1))


def _noise(pipe: AdaPipe, source: _Source) -> Array:
    return source.gated("noise", pipe.noise, pipe.noise_std * jnp.abs(source.normal["noise"]), 0.0)


def _seeds(source: _Source) -> Array:
    # Plain numbers and no keys: one set of draws may be used more than once, and its noise is then the same.
    return jax.random.key_data(jax.random.split(source.key, source.count))


def _noise_of(draws: Draws, shape: tuple[int, ...]) -> Array:
    return jax.vmap(lambda seed: jax.random.normal(jax.random.wrap_key_data(seed), shape))(draws.noise_seeds)


def _rectangle(pipe: AdaPipe, source: _Source) -> Array:
    side = source.gated("cutout", pipe.cutout, jnp.full((source.count,), pipe.cutout_size), 0.0)
    return jnp.stack([source.uniform["cutout x"], source.uniform["cutout y"], side], axis=-1)
