"""Whether TIFF tags, which EXIF is made of too, can be read in bounded memory: looked at before Pillow reads them.

A tag says where its values lie, and many tags may name the same bytes: a file of 1 MB can make a reader keep 50 GB.
"""

from __future__ import annotations

import struct

from gen_jax.data.decode import BadImageError

MOST_LISTED = 1 << 19
"""Bytes of values other than text and bytes, all tags together: each value becomes an object."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Type of values -> bytes of one (TIFF 6.0, section 2; BigTIFF)."""
_BYTES = (1, 2, 6, 7)
"""Types that stay bytes."""
_POINTERS = (34665, 34853, 40965)
"""Tags of further directories: EXIF, GPS, interoperability."""
_MOST_DIRECTORIES = 8
_MOST_TAGS = 4096


def check_tags(data: bytes, *, what: str) -> None:
    """Refuse tags whose values are more than the bytes that they lie in, or too many to list.

    Args:
      data: a TIFF file, or EXIF without its name.
      what: for the message.

    Raises:
      BadImageError: such tags. What is no TIFF at all is left to its reader to refuse.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 16:
        return
    big = struct.unpack_from(f"{order}H", data, 2)[0] == 43
    waiting = [struct.unpack_from(f"{order}Q", data, 8)[0] if big else struct.unpack_from(f"{order}I", data, 4)[0]]
    kept = listed = 0
    for _ in range(_MOST_DIRECTORIES):
        if not waiting:
            return
        entries = _entries(data, waiting.pop(), order, big=big)
        for tag, kind, size, place in entries:
            held = min(size, max(0, len(data) - place))
            kept += held
            listed += 0 if kind in _BYTES else held
            if tag in _POINTERS and place + size <= len(data) and size >= 4:
                waiting.append(struct.unpack_from(f"{order}I", data, place)[0])
        if len(entries) > _MOST_TAGS or kept > 2 * len(data) or listed > MOST_LISTED:
            raise BadImageError(f"{what} has more values than can be read")


def _entries(data: bytes, start: int, order: str, *, big: bool) -> list[tuple[int, int, int, int]]:
    """Return (tag, type, bytes of its values, where they lie) of every tag of a directory."""
    count_form, entry_form, inline = ("Q", "HHQ", 8) if big else ("H", "HHI", 4)
    head, entry = struct.calcsize(f"={count_form}"), struct.calcsize(f"={entry_form}") + inline
    if start + head > len(data):
        return []
    count = struct.unpack_from(order + count_form, data, start)[0]
    found = []
    for place in range(start + head, min(start + head + count * entry, len(data) - entry + 1), entry):
        tag, kind, number = struct.unpack_from(order + entry_form, data, place)
        size, values = number * _SIZES.get(kind, 1), place + entry - inline
        if size > inline:
            values = struct.unpack_from(order + ("Q" if big else "I"), data, values)[0]
        found.append((tag, kind, size, values))
    return found


def values_of(data: bytes, tags: tuple[int, ...]) -> tuple[int, ...]:
    """Return the first whole number of each tag of a TIFF's first directory, 0 where there is none."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 16:
        return (0,) * len(tags)
    big = struct.unpack_from(f"{order}H", data, 2)[0] == 43
    start = struct.unpack_from(f"{order}Q", data, 8)[0] if big else struct.unpack_from(f"{order}I", data, 4)[0]
    forms = {3: "H", 4: "I", 13: "I", 16: "Q"}
    found = dict.fromkeys(tags, 0)
    for tag, kind, _, place in _entries(data, start, order, big=big):
        if tag in found and kind in forms and place + _SIZES[kind] <= len(data):
            found[tag] = struct.unpack_from(order + forms[kind], data, place)[0]
    return tuple(found.values())
