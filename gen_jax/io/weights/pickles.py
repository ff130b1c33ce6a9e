"""The snapshots that StyleGAN2 and R3GAN publish: their networks as arrays under the official names."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, NamedTuple

import numpy as np

from gen_jax.errors import UserError
from gen_jax.io.torch_pickle import Contents
from gen_jax.io.torch_tensors import BROKEN, Tensor, array_of
from gen_jax.io.weights.unpickle import Record, read_pickle

_MOST_MODULES = 20_000
"""Layers of one network; the largest published one has some hundreds."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The networks of a published snapshot: arrays under their official names."""

    name: str
    """What messages call the file."""
    family: str
    """``stylegan2`` or ``r3gan``."""
    generator: dict[str, np.ndarray]
    """The averaged generator, G_ema."""
    discriminator: dict[str, np.ndarray] | None
    """D, where the file has one."""
    raw_generator: dict[str, np.ndarray] | None
    """G, where the file has one."""
    init_kwargs: dict[str, Any]
    """What the generator was made with; empty where the file does not say."""
    discriminator_kwargs: dict[str, Any]
    """What the discriminator was made with."""
    attributes: dict[str, Any]
    """Numbers, texts and lists that the generator's object keeps, such as ``z_dim`` and ``img_resolution``."""
    images_seen: int | None
    """Images of the training, where the file says."""


class _Module(NamedTuple):
    state: dict[str, np.ndarray]
    attributes: dict[str, Any]
    options: dict[str, Any]
    kind: str


def read_snapshot(source: str | os.PathLike[str] | bytes, *, name: str | None = None) -> Snapshot:
    """Read a published snapshot; see ``read_pickle`` and ``snapshot_of``."""
    contents, name = read_pickle(source, name=name)
    return snapshot_of(contents, name)


def is_snapshot(contents: Contents) -> bool:
    """Tell whether these are whole networks, and not a dictionary of tensors."""
    root = contents.root
    return isinstance(root, tuple | Record) or (isinstance(root, dict) and isinstance(root.get("G_ema"), Record))


def snapshot_of(contents: Contents, name: str) -> Snapshot:
    """Return the networks of a snapshot.

    Raises:
      UserError: it is of another family, or its networks are not made as networks are.
    """
    root, elements = contents
    if isinstance(root, tuple):
        raise UserError(
            f"{name}: a TensorFlow pickle of StyleGAN; convert it with legacy.py of the repository "
            "stylegan2-ada-pytorch, and import the file that it writes"
        )
    if not isinstance(root, dict) or not isinstance(root.get("G_ema"), Record):
        raise UserError(f"{name}: has no averaged generator, G_ema; give a StyleGAN2 or R3GAN snapshot")
    try:
        averaged = _module(root["G_ema"], elements)
        raw = _module(root["G"], elements) if isinstance(root.get("G"), Record) else None
        disc = _module(root["D"], elements) if isinstance(root.get("D"), Record) else None
    except BROKEN as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"{name}: its networks are damaged ({reason}); download or copy it again") from None
    seen = root.get("cur_nimg")
    return Snapshot(
        name=name,
        family=_family(averaged, name),
        generator=averaged.state,
        discriminator=disc.state if disc else None,
        raw_generator=raw.state if raw else None,
        init_kwargs=averaged.options,
        discriminator_kwargs=disc.options if disc else {},
        attributes=averaged.attributes,
        images_seen=seen if type(seen) is int and 0 <= seen < 2**32 else None,
    )


def _family(module: _Module, name: str) -> str:
    if any(key.startswith("synthesis.input.") for key in module.state):
        raise UserError(
            f"{name}: a StyleGAN3 generator (it has synthesis.input), which gen_jax has no network for; "
            "give a StyleGAN2 or R3GAN snapshot"
        )
    if any(key.startswith("synthesis.b4.") for key in module.state):
        return "stylegan2"
    if any(key.startswith("Model.MainLayers.") for key in module.state):
        return "r3gan"
    names = ", ".join(sorted(module.state)[:3]) or "nothing"
    kind = module.kind.rpartition(".")[2][:80]
    raise UserError(f"{name}: G_ema is a {kind} with {names[:200]}; give a StyleGAN2 or R3GAN snapshot")


def _module(record: Record, elements: dict[str, np.ndarray]) -> _Module:
    """Return the tensors of a PyTorch module and of those in it, as ``state_dict`` names them."""
    found: dict[str, np.ndarray] = {}
    waiting, seen = [("", record)], 0
    while waiting:
        prefix, module = waiting.pop()
        seen += 1
        if seen > _MOST_MODULES or len(prefix) > 1000:
            raise ValueError("a network of endlessly many layers")
        fields = module.state
        for group in ("_parameters", "_buffers"):
            hidden = fields.get("_non_persistent_buffers_set") or () if group == "_buffers" else ()
            for name, tensor in fields[group].items():
                if isinstance(tensor, Tensor) and isinstance(name, str) and name not in hidden:
                    found[f"{prefix}{name}"] = array_of(tensor, elements)
                elif tensor is not None and not isinstance(tensor, Tensor):
                    raise ValueError(f"something in {prefix or 'the network'} is not a tensor")
        for name, child in fields["_modules"].items():
            if isinstance(child, Record) and isinstance(name, str):
                waiting.append((f"{prefix}{name}.", child))
            elif child is not None:
                raise ValueError(f"something in {prefix or 'the network'} is not a layer")
    own = {name: value for name, value in record.state.items() if isinstance(name, str) and not name.startswith("_")}
    options = record.state.get("_init_kwargs")
    return _Module(found, _simple(own), _simple(_entries(options)), record.kind)


def _entries(value: Any) -> dict[str, Any]:
    """Return the entries of a dictionary, or of a record of a class that is one."""
    if isinstance(value, Record):
        return {**value.items, **(value.state if isinstance(value.state, dict) else {})}
    return value if isinstance(value, dict) else {}


def _simple(values: dict[str, Any], depth: int = 3) -> dict[str, Any]:
    """Keep what JSON could hold: numbers, texts, lists of them, and dictionaries of these, a few levels deep."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if not isinstance(name, str):
            continue
        if value is None or isinstance(value, bool | int | float | str):
            kept[name] = value
        elif isinstance(value, list | tuple) and all(isinstance(entry, bool | int | float | str) for entry in value):
            kept[name] = list(value)
        elif depth and isinstance(value, dict | Record):
            kept[name] = _simple(_entries(value), depth - 1)
    return kept
