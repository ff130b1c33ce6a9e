"""Read and verify single checkpoints; ``checkpoint.py`` writes them and chooses among those of a run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from gen_jax.errors import UserError
from gen_jax.io import manifest
from gen_jax.io.fingerprint import describe, fingerprint, named_leaves
from gen_jax.io.orbax_quiet import orbax
from gen_jax.types import PyTree

_log = logging.getLogger(__name__)
_Shardings = Mapping[str, PyTree] | jax.sharding.Sharding | None


def list_checkpoints(directory: str | Path) -> list[int]:
    """Return the images seen of the checkpoints in ``directory``, oldest first; none where there is no such folder."""
    directory = Path(directory)
    if not directory.is_dir():
        return []
    return sorted(int(entry.name) for entry in directory.iterdir() if entry.name.isdecimal() and entry.is_dir())


def restore_item(directory: str | Path, name: str, images: int | None = None) -> tuple[PyTree, dict[str, Any]]:
    """Read one item, such as ``ema``, as numpy arrays, whatever devices wrote it; nothing else is read or changed.

    Args:
      directory: a folder of checkpoints, or one checkpoint in it (``checkpoints/12800``).
      name: of the item.
      images: which checkpoint; left out, the newest sound one.

    Returns:
      The tree, where tuples have become lists and structs dictionaries, and the metadata with ``images``.

    Raises:
      UserError: no such folder, checkpoint or item, or the one asked for is damaged.
    """
    directory = Path(directory).absolute()
    if images is None and directory.name.isdecimal() and not list_checkpoints(directory):
        directory, images = directory.parent, int(directory.name)
    known = list_checkpoints(directory)
    if not known or (images is not None and images not in known):
        wanted = "checkpoint" if images is None else f"checkpoint {images}"
        raise UserError(f"no {wanted} in {directory}: it holds {', '.join(map(str, known)) or 'none'}")
    for candidate in reversed(known) if images is None else [images]:
        folder = directory / str(candidate)
        reason = manifest.problem(folder)
        if not reason:
            record = read_record(folder)
            if name not in record["items"]:
                raise UserError(f"{folder} has no item {name!r}: it has {', '.join(sorted(record['items']))}")
            tree = read_item(folder, name) if record["items"][name] else {}
            reason = damage_of_items({name: tree}, record)
            if not reason:
                return tree, {**record["metadata"], "images": candidate}
        if images is not None:
            raise UserError(f"checkpoint {folder} is damaged ({reason}): choose another of {known}")
        _log.warning("checkpoint %s is damaged (%s): passed over", folder, reason)
    raise UserError(f"every checkpoint in {directory} is damaged ({', '.join(map(str, known))})")


def describe_items(items: Mapping[str, PyTree]) -> dict[str, dict[str, list[str]]]:
    """Return ``{item: {path: [kind, fingerprint]}}``; a collective where arrays are spread over processes."""
    described = {}
    for name, tree in items.items():
        prints = fingerprint(tree)
        described[name] = {path: [describe(leaf), prints[path]] for path, leaf in named_leaves(tree).items()}
    return described


def read_record(folder: Path) -> dict[str, Any]:
    """Return what ``save`` wrote about a sound checkpoint: ``images``, ``metadata`` and ``items``."""
    ocp = orbax()
    return ocp.JsonCheckpointHandler().restore(folder / "metadata", args=ocp.args.JsonRestore())


def read_item(folder: Path, name: str, template: PyTree = None, shardings: _Shardings = None) -> PyTree:
    """Read one item of a sound checkpoint: laid out as the template, or as numpy arrays without one."""
    if template is None:
        return _read_as_numpy(folder / name)
    if not jax.tree.leaves(template):
        return template
    if isinstance(shardings, Mapping):
        target = jax.tree.map(_target, template, shardings[name])
    else:
        target = jax.tree.map(lambda leaf: _target(leaf, shardings), template)
    ocp = orbax()
    return ocp.StandardCheckpointHandler().restore(folder / name, args=ocp.args.StandardRestore(target))


def damage_of_items(items: Mapping[str, PyTree], record: Mapping[str, Any]) -> str:
    """Return which array differs from the one that was saved, in one line; empty when none does."""
    for name, tree in items.items():
        saved = {path: print_ for path, (_, print_) in record["items"][name].items()}
        found = fingerprint(tree)
        for path in sorted(saved.keys() | found.keys()):
            if saved.get(path) != found.get(path):
                return f"{name}/{path} is not the array that was saved"
    return ""


def check_template(template: Mapping[str, PyTree], record: Mapping[str, Any], folder: Path) -> None:
    """Compare paths, shapes and dtypes of a template with a checkpoint before anything is read.

    Raises:
      UserError: naming the first leaf that differs, and how many do.
    """
    differences = []
    for name, tree in template.items():
        if name not in record["items"]:
            raise UserError(f"checkpoint {folder} has no item {name!r}: it has {', '.join(sorted(record['items']))}")
        saved = {path: kind for path, (kind, _) in record["items"][name].items()}
        wanted = {path: describe(leaf) for path, leaf in named_leaves(tree).items()}
        for path in sorted(saved.keys() | wanted.keys()):
            there, here = saved.get(path, "absent"), wanted.get(path, "absent")
            if there != here:
                differences.append(f"{name}/{path} is {there} there and {here} here")
    if differences:
        others = f" (and {len(differences) - 1} more differ)" if len(differences) > 1 else ""
        raise UserError(
            f"checkpoint {folder} does not fit this model: {differences[0]}{others}; "
            "use the configuration that it was trained with, or another --run-dir"
        )


def from_first_process(function: Callable[[], str]) -> str:
    """Return what ``function`` returns on process 0, on every process; the others do not call it."""
    if jax.process_count() == 1:
        return function()
    from jax.experimental import multihost_utils

    data = np.frombuffer(function().encode() if jax.process_index() == 0 else b"", np.uint8)
    size = int(multihost_utils.broadcast_one_to_all(np.int32(data.size)))
    buffer = np.zeros(size, np.uint8)
    buffer[: data.size] = data
    return bytes(np.asarray(multihost_utils.broadcast_one_to_all(buffer), np.uint8)).decode()


def outcomes_everywhere(outcome: int) -> set[int]:
    """Return what has come of something on each process; every process calls it, with its own outcome."""
    if jax.process_count() == 1:
        return {outcome}
    from jax.experimental import multihost_utils

    return set(np.asarray(multihost_utils.process_allgather(np.int32(outcome))).ravel().tolist())


def _target(leaf: Any, sharding: jax.sharding.Sharding | None) -> Any:
    if isinstance(leaf, np.ndarray | np.generic | bool | int | float) and sharding is None:
        return np.asarray(leaf) if isinstance(leaf, np.generic) else leaf
    leaf = leaf if hasattr(leaf, "dtype") else np.asarray(leaf)
    sharding = sharding or getattr(leaf, "sharding", None)
    if sharding is None:
        sharding = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding)


def _read_as_numpy(folder: Path) -> PyTree:
    ocp = orbax()
    handler = ocp.PyTreeCheckpointHandler()
    saved = handler.metadata(folder).tree
    arguments = jax.tree.map(lambda _: ocp.RestoreArgs(restore_type=np.ndarray), saved)
    return handler.restore(folder, args=ocp.args.PyTreeRestore(restore_args=arguments))
