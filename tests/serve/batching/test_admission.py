"""What is taken on at once, and that all of it is given back."""

from __future__ import annotations

import contextlib
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from gen_jax.serve.batching.admission import Admission
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem


def test_one_request_too_many_is_told_when_to_come_back() -> None:
    admission = Admission(Limits(waiting=2), retry_after=lambda: 7.5)
    with admission.request(), admission.request():
        with pytest.raises(Problem) as problem, admission.request():
            pass
        assert (problem.value.kind, problem.value.retry_after) == ("busy", 7.5)
        assert admission.requests == 2
    with admission.request():
        assert admission.requests == 1


def test_bytes_of_all_requests_together_are_bounded() -> None:
    admission = Admission(Limits(waiting_bytes=100))
    with admission.request() as first:
        first.hold(30)
        first.hold(30)
        with admission.request() as second:
            second.hold(40)
            with pytest.raises(Problem) as problem:
                second.hold(1)
            assert problem.value.kind == "busy"
            assert admission.held_bytes == 100
        assert admission.held_bytes == 60


def test_a_request_that_could_never_fit_is_not_told_to_come_back() -> None:
    admission = Admission(Limits(waiting_bytes=100))
    with admission.request() as held:
        held.hold(60)
        with pytest.raises(Problem) as problem:
            held.hold(60)
    assert (problem.value.kind, problem.value.retry_after) == ("content-too-large", None)


def test_a_failed_request_gives_everything_back() -> None:
    admission = Admission(Limits())
    with contextlib.suppress(ValueError), admission.request() as held:
        held.hold(60)
        raise ValueError
    assert (admission.requests, admission.held_bytes) == (0, 0)


def test_a_thread_that_outlives_its_request_holds_nothing() -> None:
    admission = Admission(Limits())
    with admission.request() as held:
        pass
    held.hold(60)
    assert admission.held_bytes == 0


def test_nothing_is_lost_between_many_threads() -> None:
    admission = Admission(Limits(waiting=6, waiting_bytes=1000))

    def client(seed: int) -> int:
        chance, served = random.Random(seed), 0
        for _ in range(200):
            with contextlib.suppress(Problem), admission.request() as held:
                for _ in range(3):
                    held.hold(chance.randrange(1, 150))
                    assert admission.requests <= 6
                    assert admission.held_bytes <= 1000
                served += 1
        return served

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(client, range(8)))
    assert (admission.requests, admission.held_bytes) == (0, 0)
