"""Read a PyTorch state dict without PyTorch, and without running anything that the file asks for.

A checkpoint is a pickle whose tensors name their storages, which lie behind the pickle (the format of PyTorch up to
1.5) or beside it in a zip (since 1.6); ``torch_tensors`` reads the pickle itself.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gen_jax.errors import UserError
from gen_jax.io.torch_tensors import BROKEN, Storage, Tensor, Unpickler, array_of
from gen_jax.io.wheels import read_weights_file

MAGIC = 0x1950A86A20F9469CFC6C
"""The first object of the format that has its storages behind the pickle."""
_PROTOCOL = 1001
_MOST_INFLATION = 20
"""A member may be so many times as large as the archive; PyTorch itself compresses none."""


class Contents(NamedTuple):
    """What a file describes, and the elements of the storages that its tensors name."""

    root: Any
    elements: dict[str, np.ndarray]


def read_state_dict(source: str | os.PathLike[str] | bytes, *, name: str | None = None) -> dict[str, Any]:
    """Return the dictionary that a checkpoint holds, its tensors as numpy arrays.

    Args:
      source: a ``.pth`` or ``.pt`` file of either format, its bytes, or a wheel or zip with one such file inside.
      name: what messages call it; left out, the path.

    Returns:
      Tensors by name; dictionaries within dictionaries keep their nesting; numbers, strings, lists and tuples stay.
      bfloat16 becomes the numpy type of that name that jax knows. Tensors that share a storage share memory.

    Raises:
      UserError: the file cannot be read, is damaged, asks for anything but tensors, or is not a dictionary.
    """
    if isinstance(source, bytes):
        data, name = source, name or "state dict"
    else:
        file = read_weights_file(source, patterns=("*.pth", "*.pt"))
        data, name = file.data, name or file.name
    try:
        state = plain(*read_contents(data, name))
    except UserError:
        raise
    except BROKEN as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{name}: not a whole PyTorch checkpoint ({reason}); download or save it again") from None
    if not isinstance(state, dict):
        Unpickler(io.BytesIO(), name).refuse(f"holds {type(state).__name__}, not a dictionary of tensors")
    return state


def read_contents(data: bytes, name: str, unpickler: Callable[[Any, str], Unpickler] = Unpickler) -> Contents:
    """Return what the bytes of a checkpoint describe.

    Args:
      data: a checkpoint of either format.
      name: what messages call it.
      unpickler: reads each pickle in it.

    Raises:
      UserError: the file asks for something that is not run, or is not a checkpoint.
      Exception: one of ``BROKEN``, where the bytes are damaged.
    """
    return (_read_zip if data[:4] == b"PK\x03\x04" else _read_legacy)(data, name, unpickler)


def plain(value: Any, elements: dict[str, np.ndarray], done: dict[int, Any] | None = None) -> Any:
    """Return a tree with arrays where the tensors are; ``done`` keeps what lies at several places from being many."""
    done = {} if done is None else done
    if isinstance(value, Tensor):
        return array_of(value, elements)
    if value is None or isinstance(value, str | bytes | bool | int | float):
        return value
    if id(value) not in done:
        if isinstance(value, dict):
            made: Any = {key: plain(entry, elements, done) for key, entry in value.items()}
        elif type(value) in (list, tuple):
            made = type(value)(plain(entry, elements, done) for entry in value)
        else:
            raise ValueError(f"a {type(value).__name__.lstrip('_')} where a tensor, a number or a text is expected")
        done[id(value)] = made
    return done[id(value)]


def _elements(storage: Storage, data: bytes | memoryview) -> np.ndarray:
    if len(data) != storage.length * storage.dtype.itemsize:
        raise ValueError(f"storage {storage.key} of {storage.length} {storage.dtype} has {len(data)} bytes")
    return np.frombuffer(data, storage.dtype).copy()


def _read_zip(data: bytes, name: str, make: Callable[[Any, str], Unpickler]) -> Contents:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {entry.filename: entry for entry in archive.infolist()}
        if any(entry.file_size > _MOST_INFLATION * len(data) for entry in members.values()):
            raise ValueError("a member of the archive swells beyond measure")
        pickles = [member for member in members if member == "data.pkl" or member.endswith("/data.pkl")]
        unpickler = make(io.BytesIO(archive.read(pickles[0]) if len(pickles) == 1 else b""), name)
        if len(pickles) != 1:
            unpickler.refuse("a zip archive that is not a checkpoint")
        folder = pickles[0].removesuffix("data.pkl")
        if f"{folder}byteorder" in members and archive.read(f"{folder}byteorder") != b"little":
            unpickler.refuse("written on a big-endian machine")
        root = unpickler.load()
        for key, storage in unpickler.wanted.items():
            member = members[f"{folder}data/{key}"]
            if member.file_size != storage.length * storage.dtype.itemsize:
                raise ValueError(f"storage {key} of {storage.length} {storage.dtype} has {member.file_size} bytes")
            unpickler.elements[key] = _elements(storage, archive.read(member))
        return Contents(root, unpickler.elements)


def _read_legacy(data: bytes, name: str, make: Callable[[Any, str], Unpickler]) -> Contents:
    file, view = io.BytesIO(data), memoryview(data)
    if data[:1] != b"\x80" or make(file, name).load() != MAGIC:
        make(file, name).refuse("does not start as a PyTorch checkpoint does")
    protocol, system = make(file, name).load(), make(file, name).load()
    if protocol != _PROTOCOL or system.get("little_endian") is not True:
        make(file, name).refuse("of another protocol than 1001, or written on a big-endian machine")
    unpickler = make(file, name)
    root = unpickler.load()
    for key in make(file, name).load():
        if type(key) is not str or key not in unpickler.wanted:
            raise ValueError("a storage that no tensor names")
        storage = unpickler.wanted[key]
        start = file.tell() + 8
        (count,) = struct.unpack("<q", view[start - 8 : start])
        end = start + count * storage.dtype.itemsize
        if count != storage.length:
            raise ValueError(f"storage {key} of {storage.length} elements has {count}")
        unpickler.elements[key] = _elements(storage, view[start:end])
        file.seek(end)
    return Contents(root, unpickler.elements)
