"""Orbax without its chatter: imported where it is used, its log lines dropped, its exceptions kept."""

from __future__ import annotations

import logging
import sys
from types import ModuleType, TracebackType


def orbax() -> ModuleType:
    """Import ``orbax.checkpoint`` and return it.

    It writes some sixty lines to the log for every checkpoint, at all levels; what matters arrives as an exception.
    """
    import orbax.checkpoint

    # absl replaces its logger when it is imported, so the filter goes on after the import.
    logging.getLogger("absl").addFilter(_not_from_orbax)
    _silence_late_callbacks()
    return orbax.checkpoint


def _not_from_orbax(record: logging.LogRecord) -> bool:
    return "orbax" not in record.pathname


def _silence_late_callbacks() -> None:
    """Drop what the store prints after a write has failed: the rest of its writes report to a loop that has gone.

    The failure itself is an exception of its own; these come from the store's threads, by way of ``sys.excepthook``.
    """
    before = sys.excepthook
    if getattr(before, "drops_late_callbacks", False):
        return

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not (isinstance(error, RuntimeError) and str(error) == "Event loop is closed"):
            before(kind, error, trace)

    hook.drops_late_callbacks = True  # type: ignore[attr-defined]
    sys.excepthook = hook
