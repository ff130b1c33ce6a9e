"""``gen-jax draw logo "Northwind" --num 16 --svg --out logos/``: logos of a name, or of a seed alone."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from gen_jax.cli import options
from gen_jax.cli.draw_options import DrawOptions
from gen_jax.errors import UserError

if TYPE_CHECKING:
    from gen_jax.cli.draw_target import Drawing
    from gen_jax.io.drawings import Record

_WORDS = "The name of the brand; left out, a mark without words. Parameters such as hue=210 or petals=6."


@dataclasses.dataclass(frozen=True, kw_only=True)
class LogoCommand(DrawOptions):
    """Draw logos.

    `gen-jax draw logo --list` names the families of marks, layouts, variants and fonts; `gen-jax draw logo rosette
    --list` shows the parameters of a family. --size is the height of the picture.
    """

    words: Annotated[tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="TEXT|KEY=VALUE", help=_WORDS)] = ()
    svg: bool = False
    """Write NAME.svg too; with --out NAME.svg that alone."""
    favicon: bool = False
    """Write NAME.ico too (16, 32 and 48 pixels), and the mark as PNGs of 180, 192 and 512 pixels."""
    family: str | None = None
    """Of the mark, such as rosette; left out, of the seed."""
    layout: Literal["mark", "stacked", "horizontal", "wordmark", "badge"] | None = None
    """The mark alone, over the text, left of it; the text alone; both in a container. Left out, of the seed."""
    variant: Literal["light", "dark", "one_color", "one_color_dark", "all"] | None = None
    """On white; on the palette's dark ground; black on white; white on black. all: light, and NAME_dark.png and so on
    beside it. Left out, of the seed."""
    background: str | None = None
    """transparent, a color such as '#112233', or auto: that of the variant. Left out, auto."""
    padding: float | None = None
    """Empty on every side, as a share of the height, 0 to 0.4; left out, 0.12."""
    font: str | None = None
    """Of the letters: a name of --list, or the path of a .ttf or .otf file. Left out, of the seed."""


def main(words: Sequence[str], prog: str = "gen-jax draw logo") -> int:
    """Run the command; returns the exit code."""
    from gen_jax.cli import drawing
    from gen_jax.cli.draw_words import record_of
    from gen_jax.compilation import keep_programs

    command = options.parse(LogoCommand, options.positional_first(words, LogoCommand), prog=prog)
    if command.list:
        from gen_jax.cli.draw_logo_list import explain

        print(explain(command.words))
        return 0
    record = record_of(command, "logo") if command.params else None
    described = describe(command, record)
    keep_programs(command.compilation_cache)
    return drawing.make(described, command)


def describe(command: LogoCommand, record: Record | None) -> Drawing:
    """Return what a command draws.

    Raises:
      UserError: something that is not allowed.
    """
    from gen_jax.cli.draw_target import Drawing
    from gen_jax.cli.draw_words import numbered, parse_seeds, parse_size
    from gen_jax.cli.logo_files import VARIANTS, draw_logos, tails_of
    from gen_jax.draw.logo.parameters import from_json, logo_parameters, to_json

    text, given = parse_words(command.words)
    given |= overrides(command)
    if record is None:
        logos = [logo_parameters(seed, text=text, **given) for seed in parse_seeds(command)]
        seeds: Sequence[int] = parse_seeds(command)
    else:
        if command.seed is not None or command.num is not None:
            raise UserError("--seed and --num: --params says already which logos; leave them out")
        logos = [from_json(changed(data, text, given), command.params or "") for data in record.recipes]
        seeds = range(len(logos))
    height, width = parse_size(command.size, record.size) if record else parse_size(command.size)
    if height != width:
        raise UserError(f"--size {command.size}: must be the height alone; the width is that of the layout")
    kept = record.outputs if record else ()
    wanted = {name: command.variant == "all" or name in kept for name in VARIANTS[1:]}
    wanted |= {"svg": command.svg or "svg" in kept, "favicon": command.favicon or "favicon" in kept}
    vector = (command.out or "").lower().endswith(".svg")
    outputs = tuple(name for name, on in wanted.items() if on and not (vector and name == "svg"))
    return Drawing(
        kind="logo",
        size=(height, height),
        recipes=logos,
        stems=numbered(re.sub(r"\W+", "_", (logos[0].text or "logo").lower()).strip("_") or "logo", seeds),
        to_json=to_json,
        draw=lambda some: draw_logos(some, size=height, outputs=outputs, vector=vector),
        outputs=outputs,
        tails=tuple(tail for name in outputs for tail in tails_of(name)),
        sheet=command.sheet or bool(record and record.sheet),
        vector=vector,
    )


def parse_words(words: Sequence[str]) -> tuple[str | None, dict[str, object]]:
    """Return the text among the words, and the parameters; those of a family together as ``mark``.

    Raises:
      UserError: a parameter twice.
    """
    import json

    from gen_jax.draw.logo.parameters import LogoParameters

    known = {field.name for field in dataclasses.fields(LogoParameters)} | {"scheme", "hue"}
    given: dict[str, object] = {}
    mark: dict[str, object] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            continue
        into = given if key in known else mark
        if key in into:
            raise UserError(f"{word}: {key} is given twice")
        try:
            into[key] = json.loads(value)
        except ValueError:
            into[key] = value
    text = " ".join(word for word in words if "=" not in word)
    return text or None, {**given, **({"mark": mark} if mark else {})}


def overrides(command: LogoCommand) -> dict[str, object]:
    """Return the parameters that options say."""
    given: dict[str, object] = {
        "family": command.family,
        "layout": command.layout,
        "variant": "light" if command.variant == "all" else command.variant,
        "padding": command.padding,
        "font": command.font,
    }
    given = {name: value for name, value in given.items() if value is not None}
    if command.background is not None:
        given["background"] = None if command.background == "transparent" else command.background
    return given


def changed(data: dict[str, object], text: str | None, given: dict[str, object]) -> dict[str, object]:
    """Return the parameters of a file, with what the command says otherwise.

    Raises:
      UserError: it says what only a seed can draw.
    """
    from gen_jax.draw.logo.parameters import initials_of

    for name in ("family", "scheme", "hue"):
        if name in given:
            raise UserError(f"{name} is {given[name]!r}: --params says every parameter; leave one out")
    mark = given.get("mark")
    if isinstance(mark, dict) and isinstance(data.get("mark"), dict):
        given = {**given, "mark": {**data["mark"], **mark}}  # type: ignore[dict-item]
    words = {"text": text, "initials": initials_of(text)} if text else {}
    return {**data, **words, **given}
