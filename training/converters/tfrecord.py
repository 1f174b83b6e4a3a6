"""Reads the records of a TFRecord file and checks their sums. Knows nothing of what a record holds.

A record is `u64 length | u32 masked crc32c of the length | payload | u32 masked crc32c of the payload`, little-endian.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import google_crc32c

_HEADER = struct.Struct("<QI")
_SUM = struct.Struct("<I")
_MASK_DELTA = 0xA282EAD8


@dataclass(frozen=True, slots=True)
class Record:
    """`number` counts from 0, damaged records included."""

    number: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """A record that cannot be trusted. After `bad_payload_crc` the next one follows, after the others nothing can."""

    number: int
    reason: Literal["bad_length_crc", "truncated", "bad_payload_crc"]
    detail: str


def read_records(path: Path) -> Iterator[Record | Damage]:
    """What the file holds, in order, one record in memory at a time. Raises OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        number, start = 0, 0
        while start < size:
            found, start = _read_one(file, number, start, size)
            yield found
            number += 1


def masked(crc: int) -> int:
    """The sum as TFRecord stores it, so that a sum over data that holds sums stays a good one."""
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def _read_one(file: BinaryIO, number: int, start: int, size: int) -> tuple[Record | Damage, int]:
    """The record at byte `start` and where the next begins; `size` where none can be found any more."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return _cut(number, start, size), size
    length, length_sum = _HEADER.unpack(header)
    if masked(google_crc32c.value(header[:8])) != length_sum:
        return Damage(number, "bad_length_crc", _rest(start, size)), size
    end = start + _HEADER.size + length + _SUM.size
    if end > size:
        return _cut(number, start, size), size
    payload, tail = file.read(length), file.read(_SUM.size)
    # The file may have been cut since its size was taken.
    if len(payload) < length or len(tail) < _SUM.size:
        return _cut(number, start, size), size
    if masked(google_crc32c.value(payload)) != _SUM.unpack(tail)[0]:
        return Damage(number, "bad_payload_crc", f"at byte {start}"), end
    return Record(number, payload), end


def _cut(number: int, start: int, size: int) -> Damage:
    return Damage(number, "truncated", _rest(start, size))


def _rest(start: int, size: int) -> str:
    return f"at byte {start}: nothing of the {size - start} bytes from there on can be read"
