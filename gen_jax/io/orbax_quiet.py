"""Orbax without its chatter: imported where it is used, its log lines dropped, its exceptions kept."""

from __future__ import annotations

import logging
from types import ModuleType


def orbax() -> ModuleType:
    """Import ``orbax.checkpoint`` and return it.

    It writes some sixty lines to the log for every checkpoint, at all levels; what matters arrives as an exception.
    """
    import orbax.checkpoint

    # absl replaces its logger when it is imported, so the filter goes on after the import.
    logging.getLogger("absl").addFilter(_not_from_orbax)
    return orbax.checkpoint


def _not_from_orbax(record: logging.LogRecord) -> bool:
    return "orbax" not in record.pathname
