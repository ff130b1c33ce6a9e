"""``gen-jax draw``, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli import drawing
from gen_jax.cli.draw import main
from gen_jax.errors import UserError

SMALL = ("--size", "32x48", "--no-progress")
CELLS = ("texture", "cells", "scale=5", *SMALL)
"""A texture that is quick to compile."""


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(*words: str) -> str:
    """Return the complaint about words, which leave no file behind."""
    before = sorted(Path().rglob("*"))
    with pytest.raises(UserError) as error:
        main(words)
    assert sorted(Path().rglob("*")) == before
    assert "\n" not in str(error.value)
    return str(error.value)


# --- noise


def test_noise_is_written_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["noise", "salt_pepper", "amount=0.5", "--seed", "3", "--rgb", *SMALL, "--out", "noise.png"]) == 0
    image = opened(Path("noise.png"))
    assert image.shape == (32, 48, 3) and set(np.unique(image)) == {0, 128, 255}
    assert "noise.png: 32 high, 48 wide; beside it noise.json" in capsys.readouterr().out


def test_a_palette_and_cells(tmp_path: Path) -> None:
    words = ["--palette", "#112233,#445566,teal", "--cell", "8", *SMALL, "--out", "noise.png"]
    main(["noise", "uniform", *words])
    image = opened(Path("noise.png"))
    assert {bytes(color).hex() for color in image.reshape(-1, 3)} == {"112233", "445566", "008080"}
    np.testing.assert_array_equal(image, np.repeat(np.repeat(image[::8, ::8], 8, axis=0), 8, axis=1))


@pytest.mark.parametrize("suffix", [".json", ".png"])
def test_noise_is_drawn_again_byte_for_byte(suffix: str) -> None:
    main(["noise", "gaussian", "std=0.123456789", "--seed", "5", *SMALL, "--out", "a.png"])
    main(["noise", "--params", f"a{suffix}", "--out", "b.png"])
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()


def test_words_override_the_file() -> None:
    main(["noise", "gaussian", "std=0.1", "--seed", "5", *SMALL, "--out", "a.png"])
    main(["noise", "--params", "a.json", "std=0.2", "--rgb", "--seed", "6", "--size", "16", "--out", "b.png"])
    main(["noise", "gaussian", "std=0.2", "--rgb", "--seed", "6", "--size", "16", "--out", "c.png"])
    assert Path("b.png").read_bytes() == Path("c.png").read_bytes()


# --- textures


@pytest.fixture(scope="module")
def texture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A texture with everything that can be drawn of it, and its files."""
    folder = tmp_path_factory.mktemp("texture")
    words = ["--tile", "--seed", "7", "--normal-map", "--height-map", "--mask", "--colors", "#332211,#aa8855"]
    assert main([*CELLS, *words, "--out", str(folder / "cells.png")]) == 0
    return folder


def test_a_texture_has_its_maps_beside_it(texture: Path) -> None:
    files = {"cells.png", "cells_normal.png", "cells_height.png", "cells_mask.png", "cells.json"}
    assert set(contents(texture)) == files
    assert opened(texture / "cells.png").shape == (32, 48, 3)
    assert opened(texture / "cells_mask.png").shape == (32, 48)
    height, normal = opened(texture / "cells_height.png"), opened(texture / "cells_normal.png")
    assert height.dtype == np.uint16 and len(np.unique(height)) > 256
    assert normal.shape == (32, 48, 3) and normal[..., 2].min() >= 127


@pytest.mark.parametrize("name", ["cells.json", "cells.png", "cells_normal.png"])
def test_a_texture_is_drawn_again_with_its_maps_byte_for_byte(name: str, texture: Path) -> None:
    main(["texture", "--params", str(texture / name), "--out", "again/cells.png"])
    assert contents(Path("again")) == contents(texture)


def test_the_seed_of_a_file_can_be_another(texture: Path) -> None:
    main(["texture", "--params", str(texture / "cells.png"), "--seed", "7", "--num", "2", "--out", "two/"])
    there = contents(Path("two"))
    assert there["cells_0007.png"] == (texture / "cells.png").read_bytes()
    assert there["cells_0008.png"] != there["cells_0007.png"]
    assert "cells_0008_normal.png" in there


