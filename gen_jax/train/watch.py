"""Warnings while a GAN trains: its images become alike, or its augmentation has reached the limit."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from gen_jax.experiment import Experiment

log = logging.getLogger(__name__)

LOW_DIVERSITY = 0.5
"""Share of the best diversity so far, and of the real images', below which a collapse is told."""

RECOVERED = 0.7
"""Share of the best from which on a new fall is told again."""


class Watch:
    """Looks at the means of each interval, and says what a person would want to know while it can be mended."""

    def __init__(self, experiment: Experiment) -> None:
        self._ada = experiment.ada
        self._best = 0.0
        self._fallen = False
        self._saturated = False

    def look(self, images: int, scalars: Mapping[str, float]) -> None:
        """Warn of what the means over an interval show; each fault once, until it is over."""
        if "diversity/ratio" in scalars:
            self._look_at_diversity(images, scalars["diversity/ratio"])
        if "ada/p" in scalars and self._ada.mode == "adaptive":
            self._look_at_augmentation(images, scalars)

    def _look_at_diversity(self, images: int, ratio: float) -> None:
        self._best = max(self._best, min(ratio, 1.0))
        low = LOW_DIVERSITY * self._best
        if ratio < low and not self._fallen:
            self._fallen = True
            log.warning(
                "at %d images the generated images differ from each other %.2f times as much as real ones do (the best "
                "so far was %.2f): the generator may be collapsing. Look at the samples; a higher penalty "
                "(--objective.r1, r2), a lower --optim.lr or augmentation (--ada.pipe bgc) help, from a checkpoint "
                "before the fall",
                images,
                ratio,
                self._best,
            )
        elif self._fallen and ratio >= RECOVERED * self._best:
            self._fallen = False
            log.warning("at %d images the generated images differ again as before (%.2f)", images, ratio)

    def _look_at_augmentation(self, images: int, scalars: Mapping[str, float]) -> None:
        saturated = scalars["ada/p"] >= self._ada.most - 1e-3
        if saturated and not self._saturated:
            log.warning(
                "at %d images the probability of augmentation has reached its limit of %.2f (--ada.most), and the "
                "discriminator is still surer of real images than it should be (r_t %.2f, target %.2f): the data may "
                "be too few, and augmentations may show in the samples. More data, --data.mirror, a higher "
                "--objective.r1 or weights of another run (--train.init-from) help",
                images,
                self._ada.most,
                scalars["ada/r_t"],
                self._ada.target,
            )
        self._saturated = saturated
