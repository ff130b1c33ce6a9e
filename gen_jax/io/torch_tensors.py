"""Unpickle descriptions of PyTorch's tensors, and nothing else: what the file names is never imported or called.

A tensor names a storage, an offset, sizes and strides; the elements lie elsewhere. A pickle may name any function
of any module to be called; here only the names in ``Unpickler.find_class`` exist, none of which does more than
describe an array.
"""

from __future__ import annotations

import collections
import math
import pickle
import pickletools
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import ml_dtypes
import numpy as np

from gen_jax.errors import UserError

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

BROKEN = (
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


# What a pickle can reach must not change under its hands: its BUILD instruction sets attributes, so all of these are
# tuples, and the elements lie in a dictionary that it never sees.
class Type(NamedTuple):
    """A type of number."""

    dtype: np.dtype


class Storage(NamedTuple):
    """A run of elements: of the storage ``key``, ``length`` from ``first``."""

    key: str
    dtype: np.dtype
    first: int
    length: int


class Tensor(NamedTuple):
    """A storage, and where in it the elements of an array lie."""

    storage: Storage
    offset: int
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype


class Call(NamedTuple):
    """A function of ours under the name of one of PyTorch's."""

    function: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        return self.function(*arguments)


def _tensor(storage: Any, offset: Any, sizes: Any, strides: Any, *_: Any) -> Tensor:
    return _checked(storage, offset, sizes, strides, dtype=storage.dtype)


def _typed_tensor(*arguments: Any) -> Tensor:
    """Make a tensor whose type is the seventh argument and whose storage counts bytes."""
    return _checked(*arguments[:4], dtype=arguments[6].dtype)


def _checked(storage: Any, offset: Any, sizes: Any, strides: Any, *, dtype: np.dtype) -> Tensor:
    numbers = [offset, *sizes, *strides]
    if not isinstance(storage, Storage) or not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("a tensor is not a storage, an offset, sizes and strides")
    if len(sizes) != len(strides):
        raise ValueError(f"a tensor has {len(sizes)} sizes and {len(strides)} strides")
    count = storage.length * storage.dtype.itemsize // dtype.itemsize
    elements = math.prod(sizes)
    last = offset + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
    # More elements than the storage has would let a small file fill the memory.
    if elements and (last >= count or elements > count):
        raise ValueError(f"a tensor of sizes {tuple(sizes)} leaves its storage of {count} elements")
    return Tensor(storage, offset, tuple(sizes), tuple(strides), dtype)


def _parameter(data: Any, *_: Any) -> Any:
    return data


def _subclass(rebuild: Any, _: Any, arguments: Any, *__: Any) -> Any:
    """Make the tensor behind one that has attributes of its own; they are let be."""
    if not isinstance(rebuild, Call):
        raise ValueError("a tensor is rebuilt by something other than a function of torch._utils")
    return rebuild(*arguments)


_FUNCTIONS = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _typed_tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch._tensor._rebuild_from_type_v2": _subclass,
    "torch.Size": tuple,
}


_PUTS = ("PUT", "BINPUT", "LONG_BINPUT")


class Unpickler(pickle.Unpickler):
    """Knows the names that tensors need, and no other; ``wanted`` collects the storages that they name.

    A reader of files that hold more than tensors adds to ``find_class``; ``purpose`` and ``advice`` are its words
    for what it reads and for what a user can do about a file that asks for more.
    """

    purpose = "a dictionary of tensors"
    advice = "save the model's state_dict() with torch.save and give that file"

    def __init__(self, file: Any, name: str) -> None:
        super().__init__(file)
        self._file = file
        self._name = name
        self.wanted: dict[str, Storage] = {}
        self.elements: dict[str, np.ndarray] = {}
        """Storages whose elements the pickle itself holds."""

    def load(self) -> Any:
        """Read the next pickle of the file, once its instructions are known to be sound."""
        start = self._file.tell()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in damaged texts
            for count, (instruction, argument, _) in enumerate(pickletools.genops(self._file), start=1):
                # A number without bounds here would have the memory filled with empty places.
                if instruction.name in _PUTS and not 0 <= int(argument or 0) <= count:
                    raise ValueError(f"instruction {count} stores an object at a place far away")
            self._file.seek(start)
            return super().load()

    def refuse(self, reason: str) -> NoReturn:
        """Say why this file is not read."""
        raise UserError(f"{self._name}: {reason}; {self.advice}")

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name; refuses every name that is not needed."""
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module in ("torch", "torch.storage") and name in _STORAGES:
            return Type(_STORAGES[name])
        if module == "torch" and name in _DTYPES:
            return Type(_DTYPES[name])
        if f"{module}.{name}" in _FUNCTIONS:
            return Call(_FUNCTIONS[f"{module}.{name}"])
        return self.refuse(f"asks for {module}.{name}, which {self.purpose} does not need and is not run")

    def persistent_load(self, pid: Any) -> Storage:
        """Return the storage that lies beside the pickle."""
        kind, dtype, key, _, count, *view = pid
        sound = isinstance(dtype, Type) and type(key) is str and type(count) is int and count >= 0
        if kind != "storage" or not sound:
            raise ValueError("something other than a storage lies beside the pickle")
        storage = Storage(key, dtype.dtype, 0, count)
        if self.wanted.setdefault(storage.key, storage) != storage:
            raise ValueError(f"storage {key} has two types or sizes")
        if not view or view[0] is None:
            return storage
        _, first, length = view[0]
        if not 0 <= first <= first + length <= count:
            raise ValueError(f"a view of {length} elements from {first} leaves its storage of {count}")
        return storage._replace(first=first, length=length)


def array_of(tensor: Tensor, elements: dict[str, np.ndarray]) -> np.ndarray:
    """Return a tensor as a view of the elements of its storage, which cannot be written to."""
    first, count = tensor.storage.first, tensor.storage.length
    flat = elements[tensor.storage.key][first : first + count].view(tensor.dtype)
    if not math.prod(tensor.sizes):
        return np.zeros(tensor.sizes, tensor.dtype)
    steps = [stride * tensor.dtype.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.sizes, steps, writeable=False)
