"""Feature networks, which stand between images and the measures that compare distributions, and how they are run."""

from __future__ import annotations

import dataclasses
import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import AxisType, Mesh, PartitionSpec
from jax.typing import ArrayLike

from gen_jax.edit import resize
from gen_jax.errors import UserError
from gen_jax.parallel import AXIS, replicated, split
from gen_jax.types import PyTree


class Outputs(NamedTuple):
    """What a feature network says of a batch."""

    features: Array
    """float32 [b, d]."""
    probabilities: Array | None
    """float32 [b, k], each row adding up to 1, of a network that classifies; else None."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FeatureNetwork:
    """A network with its weights, ready for ``extract``; ``io/feature_networks.py`` finds the weights."""

    name: str
    """As a user asks for it, such as ``efficientnet_lite0``."""
    weights: PyTree
    """Arrays; an argument of the compiled program, never a constant of it."""
    weights_hash: str
    """First 16 hexadecimal digits of the SHA-256 of the weights; of the file where they come from one."""
    size: int | None
    """Height and width that images are resized to; None: as they are."""
    channels: int | None
    """3: grey images are repeated into RGB and alpha is laid over white; None: as they are."""
    apply: Callable[[PyTree, Array], Outputs]
    """``apply(weights, images) -> Outputs``; pure. Images are float32 [b, size, size, channels] on the scale 0..255,
    neither rounded nor clipped after the resize; the network does its own normalisation."""

    @property
    def resize(self) -> str:
        """How images come to the network's size, in words."""
        return "none" if self.size is None else f"bicubic (Pillow's, in float) to {self.size}x{self.size}"

    @property
    def classifies(self) -> bool:
        """Whether it also gives probabilities; nothing is computed to find out."""
        side = self.size or 64
        images = jax.ShapeDtypeStruct((1, side, side, self.channels or 3), jnp.float32)
        return jax.eval_shape(self.apply, self.weights, images).probabilities is not None

    @property
    def label(self) -> str:
        """Name and hash, as a result gives them: ``efficientnet_lite0-579344248a93e230``."""
        return f"{self.name}-{self.weights_hash}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Extracted:
    """What a network said of a set of images, in their order."""

    features: np.ndarray
    """float32 [n, d]."""
    probabilities: np.ndarray | None
    """float32 [n, k] of a network that classifies; else None."""
    count: int
    """Images, n."""


