"""Azure's scoring script: what a request asks for, what is refused before it is read, and the real server."""

from __future__ import annotations

import http.client
import importlib
import json
import os
import socket
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.edit import main as edit_command
from gen_jax.errors import UserError
from gen_jax.serve.access.gate import Gate
from gen_jax.serve.batching.admission import Admission
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import MEDIA_TYPE, Problem
from gen_jax.serve.scoring import Call, Scoring
from gen_jax.serve.service import Service
from gen_jax.serve.settings import Access
from gen_jax.serve.work import Answer

REPOSITORY = Path(__file__).resolve().parents[2]
LIMITS = Limits(body_bytes=5000, waiting=2)


class Recorder:
    """A service that notes what it is asked, and answers with it."""

    limits = LIMITS

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.failure: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return lambda request: self.asked.append((name, request))

    def answer(self, job: None) -> Answer:
        if self.failure is not None:
            raise self.failure
        return Answer(body=b"made", media_type="image/png", headers={"gen-jax-seed": "7"})

    def describe_models(self) -> list[dict[str, Any]]:
        return [{"name": "shoes"}]


@pytest.fixture
def service() -> Recorder:
    return Recorder()


@pytest.fixture
def scoring(service: Recorder) -> Scoring:
    return Scoring(service=service, gate=Gate(Access()), admission=Admission(LIMITS))  # type: ignore[arg-type]


def call(body: bytes, media_type: str = "application/json", query: Any = None, **changes: Any) -> Call:
    headers = {"Content-Type": media_type, "Content-Length": str(len(body))}
    return Call(
        **{"method": "POST", "query": query or {}, "headers": headers, "read": lambda most: body[:most]} | changes
    )


def line(answer: tuple[int, Any, bytes]) -> tuple[int, str]:
    status, headers, body = answer
    assert headers["Content-Type"] == MEDIA_TYPE
    assert json.loads(body)["status"] == status
    return status, json.loads(body)["detail"]


@pytest.mark.parametrize(
    ("body", "media_type", "query", "expected"),
    [
        (b"{}", "application/json", {}, "generate"),
        (b'{"num": 2, "seed": 1}', "application/json", {}, "generate"),
        (b'{"image": "AAAA", "edits": [{"kind": "invert"}]}', "application/json; charset=utf-8", {}, "edit"),
        (b"an image", "image/png", {"edit": ["invert"]}, "edit"),
        (b"an image", "image/jpeg", {"do": ["reconstruct"]}, "reconstruct"),
        (b'{"image": "AAAA"}', "application/json", {"do": ["reconstruct"]}, "reconstruct"),
        (b'{"name": "oak"}', "application/json", {"do": ["texture"]}, "texture"),
        (b'{"text": "Nord"}', "application/json", {"do": ["logo"]}, "logo"),
    ],
)
def test_the_query_or_the_body_says_what_is_asked_for(
    scoring: Scoring, service: Recorder, body: bytes, media_type: str, query: Any, expected: str
) -> None:
    assert scoring.answer(call(body, media_type, query)) == (
        200,
        {"gen-jax-seed": "7", "Content-Type": "image/png"},
        b"made",
    )
    assert [name for name, _ in service.asked] == [expected]


def test_the_models_are_told(scoring: Scoring) -> None:
    status, headers, body = scoring.answer(call(b"", query={"do": ["models"]}))
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body) == {"models": [{"name": "shoes"}]}


@pytest.mark.parametrize("query", [{"do": ["everything"]}, {"do": ["edit", "generate"]}, {"do": [""]}])
def test_what_cannot_be_asked_for_is_told_with_what_can(scoring: Scoring, query: Any) -> None:
    status, detail = line(scoring.answer(call(b"{}", query=query)))
    assert status == 404
    assert "it can be generate, edit, texture, logo, reconstruct, models, operations" in detail


def test_only_post_is_answered(scoring: Scoring) -> None:
    assert line(scoring.answer(call(b"{}", method="GET"))) == (405, "the method is GET; send POST")


def test_a_body_that_says_that_it_is_too_large_is_not_read(scoring: Scoring) -> None:
    def read(most: int) -> bytes:
        raise AssertionError("nothing may be read")

    headers = {"Content-Type": "image/png", "Content-Length": "100000000"}
    status, detail = line(scoring.answer(call(b"", headers=headers, read=read)))
    assert (status, detail) == (413, "the body has 100000000 bytes; 5000 are allowed")


def test_a_body_that_does_not_say_how_large_it_is_is_read_to_the_limit(scoring: Scoring) -> None:
    taken: list[int] = []

    def read(most: int) -> bytes:
        taken.append(most)
        return bytes(most)

    assert line(scoring.answer(call(b"", headers={"Content-Type": "image/png"}, read=read)))[0] == 413
    assert taken == [5001]


def test_what_a_request_holds_is_bounded_and_given_back(service: Recorder) -> None:
    limits = Limits(body_bytes=5000, waiting_bytes=1000)
    scoring = Scoring(service=service, gate=Gate(Access()), admission=Admission(limits))  # type: ignore[arg-type]
    for _ in range(3):
        assert line(scoring.answer(call(bytes(1001), "image/png", {"edit": ["invert"]})))[0] == 413
        assert scoring.answer(call(bytes(900), "image/png", {"edit": ["invert"]}))[0] == 200


