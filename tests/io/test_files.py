"""A file is whole or absent."""

import errno
import os

import pytest

from gen_jax.io import files


def test_replaces_as_a_whole_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"b": [1, 2.5, None]})
    assert path.read_text() == '{\n  "b": [\n    1,\n    2.5,\n    null\n  ]\n}\n'
    files.write_text(path, "é")
    assert path.read_bytes() == b"\xc3\xa9"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_failure_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    files.write_bytes(path, b"old")

    def interrupted():
        with files.replacing(path) as file:
            file.write(b"half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(path, float("nan"))
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]


def test_full_disk_passes_as_it_is(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        files.write_bytes(tmp_path / "a", b"x")
    assert files.is_disk_full(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_new_file_has_the_permissions_of_any_new_file(tmp_path):
    files.write_bytes(tmp_path / "a", b"")
    (tmp_path / "b").touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_full_disk_is_seen_through_wrapping():
    outer = RuntimeError("write failed")
    outer.__cause__ = OSError(errno.EDQUOT, "quota")
    assert files.is_disk_full(outer)
    assert files.is_disk_full(ValueError("Failed to write 3 bytes: No space left on device [os_error_code='28']"))
    assert not files.is_disk_full(OSError(errno.EACCES, "Permission denied"))
    assert not files.is_disk_full(None)
