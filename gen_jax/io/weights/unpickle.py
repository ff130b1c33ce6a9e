"""Unpickle whole networks as inert records, and run nothing of what is in the file.

Where the pickle names a class of the projects that publish such files or a PyTorch layer, an empty record is made that
keeps the class's name and the object's attributes; where it carries source text, the text is left alone; any other
name refuses the file.
"""

from __future__ import annotations

import io
import os
import re
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.io.torch_pickle import MAGIC, Contents, read_contents
from gen_jax.io.torch_tensors import BROKEN, Call, Storage, Unpickler
from gen_jax.io.wheels import read_weights_file

PATTERNS = ("*.pkl", "*.pth", "*.pt", "*weights*.tar")
"""Names of weights inside a wheel or zip."""

_PACKAGES = ("torch_utils", "training", "BaselineGAN", "R3GAN", "dnnlib", "torch.nn")
"""Packages whose classes and functions become records."""
_RECORDS = {
    *("torch.Tensor", "torch.device", "torch.memory_format", "numpy.ndarray"),
    *("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"),
}


class Record:
    """An object of a class that does not exist here: the name of its class, and what the pickle said of it."""

    kind = ""
    """Module and name of the class."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Let be what the class would have been called with."""
        self.state: Any = {}
        self.items: dict[Any, Any] = {}

    def __new__(cls, *_: Any, **__: Any) -> Record:
        """Make the record whole, for a pickle need not call ``__init__``."""
        record = super().__new__(cls)
        Record.__init__(record)
        return record

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items[key] = value


class _Number:
    """A numpy scalar type: what a pickle calls ``numpy.dtype``."""

    def __init__(self, code: Any, *_: Any) -> None:
        self.code = code

    def __setstate__(self, state: Any) -> None:
        self.order = state[1]


def _scalar(kind: Any, data: Any) -> int | float | bool:
    code = getattr(kind, "code", None)
    if not isinstance(code, str) or not re.fullmatch(r"[fiub][1248]", code):
        raise ValueError("a numpy scalar of a type that is no number")
    dtype = np.dtype((">" if getattr(kind, "order", "<") == ">" else "<") + code)
    if not isinstance(data, bytes) or len(data) != dtype.itemsize:
        raise ValueError(f"a numpy scalar of {dtype.itemsize} bytes has other data")
    return np.frombuffer(data, dtype)[0].item()


def _encode(text: Any, encoding: Any) -> bytes:
    if encoding not in ("latin1", "latin-1") or not isinstance(text, str):
        raise ValueError("bytes written as text in an unknown way")
    return text.encode("latin-1")


class _SnapshotUnpickler(Unpickler):
    """Also knows the objects of networks, as records."""

    purpose = "a network"
    advice = "it may be harmful: do not load it with another program, and get the file from its publisher again"

    def __init__(self, file: Any, name: str) -> None:
        super().__init__(file, name)
        self._classes: dict[str, type[Record]] = {}

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full == "torch_utils.persistence._reconstruct_persistent_obj":
            return Call(self._persistent)
        if full == "torch.storage._load_from_bytes":
            return Call(self._storage)
        if full in ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"):
            return Call(_scalar)
        if full == "numpy.dtype":
            return Call(_Number)
        if full == "_codecs.encode":
            return Call(_encode)
        if full in ("builtins.set", "__builtin__.set"):
            return Call(set)
        if full in _RECORDS or any(full.startswith(f"{package}.") for package in _PACKAGES):
            return self._class(full)
        return super().find_class(module, name)

    def _class(self, kind: str) -> type[Record]:
        return self._classes.setdefault(kind, type("Record", (Record,), {"kind": kind}))

    def _persistent(self, description: Any) -> Record:
        """Make a record of an object that carries the source text of its class; the text is not looked at."""
        if not isinstance(description["class_name"], str):
            raise ValueError("a class whose name is no text")
        record = self._class(f"persistent.{description['class_name']}")()
        record.state = description["state"]
        return record

    def _storage(self, data: Any) -> Storage:
        """Read a storage that was saved as a checkpoint of its own; nothing but a storage may be in it."""
        if not isinstance(data, bytes):
            raise ValueError("a storage is not made of bytes")
        storage, elements = read_contents(data, self._name, _StorageUnpickler)
        if not isinstance(storage, Storage):
            raise ValueError("what should be a storage is something else")
        key = f"inside {len(self.elements)}"
        self.elements[key] = elements[storage.key]
        return storage._replace(key=key)


class _StorageUnpickler(Unpickler):
    purpose, advice = _SnapshotUnpickler.purpose, _SnapshotUnpickler.advice


def read_pickle(source: str | os.PathLike[str] | bytes, *, name: str | None = None) -> tuple[Contents, str]:
    """Return what a pickle of networks or of tensors describes, and what messages call it.

    Args:
      source: a ``.pkl`` file, a PyTorch checkpoint, a wheel or zip with one of them inside, or the bytes.
      name: what messages call it; left out, the path.

    Raises:
      UserError: the file cannot be read, is damaged, or asks for anything that is not run.
    """
    if isinstance(source, bytes):
        data, name = source, name or "weights"
    else:
        file = read_weights_file(source, patterns=PATTERNS)
        data, name = file.data, name or file.name
    try:
        if not data:
            raise UserError(f"{name}: is empty; download or copy it again")
        if data[:4] == b"PK\x03\x04":
            return read_contents(data, name, _SnapshotUnpickler), name
        unpickler = _SnapshotUnpickler(io.BytesIO(data), name)
        root = unpickler.load()
        if type(root) is int and root == MAGIC:
            return read_contents(data, name, _SnapshotUnpickler), name
        return Contents(root, unpickler.elements), name
    except UserError:
        raise
    except BROKEN as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"{name}: not a whole pickle of networks ({reason}); download or copy it again") from None
