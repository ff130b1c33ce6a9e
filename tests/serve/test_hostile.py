"""Hostile requests to a real service with small limits: each is refused, and the next good one works."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from gen_jax.serve.service import Service
from gen_jax.serve.settings import Settings
from tests.serve import hostile
from tests.serve.fake_service import SMALL, Around


@pytest.fixture(scope="module")
def around() -> Iterator[Around]:
    service = Service.open(Settings(limits=SMALL))
    service.warm_up()
    yield Around(service)
    service.close(seconds=5)


def test_every_hostile_request_is_refused_and_the_next_one_works(
    around: Around, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = []

    async def send_all() -> None:
        transport = httpx.ASGITransport(app=around.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            for case in hostile.cases(SMALL):
                answer = await client.request(case.method, case.path, content=case.body, headers=case.headers)
                is_problem = answer.headers["content-type"] == "application/problem+json"
                if answer.status_code not in case.allowed or not is_problem:
                    wrong.append(f"{case.name}: {answer.status_code} {answer.text[:200]}")
            good = await client.post("/edit?edit=invert", content=hostile.photo(), headers=hostile.PNG)
            assert good.status_code == 200

    asyncio.run(send_all())
    assert not wrong, "\n" + "\n".join(wrong)
    assert (around.admission.requests, around.admission.held_bytes) == (0, 0)
    assert not [record for record in caplog.records if record.exc_info]


def test_there_are_200_of_them() -> None:
    assert len(hostile.cases(SMALL)) >= 200