def test_several_are_numbered_by_their_seeds_and_laid_on_a_sheet(capsys: pytest.CaptureFixture[str]) -> None:
    words = [*CELLS, "--seed", "8", "--num", "3"]
    main([*words, "--sheet", "--out", "many"])
    assert sorted(name for name in contents(Path("many")) if name.endswith(".png")) == [
        "cells_0008.png",
        "cells_0009.png",
        "cells_0010.png",
        "sheet.png",
    ]
    assert "many: 3 pictures, cells_0008.png to cells_0010.png; sheet.png" in capsys.readouterr().out
    main([*words, "--sheet", "--out", "sheet.png"])
    assert Path("sheet.png").read_bytes() == Path("many/sheet.png").read_bytes()
    main(["texture", "--params", "sheet.json", "--out", "again.png"])
    assert Path("again.png").read_bytes() == Path("sheet.png").read_bytes()
    main([*CELLS, "--seed", "9", "--out", "one.png"])
    assert Path("one.png").read_bytes() == Path("many/cells_0009.png").read_bytes()
    sheet, one = opened(Path("sheet.png")), opened(Path("one.png"))
    assert any(
        np.array_equal(sheet[top : top + 32, left : left + 48], one)
        for top in range(sheet.shape[0] - 31)
        for left in range(sheet.shape[1] - 47)
    )


def test_positions_of_colors() -> None:
    main([*CELLS, "--colors", "0:#000000,0.25:teal,1:#ffffff", "--out", "a.png"])
    assert json.loads(Path("a.json").read_text())["recipes"][0]["colors"] == [
        [0.0, "#000000"],
        [0.25, "#008080"],
        [1.0, "#ffffff"],
    ]


def test_other_formats_have_their_recipe_beside_them() -> None:
    main([*CELLS, "--out", "a.webp"])
    main([*CELLS, "--num", "2", "--format", "jpg", "--out", "jpgs/"])
    main(["texture", "--params", "a.json", "--out", "b.webp"])
    main(["texture", "--params", "jpgs/cells_0000.json", "--out", "c.webp", "--no-json"])
    assert Path("a.webp").read_bytes() == Path("b.webp").read_bytes() == Path("c.webp").read_bytes()
    assert not Path("c.json").exists()
    with Image.open("jpgs/cells_0001.jpg") as image:
        assert image.format == "JPEG"


