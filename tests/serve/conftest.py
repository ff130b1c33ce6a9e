"""Batchers that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gen_jax.serve.batching.batcher import Batcher
from tests.serve.fake_work import LONG


@pytest.fixture
def make_batcher() -> Iterator[Callable[..., Batcher]]:
    made = []

    def make(**options: Any) -> Batcher:
        made.append(Batcher(**{"wait": 0.0, "programs": 100, "forget": lambda: None, **options}))
        return made[-1]

    yield make
    for batcher in made:
        batcher.close(seconds=LONG)
