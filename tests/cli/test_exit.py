"""Each way that a command ends has its exit code and its one line."""

import errno
import subprocess
import sys

import pytest

from gen_jax.cli.exit import run
from gen_jax.errors import Interrupted, RunError, UserError

REMEDY = "free some space and repeat the command"


def wrapped(inner):
    try:
        raise inner
    except OSError as error:
        raise RuntimeError("saving failed") from error


def raising(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("train.batch is 0"), 2, "error: train.batch is 0\n"),
        (UserError("two\nlines"), 2, "error: two lines\n"),
        (RunError("diverged"), 1, "error: diverged\n"),
        (Interrupted("saved at 10"), 143, "error: saved at 10\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "runs/x/y"),
            1,
            f"error: the disk is full while writing runs/x/y (No space left on device): {REMEDY}\n",
        ),
    ],
)
def test_an_expected_error_is_one_line(error, code, line, capsys):
    assert run(raising(error)) == code
    assert capsys.readouterr().err == line


def test_a_full_disk_is_seen_through_a_library(capsys):
    assert run(lambda: wrapped(OSError(errno.EDQUOT, "Disk quota exceeded"))) == 1
    assert run(raising(ValueError("RESOURCE_EXHAUSTED: write x\nNo space left on device"))) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and all(line.startswith("error: the disk is full") for line in lines)


def test_storage_that_fails_is_one_line_through_a_library(capsys):
    assert run(lambda: wrapped(OSError(errno.ESTALE, "Stale file handle", "/mnt/run/metrics.jsonl"))) == 1
    expected = "error: the storage has failed at /mnt/run/metrics.jsonl (Stale file handle): see to it and repeat the "
    assert capsys.readouterr().err == f"{expected}command\n"


def test_success_and_codes_pass_through():
    assert run(lambda: None) == 0
    assert run(lambda: 3) == 3


def test_a_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        run(lambda: 1 // 0)
    with pytest.raises(SystemExit):
        run(lambda: sys.exit(2))


def test_a_reader_that_goes_away_is_no_error(repository):
    code = "import sys; from gen_jax.cli.exit import run; sys.exit(run(lambda: print('line\\n' * 10**6)))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 141
    assert process.stderr.read() == b""
    process.stderr.close()
