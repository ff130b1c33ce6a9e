"""A trained model as every command needs it: its experiment, its networks and one set of its weights."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any, Literal

import numpy as np
from PIL import Image

from gen_jax.build import bind, build_networks
from gen_jax.data.decode import Form, fit
from gen_jax.errors import UserError
from gen_jax.experiment import Experiment, from_json
from gen_jax.io.run_directory import RunDirectory, find_run, read_info
from gen_jax.types import DatasetInfo, GanNetworks, LatentModel, PyTree, VaeNetworks

Weights = Literal["ema", "raw"]
_ITEMS = {"ema": "ema", "raw": "params"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model out of a checkpoint."""

    run: RunDirectory
    experiment: Experiment
    info: DatasetInfo
    networks: GanNetworks | VaeNetworks
    weights: PyTree
    """numpy arrays, float32; what ``bind`` takes."""
    images_seen: int
    """When the checkpoint was saved."""

    def bind(self, weights: PyTree) -> LatentModel:
        """Return the model with these weights; call it inside a compiled function, with weights it received."""
        return bind(self.experiment, self.networks, weights)

    @property
    def encodes(self) -> bool:
        """Whether the model can find the latent of an image."""
        return isinstance(self.networks, VaeNetworks)

    def fitted(self, pixels: np.ndarray) -> np.ndarray:
        """Return an image as the model takes it: cut and resized as its training data are, small ones enlarged too.

        Args:
          pixels: uint8 [h, w, c], c 1 grey, 2 grey and alpha, 3 RGB or 4 RGBA.
        """
        data, (size, _, channels) = self.experiment.data, self.networks.image_shape
        form = Form(
            size=size,
            channels=channels,  # type: ignore[arg-type]
            crop=data.crop,
            resample=data.resample,
            on_small_image="enlarge",
        )
        return fit(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels), form, "the image")

    def class_number(self, text: str, *, option: str = "--class") -> int:
        """Return the class that a user named, by its name or by its number.

        Args:
          text: what they wrote.
          option: what the words of an error call it.

        Raises:
          UserError: the model is not conditional, or has no such class.
        """
        names, count = self.info.class_names, self.networks.num_classes
        if not count:
            name = self.run.name
            raise UserError(f"{option} {text}: the model {name} was trained without classes; leave {option} out")
        if text in names:
            return names.index(text)
        same = [number for number, name in enumerate(names) if name.casefold() == text.casefold()]
        if len(same) == 1:
            return same[0]
        if text.isdecimal() and len(text) < 10 and int(text) < count:
            return int(text)
        listed = ", ".join(f"{number} {name}" for number, name in enumerate(names[:20]))
        more = f" and {count - 20} more" if count > 20 else ""
        raise UserError(f"{option} {text}: unknown; the classes are {listed}{more}")


def load_model(run: str | os.PathLike[str], *, weights: Weights = "ema", images: int | None = None) -> LoadedModel:
    """Read a model from a run.

    Args:
      run: what a user typed: a run directory, its name under ``runs/``, or one of its checkpoints.
      weights: ``ema``, the averaged weights; or ``raw``, those of the last step.
      images: the checkpoint, by the images seen; left out, the one in ``run``, else the newest sound one.

    Raises:
      UserError: no such run or checkpoint, or it was written by a version of the code that knows other fields.
    """
    from gen_jax.io.checkpoint_reading import list_checkpoints, restore_item

    found = find_run(run)
    images = found.images if images is None else images
    directory = found.checkpoints
    if not list_checkpoints(directory):
        raise UserError(f"run {found.run.path} has no checkpoint yet: train on until the first one is saved")
    tree, metadata = restore_item(directory, _ITEMS[weights], images)
    where = f"checkpoint {directory / str(metadata['images'])}"
    experiment = from_json(json.dumps(_entry(metadata, "config", where)), where=where)
    info = read_info(_entry(metadata, "info", where), where=f"info of {where}")
    networks = build_networks(experiment, info)
    if isinstance(networks, GanNetworks):
        # Nobody but the training needs the discriminator.
        tree = {name: tree[name] for name in ("gen", "buffers") if name in tree}
    return LoadedModel(
        run=found.run,
        experiment=experiment,
        info=info,
        networks=networks,
        weights=tree,
        images_seen=metadata["images"],
    )


def _entry(metadata: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    if name not in metadata:
        raise UserError(f"{where} does not say its {name}: it was not saved by `gen-jax train`; choose another run")
    return metadata[name]
