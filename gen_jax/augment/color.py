"""Random brightness, contrast, saturation and hue."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import jax
from jax import Array

from gen_jax.augment.policy import Policy, Span, check_span, either_way, in_range, uniform


@dataclasses.dataclass(frozen=True, kw_only=True)
class ColorJitter(Policy):
    """Change brightness, contrast, saturation and hue, each by a random amount for each image.

    A number ``j`` means factors from ``max(0, 1 - j)`` to ``1 + j``, for the hue shifts from ``-j`` to ``j`` of
    a full turn; a pair is (least, most). 0 leaves a quality alone. The order of the four is drawn once a batch,
    the amounts once an image (torchvision draws both once a call). Float images are cut to [0, 1] after each.
    """

    brightness: Span = 0.0
    """Of the factor of ``edit.brightness``, 0 and up."""
    contrast: Span = 0.0
    """Of the factor of ``edit.contrast``, 0 and up."""
    saturation: Span = 0.0
    """Of the factor of ``edit.saturation``, 0 and up."""
    hue: Span = 0.0
    """Of the shift of ``edit.hue``, in turns, in [-0.5, 0.5]; grey images have none."""
    kind: Literal["color_jitter"] = "color_jitter"

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("brightness", "contrast", "saturation"):
            check_span(f"color_jitter.{name}", getattr(self, name), 0)
        single = not isinstance(self.hue, tuple | list)
        check_span("color_jitter.hue", self.hue, 0 if single else -0.5, 0.5)

    def edit(self, images: Array, key: Array) -> Array:
        """Return the images with other colors."""
        edits = self._edits(images, key)
        if not edits:
            return images
        order = jax.random.permutation(jax.random.fold_in(key, 4), len(edits))
        for place in range(len(edits)):
            images = in_range(jax.lax.switch(order[place], edits, images) if len(edits) > 1 else edits[0](images))
        return images

    def _edits(self, images: Array, key: Array) -> list[Callable[[Array], Array]]:
        from gen_jax.edit.color.enhance import brightness, contrast, saturation
        from gen_jax.edit.color.hue import hue

        count, edits = len(images), []
        for index, edit in enumerate((brightness, contrast, saturation)):
            low, high = _factors(getattr(self, edit.__name__))
            if (low, high) != (1.0, 1.0):
                factor = uniform(jax.random.fold_in(key, index), count, (low, high))
                edits.append(lambda images, edit=edit, factor=factor: edit(images, factor=factor))
        if self.hue not in (0, (0, 0)) and images.shape[-1] > 2:
            shift = uniform(jax.random.fold_in(key, 3), count, either_way(self.hue))
            edits.append(lambda images: hue(images, shift=shift))
        return edits


def _factors(span: Span) -> tuple[float, float]:
    """Return the range of factors that a number or a pair means."""
    if isinstance(span, tuple | list):
        return float(span[0]), float(span[1])
    return max(0.0, 1.0 - span), 1.0 + span
