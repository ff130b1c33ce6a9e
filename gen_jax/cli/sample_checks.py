"""Which words of ``gen-jax sample`` go together, and what they come to for the model at hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from gen_jax.cli.ranges import parse_numbers
from gen_jax.errors import UserError

if TYPE_CHECKING:
    from gen_jax.cli.sample_options import SampleCommand
    from gen_jax.io.latents import SavedLatents
    from gen_jax.io.models import LoadedModel

OutputKind = Literal["sheet", "film", "npz", "folder"]
_SHEETS = (".png", ".webp", ".jpg", ".jpeg")
_MOST_ON_SHEET = 10_000


def check(command: SampleCommand) -> None:
    """Refuse what cannot be made, before anything is loaded.

    Raises:
      UserError: names the option, its value, and what is allowed.
    """
    from gen_jax.io.films import check_video

    for name in ("batch", "interpolate", "scale", "truncation_cutoff"):
        value = getattr(command, name)
        if value is not None and value < 1:
            raise UserError(f"{_flag(name)} {value}: must be 1 or more")
    for name in ("seconds", "fps"):
        value = getattr(command, name)
        if value is not None and not 0 < value < math.inf:
            raise UserError(f"--{name} {value}: must be above 0")
    if not 0 <= command.seed < 2**32:
        raise UserError(f"--seed {command.seed}: must be from 0 to 4294967295")
    if not (math.isfinite(command.temperature) and command.temperature >= 0):
        raise UserError(f"--temperature {command.temperature}: must be 0 or more; 1 is what the model learned")
    if not math.isfinite(command.strength):
        raise UserError(f"--strength {command.strength}: must be a number of standard deviations, such as 2")
    _check_together(command)
    kind = output_kind(command)
    if command.format is not None and kind != "folder":
        raise UserError(f"--format {command.format}: is for folders, and --out {command.out} is a file; leave it out")
    if command.scale is not None and kind != "film":
        raise UserError(f"--scale {command.scale}: is for films; leave it out, or give --out a .mp4, .webp or .gif")
    if kind != "folder" and (command.shard is not None or command.verify):
        option = "--verify" if command.verify else f"--shard {command.shard}"
        raise UserError(f"{option}: is for folders; give --out a folder, such as images/, or leave it out")
    if kind == "film":
        check_video(command.out or "")
    if seeds_of(command) is None and command.latents is None and not command.mixes:
        check_count(command, count_of(command))


def _check_together(command: SampleCommand) -> None:
    """Refuse options that exclude each other, or that need one that is missing."""
    excluded = {
        "interpolate": ("seconds", "mix"),
        "seconds": ("mix",),
        "seeds": ("num", "seed", "latents", "mix"),
        "latents": ("num", "seed", "temperature", "mix"),
        "mix": ("num", "seed", "save_latents"),
    }
    given = {name for name in (*excluded, "num", "save_latents", "mix") if getattr(command, name, None) is not None}
    given |= {"seed"} if command.seed else set()
    given |= {"temperature"} if command.temperature != 1.0 else set()
    given |= {"mix"} if command.mixes else set()
    shown = {"mix": "--rows and --columns"}
    for name, others in excluded.items():
        for other in others:
            if name in given and other in given:
                raise UserError(
                    f"{shown.get(other, _flag(other))} does not go with {shown.get(name, _flag(name))}: leave one out"
                )
    for name in ("interpolation", "space"):
        if getattr(command, name) is not None and not command.interpolates:
            raise UserError(f"--{name} {getattr(command, name)}: is for --interpolate or --seconds; give one of them")
    if command.mixes and (command.rows is None or command.columns is None):
        raise UserError("--rows and --columns: style mixing needs both, such as --rows 0-3 --columns 10-15")
    if command.interpolation == "spherical" and command.space == "w":
        raise UserError("--interpolation spherical: styles (--space w) lie on no sphere; use linear or smooth")
    if command.strength != 1.0 and command.direction is None:
        raise UserError(f"--strength {command.strength}: is for --direction; give it, or leave --strength out")


def check_count(command: SampleCommand, count: int) -> None:
    """Refuse a number of images that cannot be made.

    Raises:
      UserError: too few to pass through, or too many for a sheet.
    """
    option = "--seeds" if command.seeds is not None else "--latents" if command.latents is not None else "--num"
    least = 2 if command.interpolates else 1
    if count < least:
        why = "" if least == 1 else " with --interpolate, a latent to go from and one to go to"
        raise UserError(f"{option} {count}: must be {least} or more{why}")
    if output_kind(command) == "sheet" and not command.interpolates and count > _MOST_ON_SHEET:
        raise UserError(f"{option} {count}: a sheet takes {_MOST_ON_SHEET}; give --out a folder or an .npz file")


def count_of(command: SampleCommand) -> int:
    """Return the images, or latents to pass through, where they do not come out of a file."""
    seeds = seeds_of(command)
    if seeds is not None:
        return len(seeds)
    return (8 if command.interpolates else 64) if command.num is None else command.num


def seeds_of(command: SampleCommand) -> tuple[int, ...] | None:
    """Return the numbers of ``--seeds``; raises ``UserError`` where they are none."""
    return None if command.seeds is None else parse_numbers(command.seeds, option="seeds")


def steps_of(command: SampleCommand, count: int) -> int | None:
    """Return the steps from one of ``count`` latents to the next, None without an interpolation."""
    if command.seconds is not None:
        return max(1, round(command.seconds * command.fps / count))
    return command.interpolate


def output_kind(command: SampleCommand) -> OutputKind:
    """Return what ``--out`` asks for.

    Raises:
      UserError: a suffix that means nothing here.
    """
    from gen_jax.io.films import SUFFIXES

    if command.out is None:
        return "sheet"
    suffix = Path(command.out).suffix.lower()
    if command.out.endswith(("/", "\\")) or not suffix or Path(command.out).expanduser().is_dir():
        kind: OutputKind = "folder"
    elif suffix == ".npz":
        kind = "npz"
    elif command.interpolates and suffix in SUFFIXES:
        kind = "film"
    elif suffix in _SHEETS:
        kind = "sheet"
    else:
        hint = f" ({suffix} is for --interpolate or --seconds)" if suffix in SUFFIXES else ""
        raise UserError(
            f"--out {command.out}: suffix {suffix} is unknown here{hint}; "
            "give .png, .webp or .jpg for a picture, .npz for an array, or a folder for one file an image"
        )
    if command.mixes and kind != "sheet":
        raise UserError(f"--out {command.out}: style mixing makes one picture; give .png, .webp or .jpg")
    return kind


def check_model(command: SampleCommand, model: LoadedModel, saved: SavedLatents | None) -> None:
    """Refuse options that this model, or these latents, have no use for.

    Raises:
      UserError: names the option, its value, and what is allowed.
    """
    from gen_jax.latent.styles import has_styles

    kind, psi = model.experiment.model.kind, command.truncation
    if not has_styles(model.networks):
        for name in ("rows", "truncation_cutoff"):
            if getattr(command, name) is not None:
                raise UserError(
                    f"{_flag(name)} {getattr(command, name)}: {kind} has no styles; that is for models that map their "
                    "latents to styles, such as stylegan2"
                )
        if command.space == "w":
            raise UserError(f"--space w: {kind} has no styles; use --space z, or leave it out")
        if psi is not None and not 0 < psi < math.inf:
            raise UserError(f"--truncation {psi}: must be above 0; leave it out for the whole Gaussian")
    else:
        if command.temperature != 1.0:
            raise UserError(
                f"--temperature {command.temperature}: has no effect, {kind} normalises its latents; use --truncation"
            )
        if psi is not None and not -1 <= psi <= 2:
            raise UserError(f"--truncation {psi}: must be from -1 to 2; 1 changes nothing, 0 is the mean image")
        if command.truncation_cutoff is not None and psi is None:
            raise UserError(f"--truncation-cutoff {command.truncation_cutoff}: give --truncation too")
    if saved is not None and psi is not None and (saved.w is not None or not has_styles(model.networks)):
        raise UserError(f"--truncation {psi}: the latents of --latents {command.latents} are final; leave it out")


def latents_for(command: SampleCommand, model: LoadedModel) -> SavedLatents | None:
    """Read ``--latents`` and compare its shapes with what the model takes.

    Raises:
      UserError: the file is none, or holds latents of another model.
    """
    if command.latents is None:
        return None
    from gen_jax.io.latents import read_latents
    from gen_jax.latent.styles import has_styles

    saved = read_latents(Path(command.latents).expanduser())
    networks = model.networks
    wanted: dict[str, tuple[int, ...]] = {"z": (networks.latent_size,)}
    if has_styles(networks):
        wanted["w"] = (networks.num_styles, networks.style_size)  # type: ignore[attr-defined]
    for name in ("z", "w"):
        array = getattr(saved, name)
        if array is not None and array.shape[1:] != wanted.get(name):
            takes = " or ".join(f"{key} [n, {', '.join(map(str, shape))}]" for key, shape in wanted.items())
            raise UserError(
                f"--latents {command.latents}: holds {name} {list(array.shape)}, and the model of {model.run.path} "
                f"takes {takes}; use the run that they were saved from"
            )
    if command.interpolates and command.space == "z" and saved.z is None:
        raise UserError(f"--space z: --latents {command.latents} holds w alone; use --space w")
    if saved.labels is not None and not networks.num_classes:
        raise UserError(f"--latents {command.latents}: holds labels, and the model was trained without classes")
    if saved.labels is not None and not (saved.labels.min() >= 0 and saved.labels.max() < networks.num_classes):
        raise UserError(
            f"--latents {command.latents}: holds labels outside 0 to {networks.num_classes - 1}, the model's classes"
        )
    if saved.labels is not None and command.class_ is not None:
        raise UserError(f"--class {command.class_}: --latents {command.latents} holds classes; leave it out")
    return saved


def shift_for(command: SampleCommand, model: LoadedModel) -> np.ndarray | None:
    """Read ``--direction FILE:K`` and return what it adds to what the synthesis starts from.

    Raises:
      UserError: there is no such direction, or it is of another model.
    """
    if command.direction is None:
        return None
    from gen_jax.io.latents import read_directions
    from gen_jax.latent.styles import has_styles

    file, colon, number = command.direction.rpartition(":")
    if not colon or not number.isdecimal():
        file, number = command.direction, "0"
    directions = read_directions(Path(file).expanduser())
    networks = model.networks
    styled = has_styles(networks)
    size = networks.style_size if styled else networks.latent_size  # type: ignore[attr-defined]
    if (directions.space, directions.vectors.shape[1]) != ("w" if styled else "z", size):
        raise UserError(
            f"--direction {file}: holds directions of {directions.space} of length {directions.vectors.shape[1]}, and "
            f"the model of {model.run.path} has {'w' if styled else 'z'} of length {size}; find them for this run"
        )
    if int(number) >= len(directions.vectors):
        raise UserError(
            f"--direction {command.direction}: there is no direction {number}; the file holds 0 to "
            f"{len(directions.vectors) - 1}"
        )
    styles = networks.num_styles if styled else None  # type: ignore[attr-defined]
    return directions.shift(int(number), command.strength, num_styles=styles)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
