"""``gen-jax draw noise blue --size 512 --seed 3 --out noise.png``: random pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import tyro

from gen_jax.cli import options
from gen_jax.cli.draw_options import DrawOptions
from gen_jax.errors import UserError

if TYPE_CHECKING:
    from gen_jax.draw.noise import NoiseRecipe

_WORDS = "A kind of noise, such as blue or colored, and its parameters, such as slope=2."


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoiseCommand(DrawOptions):
    """Draw random pixels.

    `gen-jax draw noise --list` names the kinds and their parameters.
    """

    words: Annotated[tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="NAME|KEY=VALUE", help=_WORDS)] = ()
    rgb: bool = False
    """Red, green and blue independently; left out, grey."""
    palette: str | None = None
    """Colors such as '#112233,teal,#fff', and no others: the first for the darkest pixels, each for as many; with
    --rgb every pixel the nearest."""
    cell: int | None = None
    """Side of the squares that have one color each, in pixels; left out, 1."""


def main(words: Sequence[str], prog: str = "gen-jax draw noise") -> int:
    """Run the command; returns the exit code."""
    from gen_jax.cli import drawing
    from gen_jax.cli.draw_target import Drawing
    from gen_jax.cli.draw_words import numbered, parse_parameters, parse_size, record_of
    from gen_jax.compilation import keep_programs
    from gen_jax.draw.noise import draw_noise, from_json, to_json

    command = options.parse(NoiseCommand, options.positional_first(words, NoiseCommand), prog=prog)
    name, given = parse_parameters(command.words, "kind of noise")
    if command.list:
        print(explain(name))
        return 0
    record = record_of(command, "noise") if command.params else None
    if record:
        drawn = [from_json(data, command.params or "") for data in record.recipes]
        recipes = again(command, drawn, name, given)
    else:
        recipes = new(command, name, given)
    size = parse_size(command.size, record.size) if record else parse_size(command.size)
    keep_programs(command.compilation_cache)
    drawing_ = Drawing(
        kind="noise",
        size=size,
        recipes=recipes,
        stems=numbered(name or recipes[0].kind, [recipe.seed for recipe in recipes]),
        to_json=to_json,
        draw=lambda some: [{"": picture} for picture in draw_noise(some, size=size)],
        sheet=command.sheet or bool(record and record.sheet),
    )
    return drawing.make(drawing_, command)


def new(command: NoiseCommand, name: str | None, given: dict[str, float | str]) -> list[NoiseRecipe]:
    """Return the recipes of the seeds of a command.

    Raises:
      UserError: no kind is named, or something that is not allowed.
    """
    from gen_jax.cli.draw_words import parse_seeds
    from gen_jax.draw.noise import noise_recipe

    if name is None:
        raise UserError("no kind of noise is named: add one, such as blue; gen-jax draw noise --list shows all")
    palette, cell = (command.palette or "").split(",") if command.palette else (), command.cell or 1
    first = noise_recipe(name, rgb=command.rgb, cell=cell, parameters=given, palette=palette)
    return [dataclasses.replace(first, seed=seed) for seed in parse_seeds(command)]


def again(
    command: NoiseCommand, drawn: Sequence[NoiseRecipe], name: str | None, given: dict[str, float | str]
) -> list[NoiseRecipe]:
    """Return the recipes of a file, with what the command says otherwise.

    Raises:
      UserError: the command names another kind, or something that is not allowed.
    """
    from gen_jax.cli.draw_words import reseeded

    if name is not None:
        raise UserError(f"{name}: --params says already what is drawn; leave the name out")
    changes: dict[str, object] = {"rgb": True} if command.rgb else {}
    changes |= {"cell": command.cell} if command.cell is not None else {}
    changes |= {"palette": tuple(command.palette.split(","))} if command.palette else {}
    recipes = reseeded(drawn, command)
    return [dataclasses.replace(recipe, **changes, numbers={**recipe.numbers, **given}) for recipe in recipes]


def explain(name: str | None) -> str:
    """Return the kinds of noise, or the parameters of one.

    Raises:
      UserError: there is no such kind.
    """
    from gen_jax.cli import draw_list
    from gen_jax.draw.noise import KINDS, NAMED
    from gen_jax.registry import lookup

    if name is not None:
        stories = {kind: kind for kind in KINDS} | {other: kind for other, (kind, _) in NAMED.items()}
        spec = KINDS[lookup(stories, name, what="kind of noise")]
        return f"{name}: {spec.doc}\n" + (draw_list.parameters(spec.numbers) if spec.numbers else "  no parameters")
    rows = {kind: spec.doc for kind, spec in KINDS.items()}
    for other, (kind, numbers) in NAMED.items():
        rows[other] = " ".join([kind, *(f"{key}={value:g}" for key, value in numbers.items())])
    return draw_list.table(rows) + "\n\n`gen-jax draw noise NAME --list` shows the parameters of one."
