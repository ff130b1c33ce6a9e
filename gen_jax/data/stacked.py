"""Three grey images as the colors of one: a set whose number of modes is known (StackedMNIST)."""

from __future__ import annotations

import numpy as np

from gen_jax.data.source import Source, stack_in_threads
from gen_jax.errors import UserError


class StackedSource:
    """Images whose red, green and blue are three images of a grey source, drawn at random with a seed.

    Class ``(a k + b) k + c`` has a red image of class a, a green one of b and a blue one of c, so that k classes make
    ``k^3`` modes: 1000 for digits (Metz et al., arXiv 1611.02163, section 3.3.1). The source's own test images are left
    out.
    """

    def __init__(self, source: Source, *, count: int, seed: int) -> None:
        if source.image_shape is None or source.image_shape[2] != 1:
            raise UserError(f"--data.stacked {count}: stacks grey images of one size; add --data.channels 1")
        if source.labels is None:
            raise UserError(f"--data.stacked {count}: {source.description} has no classes to count the modes by")
        test = set(source.official_test)
        usable = np.array([index for index in range(len(source)) if index not in test])
        rng = np.random.Generator(np.random.Philox(seed))
        self._source = source
        self._parts = usable[rng.integers(0, len(usable), (count, 3))]
        names = source.class_names
        red, green, blue = (source.labels[part] for part in self._parts.T)
        self.labels: np.ndarray | None = ((red * len(names) + green) * len(names) + blue).astype(np.int32)
        self.class_names = tuple(f"{a}-{b}-{c}" for a in names for b in names for c in names)
        self.image_shape: tuple[int, int, int] | None = (*source.image_shape[:2], 3)
        self.official_test = range(0)
        self.description = f"{count} stacks of three of {source.description}"

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._parts)

    def name(self, index: int) -> str:
        """Return the names of the three images."""
        return " + ".join(self._source.name(int(part)) for part in self._parts[index])

    def image(self, index: int) -> np.ndarray:
        """Return uint8 [h, w, 3]."""
        return np.concatenate([self._source.image(int(part)) for part in self._parts[index]], axis=-1)

    def stack(self, indices: np.ndarray, *, title: str | None = None) -> np.ndarray:
        """Return uint8 [len(indices), h, w, 3]."""
        return stack_in_threads(self, indices, title=title)
