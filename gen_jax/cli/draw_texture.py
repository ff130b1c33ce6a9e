"""``gen-jax draw texture oak --size 1024 --tile --normal-map --out oak.png``: textures by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import tyro

from gen_jax.cli import options
from gen_jax.cli.draw_options import DrawOptions
from gen_jax.errors import UserError

if TYPE_CHECKING:
    from gen_jax.cli.draw_target import Content
    from gen_jax.draw.texture.recipe import TextureRecipe

_WORDS = "A texture, such as oak or brick, and its parameters, such as scale=4."
TAILS = {
    "normal": "_normal.png",
    "normal_directx": "_normal_directx.png",
    "height16": "_height.png",
    "mask": "_mask.png",
}
"""Output -> how its file ends."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TextureCommand(DrawOptions):
    """Draw textures.

    `gen-jax draw texture --list` names them all, and `gen-jax draw texture oak --list` shows the parameters of one.
    """

    words: Annotated[tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="NAME|KEY=VALUE", help=_WORDS)] = ()
    tile: bool = False
    """Make the picture continue at its own opposite edges."""
    normal_map: bool = False
    """Write NAME_normal.png too: slopes for a renderer, y up (OpenGL)."""
    normal_map_directx: bool = False
    """Write NAME_normal_directx.png too: the same with y down (DirectX)."""
    height_map: bool = False
    """Write NAME_height.png too: 16 bits, white stands out."""
    mask: bool = False
    """Write NAME_mask.png too: white on the thing itself (bricks, dots), black between."""
    colors: str | None = None
    """From low to high: '#332211,#aa8855', at equal distances, or '0:#332211,0.3:teal,1:#fff'."""
    vary: float | None = None
    """How much a seed changes parameters and colors that are not given; 0: nothing. Left out, 1."""


def main(words: Sequence[str], prog: str = "gen-jax draw texture") -> int:
    """Run the command; returns the exit code."""
    from gen_jax.cli import drawing
    from gen_jax.cli.draw_target import Drawing
    from gen_jax.cli.draw_words import numbered, parse_parameters, parse_size, record_of
    from gen_jax.compilation import keep_programs
    from gen_jax.draw.texture.recipe import from_json, to_json

    command = options.parse(TextureCommand, options.positional_first(words, TextureCommand), prog=prog)
    name, given = parse_parameters(command.words, "texture")
    if command.list:
        print(explain(name))
        return 0
    record = record_of(command, "texture") if command.params else None
    if record:
        drawn = [from_json(data, command.params or "") for data in record.recipes]
        recipes = again(command, drawn, name, given)
    else:
        recipes = new(command, name, given)
    size = parse_size(command.size, record.size) if record else parse_size(command.size)
    wanted = {
        "normal": command.normal_map,
        "normal_directx": command.normal_map_directx,
        "height16": command.height_map,
        "mask": command.mask,
    }
    outputs = tuple(key for key in TAILS if wanted[key] or (record is not None and key in record.outputs))
    keep_programs(command.compilation_cache)
    stem = name or recipes[0].preset or recipes[0].texture
    drawing_ = Drawing(
        kind="texture",
        size=size,
        recipes=recipes,
        stems=numbered(stem, [recipe.seed for recipe in recipes]),
        to_json=to_json,
        draw=lambda some: draw(some, size, outputs),
        outputs=outputs,
        tails=tuple(TAILS[key] for key in outputs),
        sheet=command.sheet or bool(record and record.sheet),
    )
    return drawing.make(drawing_, command)


def draw(recipes: Sequence[TextureRecipe], size: tuple[int, int], outputs: Sequence[str]) -> list[dict[str, Content]]:
    """Return the pictures, and what else is asked for, by how the file ends."""
    from gen_jax.draw.texture.render import draw_textures

    drawn = draw_textures(recipes, size=size, outputs=("color", *outputs))
    tails = {"color": "", **TAILS}
    return [{tails[output]: images[place] for output, images in drawn.items()} for place in range(len(recipes))]


def new(command: TextureCommand, name: str | None, given: dict[str, float | str]) -> list[TextureRecipe]:
    """Return the recipes of the seeds of a command.

    Raises:
      UserError: no texture is named, or something that is not allowed.
    """
    from gen_jax.cli.draw_words import parse_seeds
    from gen_jax.draw.texture.recipe import texture_recipe

    if name is None:
        raise UserError("no texture is named: add one, such as oak; gen-jax draw texture --list shows all")
    colors = parse_colors(command.colors) if command.colors else None
    vary = 1.0 if command.vary is None else command.vary
    return [
        texture_recipe(name, seed=seed, tile=command.tile, parameters=given, colors=colors, vary=vary)
        for seed in parse_seeds(command)
    ]


def again(
    command: TextureCommand, drawn: Sequence[TextureRecipe], name: str | None, given: dict[str, float | str]
) -> list[TextureRecipe]:
    """Return the recipes of a file, with what the command says otherwise.

    Raises:
      UserError: the command names another texture, or something that is not allowed.
    """
    from gen_jax.cli.draw_words import reseeded

    if name is not None:
        raise UserError(f"{name}: --params says already what is drawn; leave the name out")
    if command.vary is not None:
        raise UserError(f"--vary {command.vary:g}: --params says every parameter; leave one out")
    changes: dict[str, object] = {"tile": True} if command.tile else {}
    changes |= {"colors": parse_colors(command.colors)} if command.colors else {}
    recipes = []
    for recipe in reseeded(drawn, command):
        choices = {key: str(value) for key, value in given.items() if key in recipe.choices}
        numbers = {key: value for key, value in given.items() if key not in recipe.choices}
        changes |= {"numbers": {**recipe.numbers, **numbers}, "choices": {**recipe.choices, **choices}}
        recipes.append(dataclasses.replace(recipe, **changes))
    return recipes


def parse_colors(text: str) -> tuple[tuple[float, str], ...]:
    """Return the stops of ``#332211,#aa8855`` or ``0:#332211,0.3:teal,1:#fff``.

    Raises:
      UserError: some have positions and some have none, or a position is no number.
    """
    from gen_jax.draw.texture.colormap import check

    parts = [part.strip().rpartition(":") for part in text.split(",")]
    if not any(position for position, _, _ in parts):
        last = max(1, len(parts) - 1)
        return check([(place / last, color) for place, (_, _, color) in enumerate(parts)], where="--colors")
    try:
        return check([(float(position), color) for position, _, color in parts], where="--colors")
    except ValueError as error:
        if isinstance(error, UserError):
            raise
        raise UserError(
            f"--colors {text}: every color needs a position from 0 to 1, as in 0:#332211,1:#fff, or none of them"
        ) from None


def explain(name: str | None) -> str:
    """Return the textures and presets, or the parameters of one.

    Raises:
      UserError: there is no such texture.
    """
    from gen_jax.cli import draw_list
    from gen_jax.draw.texture.catalog import TEXTURES
    from gen_jax.draw.texture.plan import known
    from gen_jax.draw.texture.presets import PRESETS

    stories = {key: texture.doc for key, texture in TEXTURES.items()}
    presets = {key: f"{preset.doc} ({preset.texture})" for key, preset in PRESETS.items()}
    if name is not None:
        specs = known(name)
        return f"{name}: {presets.get(name) or stories[name]}\n{draw_list.parameters(specs)}"
    lines = ["Materials", draw_list.table(presets), "", "Textures that they are made of", draw_list.table(stories)]
    return "\n".join([*lines, "", "`gen-jax draw texture NAME --list` shows the parameters of one."])