# --- what is refused


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["noize"], "unknown kind of drawing 'noize'. Perhaps you meant 'noise'."),
        (["noise", "blu", "--out", "a.png"], "unknown kind of noise 'blu'. Perhaps you meant 'blue'."),
        (["noise", "--out", "a.png"], "no kind of noise is named"),
        (["noise", "blue", "pink", "--out", "a.png"], "'blue' and 'pink': name one kind of noise"),
        (["noise", "pink", "slop=2", "--out", "a.png"], "unknown parameter of pink 'slop'. Perhaps you meant 'slope'."),
        (["noise", "pink", "slope=x", "--out", "a.png"], "pink.slope is 'x'; allowed are numbers from -2 to 4"),
        (["noise", "pink", "slope=1", "slope=2", "--out", "a.png"], "slope=2: slope is given twice"),
        (["noise", "pink", "--palette", "tael", "--out", "a.png"], "palette is 'tael'"),
        (["noise", "pink", "--cell", "-3", "--out", "a.png"], "cell is -3"),
        (["noise", "pink", "--siz", "3", "--out", "a.png"], "--size"),
        (["noise", "pink", "--size", "0", "--out", "a.png"], "--size 0: must be pixels"),
        (["noise", "pink", "--size", "12x0", "--out", "a.png"], "--size 12x0: must be pixels"),
        (["noise", "pink", "--size", "1e3", "--out", "a.png"], "--size 1e3: must be pixels"),
        (["noise", "pink", "--size", "500000", "--out", "a.png"], "--size 500000x500000: takes about"),
        (["noise", "pink", "--size", "20x20000", "--out", "a.webp"], "a .webp file holds 16383 pixels a side at most"),
        (["noise", "pink", "--num", "0", "--out", "a.png"], "--num 0: must be from 1"),
        (["noise", "pink", "--seed", "-1", "--out", "a.png"], "--seed -1: must be from 0 to 4294967295"),
        (["noise", "pink"], "--out: name the file to write"),
        (["noise", "pink", "--out", "a.gif"], "unknown suffix in 'a.gif': '.gif'"),
        (["noise", "pink", "--out", "a.png", "--format", "jpg"], "--format jpg: --out a.png says otherwise"),
        (["noise", "pink", "--num", "2", "--out", "a.png"], "--out a.png: is one file, and there are 2 pictures"),
        (["noise", "--params", "none.json", "--out", "a.png"], "none.json: No such file"),
        (["texture", "oka", "--out", "a.png"], "unknown texture or preset 'oka'. Perhaps you meant 'oak'."),
        (["texture", "--out", "a.png"], "no texture is named"),
        (["texture", "cells", "scael=3", "--out", "a.png"], "unknown parameter of cells 'scael'. Perhaps you meant"),
        (["texture", "cells", "metric=x", "--out", "a.png"], "cells.metric is 'x'; allowed are"),
        (["texture", "cells", "--colors", "0:red,blue", "--out", "a.png"], "--colors 0:red,blue: every color needs"),
        (["texture", "cells", "--colors", "rde", "--out", "a.png"], "--colors: colour 1 is 'rde'"),
        (["texture", "cells", "--mask", "--sheet", "--num", "2", "--out", "a.png"], "mask has no place on a sheet"),
        (["texture", "noises", "--list"], "unknown texture or preset 'noises'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_gets_one_line_and_leaves_no_file(words: list[str], complaint: str) -> None:
    assert complaint in refused(*words)


def test_what_is_no_recipe_is_refused(texture: Path) -> None:
    Path("broken.json").write_text('{"draw": "noise", ')
    Path("other.json").write_text('{"draw": "noise", "size": [3, 4], "recipes": [{"kind": "bleu"}]}')
    Path("empty.json").write_text('{"draw": "noise", "size": [3, 4], "recipes": []}')
    Path("text.png").write_text("no picture")
    Image.new("RGB", (4, 4)).save("plain.png")
    assert "broken.json: " in refused("noise", "--params", "broken.json", "--out", "a.png")
    assert "other.json: unknown kind of noise 'bleu'" in refused("noise", "--params", "other.json", "--out", "a.png")
    assert "empty.json: holds no recipe" in refused("noise", "--params", "empty.json", "--out", "a.png")
    for name in ("text.png", "plain.png"):
        assert f"{name}: holds no recipe" in refused("noise", "--params", name, "--out", "a.png")
    path = str(texture / "cells.json")
    complaint = refused("noise", "--params", path, "--out", "a.png")
    assert "is of a texture, not of a noise: use gen-jax draw texture" in complaint
    assert "says already what is drawn" in refused("texture", "oak", "--params", path, "--out", "a.png")
    assert "--vary 0: --params says" in refused("texture", "--params", path, "--vary", "0", "--out", "a.png")


def test_places_that_cannot_be_written_to_are_refused(tmp_path: Path) -> None:
    words = ["noise", "uniform", "--size", "8"]
    Path("file").write_text("mine")
    assert "file is a file, not a folder" in refused(*words, "--out", "file/")
    assert "file is a file, not a folder" in refused(*words, "--out", "file/a.png")
    Path("a.json").write_text("mine")
    assert "a.json: is there already" in refused(*words, "--out", "a.png")
    assert Path("a.json").read_text() == "mine"
    main([*words, "--out", "a.png", "--overwrite"])
    assert json.loads(Path("a.json").read_text())["draw"] == "noise"
    main([*words, "--num", "2", "--out", "folder/", "--no-json"])
    assert "folder/uniform_0001.png: is there already" in refused(*words, "--seed", "1", "--out", "folder")


# --- lists


def test_lists_name_what_can_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {kind} " in listed for kind in ("noise", "texture", "logo"))
    main(["noise", "--list"])
    assert "  salt_pepper " in capsys.readouterr().out
    main(["noise", "pink", "--list"])
    assert "slope  number from -2 to 4 (default 1)" in capsys.readouterr().out
    main(["texture", "--list"])
    assert "  oak " in capsys.readouterr().out
    main(["texture", "oak", "--list"])
    assert "relief" in capsys.readouterr().out


# --- logos


LOGO = ("logo", "Northwind", "--size", "32", "--no-progress")
PETALS = ("--family", "rosette", "petals=5", "--layout", "stacked")
"""Of few shapes, so that all are drawn by one program."""


@pytest.fixture(scope="module")
def logo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logo with everything that can be drawn of it, and its files."""
    folder = tmp_path_factory.mktemp("logo")
    words = ["--seed", "3", "--variant", "all", "--svg", "--favicon"]
    assert main([*LOGO, *PETALS, *words, "--out", str(folder / "logo.png")]) == 0
    return folder


def test_a_logo_has_its_variants_and_icons_beside_it(logo: Path) -> None:
    variants = {f"logo{tail}.png" for tail in ("", "_dark", "_one_color", "_one_color_dark")}
    icons = {"logo.ico", "logo_180.png", "logo_192.png", "logo_512.png"}
    assert set(contents(logo)) == {*variants, *icons, "logo.svg", "logo.json"}
    assert opened(logo / "logo.png").shape == (32, 32, 4)
    assert opened(logo / "logo_180.png").shape == (180, 180, 4)
    with Image.open(logo / "logo.ico") as icon:
        assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    assert opened(logo / "logo_one_color.png")[0, 0].tolist() == [255, 255, 255, 255]
    assert opened(logo / "logo_one_color_dark.png")[0, 0].tolist() == [0, 0, 0, 255]
    assert (logo / "logo.svg").read_text().startswith("<svg ")


@pytest.mark.parametrize("name", ["logo.json", "logo.png"])
def test_a_logo_is_drawn_again_byte_for_byte(name: str, logo: Path) -> None:
    main(["logo", "--params", str(logo / name), "--out", "again/logo.png"])
    assert contents(Path("again")) == contents(logo)


def test_logos_of_several_seeds_go_on_a_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_PIXELS_A_CALL", 1)  # one by one, by the program that drew one above
    main([*LOGO, *PETALS, "--num", "3", "--sheet", "--out", "logos/"])
    names = [f"northwind_000{seed}" for seed in range(3)]
    assert set(contents(Path("logos"))) == {f"{name}{end}" for name in (*names, "sheet") for end in (".png", ".json")}
    main([*LOGO, *PETALS, "--seed", "2", "--out", "one.png"])
    assert Path("one.png").read_bytes() == Path("logos/northwind_0002.png").read_bytes()


def test_a_logo_as_svg_alone_and_for_another_name(logo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([*LOGO, *PETALS, "--seed", "3", "--variant", "light", "--out", "a.svg"])
    assert "a.svg; beside it a.json" in capsys.readouterr().out
    assert Path("a.svg").read_bytes() == (logo / "logo.svg").read_bytes()
    main(["logo", "--params", "a.json", "Southwind", "--background", "transparent", "--out", "b.svg"])
    saved, other = (json.loads(Path(name).read_text())["recipes"][0] for name in ("a.json", "b.json"))
    assert other == {**saved, "text": "Southwind", "initials": "S", "background": None}


def test_parameters_of_a_logo() -> None:
    main([*LOGO, "--family", "rosette", "petals=7", "hue=210", "--padding", "0.2", "--out", "a.svg"])
    recipe = json.loads(Path("a.json").read_text())["recipes"][0]
    assert recipe["mark"]["kind"] == "rosette" and recipe["mark"]["petals"] == 7 and recipe["padding"] == 0.2


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            [*LOGO, "--family", "roset", "--out", "a.png"],
            "unknown family of marks 'roset'. Perhaps you meant 'rosette'.",
        ),
        ([*LOGO, "--family", "rosette", "petalz=3", "--out", "a.png"], "unknown parameter of rosette 'petalz'."),
        ([*LOGO, "hue=1", "hue=2", "--out", "a.png"], "hue=2: hue is given twice"),
        ([*LOGO, "--layout", "mrak", "--out", "a.png"], "--layout"),
        ([*LOGO, "--font", "helvetica", "--out", "a.png"], "unknown font 'helvetica'."),
        ([*LOGO, "--padding", "0.7", "--out", "a.png"], "padding is 0.7"),
        ([*LOGO, "--background", "redd", "--out", "a.png"], "background is 'redd'"),
        ([*LOGO, "--sheet", "--out", "a.svg"], "unknown suffix in 'a.svg'"),
        (["logo", "A", "--size", "32x64", "--out", "a.png"], "--size 32x64: must be the height alone"),
        (["logo", "--layout", "stacked", "--out", "a.png"], "layout is 'stacked' and there is no text"),
        (["logo", "\u65e5\u672c", "--out", "a.png"], "\u672c"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_about_a_logo_gets_one_line_and_leaves_no_file(words: list[str], complaint: str) -> None:
    assert complaint in refused(*words)


def test_what_only_a_seed_draws_cannot_be_changed_in_a_file(logo: Path) -> None:
    path = str(logo / "logo.json")
    assert "--params says already" in refused("logo", "--params", path, "--seed", "3", "--out", "a.png")
    assert "family is 'eye': --params says" in refused("logo", "--params", path, "--family", "eye", "--out", "a.png")


def test_the_list_of_logos_names_families_and_fonts(capsys: pytest.CaptureFixture[str]) -> None:
    main(["logo", "--list"])
    listed = capsys.readouterr().out
    assert "  rosette " in listed and "  outfit " in listed
    main(["logo", "rosette", "--list"])
    assert "petals   whole number from 3 to 9" in capsys.readouterr().out
