"""The parameters of a logo as a tree: drawn from a seed, changed by name, kept as JSON that regenerates it exactly.

Every parameter is drawn by ``chance.py`` from ``SEED``, or with a brand text from ``TEXT:SEED``, and its own path.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

import pydantic

from gen_jax.draw import hexcolor
from gen_jax.draw.logo import chance, letters
from gen_jax.draw.logo.marks.catalog import FAMILIES, Mark
from gen_jax.draw.logo.palette import Palette, Scheme, palette
from gen_jax.errors import UserError
from gen_jax.registry import lookup

Variant = Literal["light", "dark", "one_color", "one_color_dark"]
"""On white; on the dark ground of the palette; black on white; white on black."""

Layout = Literal["mark", "stacked", "horizontal", "wordmark", "badge"]
"""The mark alone; over the text; left of it; the text alone; in a container."""

Case = Literal["as_is", "upper", "lower"]

Accent = Literal["none", "bar", "point", "cut", "two_tone"]
"""What sets a text off: nothing, a bar below, a point after it, a stripe cut through it, a word part in another ink."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Container:
    """What holds the mark of a badge."""

    form: Annotated[
        Literal["disc", "squircle", "square", "ring", "tag", "hexagon", "arch"],
        chance.Odds((2.0, 2.5, 1.0, 1.5, 1.5, 1.0, 1.0)),
    ]
    """A solid form, a ring around the mark, a disc with one square corner (tag), or an arch."""
    share: Annotated[float, chance.Range(0.85, 1.15)]
    """Of the mark, to what fits well."""
    turn: Annotated[int, chance.Range(0, 3)]
    """Which corner of a tag is square: the lower left one, and on clockwise; odd: a hexagon lies on a side."""
    shade: Annotated[
        Literal["none", "up", "up_right", "right", "down_right", "down", "down_left", "left", "up_left"],
        chance.Odds((6.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)),
    ]
    """Which half of a solid container takes the second ink."""
    bleed: Annotated[Literal["no", "left", "right", "down", "up"], chance.Odds((3.0, 1.0, 1.0, 1.0, 1.0))]
    """Where a mark without text goes beyond a disc, squircle, square or hexagon, large: from which of its corners."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LogoParameters:
    """Everything that a logo is drawn from."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012

    seed: int | str
    """What the parameters were drawn from; changes nothing any more."""
    text: str | None = None
    """Of the brand; None: a mark without words."""
    initials: str
    """One to three letters: what a monogram shows."""
    mark: Annotated[Mark, pydantic.Field(discriminator="kind")]
    """The family and its own parameters."""
    palette: Palette
    """Inks and grounds."""
    variant: Variant
    """Which inks, on which ground."""
    layout: Layout
    """How mark and text lie to one another."""
    container: Container
    """Of a badge."""
    font: str
    """A name of ``letters.FONTS``, or the path of a .ttf or .otf file."""
    case: Case
    """Of the letters of the text."""
    tracking: Annotated[float, chance.Range(-0.05, 0.6)]
    """Added between letters, as a share of the capitals' height."""
    text_ink: Literal[0, 1, 2]
    """Which ink the text takes beside a mark; in a wordmark, the first."""
    accent: Accent
    """What sets the text off, in a wordmark."""
    padding: Annotated[float, chance.Range(0.0, 0.4)] = 0.12
    """Empty on every side, as a share of the canvas's height."""
    background: str | None = "auto"
    """``#rrggbb``; ``auto``: the ground of the variant; None: transparent. Inks are kept readable on it."""

    @property
    def family(self) -> str:
        """Name of the mark's family."""
        return self.mark.kind


_LONG = 12  # letters of a text from which it is long
_SCHEMES, _VARIANTS, _LAYOUTS = get_args(Scheme), get_args(Variant), get_args(Layout)


def logo_parameters(seed: int | str = 0, *, text: str | None = None, **overrides: Any) -> LogoParameters:
    """Draw the parameters of a logo.

    Args:
      seed: any number or word; the same seed and text give the same logo.
      text: of the brand; left out, a mark without words.
      overrides: parameters that are not drawn, by their names in LogoParameters; besides, ``family`` is the name of
        a mark's family, ``mark`` a mapping of its own parameters, and ``scheme`` and ``hue`` are the palette's.

    Raises:
      UserError: an unknown name, or a value that is not allowed.
    """
    known = {field.name for field in dataclasses.fields(LogoParameters)} | {"family", "scheme", "hue"}
    for name in overrides:
        lookup(dict.fromkeys(known - {"seed", "text"}), name, what="parameter of a logo")
    text = _clean(text)
    root = f"{seed}" if text is None else f"{text}:{seed}"
    given = {name: value for name, value in overrides.items() if name not in ("family", "mark", "scheme", "hue")}
    mark = _mark(root, overrides.get("family"), overrides.get("mark"))
    drawn: dict[str, Any] = {
        "initials": initials_of(text) if text else _random_initials(root),
        "mark": mark,
        "variant": chance.choice(root, "variant", ("light", "dark"), (3.0, 2.0)),
        "layout": _layout(root, text, mark),
        "container": chance.drawn(Container, root, "container", {}),
        "font": chance.choice(root, "font", _fonts(text)),
        "case": chance.choice(root, "case", get_args(Case), (4.0, 3.0, 1.5)),
        "text_ink": chance.choice(root, "text_ink", (0, 1, 2), (2.0, 2.0, 0.5)),
        "accent": chance.choice(root, "accent", get_args(Accent), (3.0, 1.0, 1.0, 1.0, 1.5)),
        "padding": 0.12,
        "background": "auto",
    }
    if "palette" not in given:
        drawn["palette"] = _palette(root, overrides.get("scheme"), overrides.get("hue"))
    drawn |= given
    if "tracking" not in drawn:
        wide = drawn["case"] == "upper" and chance.unit(root, "tracking/wide") < 0.6
        drawn["tracking"] = chance.real(root, "tracking", *((0.12, 0.4) if wide else (-0.02, 0.04)))
    return from_json(_plain({"seed": seed, "text": text, **drawn}), where="logo")