def extract(
    network: FeatureNetwork,
    chunks: Iterable[ArrayLike],
    *,
    batch: int = 64,
    progress: Callable[[int], None] | None = None,
) -> Extracted:
    """Return the features of images that come chunk by chunk, computed on all devices of this process.

    Images are brought to the network's channels and size by ``prepare``. One program is compiled for a network, a
    shape of image and a batch; while it computes a batch the next is read and handed over. Memory holds the features
    and some batches. The result does not depend on ``batch`` or on the length of the chunks, beyond the rounding of
    float32.

    Args:
      network: from ``gen_jax.io.feature_networks.load_network``.
      chunks: uint8 [b, h, w, c], of any b; h, w and c are those of the first.
      batch: images in one call of the program, made a multiple of the devices (of eight a device, where it is a CPU).
      progress: called with the number of images done so far, after every batch.

    Raises:
      UserError: no images, a chunk that is not uint8 images or of another shape than the first, or a batch below 1.
    """
    if batch < 1:
        raise UserError(f"batch: {batch}, must be 1 or more")
    mesh = jax.make_mesh((jax.local_device_count(),), (AXIS,), (AxisType.Auto,), devices=jax.local_devices())
    unit = mesh.size * (_GROUP if _in_groups(mesh) and batch > mesh.size * _GROUP else 1)
    batch = -(-batch // unit) * unit
    weights = jax.device_put(network.weights, replicated(mesh))
    waiting: deque[tuple[Outputs, int]] = deque()
    ready: list[tuple[np.ndarray, ...]] = []
    done = 0

    def take() -> int:
        outputs, count = waiting.popleft()
        ready.append(tuple(np.asarray(part)[:count] for part in outputs if part is not None))
        if progress is not None:
            progress(done + count)
        return count

    for images, count in _batches(chunks, batch):
        images = jax.device_put(images, split(mesh))
        program = functools.partial(_program, apply=network.apply, size=network.size, channels=network.channels)
        waiting.append((program(weights, images, mesh=mesh), count))
        if len(waiting) > 1:
            done += take()
    while waiting:
        done += take()
    if not done:
        raise UserError("chunks: no images; give at least one")
    parts = [np.concatenate(part) for part in zip(*ready, strict=True)]
    return Extracted(features=parts[0], probabilities=parts[1] if len(parts) > 1 else None, count=done)


def prepare(images: Array, *, size: int | None, channels: int | None) -> Array:
    """Return images as a network takes them: float32, on the scale 0..255, neither rounded nor clipped.

    Alpha is laid over white, grey is repeated into RGB, and the size is changed by Pillow's antialiased bicubic
    filter on the float levels, up and down alike, which is what clean-fid (Parmar et al., arXiv 2104.11222) does.

    Args:
      images: uint8 [b, h, w, c], c 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
      size: height and width of the result; None: as they are.
      channels: 3, or None: as they are.
    """
    levels = images.astype(jnp.float32)
    if channels is not None and images.shape[-1] in (2, 4):
        alpha = levels[..., -1:] / 255.0
        levels = levels[..., :-1] * alpha + 255.0 * (1.0 - alpha)
    if size is not None:
        # One axis at a time: what overshoots between the passes is then kept, as Pillow keeps it in float.
        levels = resize(levels, size=(levels.shape[1], size), resample="bicubic")
        levels = resize(levels, size=(size, size), resample="bicubic")
    if channels is not None and levels.shape[-1] == 1:
        levels = jnp.broadcast_to(levels, (*levels.shape[:-1], channels))
    return levels


_GROUP = 8
"""Images that a CPU takes at a time: their activations stay in its cache, which is half as much again in images/s."""


@functools.partial(jax.jit, static_argnames=("apply", "size", "channels", "mesh"))
def _program(
    weights: PyTree, images: Array, *, apply: Callable[..., Outputs], size: int | None, channels: int | None, mesh: Mesh
) -> Outputs:
    def outputs(weights: PyTree, images: Array) -> Outputs:
        # TensorFloat-32, a GPU's default, would make features depend on the machine in the third digit.
        with jax.default_matmul_precision("highest"):
            return apply(weights, prepare(images, size=size, channels=channels))

    def on_one_device(weights: PyTree, images: Array) -> Outputs:
        if not _in_groups(mesh) or len(images) <= _GROUP:
            return outputs(weights, images)
        groups = images.reshape(-1, _GROUP, *images.shape[1:])
        mapped = jax.lax.map(functools.partial(outputs, weights), groups)
        return jax.tree.map(lambda part: part.reshape(-1, part.shape[-1]), mapped)

    by_image = PartitionSpec(AXIS)
    run = jax.shard_map(
        on_one_device, mesh=mesh, in_specs=(PartitionSpec(), by_image), out_specs=by_image, check_vma=False
    )
    return run(weights, images)


def _in_groups(mesh: Mesh) -> bool:
    return mesh.devices.flat[0].platform == "cpu"


def _batches(chunks: Iterable[ArrayLike], batch: int) -> Iterator[tuple[np.ndarray, int]]:
    """Yield batches of one length, the last filled up with zeros, and how many of their images are real."""
    buffer: np.ndarray | None = None
    filled = 0
    for index, chunk in enumerate(chunks):
        images = _checked(chunk, index, None if buffer is None else buffer.shape[1:])
        start = 0
        while start < len(images):
            if buffer is None or filled == 0:
                buffer = np.zeros((batch, *images.shape[1:]), np.uint8)
            count = min(batch - filled, len(images) - start)
            buffer[filled : filled + count] = images[start : start + count]
            start, filled = start + count, filled + count
            if filled == batch:
                yield buffer, batch
                filled = 0
    if buffer is not None and filled:
        yield buffer, filled


def _checked(chunk: ArrayLike, index: int, shape: tuple[int, ...] | None) -> np.ndarray:
    images = np.asarray(chunk)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] not in (1, 2, 3, 4):
        raise UserError(
            f"chunks: chunk {index} is {images.dtype} {images.shape}, must be uint8 [b, h, w, c] with 1 to 4 channels; "
            "see gen_jax.pixels for the conversions"
        )
    if shape is not None and images.shape[1:] != shape:
        raise UserError(
            f"chunks: chunk {index} holds images {images.shape[1:]}, those before are {shape}; bring all to one size"
        )
    return images
