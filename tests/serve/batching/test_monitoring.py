"""What a scrape tells, read back by the parser of Prometheus' own client."""

from __future__ import annotations

import pytest

pytest.importorskip("prometheus_client")

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from gen_jax.serve.batching.admission import Admission
from gen_jax.serve.batching.batcher import Batcher
from gen_jax.serve.batching.monitoring import Monitoring
from gen_jax.serve.limits import Limits
from tests.serve.fake_work import FakeWork


def scrape(monitoring: Monitoring) -> dict[tuple[str, ...], float]:
    """Return name and label values -> value."""
    body, media_type = monitoring.text()
    assert media_type.startswith("text/plain")
    families = text_string_to_metric_families(body.decode())
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_requests_are_counted_and_timed() -> None:
    monitoring = Monitoring()
    monitoring.request(route="/edit", method="POST", status=200, seconds=0.3)
    monitoring.request(route="/edit", method="POST", status=200, seconds=50.0)
    monitoring.request(route="other", method="GET", status=404, seconds=0.001)
    monitoring.problem("content-refused")
    monitoring.images(16, route="/generate")
    told = scrape(monitoring)
    assert told["gen_jax_requests_total", "POST", "/edit", "200"] == 2
    assert told["gen_jax_requests_total", "GET", "other", "404"] == 1
    assert told["gen_jax_request_seconds_sum", "/edit"] == pytest.approx(50.3)
    assert told["gen_jax_request_seconds_bucket", "30.0", "/edit"] == 1
    assert told["gen_jax_request_seconds_bucket", "60.0", "/edit"] == 2
    assert told["gen_jax_problems_total", "content-refused"] == 1
    assert told["gen_jax_images_total", "/generate"] == 16


def test_a_client_cannot_make_up_series() -> None:
    monitoring = Monitoring()
    for number in range(10_000):
        monitoring.request(route=f"/{number}", method=f"M{number}", status=404, seconds=0.0)
    told = scrape(monitoring)
    assert len(told) < 10_000
    assert sum(value for name, value in told.items() if name[0] == "gen_jax_requests_total") == 10_000


def test_calls_of_a_batcher_are_counted() -> None:
    monitoring = Monitoring()
    batcher = Batcher(wait=0.0, programs=9, forget=lambda: None, observe=monitoring)
    batcher.submit(FakeWork(), range(6), deadline=None)
    batcher.start()
    batcher.close(seconds=20.0)
    told = scrape(monitoring)
    assert told["gen_jax_call_rows_sum",] == 6
    assert told["gen_jax_call_rows_bucket", "2.0"] == 1
    assert told["gen_jax_call_fill_ratio_sum",] == 1.5
    assert told["gen_jax_compiled_calls_total",] == 1
    assert told["gen_jax_device_seconds_total", "yes"] > 0
    assert told["gen_jax_wait_seconds_count",] == 1


def test_gauges_are_read_when_scraped() -> None:
    monitoring, ready = Monitoring(), False
    batcher = Batcher(wait=0.0, programs=9, forget=lambda: None)
    admission = Admission(Limits())
    monitoring.watch(batcher=batcher, admission=admission, ready=lambda: ready)
    assert scrape(monitoring)["gen_jax_ready",] == 0
    ready = True
    batcher.submit(FakeWork(), range(6), deadline=None)
    with admission.request() as held:
        held.hold(1234)
        told = scrape(monitoring)
    batcher.close(seconds=0.0)
    assert told["gen_jax_ready",] == 1
    assert told["gen_jax_open_requests",] == 1
    assert told["gen_jax_waiting_rows",] == 6
    assert told["gen_jax_backlog_seconds",] > 0
    assert told["gen_jax_admitted_requests",] == 1
    assert told["gen_jax_held_bytes",] == 1234


def test_the_process_is_told_of_and_two_services_are_told_apart() -> None:
    first, second = Monitoring(), Monitoring()
    first.images(1, route="/generate")
    assert scrape(first)["process_resident_memory_bytes",] > 1e6
    assert ("gen_jax_images_total", "/generate") not in scrape(second)
    assert "gen_jax" not in " ".join(REGISTRY._names_to_collectors)
