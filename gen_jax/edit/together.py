"""Images of several sizes through one chain in one call: padded to a bucket, filled up to a power of two."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from gen_jax.edit.buckets import Bucket, power_of_two
from gen_jax.edit.chain import Chain
from gen_jax.edit.frames import Frames
from gen_jax.edit.kernel import roles_of
from gen_jax.edit.operation import EDITS, Operation
from gen_jax.edit.roles import Random, Role
from gen_jax.pixels import from_unit, to_unit


def edit_together(
    chain: Chain, bucket: Bucket, pixels: Sequence[np.ndarray], seeds: np.ndarray, precision: Literal["uint8", "float"]
) -> list[np.ndarray]:
    """Return the edited images; the call is filled up to a power of two with copies of the last image."""
    count = min(power_of_two(len(pixels)), bucket.batch)
    filled = [*pixels, *[pixels[-1]] * (count - len(pixels))]
    batch = np.zeros((count, bucket.height, bucket.width, bucket.channels), np.uint8)
    sizes = np.array([image.shape[:2] for image in filled], np.int32)
    for place, image in enumerate(filled):
        batch[place, : image.shape[0], : image.shape[1]] = image
    chain = with_seeds(chain, np.pad(seeds, (0, count - len(pixels)), mode="edge"))
    images: Any = batch if precision == "uint8" else to_unit(batch)
    edited = chain(Frames(images=images, sizes=sizes if bucket.padded else None))  # type: ignore[arg-type]
    result = np.asarray(edited.images if precision == "uint8" else from_unit(edited.images))
    if edited.sizes is None:
        return list(result[: len(pixels)])
    return [result[i, :height, :width] for i, (height, width) in enumerate(np.asarray(edited.sizes)[: len(pixels)])]


def with_seeds(chain: Chain, numbers: np.ndarray) -> Chain:
    """Return the chain with one seed an image: that of the operation, moved by the number of the image."""
    return mapped(chain, Random, lambda name, value, kind: np.uint32(value) + numbers)


def mapped(chain: Chain, role_type: type[Role], change: Callable[[str, Any, str], Any]) -> Chain:
    """Return the chain with the parameters of one role changed: ``change(name, value, kind) -> value``."""

    def changed(operation: Operation) -> Operation:
        names = [name for name, role in roles_of(EDITS[operation.kind]).items() if isinstance(role, role_type)]
        values = {name: change(name, getattr(operation, name), operation.kind) for name in names}
        return dataclasses.replace(operation, **values) if values else operation  # type: ignore[type-var]

    return Chain(map(changed, chain.operations), fuse=chain.fuse)
