"""The client against a small server that answers what a test tells it to, and remembers what it was sent."""

from __future__ import annotations

import base64
import io
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gen_jax.edit import AlphaOver, Brightness
from gen_jax.errors import RunError, UserError
from gen_jax.serve.client import Client, ServedImage
from gen_jax.serve.client.calling import Refused
from gen_jax.serve.problem import MEDIA_TYPE, Problem

pytest.importorskip("httpx")

TOKEN = "GEN_JAX_TOKEN"


class Recorded:
    """A request as it arrived."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.method, self.path, self.headers = handler.command, handler.path, handler.headers
        self.body = handler.rfile.read(int(handler.headers.get("content-length", 0)))

    def parts(self) -> dict[str, Message]:
        """Return the parts of a form by field name, as Python's own parser of mail reads them."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        form: Any = BytesParser().parsebytes(head + self.body)
        return {str(part.get_param("name", header="content-disposition")): part for part in form.get_payload()}


class Server:
    """Gives ``answers`` in turn, the last again and again: (status, headers, body), or None to hang up."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self.answers: list[tuple[int, dict[str, str], bytes] | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                outer.requests.append(Recorded(self))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if answer is None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv(TOKEN, raising=False)
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def png(pixels: np.ndarray = PIXELS) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def answer_image(**headers: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "image/png", **headers}, png()


def answer_problem(problem: Problem, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return problem.status, {"Content-Type": MEDIA_TYPE, **headers}, problem.document().text()


BUSY = Problem("busy", "64 requests wait already")


def test_a_file_is_sent_as_it_lies_on_disk_under_its_name(server: Server, client: Client, tmp_path: Path) -> None:
    photo = tmp_path / "grün.jpg"
    photo.write_bytes(b"the bytes of a photo")
    server.answers = [answer_image()]
    made = client.edit(photo, [{"kind": "invert"}], format="webp", quality=80, precision="float")
    [request] = server.requests
    parts = request.parts()
    assert (request.method, request.path) == ("POST", "/edit")
    assert parts["image"].get_payload(decode=True) == b"the bytes of a photo"
    assert parts["name"].get_payload(decode=True).decode() == "grün.jpg"
    assert json.loads(parts["edits"].get_payload()) == [{"kind": "invert"}]
    assert [parts[name].get_payload() for name in ("format", "quality", "precision")] == ["webp", "80", "float"]
    np.testing.assert_array_equal(made.array(), PIXELS)


def test_edits_may_be_words_and_operations_and_pictures_in_them_travel(server: Server, client: Client) -> None:
    server.answers = [answer_image()]
    stamp = np.full((2, 2, 4), 200, np.uint8)
    edits = ["rotate=12,expand=true", Brightness(factor=0.1), AlphaOver(overlay=stamp), {"kind": "invert"}]
    client.edit(PIXELS, edits, pictures={"logo": png()})
    parts = server.requests[0].parts()
    rotate, brightness, paste, invert = json.loads(parts["edits"].get_payload())
    assert (rotate["kind"], rotate["degrees"], rotate["expand"]) == ("rotate", 12, True)
    assert (brightness["factor"], invert) == (0.1, {"kind": "invert"})
    assert parts["logo"].get_payload(decode=True) == png()
    sent = Image.open(io.BytesIO(parts[paste["overlay"]].get_payload(decode=True)))
    np.testing.assert_array_equal(np.asarray(sent), stamp)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(parts["image"].get_payload(decode=True)))), PIXELS)


def test_generated_images_come_with_their_facts(server: Server, client: Client) -> None:
    images = [{"data": base64.b64encode(png()).decode(), "media_type": "image/png", "number": n} for n in range(2)]
    body = json.dumps({"seed": 7, "model": "shoes", "images": images}).encode()
    server.answers = [(200, {"Content-Type": "application/json"}, body)]
    made = client.generate(2, seed=7, label="Bag")
    assert json.loads(server.requests[0].body) == {"num": 2, "class": "Bag", "seed": 7, "format": "json"}
    assert [image.facts["number"] for image in made] == [0, 1]
    assert {image.facts["seed"] for image in made} == {7}
    np.testing.assert_array_equal(made[1].array(), PIXELS)


def test_drawings_and_tables_are_asked_for_where_they_are(server: Server, client: Client) -> None:
    server.answers = [(200, {"Content-Type": "application/json"}, b'{"images": []}')]
    assert client.draw_texture("oak", seed=3) == client.draw_logo("Nord", num=2) == []
    server.answers = [(200, {"Content-Type": "image/svg+xml", "gen-jax-seed": "5"}, b"<svg/>")]
    logo = client.draw_logo("Nord", format="svg")
    assert (logo[0].data, logo[0].facts) == (b"<svg/>", {"seed": 5})
    server.answers = [(200, {"Content-Type": "application/json"}, b'{"models": []}')]
    assert (client.models(), client.operations()) == ([], {"models": []})
    assert [(request.method, request.path) for request in server.requests] == [
        ("POST", "/draw/texture"),
        ("POST", "/draw/logo"),
        ("POST", "/draw/logo"),
        ("GET", "/models"),
        ("GET", "/operations"),
    ]


def test_a_busy_service_is_asked_again_when_it_says_so(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    starting = Problem("not-ready", "the service is starting")
    server.answers = [
        answer_problem(BUSY, **{"Retry-After": "2"}),
        answer_problem(starting, **{"Retry-After": "7"}),
        answer_image(),
    ]
    client.edit(png(), [{"kind": "invert"}])
    assert len(server.requests) == 3
    assert 2 <= waits[0] <= 2.5 and 7 <= waits[1] <= 8.75


def test_a_service_that_stays_busy_is_left_in_the_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server.answers = [answer_problem(BUSY)]
    with Client(server.url, retries=2) as client, pytest.raises(RunError, match=r"^64 requests wait already$"):
        client.generate()
    assert len(server.requests) == 3


def test_a_service_that_asks_for_an_hour_is_not_waited_for(server: Server, client: Client) -> None:
    server.answers = [answer_problem(BUSY, **{"Retry-After": "3600"})]
    with pytest.raises(RunError, match="64 requests wait"):
        client.generate()
    assert len(server.requests) == 1


def test_a_connection_that_breaks_before_the_answer_is_made_again(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server.answers = [None, None, answer_image()]
    assert client.edit(png(), ["invert"]).media_type == "image/png"
    server.answers = [None]
    with pytest.raises(RunError, match="the connection was lost before an answer came"):
        client.edit(png(), ["invert"])


def test_a_problem_of_the_request_is_one_line_and_is_not_sent_again(server: Server, client: Client) -> None:
    server.answers = [answer_problem(Problem("unprocessable", "edits[0]: rotate.degrees\nis 'x'"))]
    with pytest.raises(Refused, match=r"^edits\[0\]: rotate.degrees is 'x'$") as caught:
        client.edit(png(), [{"kind": "rotate"}])
    assert (caught.value.status, caught.value.kind, len(server.requests)) == (422, "unprocessable", 1)


@pytest.mark.parametrize("status", [500, 504])
def test_a_failure_of_the_service_is_no_mistake_of_the_user(server: Server, client: Client, status: int) -> None:
    server.answers = [(status, {"Content-Type": MEDIA_TYPE}, b'{"title": "The service has failed"}')]
    with pytest.raises(RunError, match=r"^The service has failed$"):
        client.generate()


def test_what_is_no_gen_jax_service_is_told(server: Server, client: Client) -> None:
    server.answers = [(404, {"Content-Type": "text/html"}, b"<h1>Not\r\nfound</h1>\x1b[31m")]
    with pytest.raises(UserError, match=r"answered 404 and no problem document.*<h1>Not found</h1> \[31m'$"):
        client.models()
    server.answers = [(200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>")]
    with pytest.raises(RunError, match="answers no JSON"):
        client.models()
    with pytest.raises(RunError, match="in place of an image"):
        client.edit(png(), ["invert"])


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8080", "ftp://there/", "http://", "http://x:nonsense", "there", "http://x/?do=edit"]
)
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(UserError, match="is no address of a service"):
        Client(url)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UserError, match="GEN_JAX_TOKEN") as caught:
        Client("https://somebody:secret@there")
    assert "secret" not in str(caught.value)


def test_nobody_at_the_address_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}") as client:
        assert not client.ready()
        with pytest.raises(RunError, match=rf"^http://127.0.0.1:{port}: cannot be reached \(.*refused.*\)$"):
            client.generate()


def test_an_answer_that_does_not_come_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Client(url, timeout=0.05) as client, pytest.raises(RunError, match="no answer in time"):
            client.generate()


def test_a_service_that_speaks_no_tls_is_one_line(server: Server) -> None:
    server.answers = [answer_image()]
    with Client(server.url.replace("http:", "https:")) as client, pytest.raises(RunError, match="cannot be reached"):
        client.generate()


def test_the_token_is_that_of_the_caller_or_of_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers = [(200, {}, b'{"models": []}')]
    monkeypatch.setenv(TOKEN, "of-the-environment\n")
    for token in (None, "mine", ""):
        with Client(server.url, token=token) as client:
            client.models()
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Bearer of-the-environment", "Bearer mine", None]
    with pytest.raises(UserError) as caught:
        Client(server.url, token="two words")
    assert "two words" not in str(caught.value)


def test_a_redirect_is_told_and_never_followed(server: Server) -> None:
    other = Server()
    other.answers = [(200, {}, b'{"models": []}')]
    server.answers = [(307, {"Location": f"{other.url}/models"}, b"")]
    with Client(server.url, token="secret") as client, pytest.raises(UserError, match="has moved to http"):
        client.models()
    assert other.requests == []
    other.http.shutdown()
    other.http.server_close()


def test_an_azure_endpoint_is_one_address_with_the_status_of_the_model_inside(server: Server) -> None:
    status, headers, body = answer_problem(Problem("unprocessable", "num is 0"))
    server.answers = [(424, {**headers, "ms-azureml-model-error-statuscode": str(status)}, body)]
    with Client(f"{server.url}/score") as client:
        with pytest.raises(Refused, match="num is 0") as caught:
            client.generate(0)
        server.answers = [(200, {}, b'{"models": []}')]
        assert client.models() == []
        assert client.ready()
    assert caught.value.status == 422
    assert [(request.method, request.path) for request in server.requests] == [
        ("POST", "/score?do=generate"),
        ("POST", "/score?do=models"),
        ("POST", "/score?do=models"),
    ]


def test_one_client_serves_many_threads(server: Server, client: Client) -> None:
    server.answers = [answer_image()]
    photos = [png(np.full((2, 2, 3), shade, np.uint8)) for shade in range(24)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda photo: client.edit(photo, [{"kind": "invert"}]), photos))
    assert {image.data for image in made} == {png()}
    assert sorted(request.parts()["image"].get_payload(decode=True) for request in server.requests) == sorted(photos)


def test_an_image_is_saved_as_it_came_under_a_name_that_fits(tmp_path: Path) -> None:
    image = ServedImage(data=png(), media_type="image/png")
    image.save(tmp_path / "a.PNG")
    assert (tmp_path / "a.PNG").read_bytes() == png()
    with pytest.raises(UserError, match=r"a.jpg: the image is image/png; name it .png"):
        image.save(tmp_path / "a.jpg")
    with pytest.raises(UserError, match="SVG"):
        ServedImage(data=b"<svg/>", media_type="image/svg+xml").array()


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.float32), np.zeros((2, 4, 4, 3), np.uint8), np.zeros((4, 4, 5), np.uint8)]
)
def test_an_array_that_is_no_image_is_refused_before_it_is_sent(client: Client, image: np.ndarray) -> None:
    with pytest.raises(UserError, match=r"allowed is uint8 \[h, w\]"):
        client.edit(image, ["invert"])


def test_a_file_that_is_not_there_is_one_line(client: Client, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing.png: No such file"):
        client.edit(tmp_path / "nothing.png", ["invert"])
