"""How a command ends: the one line for each way that is not success, and its exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator

from gen_jax.errors import Interrupted, RunError, UserError

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
_FAILING = (errno.EIO, errno.ESTALE, errno.ENOTCONN)


def run(main: Callable[[], int | None]) -> int:
    """Call ``main`` and return the exit code; an expected error is one line on stderr, without a traceback.

    0 or what ``main`` returns; 1 a run that cannot go on, or a full or failing disk; 2 the user's mistake; 130 Ctrl-C;
    141 the reader of our output has gone; 143 SIGTERM, after the state was saved. Any other exception is a defect
    and keeps its traceback. Use it as ``sys.exit(run(main))``.
    """
    _end_on_sigterm()
    try:
        code = main()
        sys.stdout.flush()
        return code or 0
    except UserError as error:
        return _fail(str(error), 2)
    except Interrupted as error:
        return _fail(str(error) or "interrupted", 143)
    except RunError as error:
        return _fail(str(error), 1)
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except BrokenPipeError:
        # Python would flush stdout once more at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        known = _full_disk(error) or _failing_storage(error)
        if known is None:
            raise
        return _fail(known, 1)


def _end_on_sigterm() -> None:
    """Let SIGTERM unwind the program, so that no half-written file stays; training, once it runs, saves first."""

    def leave(number: int, frame: object) -> None:
        raise Interrupted("stopped by SIGTERM")

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)


def _fail(message: str, code: int) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return code


def _full_disk(error: BaseException) -> str | None:
    """Return what to say where a full disk is behind an error; libraries wrap the OSError, or keep its words alone."""
    for cause in _chain(error):
        if isinstance(cause, OSError) and cause.errno in _FULL_DISK:
            where = f" while writing {cause.filename}" if cause.filename else ""
            return f"the disk is full{where} ({cause.strerror}): free some space and repeat the command"
        if "No space left on device" in str(cause) or "Disk quota exceeded" in str(cause):
            return f"the disk is full ({str(cause)[:300]}): free some space and repeat the command"
    return None


def _failing_storage(error: BaseException) -> str | None:
    """Return what to say where a mounted folder has failed for longer than writing was tried."""
    for cause in _chain(error):
        if isinstance(cause, OSError) and cause.errno in _FAILING:
            where = f" at {cause.filename}" if cause.filename else ""
            return f"the storage has failed{where} ({cause.strerror}): see to it and repeat the command"
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        yield current
        seen.append(current)
        current = current.__cause__ or current.__context__
