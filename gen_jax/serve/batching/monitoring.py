"""What GET /metrics tells, in the words of Prometheus: requests, calls of the accelerator, what waits, the process."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128)
_SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)
_MOST_VALUES = 64
"""Of a label; each is a time series that lives as long as the service."""


class Waiting(Protocol):
    """What ``batcher.Batcher`` is to a scrape."""

    @property
    def open_tickets(self) -> int:
        """Requests that wait or run."""
        ...

    @property
    def waiting_rows(self) -> int:
        """Rows that have not started."""
        ...

    @property
    def backlog_seconds(self) -> float:
        """Estimate of the time that all that waits and runs will take."""
        ...


class Admitted(Protocol):
    """What ``admission.Admission`` is to a scrape."""

    @property
    def requests(self) -> int:
        """That are taken on."""
        ...

    @property
    def held_bytes(self) -> int:
        """By all of them."""
        ...


class Monitoring:
    """Counts of one service, in a registry of its own; an ``Observer`` of its batcher. Safe from any thread."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "gen_jax_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "gen_jax_request_seconds",
            "From the head of a request to the end of its answer.",
            ("route",),
            registry=registry,
            buckets=_SECONDS,
        )
        self._problems = Counter(
            "gen_jax_problems", "Requests refused; content-refused: by the filter.", ("kind",), registry=registry
        )
        self._images = Counter("gen_jax_images", "Images made.", ("route",), registry=registry)
        self._wait_seconds = Histogram(
            "gen_jax_wait_seconds", "From submission to the first call.", registry=registry, buckets=_SECONDS
        )
        self._call_rows = Histogram("gen_jax_call_rows", "Rows a call.", registry=registry, buckets=_ROWS)
        self._call_fill = Histogram(
            "gen_jax_call_fill_ratio", "Share of a call's places in use.", registry=registry, buckets=_SHARES
        )
        self._device_seconds = Counter(
            "gen_jax_device_seconds", "In calls; compiled: those that compiled first.", ("compiled",), registry=registry
        )
        self._compiled = Counter("gen_jax_compiled_calls", "Calls that compiled first.", registry=registry)
        self._values: dict[str, set[str]] = {}
        ProcessCollector(registry=registry)

    def watch(self, *, batcher: Waiting, admission: Admitted, ready: Callable[[], bool]) -> None:
        """Tell at each scrape what waits, what is taken on, and whether the service is ready; called once."""
        gauges: Iterable[tuple[str, str, Callable[[], float]]] = (
            ("gen_jax_open_requests", "In the batcher, waiting or running.", lambda: batcher.open_tickets),
            ("gen_jax_waiting_rows", "In the batcher, not started.", lambda: batcher.waiting_rows),
            ("gen_jax_backlog_seconds", "Estimate of what waits and runs.", lambda: batcher.backlog_seconds),
            ("gen_jax_admitted_requests", "Taken on at the moment.", lambda: admission.requests),
            ("gen_jax_held_bytes", "Bodies and images of admitted requests.", lambda: admission.held_bytes),
            ("gen_jax_ready", "1: compiled and warm.", lambda: float(ready())),
        )
        for name, meaning, read in gauges:
            Gauge(name, meaning, registry=self._registry).set_function(read)

    def text(self) -> tuple[bytes, str]:
        """Return the body of a scrape and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    def request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer; ``route`` is the template of a place that exists, or one word for all others."""
        route = self._bounded("route", route)
        self._requests.labels(route, self._bounded("method", method), str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def problem(self, kind: str) -> None:
        """Count a refusal by its kind, of ``problem.KINDS``."""
        self._problems.labels(self._bounded("kind", kind)).inc()

    def images(self, count: int, *, route: str) -> None:
        """Count images that were made and sent."""
        self._images.labels(self._bounded("route", route)).inc(count)

    def call(self, *, signature: Hashable, rows: int, capacity: int, seconds: float, compiled: bool) -> None:
        """Count a call of the accelerator; signatures are too many to tell them apart."""
        del signature
        self._call_rows.observe(rows)
        self._call_fill.observe(rows / capacity)
        self._device_seconds.labels("yes" if compiled else "no").inc(seconds)
        self._compiled.inc(compiled)

    def waited(self, seconds: float) -> None:
        """Count a request that starts."""
        self._wait_seconds.observe(seconds)

    def _bounded(self, label: str, value: str) -> str:
        """Return ``value`` while there are few: whatever a client sends, it cannot fill the memory with series."""
        values = self._values.setdefault(label, set())
        if value not in values:
            if len(values) >= _MOST_VALUES:
                return "other"
            values.add(value)
        return value
