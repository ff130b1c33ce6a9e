"""Make docs/gallery.md: every edit before and after, from one photograph, with the words that made it.

    python scripts/make_gallery.py [--photo docs/images/edits/photo.jpg]

The pictures go beside the photograph; the same photograph gives the same pictures.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from gallery_words import FIRST_PAGE, WORDS  # noqa: E402  beside this file

from gen_jax.cli.edit_list import explain  # noqa: E402
from gen_jax.cli.editing import with_pictures  # noqa: E402
from gen_jax.edit.chain import Chain  # noqa: E402
from gen_jax.edit.operation import EDITS  # noqa: E402
from gen_jax.edit.syntax import parse_operation  # noqa: E402

FOLDER = REPOSITORY / "docs" / "images" / "edits"
PAGE = REPOSITORY / "docs" / "gallery.md"
GAP = 8

HEAD = """# Every edit, before and after

Made by `python scripts/make_gallery.py` from one photograph (Chelsea the cat, by Stéfan van der Walt, CC0). Above each
picture stands the word that makes it: on the command line `gen-jax edit photo.jpg --out out.png WORD ...`, in Python
the function of the same name with the same parameters. `gen-jax edit --list NAME` explains them.
"""


def side_by_side(*images: np.ndarray) -> Image.Image:
    """Return them on white, at their true sizes, alpha over a chequered ground."""
    pictures = [flattened(image) for image in images]
    height = max(picture.height for picture in pictures)
    sheet = Image.new("RGB", (sum(p.width + GAP for p in pictures) - GAP, height), "white")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, (height - picture.height) // 2))
        left += picture.width + GAP
    return sheet


def flattened(image: np.ndarray) -> Image.Image:
    """Return an RGB picture."""
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    if picture.mode not in ("RGBA", "LA"):
        return picture.convert("RGB")
    rows, columns = np.mgrid[0 : picture.height, 0 : picture.width] // 8
    ground = Image.fromarray((230 - 40 * ((rows + columns) % 2)).astype(np.uint8)).convert("RGBA")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def make_companions(height: int, width: int) -> None:
    """Draw the pictures that some edits bring in: a sunset of the photograph's size, and a round badge."""
    rows, columns = np.mgrid[0:height, 0:width]
    sun = np.hypot(rows - 0.6 * height, columns - 0.5 * width) < 0.2 * height
    sky = np.stack([90 + 165 * rows / height, 40 + 110 * rows / height, 120 - 90 * rows / height], axis=-1)
    sky[sun] = (255, 220, 120)
    Image.fromarray(sky.astype(np.uint8)).save(FOLDER / "sunset.png")
    rows, columns = np.mgrid[0:80, 0:80] - 39.5
    badge = np.zeros((80, 80, 4), np.uint8)
    badge[..., :3] = (40, 90, 200)
    badge[np.abs(rows) < 8, :3] = 255
    badge[..., 3] = 220 * (np.hypot(rows, columns) < 38)
    Image.fromarray(badge).save(FOLDER / "badge.png")


def edited_by(word: str, photo: np.ndarray) -> np.ndarray:
    """Return the photograph after one edit."""
    return np.asarray(with_pictures(Chain([parse_operation(word)]), FOLDER)(photo))


def story(edit: Callable[..., Any]) -> str:
    """Return the first line of an edit's documentation."""
    return (inspect.getdoc(edit) or "").split("\n")[0]


def main() -> None:
    """Make the pictures and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, default=FOLDER / "photo.jpg")
    options = parser.parse_args()
    explain()  # declares the operations
    missing = EDITS.keys() - {word.partition("=")[0] for word in WORDS}
    if missing:
        sys.exit(f"no word for {', '.join(sorted(missing))}: add one to scripts/gallery_words.py")
    photo = np.asarray(Image.open(options.photo).convert("RGB"))
    make_companions(*photo.shape[:2])
    page, family = [HEAD], ""
    order = list(EDITS)
    for word in sorted(WORDS, key=lambda word: order.index(word.partition("=")[0])):
        name = word.partition("=")[0]
        here = EDITS[name].__module__.split(".")[2]
        if here != family:
            page.append(f"## {here.capitalize()}\n")
            family = here
        edited = edited_by(word, photo)
        number = sum(line.startswith(f"![{name}") for line in page)
        file = FOLDER / f"{name}{number or ''}.jpg"
        side_by_side(photo, edited).save(file, quality=80)
        page.append(f"**`{word}`**: {story(EDITS[name])}\n")
        page.append(f"![{name}]({file.relative_to(PAGE.parent).as_posix()})\n")
    shown = [edited_by(word, photo) for word in FIRST_PAGE]
    side_by_side(photo, *shown).save(FOLDER.parent / "editing.jpg", quality=85)
    PAGE.write_text("\n".join(page))
    print(f"{PAGE}: {len(WORDS)} pictures of {len(EDITS)} edits")


if __name__ == "__main__":
    main()
