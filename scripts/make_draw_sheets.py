"""Draw the contact sheets of docs/drawing.md: every material, and marks and brands of many seeds.

    python scripts/make_draw_sheets.py [textures] [logos]

writes docs/images/textures.jpg and docs/images/logos.png; some minutes on two cores, nearly all of it compiling.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

IMAGES = REPOSITORY / "docs" / "images"
GAP = 6
GROUND = (235, 235, 235)


def textures(*, side: int = 144, columns: int = 12, seed: int = 3, fine: int = 2) -> Image.Image:
    """Return every preset with its name, drawn ``fine`` times as large and reduced."""
    from gen_jax.draw.texture.presets import PRESETS
    from gen_jax.draw.texture.recipe import texture_recipe
    from gen_jax.draw.texture.render import draw_textures

    line, rows = 18, -(-len(PRESETS) // columns)
    sheet = Image.new("RGB", (columns * (side + GAP) + GAP, rows * (side + line + GAP) + GAP), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, name in enumerate(PRESETS):
        recipe = texture_recipe(name, seed=seed, tile=True)
        picture = Image.fromarray(draw_textures([recipe], size=(side * fine, side * fine))["color"][0])
        x, y = GAP + place % columns * (side + GAP), GAP + place // columns * (side + line + GAP)
        sheet.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (x, y))
        pen.text((x + side / 2, y + side + 2), name.replace("_", " "), fill=(40, 40, 40), font=font, anchor="ma")
    return sheet


SQUARE = ("Northwind", "Blue Harbor", "Lumen", "Kestrel & Sons", "OpenField", "Zoë's Bakery", "TerraNova", "Quarry")
WIDE = (
    ("Northwind", "Sögård", "Meridian Labs"),
    ("Juniper", "Nimbus", "Halcyon", "Parallax"),
    ("Blue Harbor", "Arbor", "Copper Kettle", "Orbital"),
)
"""Names by row of the sheet."""


def logos(*, side: int = 128, columns: int = 12, rows: int = 8) -> Image.Image:
    """Return marks of all families, then brands on squares, then rows of brands beside or without a mark."""
    from gen_jax.draw.logo.design import FAMILIES

    width = columns * (side + GAP) - GAP
    families = list(FAMILIES)
    marks = [_logo(f"sheet {n}", side, family=families[n % len(families)]) for n in range(columns * rows)]
    lines = [_row(marks[row * columns : (row + 1) * columns], width) for row in range(rows)]
    tall = (width - GAP * (len(SQUARE) - 1)) // len(SQUARE)
    layouts = ("stacked", "stacked", "stacked", "badge")
    lines.append(_row([_logo(n + 2, tall, text=name, layout=layouts[n % 4]) for n, name in enumerate(SQUARE)], width))
    for number, names in enumerate(WIDE):
        kinds = ("horizontal", "wordmark") if number == 0 else ("horizontal", "horizontal")
        wide = [_logo(n + 1, 110, text=name, layout=kinds[n % 2]) for n, name in enumerate(names)]
        lines.append(_row(wide, width))
    sheet = Image.new("RGB", (width, sum(line.height + GAP for line in lines) - GAP), GROUND)
    y = 0
    for line in lines:
        sheet.paste(line, (0, y))
        y += line.height + GAP
    return sheet


def _logo(seed: int | str, height: int, **choices: str) -> Image.Image:
    from gen_jax.draw.logo.design import scene_of
    from gen_jax.draw.logo.parameters import logo_parameters
    from gen_jax.draw.logo.raster import raster

    drawn = raster([scene_of(logo_parameters(seed, **choices))], size=height)[0]
    picture = Image.fromarray(drawn)
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _row(pictures: list[Image.Image], width: int) -> Image.Image:
    """Lay pictures side by side over the whole width, reduced where they are too wide together."""
    room = width - GAP * (len(pictures) - 1)
    scale = min(1.0, room / sum(picture.width for picture in pictures))
    sized = [
        picture.resize((int(picture.width * scale), int(picture.height * scale)), Image.Resampling.LANCZOS)
        if scale < 1.0
        else picture
        for picture in pictures
    ]
    row = Image.new("RGB", (width, max(picture.height for picture in sized)), GROUND)
    free = width - sum(picture.width for picture in sized)
    places = np.linspace(0, 1, len(sized)) * free
    x = 0
    for place, picture in zip(places, sized, strict=True):
        row.paste(picture, (x + int(place), 0))
        x += picture.width
    return row


def main() -> None:
    """Make the sheets that are named, or both."""
    wanted = sys.argv[1:] or ["textures", "logos"]
    if "textures" in wanted:
        textures().save(IMAGES / "textures.jpg", quality=80, optimize=True, subsampling=2)
    if "logos" in wanted:
        few = logos().quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(IMAGES / "logos.png", optimize=True)


if __name__ == "__main__":
    main()