def to_json(parameters: LogoParameters) -> dict[str, Any]:
    """Return the parameters as what JSON holds."""
    return _adapter().dump_python(parameters, mode="json")


def from_json(data: Mapping[str, Any], where: str) -> LogoParameters:
    """Read what ``to_json`` gave.

    Raises:
      UserError: an unknown or missing parameter, or a value that is not allowed; the line begins with ``where``.
    """
    try:
        parameters = _adapter().validate_json(json.dumps(data))
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        value = "" if first["type"] == "missing" else f" is {first['input']!r:.80}"
        raise UserError(f"{where}: {path}{value}: {first['msg'].removeprefix('Value error, ')}") from None
    except (TypeError, ValueError) as error:
        raise UserError(f"{where}: not the parameters of a logo ({error})") from None
    _check(parameters, where)
    return parameters


def initials_of(text: str) -> str:
    """Return the first letters of the words of a text, at most three, as capitals; of one word, its first letter."""
    words = [word for word in "".join(c if c.isalnum() else " " for c in text).split() if word]
    parts = words if len(words) > 1 else words[:1]
    return "".join(word[0].upper()[0] for word in parts[:3]) or text[:1]


def _check(parameters: LogoParameters, where: str) -> None:
    if parameters.layout in ("stacked", "horizontal", "wordmark") and not parameters.text:
        raise UserError(
            f"{where}: layout is {parameters.layout!r} and there is no text; give one, or take mark or badge"
        )
    if not 1 <= len(parameters.initials) <= 3:
        raise UserError(f"{where}: initials is {parameters.initials!r}; allowed are one to three letters")
    if parameters.background not in (None, "auto"):
        hexcolor.parse(parameters.background, where=f"{where}: background")
    for name in ("light", "dark"):
        for color in getattr(parameters.palette, name):
            hexcolor.parse(color, where=f"{where}: palette.{name}")
    for shown in (parameters.text or "", parameters.initials):
        for words in (shown, shown.upper(), shown.lower()):
            letters.outline(words, parameters.font)


def _clean(text: str | None) -> str | None:
    if text is None:
        return None
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not text:
        raise UserError("text is empty; give the name of a brand, or leave it out for a mark without words")
    return text


def _mark(root: str, family: str | None, given: Any) -> Any:
    """Return the mark: as it is given, or with what is not given drawn."""
    given = _plain(given) or {}
    if not isinstance(given, Mapping):
        raise UserError(f"mark is {given!r}; allowed are the parameters of a family, such as {{'petals': 6}}")
    own = {key: value for key, value in given.items() if key != "kind"}
    name = family or given.get("kind") or _family(root)
    kind = lookup(FAMILIES, name, what="family of marks")
    for key in own:
        lookup(dict.fromkeys(chance.names(kind)), key, what=f"parameter of {name}")
    return chance.drawn(kind, root, f"mark/{name}", own)


def _family(root: str) -> str:
    """Draw a family; those whose marks are much alike come less often."""
    rare = ("arrow", "bolt", "chevrons", "dots", "drop", "eye", "peaks", "shield", "spiral")
    return chance.choice(root, "family", tuple(FAMILIES), [0.5 if name in rare else 1.0 for name in FAMILIES])


def _layout(root: str, text: str | None, mark: Mark) -> Layout:
    """Draw a layout; a mark that is a solid form itself is put into no container."""
    form = getattr(mark, "ground", getattr(mark, "frame", "none"))
    badge = 0.0 if form != "none" or mark.kind in ("monogram", "shield") else 1.0
    if text is None:
        return chance.choice(root, "layout", ("mark", "badge"), (1.6, badge))
    return chance.choice(root, "layout/text", ("stacked", "horizontal", "wordmark", "badge"), (3.0, 3.0, 1.5, badge))


def _fonts(text: str | None) -> tuple[str, ...]:
    """Return the fonts that a text may get: a long one is set small, where fine serifs are lost and only cost bytes."""
    long = text is not None and len(text) > _LONG
    return tuple(name for name in letters.FONTS if not (long and name == "fraunces"))


def _palette(root: str, scheme: Any, hue: Any) -> Palette:
    if scheme is not None:
        lookup(dict.fromkeys(_SCHEMES), scheme, what="scheme of a palette")
    try:
        hue = None if hue is None else round(float(hue) % 360.0, 2)
    except (TypeError, ValueError):
        raise UserError(f"hue is {hue!r}; allowed are degrees from 0 to 360") from None
    return palette(root, scheme=scheme, hue=hue)


def _random_initials(root: str) -> str:
    count = chance.choice(root, "initials/count", (1, 2), (2.0, 1.0))
    return "".join(chance.choice(root, f"initials/{index}", "ABCDEFGHKMNOPQRSTUVWXYZ") for index in range(count))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


@functools.cache
def _adapter() -> pydantic.TypeAdapter[LogoParameters]:
    return pydantic.TypeAdapter(LogoParameters)
