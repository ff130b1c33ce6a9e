"""Read a PyTorch state dict without PyTorch, and without running anything that the file asks for.

A checkpoint is a pickle whose tensors name a storage, an offset, sizes and strides; the storages lie behind the
pickle (the format of PyTorch up to 1.5) or beside it in a zip (since 1.6). A pickle may name any function of any
module to be called; here only the names in ``_Unpickler.find_class`` exist, none of which does more than describe
an array.
"""

from __future__ import annotations

import collections
import io
import math
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import ml_dtypes
import numpy as np

from gen_jax.errors import UserError
from gen_jax.io.wheels import read_weights_file

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001

_BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
_DTYPES = {
    "float64": np.dtype("<f8"),
    "double": np.dtype("<f8"),
    "float32": np.dtype("<f4"),
    "float": np.dtype("<f4"),
    "float16": np.dtype("<f2"),
    "half": np.dtype("<f2"),
    "bfloat16": _BFLOAT16,
    "int64": np.dtype("<i8"),
    "long": np.dtype("<i8"),
    "int32": np.dtype("<i4"),
    "int": np.dtype("<i4"),
    "int16": np.dtype("<i2"),
    "short": np.dtype("<i2"),
    "int8": np.dtype("i1"),
    "uint8": np.dtype("u1"),
    "uint16": np.dtype("<u2"),
    "uint32": np.dtype("<u4"),
    "uint64": np.dtype("<u8"),
    "bool": np.dtype("?"),
}
_STORAGES = {
    "DoubleStorage": np.dtype("<f8"),
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "BFloat16Storage": _BFLOAT16,
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ShortStorage": np.dtype("<i2"),
    "CharStorage": np.dtype("i1"),
    "ByteStorage": np.dtype("u1"),
    "BoolStorage": np.dtype("?"),
    "UntypedStorage": np.dtype("u1"),
}

