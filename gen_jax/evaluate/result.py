"""One measured number with everything that decides it, and all numbers of one set of generated images."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal

from gen_jax.evaluate.sets import ImageSet

Better = Literal["lower", "higher", "near baseline", "neither"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result:
    """A value that cannot be mistaken for another: what was measured, with what, against what, on how many."""

    key: str
    """Name of the number, for programs: ``fd``, ``precision``."""
    name: str
    """Name of the measure, for people; "FID" only with the Inception weights that the name stands for."""
    value: float
    better: Better
    spread: float | None = None
    """Standard deviation over subsets, splits or folds."""
    baseline: float | None = None
    """What the held-out real images score in place of the generated ones; None where there are none."""
    baseline_count: int | None = None
    """Images behind the baseline."""
    features: str | None = None
    """Feature network and hash of its weights; None where the measure needs none."""
    resize: str | None = None
    """How images came to the network's size."""
    generated: str = ""
    num_generated: int = 0
    reference: str = ""
    split: str = ""
    """Part of the reference."""
    num_reference: int = 0
    seed: int = 0
    note: str = ""
    """What else a reader must know, such as images left out."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Every number of one set of generated images."""

    subject: str
    """What was measured: the run or the folder."""
    images_seen: int | None
    """Of the checkpoint; None for images of unknown origin."""
    results: tuple[Result, ...]
    sets: dict[str, dict[str, Any]]
    """Role -> name, split, count, image shape of each set that took part."""
    seconds: float
    environment: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Device and versions."""

    def scalars(self) -> dict[str, float]:
        """Return the values by key."""
        return {result.key: result.value for result in self.results}


def describe(images: ImageSet) -> dict[str, Any]:
    """Return what a report says of a set."""
    return {"name": images.name, "split": images.split, "count": images.count, "image_shape": list(images.image_shape)}


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON can hold it: infinity and NaN, which JSON lacks, become "inf", "-inf", "nan"."""
    tree = dataclasses.asdict(evaluation)
    tree["results"] = [
        {name: str(v) if isinstance(v, float) and not math.isfinite(v) else v for name, v in result.items()}
        for result in tree["results"]
    ]
    return tree


def from_json(tree: dict[str, Any]) -> Evaluation:
    """Return an evaluation out of what ``to_json`` made of it.

    Raises:
      ValueError: it is none.
    """
    try:
        results: list[dict[str, Any]] = [
            {name: float(v) if name in _NUMBERS and v is not None else v for name, v in result.items()}
            for result in tree["results"]
        ]
        return Evaluation(**{**tree, "results": tuple(Result(**result) for result in results)})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no evaluation: {error}") from error


_NUMBERS = ("value", "spread", "baseline")
