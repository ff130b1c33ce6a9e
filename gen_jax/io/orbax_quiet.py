"""Orbax without its chatter: imported where it is used, its log lines dropped, its exceptions kept."""

from __future__ import annotations

import logging
import sys
from types import ModuleType


def orbax() -> ModuleType:
    """Import ``orbax.checkpoint`` and return it.

    It writes some sixty lines to the log for every checkpoint, at all levels; what matters arrives as an exception.
    """
    import orbax.checkpoint

    # absl replaces its logger when it is imported, so the filter goes on after the import.
    logging.getLogger("absl").addFilter(_not_from_orbax)
    logging.getLogger("asyncio").addFilter(_not_of_a_failed_write)
    _silence_late_callbacks()
    return orbax.checkpoint


def _not_from_orbax(record: logging.LogRecord) -> bool:
    return "orbax" not in record.pathname


def _not_of_a_failed_write(record: logging.LogRecord) -> bool:
    # When one of its writes fails, the others that do are told by page-long lines that nobody asked for.
    return "orbax" not in record.getMessage()


def _silence_late_callbacks() -> None:
    """Drop what the store prints after a write has failed: the rest of its writes report to a loop that has gone.

    The failure itself arrives as an exception; these come from the store's threads, where nobody can catch them.
    """
    before = sys.unraisablehook
    if getattr(before, "drops_late_callbacks", False):
        return

    def hook(late: sys.UnraisableHookArgs) -> None:
        if not (isinstance(late.exc_value, RuntimeError) and str(late.exc_value) == "Event loop is closed"):
            before(late)

    hook.drops_late_callbacks = True  # type: ignore[attr-defined]
    sys.unraisablehook = hook
