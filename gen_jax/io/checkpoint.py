"""Checkpoints that survive: written beside the training, sealed, verified before use, and passed over when damaged."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jax

from gen_jax.errors import RunError, UserError
from gen_jax.io import files, manifest
from gen_jax.io.checkpoint_reading import (
    check_template,
    damage_of_items,
    describe_items,
    from_first_process,
    list_checkpoints,
    outcomes_everywhere,
    read_item,
    read_record,
)
from gen_jax.io.checkpoint_reading import restore_item as restore_item
from gen_jax.io.hiccups import is_hiccup, retrying
from gen_jax.io.orbax_quiet import orbax
from gen_jax.types import PyTree

_log = logging.getLogger(__name__)

_SOUND, _SPOILED, _FAILED = 0, 1, 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Restored:
    """What ``Checkpoints.restore_latest`` found."""

    images: int
    """Images seen when it was saved."""
    items: dict[str, PyTree]
    metadata: dict[str, Any]
    """What the caller of ``save`` gave, and ``images``."""
    passed_over: list[tuple[int, str]]
    """Newer checkpoints that were damaged, and what was wrong with each."""


class Checkpoints:
    """The checkpoints of one run, one folder a checkpoint: ``checkpoints/12800/`` was saved after 12,800 images.

    Every process of the run makes the same calls. Leaving the ``with`` block waits for what is being written.

    A checkpoint is complete when its manifest, the last file written, is in a folder of its final name.
    The store (orbax) notices damage to its index but not to the numbers themselves, so a manifest of
    checksums is verified before anything is read, and fingerprints of the arrays after.
    """

    def __init__(self, directory: str | Path, *, keep_last: int, keep_every: int | None = None) -> None:
        """Open ``directory``, make it where it is missing, and remove what an interrupted write left.

        Args:
          directory: of this run alone.
          keep_last: how many of the newest to keep, at least 1.
          keep_every: keep, too, each one whose count of images is a multiple of this; 0 or None keeps none.
        """
        if keep_last < 1:
            raise UserError(f"keep_last is {keep_last}: at least 1 checkpoint must be kept")
        if keep_every is not None and keep_every < 0:
            raise UserError(f"keep_every is {keep_every}: give a count of images, or 0 for none")
        self.directory = Path(directory).absolute()
        self._keep_last = keep_last
        self._keep_every = keep_every
        self._manager = None
        self._writing: int | None = None
        self._not_begun: Exception | None = None
        self._failed = False
        from_first_process(self._tidy)

    def __enter__(self) -> Checkpoints:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.close()
        except Exception:
            if kind is None:
                raise
            _log.debug("closing the checkpoints failed after an earlier error", exc_info=True)

    def save(self, images: int, items: Mapping[str, PyTree], metadata: Mapping[str, Any]) -> None:
        """Begin to write a checkpoint; return when the arrays are copied, so that they may be donated.

        A checkpoint of the same images and content is left as it is; one of other content is replaced, and
        goes only when the new one is complete. Errors of the previous write surface here, unless they may pass:
        then a warning says which checkpoint is missing, and this one is written.

        Args:
          images: images seen.
          items: the parts that can be read one by one, such as ``params`` and ``ema``; pytrees of arrays.
          metadata: anything that JSON can hold.

        Raises:
          RunError: the disk is full.
        """
        self.wait()
        record = {"images": images, "metadata": dict(metadata), "items": describe_items(items)}
        if from_first_process(lambda: self._make_room(images, record)) == "same":
            return
        ocp = orbax()
        arguments = {name: ocp.args.StandardSave(tree) for name, tree in items.items() if jax.tree.leaves(tree)}
        composite = ocp.args.Composite(**arguments, metadata=ocp.args.JsonSave(record))
        with self._explained():
            self._writing = images
            try:
                manager = self._open_manager()
                manager.reload()
                if not manager.save(images, args=composite, force=True):
                    raise RunError(f"the checkpoint of {images} images was not written to {self.directory}")
            except Exception as error:
                if not is_hiccup(error):
                    raise
                self._not_begun = error

    def wait(self) -> bool:
        """Wait until the checkpoint being written is complete; processes agree on what it has come to.

        Returns:
          False where the storage failed in a way that may pass: there is no such checkpoint, a warning says so, and
          it may be saved again.

        Raises:
          RunError: the disk is full.
        """
        if self._writing is None or self._failed:
            return True
        error, self._not_begun = self._not_begun, None
        with self._explained():
            try:
                if error is None and self._manager is not None:
                    self._manager.wait_until_finished()
            except Exception as failure:
                error = failure
            outcomes = outcomes_everywhere(_SOUND if error is None else _SPOILED if is_hiccup(error) else _FAILED)
            if _SPOILED in outcomes:
                self._give_up(error)
                return False
            if error is not None:
                raise error
            if _FAILED in outcomes:
                raise RunError(f"another process could not write the checkpoint of {self._writing} images")
        self._writing = None
        from_first_process(self._remove_replaced)
        return True

    def _give_up(self, error: Exception | None) -> None:
        """Forget the checkpoint that the storage has spoiled, and begin afresh with the next."""
        _log.warning(
            "the checkpoint of %d images could not be written to %s (%s): going on without it",
            self._writing,
            self.directory,
            str(error).partition("\n")[0][:200] if error else "another process could not",
        )
        manager, self._manager, self._writing = self._manager, None, None
        with contextlib.suppress(Exception):  # it raises what it has raised before
            if manager is not None:
                manager.close()
        from_first_process(self._tidy)

    def close(self) -> None:
        """Wait, then stop the threads that write; raises as ``wait`` does."""
        try:
            self.wait()
        finally:
            manager, self._manager = self._manager, None
            if manager is not None:
                # After a failed write the manager raises the same error again; it has been reported.
                with contextlib.suppress(Exception) if self._failed else contextlib.nullcontext():
                    manager.close()
                if self._failed and jax.process_index() == 0:
                    self._remove_unfinished()

    def restore_latest(
        self, template: Mapping[str, PyTree], *, shardings: Mapping[str, PyTree] | jax.sharding.Sharding | None = None
    ) -> Restored | None:
        """Read the newest sound checkpoint; a damaged one is reported, renamed to ``damaged-IMAGES``, and passed over.

        Args:
          template: the items to read, as arrays or ``jax.ShapeDtypeStruct``, laid out as their ``sharding`` says.
            The devices and processes need not be those that wrote the checkpoint.
          shardings: layouts to use instead, one for all or one a leaf.

        Returns:
          None where there is no sound checkpoint.

        Raises:
          UserError: the checkpoint is sound but holds other arrays than the template.
        """
        self.wait()
        passed_over: list[tuple[int, str]] = []
        for images in reversed(json.loads(from_first_process(lambda: json.dumps(list_checkpoints(self.directory))))):
            folder = self.directory / str(images)
            reason = from_first_process(
                lambda folder=folder: retrying(lambda: manifest.problem(folder), what=f"reading {folder}")
            )
            if not reason:
                record = read_record(folder)
                check_template(template, record, folder)
                items = {name: read_item(folder, name, tree, shardings) for name, tree in template.items()}
                reason = damage_of_items(items, record)
                if not reason:
                    metadata = {**record["metadata"], "images": images}
                    return Restored(images=images, items=items, metadata=metadata, passed_over=passed_over)
            self._set_aside(images, reason)
            passed_over.append((images, reason))
        return None

    def _set_aside(self, images: int, reason: str) -> None:
        if jax.process_index() == 0:
            target = self.directory / f"damaged-{images}"
            _log.warning("checkpoint %s is damaged (%s): passed over, moved to %s", images, reason, target.name)
        from_first_process(lambda: _rename(self.directory / str(images), f"damaged-{images}"))

    def _open_manager(self) -> Any:
        if self._manager is None:
            ocp = orbax()
            policies = [ocp.checkpoint_managers.LatestN(self._keep_last)]
            if self._keep_every:
                policies.append(ocp.checkpoint_managers.EveryNSteps(self._keep_every))
            options = ocp.CheckpointManagerOptions(
                preservation_policy=ocp.checkpoint_managers.AnyPreservationPolicy(policies),
                async_options=ocp.options.AsyncOptions(post_finalization_callback=self._seal),
                # Two folders of one run may be written at a time; their processes must not wait at one barrier.
                multiprocessing_options=ocp.options.MultiprocessingOptions(barrier_sync_key_prefix=self.directory.name),
                save_root_metadata=False,
                lightweight_initialize=True,
            )
            self._manager = ocp.CheckpointManager(self.directory, options=options)
        return self._manager

    def _seal(self) -> None:
        # Called by the thread that writes, when all files are there and before the folder gets its final name.
        if jax.process_index() == 0:
            for folder in self.directory.glob(f"{self._writing}{orbax().utils.TMP_DIR_SUFFIX}*"):
                retrying(lambda folder=folder: manifest.write_manifest(folder), what=f"sealing {folder}")

    def _make_room(self, images: int, record: dict[str, Any]) -> str:
        folder = self.directory / str(images)
        if not folder.exists():
            return ""
        if not manifest.problem(folder) and read_record(folder) == json.loads(json.dumps(record)):
            return "same"
        _rename(folder, f"replaced-{images}")
        return ""

    def _remove_replaced(self) -> str:
        for old in self.directory.glob("replaced-*"):
            if (self.directory / old.name.removeprefix("replaced-")).exists():
                shutil.rmtree(old, ignore_errors=True)
        return ""

    def _remove_unfinished(self) -> None:
        for folder in self.directory.glob(f"*{orbax().utils.TMP_DIR_SUFFIX}*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _tidy(self) -> str:
        return retrying(self._tidy_once, what=f"tidying {self.directory}")

    def _tidy_once(self) -> str:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._remove_unfinished()
        self._remove_replaced()
        for old in self.directory.glob("replaced-*"):  # the new one was never finished: the old one is back
            old.rename(self.directory / old.name.removeprefix("replaced-").partition(".")[0])
        return ""

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._failed = True
            if not files.is_disk_full(error):
                raise
            complete = [images for images in list_checkpoints(self.directory) if images != self._writing]
            last = f"the last complete checkpoint is {complete[-1]}" if complete else "there is no complete checkpoint"
            raise RunError(
                f"no space left for a checkpoint at {self.directory}: free some space or point --run-dir elsewhere, "
                f"then run the same command again; {last}"
            ) from error


def _rename(folder: Path, name: str) -> str:
    target, count = folder.with_name(name), 1
    while target.exists():
        count += 1
        target = folder.with_name(f"{name}.{count}")
    folder.rename(target)
    return ""
