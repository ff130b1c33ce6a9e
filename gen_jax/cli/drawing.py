"""What every kind of ``gen-jax draw`` does once its words are understood: recipes in, pictures and their files out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gen_jax.cli.draw_options import DrawOptions
from gen_jax.cli.draw_target import Content, Drawing, Target, check_absent, check_size, paths_of, target_of
from gen_jax.errors import UserError
from gen_jax.io import drawings, files
from gen_jax.io.drawings import Record

_PIXELS_A_CALL = 1 << 22


def make(drawing: Drawing, command: DrawOptions) -> int:
    """Draw everything and write the files; returns the exit code.

    Raises:
      UserError: a place that cannot be written to, a file that is there already, a picture that is too large.
    """
    target = target_of(drawing, command)
    check_size(drawing, target)
    if not command.overwrite:
        check_absent(target, drawing, json=command.json)
    try:
        first = _draw(drawing, target, command)
    except OSError as error:
        if files.is_disk_full(error):
            raise
        raise UserError(f"--out {error.filename or command.out}: {error.strerror or error}") from None
    print(_story(drawing, target, first, json=command.json))
    return 0


def _draw(drawing: Drawing, target: Target, command: DrawOptions) -> Content:
    """Write everything, and return the last picture."""
    from tqdm import tqdm

    from gen_jax.data.threads import map_in_threads

    count = len(drawing.recipes)
    at_once = max(1, _PIXELS_A_CALL // (drawing.size[0] * drawing.size[1]))
    shown: list[np.ndarray] = []
    drawn: list[dict[str, Content]] = []

    def save(place_and_contents: tuple[int, Mapping[str, Content]]) -> None:
        place, contents = place_and_contents
        _save(target, target.stems[place], contents, _record(drawing, [drawing.recipes[place]]), json=command.json)

    with tqdm(total=count, unit="img", disable=None if command.progress and count > 1 else True) as bar:
        for start in range(0, count, at_once):
            drawn = drawing.draw(drawing.recipes[start : start + at_once])
            target.folder.mkdir(parents=True, exist_ok=True)
            if target.stems:
                list(map_in_threads(save, list(enumerate(drawn, start))))
            if target.sheet:
                shown += [drawings.for_sheet(np.asarray(contents[""])) for contents in drawn]
            bar.update(len(drawn))
    if target.sheet:
        record = _record(drawing, drawing.recipes, sheet=True)
        sheet = Target(target.sheet.parent, (), target.sheet.suffix.lower(), None)
        _save(sheet, target.sheet.stem, {"": drawings.contact_sheet(shown)}, record, json=command.json)
    return drawn[-1][""]


def _record(drawing: Drawing, recipes: Sequence[Any], *, sheet: bool = False) -> Record:
    return Record(
        draw=drawing.kind,
        size=drawing.size,
        outputs=() if sheet else drawing.outputs,
        sheet=sheet,
        recipes=tuple(map(drawing.to_json, recipes)),
    )


def _save(target: Target, stem: str, contents: Mapping[str, Content], record: Record, *, json: bool) -> None:
    for tail, content in contents.items():
        path = target.folder / f"{stem}{tail or target.suffix}"
        data = content if isinstance(content, bytes) else drawings.encode(content, path.suffix.lower(), record)
        files.write_bytes(path, data)
    if json:
        files.write_text(target.folder / f"{stem}.json", record.text())


def _story(drawing: Drawing, target: Target, picture: Content, *, json: bool) -> str:
    if not target.stems:
        return f"{target.sheet}: {len(drawing.recipes)} pictures"
    if target.sheet or target.stems == drawing.stems:
        first, last = f"{target.stems[0]}{target.suffix}", f"{target.stems[-1]}{target.suffix}"
        names = first if first == last else f"{first} to {last}"
        story = f"{target.folder}: {len(target.stems)} pictures, {names}"
        return f"{story}; {target.sheet.name}" if target.sheet else story
    first, *others = paths_of(target, target.stems[0], drawing.tails, json=json)
    size = "" if isinstance(picture, bytes) else f": {picture.shape[0]} high, {picture.shape[1]} wide"
    beside = f"; beside it {', '.join(path.name for path in others)}" if others else ""
    return f"{first}{size}{beside}"
