"""A plain YouTube-8M reader in pure Python, written to be good at it: what ours is measured against.

It checks both sums of a record, looks at the labels before anything else, and takes the steps out of wanted records.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_POLYNOMIAL = 0x82F63B78


@dataclass(frozen=True, slots=True)
class PlainVideo:
    """Steps as they are stored: `rgb` (T, 1024), `audio` (T, 128)."""

    id: str
    labels: list[int]
    rgb: NDArray[np.uint8]
    audio: NDArray[np.uint8]


class PlainReader:
    """`label` None: all videos. Without `checks_sums` nothing tells a damaged record."""

    def __init__(self, *, label: int | None, checks_sums: bool) -> None:
        self._label, self._checks_sums = label, checks_sums
        self._table = [_remainder(byte) for byte in range(256)]

    def videos(self, path: Path) -> Iterator[PlainVideo]:
        """Raises ValueError at the first damage."""
        for payload in self._payloads(path):
            fields = dict(_fields(payload))
            context = _map(fields[1])
            labels = _numbers(context["labels"]) if "labels" in context else []
            if self._label is None or self._label in labels:
                lists = _map(fields[2])
                video_id = _only(_only(context["id"] if "id" in context else context["video_id"])).decode()
                yield PlainVideo(video_id, labels, _steps(lists["rgb"]), _steps(lists["audio"]))

    def _payloads(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            while header := file.read(12):
                length, length_sum = struct.unpack("<QI", header)
                self._check(header[:8], length_sum)
                payload = file.read(length)
                self._check(payload, struct.unpack("<I", file.read(4))[0])
                yield payload

    def _check(self, data: bytes, expected: int) -> None:
        if self._checks_sums and self._masked_sum(data) != expected:
            raise ValueError("a sum is wrong")

    def _masked_sum(self, data: bytes) -> int:
        crc, table = 0xFFFFFFFF, self._table
        for byte in data:
            crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
        crc ^= 0xFFFFFFFF
        return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _remainder(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


def _steps(listed: bytes) -> NDArray[np.uint8]:
    rows = [_only(_only(step)) for _, step in _fields(listed)]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)


def _numbers(feature: bytes) -> list[int]:
    packed, position, numbers = _only(_only(feature)), 0, []
    while position < len(packed):
        number, position = _varint(packed, position)
        numbers.append(number)
    return numbers


def _map(message: bytes) -> dict[str, bytes]:
    entries = [dict(_fields(entry)) for _, entry in _fields(message)]
    return {entry[1].decode(): entry[2] for entry in entries}


def _only(message: bytes) -> bytes:
    ((_, content),) = _fields(message)
    return content


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Numbers and contents of the fields that hold bytes; others are passed over."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        if tag & 7 == BYTES:
            length, position = _varint(message, position)
            yield tag >> 3, message[position : position + length]
            position += length
        elif tag & 7 == VARINT:
            position = _varint(message, position)[1]
        else:
            position += {FIXED64: 8, FIXED32: 4}[tag & 7]


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """The number at `position`, and where it ends."""
    number = shift = 0
    while True:
        byte = message[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
        shift += 7
