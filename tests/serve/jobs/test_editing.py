"""Edits for a client: the pictures of ``gen-jax edit``, whatever else is in the call; and what is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.edit import main
from gen_jax.edit.syntax import parse_operation
from gen_jax.errors import UserError
from gen_jax.serve.answers.finishing import Finishing
from gen_jax.serve.jobs.editing import edit_job
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import EditRequest
from gen_jax.serve.work import Answer, Job

WORDS = ("salt_and_pepper=0.2,seed=3", "rotate90=1")
RANDOM = np.random.default_rng(0)


def pixels(height: int = 14, width: int = 19, channels: int = 3) -> np.ndarray:
    return RANDOM.integers(0, 256, (height, width, channels), np.uint8)


def file_of(image: np.ndarray, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(buffer, format)
    return buffer.getvalue()


def job_of(*words: str, image: bytes | None = None, limits: Limits | None = None, **fields: Any) -> Job:
    edits = tuple(map(parse_operation, words))
    request = EditRequest(image=image or file_of(pixels()), edits=edits, **fields)
    return edit_job(request, limits or Limits(), Finishing())


def answer_of(job: Job) -> Answer:
    return job.finish(job.work.run(job.rows))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_answer_is_the_file_of_the_command(channels: int, tmp_path: Path) -> None:
    """Noise too: it comes from the name of the file."""
    source = tmp_path / "photo.png"
    source.write_bytes(file_of(pixels(channels=channels)))
    assert main([str(source), *WORDS, "--out", str(tmp_path / "edited.png")]) == 0
    answer = answer_of(job_of(*WORDS, image=source.read_bytes(), name="photo.png"))
    assert (answer.media_type, answer.body) == ("image/png", (tmp_path / "edited.png").read_bytes())


def test_images_that_share_a_call_become_what_they_become_alone() -> None:
    jobs = [
        job_of(*WORDS, image=file_of(pixels(13, 17 + place)), name=name) for place, name in enumerate(("a", "b", "c"))
    ]
    assert len({job.work.signature for job in jobs}) == 1
    together = jobs[2].work.run([job.rows[0] for job in jobs])
    for job, result in zip(jobs, together, strict=True):
        np.testing.assert_array_equal(result, job.work.run(job.rows)[0])


def test_other_numbers_are_another_signature_and_the_same_program() -> None:
    one, two = job_of("rotate=10"), job_of("rotate=20")
    assert one.work.signature != two.work.signature
    assert one.work.program(1) == two.work.program(1) != one.work.program(2)
    assert job_of("rotate=10").work.signature == one.work.signature


def test_other_pictures_are_another_signature() -> None:
    signatures = {job_of("paste=stamp,0,0", pictures={"stamp": file_of(pixels(4, 4))}).work.signature for _ in range(2)}
    assert len(signatures) == 2


@pytest.mark.parametrize(
    ("format", "media_type"), [("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("BMP", "image/png")]
)
def test_the_answer_is_of_the_format_of_the_image_where_it_can_be(format: str, media_type: str) -> None:
    job = job_of("invert", image=file_of(pixels(), format))
    assert job.finish([pixels()]).media_type == media_type


def test_a_picture_is_one_of_the_request_and_never_a_path(tmp_path: Path) -> None:
    path = tmp_path / "stamp.png"
    path.write_bytes(file_of(pixels(4, 4)))
    with pytest.raises(Problem, match="allowed are the pictures of the request: 'stamp'"):
        job_of(f"paste={path},0,0", pictures={"stamp": path.read_bytes()})
    image, stamp = pixels(), pixels(4, 4)
    job = job_of("paste=stamp,1,2", image=file_of(image), pictures={"stamp": file_of(stamp)})
    [result] = job.work.run(job.rows)
    np.testing.assert_array_equal(result[1:5, 2:6], stamp)


@pytest.mark.parametrize(
    "words",
    [
        ("resize=20000x20000", "resize=10x10"),
        ("pad=9000",),
        ("scale=2", "crop=0,0,1,99999999"),
        ("resize=1x4000000", "resize=4000000x1"),
        ("median=255",),
        ("true_gaussian_blur=1000",),
        ("invert",) * 33,
        (f"watermark={'x' * 2000}",),
    ],
    ids=lambda words: words[0][:20],
)
def test_what_would_take_too_much_is_refused_before_any_of_it_is_done(words: tuple[str, ...]) -> None:
    image = file_of(pixels(200, 300))
    with pytest.raises(Problem) as caught:
        job_of(*words, image=image)
    assert caught.value.kind == "content-too-large"


def test_the_same_filter_is_allowed_on_a_small_image_and_refused_on_a_large_one() -> None:
    job_of("median=21")
    with pytest.raises(Problem, match=r"median.*smaller"):
        job_of("median=21", image=file_of(np.zeros((4000, 4000, 3), np.uint8), "BMP"))


@pytest.mark.parametrize("word", ["pad=99999999999999", "resize=8x8,box=[0,0,1e300,4]"])
def test_numbers_out_of_all_bounds_are_refused(word: str) -> None:
    with pytest.raises((Problem, UserError)) as caught:
        job_of(word)
    assert "\n" not in str(caught.value)


def test_the_content_filter_sees_the_image_and_the_pictures_that_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(Finishing, "check_input", lambda self, pixels, *, what: seen.append(what))
    job_of("paste=a,0,0", "paste=a,1,1", pictures={"a": file_of(pixels(4, 4)), "b": b"not read"})
    assert seen == ["image", "picture 'a'"]