def test_a_refusal_is_a_problem_document_with_its_headers(scoring: Scoring, service: Recorder) -> None:
    service.failure = Problem("busy", "too much waits", retry_after=2.2)
    status, headers, body = scoring.answer(call(b"{}"))
    assert (status, headers["Retry-After"], json.loads(body)["detail"]) == (429, "3", "too much waits")
    service.failure = UserError("num is 0")
    assert line(scoring.answer(call(b"{}"))) == (422, "num is 0")


def test_a_defect_says_nothing_of_itself_to_the_client(
    scoring: Scoring, service: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    service.failure = KeyError("the secret place")
    status, detail = line(scoring.answer(call(b"{}")))
    assert status == 500
    assert "secret" not in detail
    assert "the secret place" in caplog.text


def test_a_token_is_asked_for_where_one_is_set(service: Recorder, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("a-long-enough-token-0123456789\n")
    gate = Gate(Access(token_file=str(tmp_path / "tokens")))
    scoring = Scoring(service=service, gate=gate, admission=Admission(LIMITS))  # type: ignore[arg-type]
    assert line(scoring.answer(call(b"{}")))[0] == 401
    headers = {"Content-Type": "application/json", "Authorization": "Bearer a-long-enough-token-0123456789"}
    assert scoring.answer(call(b"{}", headers=headers))[0] == 200


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 4), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The script itself, with stand-ins for the two modules of the server that it imports."""
    request, response = types.ModuleType("aml_request"), types.ModuleType("aml_response")
    request.AMLRequest, request.rawhttp = object, lambda function: function  # type: ignore[attr-defined]
    response.AMLResponse = lambda *arguments: arguments  # type: ignore[attr-defined]
    for name, module in (("", types.ModuleType("")), (".api", types.ModuleType(""))):
        monkeypatch.setitem(sys.modules, f"azureml_inference_server_http{name}", module)
    monkeypatch.setitem(sys.modules, "azureml_inference_server_http.api.aml_request", request)
    monkeypatch.setitem(sys.modules, "azureml_inference_server_http.api.aml_response", response)
    yield importlib.import_module("gen_jax.serve.score")
    sys.modules.pop("gen_jax.serve.score")


def test_the_script_answers_with_the_file_of_the_command(
    script: Any, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Service] = []
    open_service = Service.open
    monkeypatch.setattr(Service, "open", lambda settings: opened.append(open_service(settings)) or opened[-1])
    monkeypatch.setenv("GEN_JAX_SERVE", "{}")
    edit_command([str(photo), "--out", str(tmp_path / "expected.png"), "posterize=3"])
    script.init()
    try:
        with photo.open("rb") as stream:
            request = types.SimpleNamespace(
                method="POST",
                args=types.SimpleNamespace(to_dict=lambda flat: {"edit": ["posterize=3"]}),
                headers={"Content-Type": "image/png"},
                stream=stream,
            )
            body, status, headers = script.run(request)
    finally:
        opened[0].close(seconds=5)
    assert (status, headers["Content-Type"]) == (200, "image/png")
    assert body == (tmp_path / "expected.png").read_bytes()


def test_a_folder_without_a_run_ends_the_script_in_one_line(script: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no run"):
        Scoring.open({"AZUREML_MODEL_DIR": str(tmp_path)})


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    """The real server with the script, in an environment of its own: it cannot share one with the service's."""
    python = os.environ.get("GEN_JAX_AZURE_PYTHON")
    if not python:
        pytest.skip("GEN_JAX_AZURE_PYTHON names no Python that has azureml-inference-server-http")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (tmp_path / "main.py").write_text("from gen_jax.serve.score import init, run\n")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "GUNICORN_CMD_ARGS": "--threads=8"}
    command = [str(Path(python).parent / "azmlinfsrv"), "--entry_script", "main.py", "--port", str(port)]
    log = (tmp_path / "log.txt").open("wb")
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        while server.poll() is None:
            try:
                connection.connect()
                break
            except OSError:
                time.sleep(0.1)
        yield connection
    finally:
        connection.close()
        server.terminate()
        server.wait(60)
        log.close()


def test_the_real_server_answers_with_the_file_of_the_command(
    azure: http.client.HTTPConnection, photo: Path, tmp_path: Path
) -> None:
    edit_command([str(photo), "--out", str(tmp_path / "expected.png"), "rotate=12", "gaussian_noise=9"])
    query = "edit=rotate=12&edit=gaussian_noise=9&name=photo.png"
    azure.request("POST", f"/score?{query}", photo.read_bytes(), {"Content-Type": "image/png"})
    response = azure.getresponse()
    assert (response.status, response.headers["Content-Type"]) == (200, "image/png")
    assert response.read() == (tmp_path / "expected.png").read_bytes()
    azure.request("POST", "/score", b'{"num": 1}', {"Content-Type": "application/json"})
    response = azure.getresponse()
    assert (response.status, response.headers["Content-Type"]) == (422, MEDIA_TYPE)
    assert "no model" in json.loads(response.read())["detail"]