_BROKEN = (
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What damaged bytes make pickle, zipfile and numpy raise."""


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
        state = _read_zip(data, name) if data[:4] == b"PK\x03\x04" else _read_legacy(data, name)
    except UserError:
        raise
    except _BROKEN as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{name}: not a whole PyTorch checkpoint ({reason}); download or save it again") from None
    if not isinstance(state, dict):
        _refuse(name, f"holds {type(state).__name__}, not a dictionary of tensors")
    return state


def _refuse(name: str, reason: str) -> NoReturn:
    raise UserError(f"{name}: {reason}; save the model's state_dict() with torch.save and give that file")


# What a pickle can reach must not change under its hands: its BUILD instruction sets attributes, so all of these are
# tuples, and the elements lie in a dictionary that it never sees.
class _Type(NamedTuple):
    dtype: np.dtype


class _Storage(NamedTuple):
    """A run of elements: of the storage ``key``, ``length`` from ``first``."""

    key: str
    dtype: np.dtype
    first: int
    length: int


class _Tensor(NamedTuple):
    """A storage, and where in it the elements of an array lie."""

    storage: _Storage
    offset: int
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype


class _Call(NamedTuple):
    function: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)


def _tensor(storage: Any, offset: Any, sizes: Any, strides: Any, *_: Any) -> _Tensor:
    return _checked(storage, offset, sizes, strides, dtype=storage.dtype)


def _typed_tensor(*arguments: Any) -> _Tensor:
    """Make a tensor whose type is the seventh argument and whose storage counts bytes."""
    return _checked(*arguments[:4], dtype=arguments[6].dtype)


def _checked(storage: Any, offset: Any, sizes: Any, strides: Any, *, dtype: np.dtype) -> _Tensor:
    numbers = [offset, *sizes, *strides]
    if not isinstance(storage, _Storage) or not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("a tensor is not a storage, an offset, sizes and strides")
    if len(sizes) != len(strides):
        raise ValueError(f"a tensor has {len(sizes)} sizes and {len(strides)} strides")
    count = storage.length * storage.dtype.itemsize // dtype.itemsize
    elements = math.prod(sizes)
    last = offset + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
    # More elements than the storage has would let a small file fill the memory.
    if elements and (last >= count or elements > count):
        raise ValueError(f"a tensor of sizes {tuple(sizes)} leaves its storage of {count} elements")
    return _Tensor(storage, offset, tuple(sizes), tuple(strides), dtype)


def _parameter(data: Any, *_: Any) -> Any:
    return data


_FUNCTIONS = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _typed_tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch.Size": tuple,
}


class _Unpickler(pickle.Unpickler):
    """Knows the names that tensors need, and no other; ``wanted`` collects the storages that they name."""

    def __init__(self, file: Any, name: str) -> None:
        super().__init__(file)
        self._name = name
        self.wanted: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module in ("torch", "torch.storage") and name in _STORAGES:
            return _Type(_STORAGES[name])
        if module == "torch" and name in _DTYPES:
            return _Type(_DTYPES[name])
        if f"{module}.{name}" in _FUNCTIONS:
            return _Call(_FUNCTIONS[f"{module}.{name}"])
        _refuse(self._name, f"asks for {module}.{name}, which a dictionary of tensors does not need and is not run")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _, count, *view = pid
        if kind != "storage" or not isinstance(dtype, _Type) or type(count) is not int or count < 0:
            raise ValueError("something other than a storage lies beside the pickle")
        storage = _Storage(str(key), dtype.dtype, 0, count)
        if self.wanted.setdefault(storage.key, storage) != storage:
            raise ValueError(f"storage {key} has two types or sizes")
        if not view or view[0] is None:
            return storage
        _, first, length = view[0]
        if not 0 <= first <= first + length <= count:
            raise ValueError(f"a view of {length} elements from {first} leaves its storage of {count}")
        return storage._replace(first=first, length=length)


def _plain(value: Any, elements: dict[str, np.ndarray]) -> Any:
    """Return a tree with arrays where the tensors are."""
    if isinstance(value, _Tensor):
        first, count = value.storage.first, value.storage.length
        flat = elements[value.storage.key][first : first + count].view(value.dtype)
        if not math.prod(value.sizes):
            return np.zeros(value.sizes, value.dtype)
        steps = [stride * value.dtype.itemsize for stride in value.strides]
        return np.lib.stride_tricks.as_strided(flat[value.offset :], value.sizes, steps, writeable=False)
    if isinstance(value, dict):
        return {key: _plain(entry, elements) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_plain(entry, elements) for entry in value)
    if value is None or isinstance(value, str | bytes | bool | int | float):
        return value
    raise ValueError(f"a {type(value).__name__.lstrip('_')} where a tensor, a number or a text is expected")


def _elements(storage: _Storage, data: bytes | memoryview) -> np.ndarray:
    if len(data) != storage.length * storage.dtype.itemsize:
        raise ValueError(f"storage {storage.key} of {storage.length} {storage.dtype} has {len(data)} bytes")
    return np.frombuffer(data, storage.dtype).copy()


def _read_zip(data: bytes, name: str) -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {entry.filename: entry for entry in archive.infolist()}
        pickles = [member for member in members if member == "data.pkl" or member.endswith("/data.pkl")]
        if len(pickles) != 1:
            _refuse(name, "a zip archive that is not a checkpoint")
        folder = pickles[0].removesuffix("data.pkl")
        if f"{folder}byteorder" in members and archive.read(f"{folder}byteorder") != b"little":
            _refuse(name, "written on a big-endian machine")
        unpickler = _Unpickler(io.BytesIO(archive.read(pickles[0])), name)
        state, elements = unpickler.load(), {}
        for key, storage in unpickler.wanted.items():
            member = members[f"{folder}data/{key}"]
            if member.file_size != storage.length * storage.dtype.itemsize:
                raise ValueError(f"storage {key} of {storage.length} {storage.dtype} has {member.file_size} bytes")
            elements[key] = _elements(storage, archive.read(member))
        return _plain(state, elements)


def _read_legacy(data: bytes, name: str) -> Any:
    file, view = io.BytesIO(data), memoryview(data)
    if data[:1] != b"\x80" or _Unpickler(file, name).load() != _MAGIC:
        _refuse(name, "does not start as a PyTorch checkpoint does")
    protocol, system = _Unpickler(file, name).load(), _Unpickler(file, name).load()
    if protocol != _PROTOCOL or system.get("little_endian") is not True:
        _refuse(name, "of another protocol than 1001, or written on a big-endian machine")
    unpickler = _Unpickler(file, name)
    state, elements = unpickler.load(), {}
    for key in _Unpickler(file, name).load():
        storage = unpickler.wanted[key]
        start = file.tell() + 8
        (count,) = struct.unpack("<q", view[start - 8 : start])
        end = start + count * storage.dtype.itemsize
        if count != storage.length:
            raise ValueError(f"storage {key} of {storage.length} elements has {count}")
        elements[key] = _elements(storage, view[start:end])
        file.seek(end)
    return _plain(state, elements)
