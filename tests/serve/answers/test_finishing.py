"""Pictures become answers: whole, marked, and the same bytes every time."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli import draw, edit
from gen_jax.errors import UserError
from gen_jax.io.drawings import Record, read_record
from gen_jax.io.images import grid
from gen_jax.io.photos import Photo, read_photo
from gen_jax.serve.answers.finishing import Finishing, Picture
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import Settings


def pixels(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def picture(seed: int, *shape: int) -> Picture:
    return Picture(pixels=pixels(seed, *(shape or (6, 5, 3))), facts={"seed": seed, "class": "bag"})


def read(body: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


FACTS = {"model": "fashion", "seed": 7}
FINISHING = Finishing()


class Refusal:
    """A content filter that refuses what is white, and notes what it sees."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def check(self, pixels: np.ndarray, *, what: str) -> None:
        self.seen.append(what)
        if pixels.min() == 255:
            raise Problem("content-refused", f"{what}: refused")


@pytest.mark.parametrize(("format", "shape"), [("png", (6, 5, 4)), ("webp", (6, 5, 4)), ("png", (6, 5, 1))])
def test_one_picture_keeps_every_pixel(format: str, shape: tuple[int, ...]) -> None:
    made = picture(0, *shape)
    answer = FINISHING.generated([made], format=format, origin="model", facts=FACTS)
    assert answer.media_type == f"image/{format}"
    assert np.array_equal(np.asarray(read(answer.body)).reshape(shape), made.pixels)


def test_a_jpeg_answer_is_a_jpeg_file() -> None:
    answer = FINISHING.generated([picture(0, 6, 5, 4)], format="jpeg", origin="rule", facts=FACTS)
    image = read(answer.body)
    assert (answer.media_type, image.format, image.mode, image.size) == ("image/jpeg", "JPEG", "RGB", (5, 6))


def test_several_pictures_of_a_model_are_on_the_sheet_that_gen_jax_sample_lays() -> None:
    made = [picture(seed) for seed in range(5)]
    answer = FINISHING.generated(made, format="png", origin="model", facts=FACTS)
    assert np.array_equal(np.asarray(read(answer.body)), grid(np.stack([one.pixels for one in made])))


def test_pictures_of_several_widths_share_a_sheet() -> None:
    colors = {(255, 0, 0): 8, (0, 0, 255): 12}
    made = [Picture(pixels=np.broadcast_to(np.uint8((*color, 255)), (8, width, 4))) for color, width in colors.items()]
    sheet = np.asarray(read(FINISHING.generated(made, format="png", origin="rule", facts={}).body))
    counts = {color: int((sheet == color).all(axis=-1).sum()) for color in (*colors, (255, 255, 255))}
    assert counts[255, 0, 0] == 8 * 8 and counts[0, 0, 255] == 8 * 12
    assert sum(counts.values()) == sheet[..., 0].size


def test_a_json_answer_holds_every_picture_with_its_facts() -> None:
    made = [picture(0), picture(1)]
    answer = FINISHING.generated(made, format="json", origin="model", facts=FACTS)
    document = json.loads(answer.body)
    assert answer.media_type == "application/json"
    assert (document["model"], document["seed"], len(document["images"])) == ("fashion", 7, 2)
    for entry, one in zip(document["images"], made, strict=True):
        assert (entry["seed"], entry["class"], entry["media_type"]) == (one.facts["seed"], "bag", "image/png")
        assert (entry["height"], entry["width"]) == (6, 5)
        assert np.array_equal(np.asarray(read(base64.b64decode(entry["data"], validate=True))), one.pixels)


def test_a_zip_answer_holds_numbered_files_and_a_table_of_them() -> None:
    made = [picture(0), picture(1)]
    answer = FINISHING.generated(made, format="zip", origin="model", facts=FACTS)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["000000.png", "000001.png", "facts.json"]
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
        assert np.array_equal(np.asarray(read(archive.read("000001.png"))), made[1].pixels)
        table = json.loads(archive.read("facts.json"))
    assert table["model"] == "fashion"
    assert [entry["file"] for entry in table["images"]] == ["000000.png", "000001.png"]


