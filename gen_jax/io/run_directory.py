"""The folder of one run: where each file lies, who may train in it, and how to find it from what a user typed."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gen_jax.errors import UserError
from gen_jax.io import files

if TYPE_CHECKING:
    from gen_jax.types import DatasetInfo

_log = logging.getLogger(__name__)
_DIGITS = 12
_KINDS = ("checkpoints", "best")


@dataclasses.dataclass(frozen=True)
class RunDirectory:
    """The paths of one run; making one touches nothing on the disk."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.absolute().name

    @property
    def config(self) -> Path:
        """The experiment as JSON; a folder that has it is a run."""
        return self.path / "config.json"

    @property
    def data(self) -> Path:
        """What the model must know of its data: ``DatasetInfo`` as JSON."""
        return self.path / "data.json"

    @property
    def environment(self) -> Path:
        """Where the run took place (device, versions), as flat JSON; may be missing."""
        return self.path / "environment.json"

    @property
    def metrics(self) -> Path:
        """One JSON object a line."""
        return self.path / "metrics.jsonl"

    @property
    def samples(self) -> Path:
        """Grids of samples and reconstructions."""
        return self.path / "samples"

    @property
    def checkpoints(self) -> Path:
        """One folder a checkpoint, named by the images seen."""
        return self.path / "checkpoints"

    @property
    def best(self) -> Path:
        """The checkpoint that measured best, a folder as in ``checkpoints``; only where the training evaluates."""
        return self.path / "best"

    @property
    def evaluations(self) -> Path:
        """What was measured of the run: one JSON file an evaluation, and sheets of closest images."""
        return self.path / "evaluations"

    @property
    def tensorboard(self) -> Path:
        """Event files."""
        return self.path / "tb"

    @property
    def mlflow(self) -> Path:
        """Which MLflow run this is, and what has arrived there; may be missing."""
        return self.path / "mlflow.json"

    @property
    def report(self) -> Path:
        """What ``gen-jax report`` writes."""
        return self.path / "report.html"

    def create(self) -> None:
        """Make the folder and those inside it.

        Raises:
          UserError: a file is in the way, or the folder may not be written.
        """
        try:
            for folder in (self.path, self.samples, self.checkpoints):
                folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise UserError(f"run directory {self.path}: a file is in the way; choose another --run-dir") from error
        except PermissionError as error:
            raise UserError(
                f"run directory {self.path} may not be written ({error.strerror}); choose another --run-dir"
            ) from error

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep every other training on this machine out of the folder; process 0 of a run calls it.

        The system releases the lock when the process ends, however it ends.

        Raises:
          UserError: another process trains here.
        """
        try:
            import fcntl
        except ImportError:  # not a POSIX system
            yield
            return
        with open(self.path / ".lock", "a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                owner = file.read().strip() or "unknown"
                raise UserError(
                    f"run directory {self.path} is in use by another training (process {owner}): "
                    "wait for it or stop it, or choose another --run-dir"
                ) from None
            except OSError as error:
                _log.warning("run directory %s cannot be locked (%s): train in it once at a time", self.path, error)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def write_config(self, config: dict[str, Any]) -> None:
        """Write ``config.json``."""
        files.write_json(self.config, config)

    def read_config(self) -> dict[str, Any]:
        """Read ``config.json``; raises ``UserError`` where it is missing or broken."""
        return _read_json(self.config)

    def write_data(self, info: DatasetInfo) -> None:
        """Write ``data.json``."""
        files.write_json(self.data, dataclasses.asdict(info))

    def read_data(self) -> DatasetInfo:
        """Read ``data.json``; raises ``UserError`` where it is missing or broken."""
        return read_info(_read_json(self.data), where=str(self.data))

    def sample_path(self, images: int, name: str = "samples", suffix: str = ".png") -> Path:
        """Return where the grid ``name`` at ``images`` belongs: ``samples/samples-000000012800.png``."""
        return self.samples / f"{name}-{images:0{_DIGITS}d}{suffix}"

    def sample_paths(self) -> dict[str, dict[int, Path]]:
        """Return the grids there are: by name, then by images seen, earliest first."""
        found: dict[str, dict[int, Path]] = {}
        for path in sorted(self.samples.glob("*-*.png")) if self.samples.is_dir() else []:
            name, _, images = path.stem.rpartition("-")
            if images.isdecimal():
                found.setdefault(name, {})[int(images)] = path
        return {name: dict(sorted(grids.items())) for name, grids in found.items()}


def read_info(fields: dict[str, Any], *, where: str) -> DatasetInfo:
    """Return the description of a data set out of JSON; raises ``UserError`` where it is none."""
    from gen_jax.types import DatasetInfo

    try:
        height, width, channels = fields["image_shape"]
        return DatasetInfo(
            image_shape=(height, width, channels),
            num_images=fields["num_images"],
            class_names=tuple(fields["class_names"]),
            source=fields["source"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{where} describes no data set ({error!r}): restore it, or train anew") from error


class FoundRun(NamedTuple):
    """What a user pointed at."""

    run: RunDirectory
    images: int | None
    """The checkpoint, where they named one."""
    folder: str = "checkpoints"
    """``best`` where they named that."""

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints they mean."""
        return self.run.path / self.folder


def find_run(text: str | os.PathLike[str], *, root: str | os.PathLike[str] = "runs") -> FoundRun:
    """Find the run that a user typed: its folder, its name under ``runs/``, its ``checkpoints`` or its ``best``.

    One checkpoint in those two is found as well.

    Raises:
      UserError: there is none; the message lists the runs nearby, likeliest first.
    """
    typed = Path(text).expanduser()
    for path in (typed, Path(root) / typed):
        folder, images, kind = _run_of(path.absolute())
        if path.is_dir() and RunDirectory(folder).config.is_file():
            return FoundRun(RunDirectory(path if folder == path.absolute() else folder), images, kind)
    what = "has no config.json, so it is not a run" if typed.exists() else "does not exist"
    raise UserError(f"run {str(text)!r} {what}: {_nearby(typed, Path(root))}")


def _run_of(path: Path) -> tuple[Path, int | None, str]:
    """Return the run, the checkpoint and the folder of checkpoints that a path means."""
    if path.name in _KINDS:
        return path.parent, None, path.name
    if path.parent.name in _KINDS and path.name.isdecimal():
        return path.parent.parent, int(path.name), path.parent.name
    return path, None, _KINDS[0]


def _nearby(typed: Path, root: Path) -> str:
    folders = dict.fromkeys([typed, typed.parent, root])
    runs = {
        path.parent.name: path.parent for folder in folders if folder.is_dir() for path in folder.glob("*/config.json")
    }
    if not runs:
        return f"there are no runs in {typed.parent} or {root}; train one with `gen-jax train CONFIG`"
    near = difflib.get_close_matches(typed.name, runs, n=3, cutoff=0.4)
    newest = sorted(runs, key=lambda name: runs[name].stat().st_mtime, reverse=True)
    names = list(dict.fromkeys([*near, *newest]))[:8]
    more = f" and {len(runs) - len(names)} more" if len(runs) > len(names) else ""
    return f"there are {', '.join(str(runs[name]) for name in names)}{more}"


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path} is missing: {path.parent} is not a run, or its training never began") from None
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON ({error}): restore it, or train anew") from error
    if not isinstance(value, dict):
        raise UserError(f"{path} holds {type(value).__name__} and should hold an object: restore it, or train anew")
    return value
