"""A mounted folder that fails for a moment: files, metrics and checkpoints are written all the same."""

import errno
import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gen_jax.io import files, hiccups, manifest
from gen_jax.io.checkpoint import Checkpoints, list_checkpoints
from gen_jax.io.hiccups import is_hiccup, retrying
from gen_jax.io.images import save_image
from gen_jax.io.writers import JsonlWriter, read_metrics


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(hiccups, "sleep", lambda seconds: None)


def failing(whole, number, times):
    """Return ``whole`` that raises this error so many times before it works, and the list of its calls."""
    calls = []

    def function(*arguments, **options):
        calls.append(arguments)
        if len(calls) <= times:
            raise OSError(number, os.strerror(number))
        return whole(*arguments, **options)

    return function, calls


@pytest.mark.parametrize("number", [errno.EIO, errno.ETIMEDOUT, errno.ESTALE, errno.ENOTCONN])
def test_a_file_is_written_when_the_storage_is_back(tmp_path, monkeypatch, caplog, number):
    fsync, calls = failing(os.fsync, number, 3)
    monkeypatch.setattr(os, "fsync", fsync)
    save_image(tmp_path / "a.png", np.zeros((2, 2, 3), np.uint8))
    assert len(calls) == 4 and [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_attempts_end_and_the_last_error_is_told():
    attempt, calls = failing(lambda: None, errno.EIO, 99)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        retrying(attempt, what="a test")
    assert len(calls) == len(hiccups.WAITS) + 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.ENOENT])
def test_what_does_not_pass_is_tried_once(tmp_path, monkeypatch, number):
    fsync, calls = failing(os.fsync, number, 1)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match=os.strerror(number)):
        files.write_bytes(tmp_path / "a", b"x")
    assert len(calls) == 1


def test_a_line_of_metrics_torn_by_a_failure_is_written_whole(tmp_path, monkeypatch):
    path = tmp_path / "metrics.jsonl"
    writer = JsonlWriter(path, None)
    writer.write(1, {"loss/gen": 1.0})
    whole, torn = JsonlWriter._append, []

    def append(self, data):
        if len(torn) < 2:
            torn.append(data)
            path.write_bytes(path.read_bytes() + data[: len(data) // 2])
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        whole(self, data)

    monkeypatch.setattr(JsonlWriter, "_append", append)
    writer.write(2, {"loss/gen": 0.5})
    writer.write(3, {"loss/gen": 0.25})
    assert path.read_bytes().count(b"\n") == 3
    assert [line["loss/gen"] for line in read_metrics(path)] == [1.0, 0.5, 0.25]


def test_a_passing_failure_is_seen_through_wrapping_and_a_full_disk_is_none():
    outer = RuntimeError("write failed")
    outer.__cause__ = OSError(errno.ESTALE, "stale")
    assert is_hiccup(outer)
    assert is_hiccup(ValueError(f"Failed to write 3 bytes: ... [os_error_code='{errno.EIO}']"))
    assert not is_hiccup(ValueError(f"Failed to write 3 bytes: ... [os_error_code='{errno.ENOSPC}']"))
    assert not is_hiccup(OSError(errno.ENOSPC, "full")) and not is_hiccup(None)


def items(scale):
    return {"params": {"x": scale * jnp.arange(4.0)}}


def test_a_checkpoint_that_a_failure_spoils_is_told_and_the_next_is_sound(tmp_path, monkeypatch, caplog):
    seal, _ = failing(manifest.write_manifest, errno.EIO, len(hiccups.WAITS) + 1)
    monkeypatch.setattr(manifest, "write_manifest", seal)
    with Checkpoints(tmp_path, keep_last=5) as checkpoints:
        checkpoints.save(1, items(1), {})
        checkpoints.save(2, items(2), {})
        assert checkpoints.wait()
        assert list_checkpoints(tmp_path) == [2]
        restored = checkpoints.restore_latest({"params": {"x": jax.ShapeDtypeStruct((4,), jnp.float32)}})
    np.testing.assert_array_equal(restored.items["params"]["x"], 2 * np.arange(4.0))
    assert "the checkpoint of 1 images could not be written" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["2"]


def test_a_spoiled_checkpoint_can_be_saved_again(tmp_path, monkeypatch):
    begin, _ = failing(Checkpoints._open_manager, errno.ENOTCONN, 1)
    monkeypatch.setattr(Checkpoints, "_open_manager", lambda self: begin(self))
    with Checkpoints(tmp_path, keep_last=5) as checkpoints:
        checkpoints.save(1, items(1), {})
        assert not checkpoints.wait()
        checkpoints.save(1, items(1), {})
        assert checkpoints.wait() and list_checkpoints(tmp_path) == [1]
