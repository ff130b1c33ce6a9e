"""The HTTP app in front of a service of plain Python: routes, refusals, headers, time, and who leaves early."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from gen_jax.errors import UserError
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.work import Answer
from tests.serve.fake_service import SMALL, Around, FakeService, Model

PNG = {"Content-Type": "image/png"}


@pytest.fixture
def service() -> Iterator[FakeService]:
    service = FakeService()
    yield service
    service.go.set()
    service.batcher.close(seconds=5)


@pytest.fixture
def around(service: FakeService) -> Around:
    return Around(service)


def assert_problem(response: Any, status: int, *words: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert set(document) == {"type", "title", "status", "detail"}
    assert document["status"] == status
    assert "\n" not in document["detail"]
    for word in words:
        assert word in document["detail"]


def test_an_answer_has_its_bytes_its_type_and_its_facts(around: Around) -> None:
    response = around.send("POST", "/generate", json={"num": 2})
    assert (response.status_code, response.content) == (200, b"made")
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-length"] == "4"
    assert response.headers["gen-jax-seed"] == "7"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_long_answer_arrives_whole(around: Around, service: FakeService) -> None:
    body = bytes(range(256)) * 4096
    service.answered = Answer(body=body, media_type="image/png")
    assert around.send("POST", "/generate", json={}).content == body


def test_a_request_id_is_kept_where_it_is_harmless_and_made_where_not(around: Around) -> None:
    assert around.send("GET", "/healthz", headers={"X-Request-Id": "a-1"}).headers["x-request-id"] == "a-1"
    for harmful in ("a b", "x" * 65, "", "a\tb"):
        made = around.send("GET", "/healthz", headers={"X-Request-Id": harmful}).headers["x-request-id"]
        assert made not in ("", harmful) and made.isalnum()


def test_head_has_the_headers_of_get(around: Around) -> None:
    for path in ("/", "/healthz", "/models", "/docs", "/openapi.json", "/metrics"):
        response = around.send("HEAD", path)
        assert response.status_code == 200
        assert int(response.headers["content-length"]) > 0


def test_readyz_says_when_it_is_ready_and_healthz_does_not_care(around: Around, service: FakeService) -> None:
    assert around.send("GET", "/readyz").json() == {"status": "ready"}
    service.ready = False
    response = around.send("GET", "/readyz")
    assert_problem(response, 503, "starting")
    assert int(response.headers["retry-after"]) >= 1
    assert around.send("GET", "/healthz").status_code == 200


def test_a_draining_service_is_not_ready_and_ends_its_connections(around: Around) -> None:
    around.app.state.draining = True
    assert_problem(around.send("GET", "/readyz"), 503, "stopping")
    assert around.send("POST", "/generate", json={}).headers["connection"] == "close"


def test_unknown_places_and_methods_are_problems(around: Around) -> None:
    assert_problem(around.send("GET", "/nowhere"), 404, "/nowhere")
    refused = around.send("DELETE", "/edit")
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "POST"
    assert_problem(around.send("GET", "/edit/"), 404)


def test_what_no_model_can_is_refused_and_not_described() -> None:
    around = Around(FakeService(models={"fashion": Model(("generate",))}))
    assert_problem(around.send("POST", "/reconstruct", content=b"x", headers=PNG), 404, "no model")
    assert "/reconstruct" not in around.send("GET", "/openapi.json").json()["paths"]
    assert "/generate" in around.send("GET", "/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Problem("content-refused", "the filter"), 422, "the filter"),
        (UserError("degrees is 900;\nallowed are 0 to 360"), 422, "degrees is 900; allowed"),
        (Problem("busy", "later", retry_after=2.1), 429, "later"),
    ],
)
def test_a_refusal_of_the_service_is_told(
    around: Around, service: FakeService, error: Exception, status: int, said: str
) -> None:
    service.error = error
    response = around.send("POST", "/generate", json={})
    assert_problem(response, status, said)
    assert response.headers.get("retry-after") == ("3" if status == 429 else None)


def test_a_defect_is_500_its_story_in_the_log_alone(
    around: Around, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    service.error = ZeroDivisionError("the secret")
    response = around.send("POST", "/generate", json={}, headers={"X-Request-Id": "this-one"})
    assert_problem(response, 500, "this-one")
    assert "secret" not in response.text and "Zero" not in response.text
    assert "the secret" in caplog.text and "this-one" in caplog.text


def test_the_log_holds_no_query_and_no_content(around: Around, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    headers = {**PNG, "Authorization": "Bearer token-of-mine"}
    around.send("POST", "/edit?edit=invert&name=private", content=b"pixels-of-mine", headers=headers)
    around.send("GET", "/some/private/path")
    lines = [record.getMessage() for record in caplog.records if record.name == "gen_jax.serve"]
    assert [line.split()[:3] for line in lines] == [["POST", "/edit", "200"], ["GET", "other", "404"]]
    assert not [line for line in lines if "private" in line or "mine" in line]


def test_credentials_are_asked_for_before_the_body_is_read() -> None:
    class Locked:
        def check(self, authorization: str | None) -> None:
            if authorization != "Bearer right":
                raise Problem("unauthorized", "send a token")

    around = Around(FakeService(), gate=Locked())

    async def unread() -> Any:
        raise AssertionError("the body was read")
        yield b""

    refused = around.send("POST", "/generate", content=unread(), headers={"Content-Type": "application/json"})
    assert_problem(refused, 401)
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers["connection"] == "close"
    assert_problem(around.send("GET", "/metrics"), 401)
    assert_problem(around.send("GET", "/nowhere"), 401)
    assert around.send("GET", "/healthz").status_code == 200
    assert around.send("GET", "/readyz").status_code == 200
    right = {"Authorization": "Bearer right"}
    assert around.send("POST", "/generate", json={}, headers=right).status_code == 200
    assert "security" in around.send("GET", "/openapi.json", headers=right).json()["paths"]["/edit"]["post"]


def test_a_body_that_says_it_is_too_large_is_not_read(around: Around) -> None:
    async def unread() -> Any:
        raise AssertionError("the body was read")
        yield b""

    for length in (str(SMALL.body_bytes + 1), "9" * 30):
        response = around.send("POST", "/edit", content=unread(), headers={**PNG, "Content-Length": length})
        assert_problem(response, 413, str(SMALL.body_bytes))


def test_a_body_is_counted_as_it_comes_and_given_back(around: Around) -> None:
    async def endless() -> Any:
        while True:
            yield bytes(1 << 16)

    assert_problem(around.send("POST", "/edit", content=endless(), headers=PNG), 413)
    assert (around.admission.requests, around.admission.held_bytes) == (0, 0)


def test_a_body_that_stops_coming_is_408() -> None:
    around = Around(FakeService(Limits(body_seconds=0.05)))
    never = asyncio.Event

    async def stops() -> Any:
        yield b"{"
        await never().wait()

    assert_problem(around.send("POST", "/generate", content=stops(), headers={"Content-Type": "application/json"}), 408)


def test_a_compressed_body_is_refused(around: Around) -> None:
    refused = around.send("POST", "/edit", content=b"x", headers={**PNG, "Content-Encoding": "gzip"})
    assert_problem(refused, 415, "gzip")


def test_the_format_is_that_of_the_field_else_that_of_accept(around: Around, service: FakeService) -> None:
    accept = {"Accept": "image/webp, image/png;q=0.5"}
    around.send("POST", "/generate", json={}, headers=accept)
    around.send("POST", "/generate", json={"format": "jpeg"}, headers=accept)
    around.send("POST", "/generate", json={}, headers={"Accept": "image/*"})
    assert [request.format for request in service.understood] == ["webp", "jpeg", "png"]
    assert_problem(around.send("POST", "/generate", json={}, headers={"Accept": "text/html"}), 406, "image/png")


def test_work_that_takes_too_long_is_504_and_holds_until_it_has_ended() -> None:
    service = FakeService(Limits(seconds=0.05))
    service.go.clear()
    around = Around(service)
    assert_problem(around.send("POST", "/generate", json={}), 504)
    service.go.set()
    service.batcher.close(seconds=5)
    assert around.admission.requests == 0


def test_beyond_what_is_taken_on_a_request_is_told_to_come_back(around: Around) -> None:
    with around.admission.request(), around.admission.request(), around.admission.request():
        response = around.send("POST", "/generate", json={})
    assert_problem(response, 429)
    assert int(response.headers["retry-after"]) >= 1
    assert around.send("POST", "/generate", json={}).status_code == 200


def test_a_client_that_leaves_cancels_its_work(around: Around, service: FakeService) -> None:
    service.go.clear()

    async def leave_while_it_runs() -> None:
        messages = [{"type": "http.request", "body": b"{}", "more_body": False}]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop()
            await asyncio.to_thread(service.started.wait, 30)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": "/generate",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
        }
        await around.app(scope, receive, send)
        assert sent == []

    asyncio.run(leave_while_it_runs())
    assert (around.admission.requests, around.admission.held_bytes) == (0, 0)
    body, _ = around.monitoring.text()
    assert b'status="499"' in body


def test_health_is_told_while_every_thread_is_at_work(around: Around, service: FakeService) -> None:
    service.go.clear()
    asked = threading.Thread(target=lambda: around.send("POST", "/generate", json={}))
    asked.start()
    assert service.started.wait(30)
    assert around.send("GET", "/healthz").status_code == 200
    assert around.send("GET", "/metrics").status_code == 200
    service.go.set()
    asked.join()


def test_requests_are_counted_by_route_method_and_status(around: Around) -> None:
    around.send("POST", "/generate", json={})
    around.send("GET", "/a/secret")
    around.send("GET", "/b/secret")
    body = around.monitoring.text()[0].decode()
    assert 'gen_jax_requests_total{method="POST",route="/generate",status="200"} 1.0' in body
    assert 'gen_jax_requests_total{method="GET",route="other",status="404"} 2.0' in body
    assert 'gen_jax_images_total{route="/generate"} 2.0' in body
    assert "secret" not in body


def test_the_index_names_what_there_is(around: Around) -> None:
    told = around.send("GET", "/").json()
    for path in told["get"]:
        assert around.send("GET", path).status_code == 200
    assert json.dumps(told["post"]) == '["/generate", "/edit", "/draw/texture", "/draw/logo"]'


def test_the_page_of_documentation_loads_nothing(around: Around) -> None:
    page = around.send("GET", "/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text and "src=" not in page.text
    assert "/draw/texture" in page.text and "curl" in page.text and "rotate" in page.text
