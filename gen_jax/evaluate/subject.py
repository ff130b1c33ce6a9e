"""What is measured, against what, and through which network; features are computed when first asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import numpy as np

from gen_jax.errors import UserError
from gen_jax.evaluate import cached
from gen_jax.evaluate.result import Better, Result
from gen_jax.evaluate.sets import ImageSet
from gen_jax.io.models import LoadedModel
from gen_jax.metrics.features import Extracted, FeatureNetwork

Role = Literal["generated", "reference", "train", "held_out"]
ROLES: tuple[Role, ...] = ("generated", "reference", "train", "held_out")

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many images of it are done, and of how many."""


@dataclasses.dataclass(kw_only=True)
class Subject:
    """The sets of one evaluation; the one object here that remembers, so that no image is looked at twice."""

    generated: ImageSet
    reference: ImageSet | None = None
    """What the generated images should be distributed like."""
    train: ImageSet | None = None
    """What the model may have memorised."""
    held_out: ImageSet | None = None
    """Real images that the model has not seen: they score what honest images score."""
    model: LoadedModel | None = None
    """Where the generated images come from a run."""
    network: FeatureNetwork
    seed: int = 0
    batch: int = 64
    """Images a call of the network; it decides memory and speed."""
    keep: bool = True
    """Keep features of data sets in the user's cache."""
    most_neighbours: int = 10_000
    """Samples that the measures of neighbours use at most; their time grows with the square."""
    latents: int = 16
    """Drawn an image for the importance-weighted bound of a VAE; bounds of two different numbers do not compare."""
    progress: Progress = lambda title, done, total: None
    _features: dict[str, Extracted] = dataclasses.field(default_factory=dict)
    _values: dict[str, Any] = dataclasses.field(default_factory=dict)

    def images(self, role: Role) -> ImageSet:
        """Return the set of a role.

        Raises:
          UserError: this evaluation has none; says which option names one.
        """
        found = getattr(self, role)
        if found is None:
            raise UserError(
                f"{role.replace('_', '-')} images are needed for this metric and there are none: {_WANTED[role]}"
            )
        return found

    def extracted(self, role: Role) -> Extracted:
        """Return what the network says of the images of a role; two roles of one set share the work."""
        images = self.images(role)
        known = (other for other in ROLES if other in self._features and getattr(self, other) is images)
        shared = next(known, None)
        if shared is None:
            title = f"features of {role.replace('_', '-')} images"
            self._features[role] = cached.features_of(
                images,
                self.network,
                keep=self.keep and role != "generated",
                batch=self.batch,
                progress=lambda done: self.progress(title, done, images.count),
            )
            shared = role
        return self._features[shared]

    def know(self, role: Role, extracted: Extracted) -> None:
        """Take features that are at hand, one row an image of the set of this role."""
        self._features[role] = extracted

    def features(self, role: Role, *, most: int | None = None) -> np.ndarray:
        """Return float32 [n, d]; with ``most``, at most so many rows, drawn with the seed, in their order."""
        features = self.extracted(role).features
        return features if most is None else features[chosen(len(features), most, self.seed)]

    def once(self, name: str, compute: Callable[[], T]) -> T:
        """Return ``compute()``, remembered under ``name``; for what depends on the real images alone."""
        if name not in self._values:
            self._values[name] = compute()
        return self._values[name]

    def with_generated(self, images: ImageSet) -> Subject:
        """Return the same comparison for other generated images; what is known of the real ones is kept."""
        known = {role: found for role, found in self._features.items() if role != "generated"}
        return dataclasses.replace(self, generated=images, _features=known)

    @property
    def has_baseline(self) -> bool:
        """Whether held-out images are there that are not the reference itself."""
        return self.held_out is not None and self.held_out is not self.reference

    def result(self, key: str, name: str, value: float, *, better: Better, against: Role | None, **more: Any) -> Result:
        """Return a result with what this evaluation knows of it.

        Args:
          key: for programs.
          name: for people.
          value: the number.
          better: which way is good.
          against: the role of the set compared with; None for a measure of the generated images alone.
          more: further fields of ``Result``, in place of those filled in here.
        """
        other = None if against is None else self.images(against)
        fields: dict[str, Any] = {
            "features": self.network.label,
            "resize": self.network.resize,
            "generated": self.generated.name,
            "num_generated": self.generated.count,
            "reference": "" if other is None else other.name,
            "split": "" if other is None else other.split,
            "num_reference": 0 if other is None else other.count,
            "seed": self.seed,
        }
        return Result(key=key, name=name, value=float(value), better=better, **{**fields, **more})


_WANTED: dict[str, str] = {
    "generated": "name a run, a folder, a .zip or an .npz file",
    "reference": "give --reference, such as data:train for the run's own data, or a folder",
    "train": "give --train, such as data:train for the run's own data, or a folder",
    "held_out": "give --held-out, such as data:test, or train with --data.validation 0.1",
}


def chosen(count: int, most: int, seed: int) -> np.ndarray:
    """Return the rows to use of ``count``: all, or ``most`` drawn without replacement, ascending."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.Generator(np.random.Philox(seed)).choice(count, most, replace=False))
