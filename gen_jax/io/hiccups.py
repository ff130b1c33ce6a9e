"""Storage that fails for a moment, as a folder mounted over a network does, is tried again."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Callable, Sequence
from time import sleep
from typing import TypeVar

_log = logging.getLogger(__name__)
T = TypeVar("T")

PASSING = frozenset({errno.EIO, errno.ETIMEDOUT, errno.ESTALE, errno.ENOTCONN, errno.ENETUNREACH, errno.EHOSTDOWN})
"""Errors after which the same write often succeeds; a full disk or a missing right is not among them."""

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait between attempts."""


def is_hiccup(error: BaseException | None) -> bool:
    """Tell whether a passing failure of the storage is behind ``error``, however deep it is wrapped."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in PASSING:
            return True
        # The store of the checkpoints says the number in its text alone.
        if any(int(number) in PASSING for number in re.findall(r"(?:os_error_code='|OS error )(\d+)", str(error))):
            return True
        error = error.__cause__ or error.__context__
    return False


def retrying(attempt: Callable[[], T], *, what: object, waits: Sequence[float] = WAITS) -> T:
    """Return what ``attempt`` returns, called again after a passing failure; the last failure is raised.

    Args:
      attempt: must be safe to repeat after it has failed half-way.
      what: is being done, for the one line of the log: ``writing runs/a/metrics.jsonl``.
      waits: seconds before each further attempt.
    """
    for number, seconds in enumerate(waits):
        try:
            return attempt()
        except OSError as error:
            if not is_hiccup(error):
                raise
            log = _log.debug if number else _log.warning
            log("%s failed (%s): trying again for up to %.0f s", what, error, sum(waits))
            sleep(seconds)
    return attempt()
