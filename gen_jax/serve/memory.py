"""Garbage collection of a process that serves: what lives as long as the process is not looked at again."""

from __future__ import annotations

import gc


def settle() -> None:
    """Collect once, then leave all that is there out of later collections; called when a service is warm.

    A full collection looks at every object of jax and its programs, and all threads stand still for a third of a
    second: no health probe is answered then.
    """
    gc.collect()
    gc.freeze()
