"""``gen-jax edit --endpoint``: the same files as without it, made by a service on this machine."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.edit import main
from gen_jax.errors import RunError, UserError
from gen_jax.serve.access.gate import Gate
from gen_jax.serve.batching.admission import Admission
from gen_jax.serve.limits import Limits
from gen_jax.serve.scoring import Call, Scoring
from gen_jax.serve.service import Service
from gen_jax.serve.settings import Access, Settings

pytest.importorskip("httpx")
pytest.importorskip("python_multipart")

EDITS = ("salt_and_pepper=0.2",)


class Endpoint:
    """The scoring address of a service, at ``url``; ``taken`` holds the query and the status of each request."""

    def __init__(self, scoring: Scoring) -> None:
        self.taken: list[tuple[str, int]] = []
        lock, taken = Lock(), self.taken

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                place = urllib.parse.urlsplit(self.path)
                query = urllib.parse.parse_qs(place.query)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                call = Call(method="POST", query=query, headers=self.headers, read=lambda most: body[:most])  # type: ignore[arg-type]
                status, headers, answer = scoring.answer(call)
                with lock:
                    taken.append((place.query, status))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/score"
        Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture(scope="module")
def served() -> Iterator[Endpoint]:
    limits = Limits(pixels=5000, output_pixels=5000)
    service = Service.open(Settings(limits=limits))
    endpoint = Endpoint(Scoring(service=service, gate=Gate(Access()), admission=Admission(limits)))
    yield endpoint
    endpoint.http.shutdown()
    endpoint.http.server_close()
    service.close(seconds=5)


@pytest.fixture
def endpoint(served: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    monkeypatch.delenv("GEN_JAX_TOKEN", raising=False)
    served.taken.clear()
    return served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A turned JPEG with EXIF and a resolution, and a picture with alpha in a folder below."""
    folder = tmp_path / "photos"
    (folder / "trip").mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 4), np.uint8)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a note"
    Image.fromarray(pixels[..., :3]).save(folder / "turned.jpg", exif=exif, dpi=(300, 300))
    Image.fromarray(pixels).save(folder / "trip" / "alpha.png")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("options", [(), ("--format", "tiff"), ("--format", "webp", "--no-metadata")])
def test_the_files_are_those_of_this_machine(
    endpoint: Endpoint, folder: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    for out, where in (("here", ()), ("there", ("--endpoint", endpoint.url))):
        assert main([str(folder), "--out", str(tmp_path / out), *EDITS, *options, *where]) == 0
    assert files(tmp_path / "there") == files(tmp_path / "here")
    assert endpoint.taken == [("do=edit", 200)] * 2


def test_the_same_command_again_makes_what_is_missing_wherever_it_was_begun(
    endpoint: Endpoint, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main([str(folder), "--out", str(out), *EDITS])
    made = files(out)
    (out / "turned.jpg").unlink()
    assert main([str(folder), "--out", str(out), *EDITS, "--endpoint", endpoint.url]) == 0
    assert files(out) == made
    assert len(endpoint.taken) == 1
    assert "1 edited, 1 were there" in capsys.readouterr().out


def test_a_picture_of_a_recipe_is_sent_along(endpoint: Endpoint, folder: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4, 4), 130, np.uint8)).save(tmp_path / "stamp.png")
    recipe = tmp_path / "recipe.json"
    recipe.write_text('[{"kind": "alpha_over", "overlay": "stamp.png", "top": 2, "left": 3}]')
    photo = str(folder / "trip" / "alpha.png")
    for out, where in (("here.png", ()), ("there.png", ("--endpoint", endpoint.url))):
        assert main([photo, "--out", str(tmp_path / out), "--recipe", str(recipe), *where]) == 0
    assert (tmp_path / "there.png").read_bytes() == (tmp_path / "here.png").read_bytes()


def test_a_photo_that_cannot_be_made_is_skipped_and_named(
    endpoint: Endpoint, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cut.jpg").write_bytes((folder / "turned.jpg").read_bytes()[:-400])
    Image.new("RGB", (100, 60)).save(folder / "large.png")
    words = [str(folder), "--out", str(tmp_path / "out"), "--endpoint", endpoint.url, "flip_left_right"]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "cut.jpg: image file is truncated" in said
    assert "large.png" in said and "5000" in said
    assert sorted(name for name in files(tmp_path / "out") if name[0] != ".") == ["trip/alpha.png", "turned.jpg"]
    with pytest.raises(UserError, match=r"cut.jpg: image file is truncated"):
        main([str(folder / "cut.jpg"), "--out", str(tmp_path / "one.png"), *words[3:]])


def test_edits_that_do_not_suit_are_one_line_and_leave_nothing(
    endpoint: Endpoint, folder: Path, tmp_path: Path
) -> None:
    for edit, said in (("convolve=[1,-1,0,0,0,0,0,0,0]", "sum to 0"), ("resize=500x500", "5000")):
        words = ["--out", str(tmp_path / "out.png"), "--endpoint", endpoint.url, edit]
        with pytest.raises(UserError, match=rf"alpha.png: .*{said}"):
            main([str(folder / "trip" / "alpha.png"), *words])
    assert [status for _, status in endpoint.taken] == [422, 413]
    assert not (tmp_path / "out.png").exists()


def test_a_service_that_is_not_there_is_one_line(folder: Path, tmp_path: Path) -> None:
    words = ["--out", str(tmp_path / "out.png"), "--endpoint", "http://127.0.0.1:1", "invert"]
    with pytest.raises(RunError, match=r"alpha.png: http://127.0.0.1:1: cannot be reached"):
        main([str(folder / "trip" / "alpha.png"), *words])