@pytest.mark.parametrize("format", ["png", "webp", "jpeg", "json", "zip"])
def test_the_same_pictures_give_the_same_bytes(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    for now in (1e9, 2e9):
        monkeypatch.setattr("time.time", lambda now=now: now)
        answers.append(FINISHING.generated([picture(0), picture(1)], format=format, origin="model", facts=FACTS))
    assert answers[0] == answers[1]


def test_an_answer_names_seed_and_model_in_headers_of_plain_characters() -> None:
    answer = FINISHING.generated(
        [picture(0)], format="png", origin="model", facts={"model": "mode ü\r\nset-cookie: x", "seed": 7}
    )
    assert answer.headers == {"gen-jax-seed": "7", "gen-jax-model": "mode %C3%BC%0D%0Aset-cookie%3A x"}


def test_a_png_of_a_model_says_what_makes_it_again() -> None:
    answer = FINISHING.generated([picture(3)], format="png", origin="model", facts=FACTS)
    said = json.loads(read(answer.body).info["gen_jax"])
    assert (said["model"], said["seed"], said["images"]) == ("fashion", 7, [{"seed": 3, "class": "bag"}])


def test_gen_jax_draw_draws_a_served_png_again(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert draw.main(["noise", "uniform", "--size", "8", "--seed", "5", "--out", "drawn.png"]) == 0
    drawn = read_photo("drawn.png").pixels
    record = read_record("drawn.png")
    answer = FINISHING.generated([Picture(pixels=drawn)], format="png", origin="rule", facts={"seed": 5}, record=record)
    (tmp_path / "served.png").write_bytes(answer.body)
    assert read(answer.body).info["gen_jax"] == read((tmp_path / "drawn.png").read_bytes()).info["gen_jax"]
    assert draw.main(["noise", "--params", "served.png", "--out", "again.png"]) == 0
    assert np.array_equal(read_photo("again.png").pixels, drawn)


def test_each_file_of_several_holds_its_own_recipe(tmp_path) -> None:
    record = Record(draw="logo", size=(6, 6), recipes=({"seed": 0}, {"seed": 1}))
    made = [picture(0), picture(1)]
    whole = FINISHING.generated(made, format="png", origin="rule", facts={}, record=record)
    (tmp_path / "sheet.png").write_bytes(whole.body)
    sheet = read_record(str(tmp_path / "sheet.png"))
    assert sheet.sheet and sheet.recipes == record.recipes
    archive = FINISHING.generated(made, format="zip", origin="rule", facts={}, record=record)
    zipfile.ZipFile(io.BytesIO(archive.body)).extractall(tmp_path)
    second = read_record(str(tmp_path / "000001.png"))
    assert not second.sheet and second.recipes == ({"seed": 1},)


@pytest.mark.parametrize(("format", "suffix"), [("png", "png"), ("webp", "webp"), ("jpeg", "jpg")])
@pytest.mark.parametrize("quality", [None, 60])
def test_an_edited_photo_is_the_very_file_of_gen_jax_edit(
    format: str, suffix: str, quality: int | None, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exif = Image.Exif()
    exif[0x010E] = "a shoe"
    Image.fromarray(pixels(0, 9, 7, 3)).save("photo.jpg", exif=exif, dpi=(300, 300))
    words = ["photo.jpg", "invert", "--out", f"edited.{suffix}"]
    assert edit.main([*words, *([] if quality is None else ["--quality", str(quality)])]) == 0
    photo = read_photo("photo.jpg")
    edited = Photo(pixels=255 - photo.pixels, exif=photo.exif, icc_profile=photo.icc_profile, dpi=photo.dpi)
    answer = FINISHING.edited(edited, format=format, quality=quality, facts={})
    assert answer.body == (tmp_path / f"edited.{suffix}").read_bytes()


def test_an_edited_photo_in_json_is_a_png() -> None:
    photo = Photo(pixels=pixels(0, 4, 3, 2))
    document = json.loads(FINISHING.edited(photo, format="json", facts={"edits": 2}).body)
    [entry] = document["images"]
    assert (document["edits"], entry["height"], entry["width"]) == (2, 4, 3)
    assert np.array_equal(np.asarray(read(base64.b64decode(entry["data"]))), photo.pixels)


def test_the_content_filter_sees_every_picture_before_the_answer_is_made() -> None:
    refusal = Refusal()
    finishing = Finishing(content_filter=refusal)  # type: ignore[arg-type]
    white = Picture(pixels=np.full((6, 5, 3), 255, np.uint8))
    for format in ("png", "zip", "json"):
        with pytest.raises(Problem, match="made picture 1: refused"):
            finishing.generated([picture(0), white, picture(2)], format=format, origin="model", facts={})
    with pytest.raises(Problem, match="edited image: refused"):
        finishing.edited(Photo(pixels=white.pixels), format="png", facts={})
    with pytest.raises(Problem, match="image: refused"):
        finishing.check_input(white.pixels, what="image")
    assert refusal.seen == ["made picture 0", "made picture 1"] * 3 + ["edited image", "image"]


def test_an_svg_file_that_the_filter_cannot_see_does_not_pass() -> None:
    refusal = Refusal()
    finishing = Finishing(content_filter=refusal)  # type: ignore[arg-type]
    with pytest.raises(Problem, match="ask for png"):
        finishing.vector(b"<svg></svg>\n", facts={})
    with pytest.raises(Problem, match="refused"):
        finishing.vector(b"<svg></svg>\n", facts={}, pixels=np.full((2, 2, 4), 255, np.uint8))
    assert finishing.vector(b"<svg></svg>\n", facts={}, pixels=pixels(0, 2, 2, 4)).media_type == "image/svg+xml"


def test_a_picture_too_large_for_the_format_is_the_clients_mistake() -> None:
    wide = Picture(pixels=np.zeros((1, 16384, 3), np.uint8))
    with pytest.raises(UserError, match=r"format webp: 1x16384 pixels do not fit.*ask for png"):
        FINISHING.generated([wide], format="webp", origin="rule", facts={})


def test_with_no_settings_nothing_is_filtered() -> None:
    assert not Finishing.open(Settings()).filters
