"""The parts of a multipart/form-data body, read strictly: whole, named, and not too many."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gen_jax.serve.problem import Problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """One field of a form."""

    name: str
    file_name: str | None
    """None: no file was sent in it."""
    data: bytes

    def text(self) -> str:
        """Return the data as text.

        Raises:
          Problem: it is not UTF-8.
        """
        try:
            return self.data.decode()
        except UnicodeError:
            raise Problem("unprocessable", f"{self.name} is not text in UTF-8, and no file") from None


def read_parts(body: bytes, boundary: bytes, *, most: int) -> list[Part]:
    """Return the parts in their order.

    Args:
      body: from the first to the last boundary.
      boundary: as the content type names it, without dashes.
      most: parts allowed.

    Raises:
      Problem: not whole, a part without a name, an encoded part, or too many.
    """
    reader = _Reader(most)
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(body)
    except FormParserError as error:
        raise Problem("bad-request", f"the form cannot be read: {error}") from None
    if not reader.whole:
        raise Problem("bad-request", "the form ends before its last boundary")
    return reader.parts


class _Reader:
    """Collects what the parser reports."""

    def __init__(self, most: int) -> None:
        self.parts: list[Part] = []
        self.whole = False
        self._most = most
        self._headers: dict[bytes, bytes] = {}
        self._field = self._value = b""
        self._data: list[memoryview] = []

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        if len(self.parts) == self._most:
            raise Problem("bad-request", f"the form has more than {self._most} parts")
        self._headers, self._data = {}, []
        self._field = self._value = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        name = self._field.lower()
        if name in self._headers:
            raise Problem("bad-request", f"a part of the form has two headers {_shown(name)}")
        self._headers[name] = self._value
        self._field = self._value = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(memoryview(data)[start:end])

    def _part_end(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        if kind != b"form-data" or not options.get(b"name"):
            raise Problem("bad-request", "a part of the form has no name")
        name = _text(options[b"name"])
        encoding = self._headers.get(b"content-transfer-encoding", b"binary").lower()
        if encoding not in (b"binary", b"8bit", b"7bit"):
            raise Problem(
                "bad-request", f"{name}: its Content-Transfer-Encoding is {_shown(encoding)}; send it as it is"
            )
        file_name = options.get(b"filename")
        self.parts.append(
            Part(
                name=name,
                file_name=None if file_name is None else _text(file_name),
                data=b"".join(self._data),
            )
        )

    def _end(self) -> None:
        self.whole = True


def _text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeError:
        raise Problem("bad-request", "a name in the form is not UTF-8") from None
    if len(text) > 255 or any(letter < " " or letter == "\x7f" for letter in text):
        raise Problem("bad-request", f"a name in the form is not allowed: {text[:40]!r}")
    return text


def _shown(data: bytes) -> str:
    """Return bytes of a header as an error shows them."""
    return repr(data[:40].decode("latin-1"))


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a content type names.

    Raises:
      Problem: it names none.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise Problem("bad-request", "Content-Type names no boundary; write multipart/form-data; boundary=...")
    return boundary
