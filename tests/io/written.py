"""Pickles written instruction by instruction, so that no name in them need exist here, and checkpoints of them."""

import io
import pickle
import struct
import zipfile


class Named:
    """Pickles as a call of any name with any arguments, as a class or function of that name would."""

    def __init__(self, name, *arguments):
        self.name, self.arguments = name, arguments


class Storage:
    def __init__(self, kind, key, count):
        self.kind, self.key, self.count = kind, key, count


class Raw:
    """Instructions as they are."""

    def __init__(self, instructions):
        self.instructions = instructions


class Global:
    def __init__(self, name):
        self.name = name


def pickled(value):
    """Return protocol 2, written instruction by instruction, so that no such name need exist here."""
    return b"\x80\x02" + code(value) + b"."


def code(value):
    if isinstance(value, Raw):
        return value.instructions
    if isinstance(value, Global):
        return b"c%s\n%s\n" % tuple(part.encode() for part in value.name.rsplit(".", 1))
    if isinstance(value, Named):
        return code(Global(value.name)) + code(value.arguments) + b"R"
    if isinstance(value, Storage):
        return code(("storage", Global(value.kind), value.key, "cpu", value.count)) + b"Q"
    if isinstance(value, tuple):
        return b"(" + b"".join(code(entry) for entry in value) + b"t"
    if isinstance(value, dict):
        return b"}(" + b"".join(code(key) + code(entry) for key, entry in value.items()) + b"u"
    return pickle.dumps(value, 2)[2:-1]


def checkpoint(value, **storages):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model/data.pkl", value if isinstance(value, bytes) else pickled(value))
        for key, data in storages.items():
            archive.writestr(f"model/data/{key}", data)
    return buffer.getvalue()


def legacy(value, **storages):
    """Return a checkpoint as PyTorch wrote up to 1.5; a storage is its count of elements and its bytes."""
    head = b"".join(map(pickled, (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, value)))
    body = [struct.pack("<q", count) + data for count, data in storages.values()]
    return head + pickle.dumps(list(storages), 2) + b"".join(body)
