"""Logos as a source of images: number i is designed on the host from its seed, and drawn on the device."""

from __future__ import annotations

import functools

import jax
import numpy as np
from jax import Array

from gen_jax.data.config import LogoData
from gen_jax.data.drawn import check_drawn, with_channels
from gen_jax.draw.logo.pack import Packed, pack
from gen_jax.registry import lookup

_AT_ONCE = 32  # images drawn in one call on behalf of the host
_SHARP = 128  # samples down an image at least: several a pixel where it is smaller
_TEXTS, _TEXELS = 4, 1 << 12  # tables of letters that a mark may have, and their size


class LogoSource:
    """Images by number: number i is a mark of family ``families[i % k]`` with the seed ``"seed/i"``."""

    def __init__(self, config: LogoData, size: int | None) -> None:
        from gen_jax.draw.logo.design import FAMILIES

        self.size = check_drawn(config, size)
        for name in config.families:
            lookup(FAMILIES, name, what="data.families: family of marks")
        self.families = config.families or tuple(FAMILIES)
        self._config = config
        self._channels = config.channels or 3
        count = config.images + config.test_images
        self.image_shape: tuple[int, int, int] | None = (self.size, self.size, self._channels)
        self.class_names = self.families if len(self.families) > 1 else ()
        numbers = np.arange(count)
        self.labels: np.ndarray | None = self.labels_of(numbers) if self.class_names else None
        self.official_test = range(config.images, count)
        self.description = f"logos of {len(self.families)} families"

    def __len__(self) -> int:
        """Return how many images have a number, those for testing included."""
        return self.official_test.stop

    def name(self, index: int) -> str:
        """Return the family and the number of the image."""
        return f"{self.families[index % len(self.families)]}[{index}]"

    def image(self, index: int) -> np.ndarray:
        """Return uint8 [h, w, c]."""
        return self.stack(np.array([index]))[0]

    def stack(self, indices: np.ndarray, *, title: str | None = None) -> np.ndarray:
        """Return uint8 [len(indices), h, w, c], drawn a few at a time."""
        from tqdm import tqdm

        assert self.image_shape is not None
        result = np.empty((len(indices), *self.image_shape), np.uint8)
        with tqdm(total=len(indices), desc=title, unit="img", disable=True if title is None else None) as bar:
            for start in range(0, len(indices), _AT_ONCE):
                part = np.asarray(indices[start : start + _AT_ONCE])
                packed = self.designs(np.resize(part, _AT_ONCE))  # one shape, so one program
                result[start : start + len(part)] = np.asarray(self._compiled(packed))[: len(part)]
                bar.update(len(part))
        return result

    def designs(self, numbers: np.ndarray) -> Packed:
        """Design marks by their numbers; host work."""
        from gen_jax.draw.logo.design import MOST_SHAPES, scene_of
        from gen_jax.draw.logo.parameters import logo_parameters

        families = len(self.families)
        scenes = [
            scene_of(
                logo_parameters(
                    f"{self._config.seed}/{number}",
                    family=self.families[number % families],
                    layout="mark",
                    variant=self._config.variant,
                    **({"background": None} if self._channels == 4 else {}),
                )
            )
            for number in map(int, numbers)
        ]
        return pack(scenes, shapes=MOST_SHAPES, texts=_TEXTS, texels=_TEXELS)

    def labels_of(self, numbers: np.ndarray) -> np.ndarray:
        """Return the family of each number, int32."""
        return (numbers % len(self.families)).astype(np.int32)

    def draw(self, packed: Packed) -> Array:
        """Draw designs as uint8 [b, h, w, c]; pure, for use inside a compiled function."""
        from gen_jax.draw.logo.raster import draw
        from gen_jax.pixels import from_unit

        samples = min(4, -(-_SHARP // self.size))
        return with_channels(from_unit(draw(packed, size=(self.size, self.size), samples=samples)), self._channels)

    @functools.cached_property
    def _compiled(self) -> jax.stages.Wrapped:
        return jax.jit(self.draw)
