"""Writes YouTube-8M records byte by byte, as protobuf and TFRecord define them; shares no code with the reader."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VARINT, BYTES = 0, 2


def varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def field(number: int, content: bytes) -> bytes:
    """A field of bytes, a string or a message."""
    return varint(number << 3 | BYTES) + varint(len(content)) + content


def bytes_feature(*values: bytes) -> bytes:
    return field(1, b"".join(field(1, value) for value in values))


def float_feature(values: Iterable[float]) -> bytes:
    return field(2, field(1, b"".join(struct.pack("<f", value) for value in values)))


def int64_feature(values: Iterable[int], *, is_packed: bool = True) -> bytes:
    numbers = [varint(value) for value in values]
    if is_packed:
        return field(3, field(1, b"".join(numbers)))
    return field(3, b"".join(varint(1 << 3 | VARINT) + number for number in numbers))


def entries(named: Mapping[str, bytes]) -> bytes:
    """A map from names to messages."""
    return b"".join(field(1, field(1, name.encode()) + field(2, value)) for name, value in named.items())


def context_of(video_id: str | None, labels: Sequence[int] | None, id_key: str = "id") -> dict[str, bytes]:
    context = {} if video_id is None else {id_key: bytes_feature(video_id.encode())}
    return context if labels is None else {**context, "labels": int64_feature(labels)}


def step_list(rows: Iterable[bytes]) -> bytes:
    return b"".join(field(1, bytes_feature(row)) for row in rows)


def sequence_example(context: Mapping[str, bytes], lists: Mapping[str, bytes]) -> bytes:
    return field(1, entries(context)) + field(2, entries(lists))


def frame_record(
    video_id: str | None,
    labels: Sequence[int] | None,
    rgb: NDArray[np.uint8],
    audio: NDArray[np.uint8],
    *,
    id_key: str = "id",
) -> bytes:
    lists = {"audio": step_list(row.tobytes() for row in audio), "rgb": step_list(row.tobytes() for row in rgb)}
    return sequence_example(context_of(video_id, labels, id_key), lists)


def video_record(video_id: str, labels: Sequence[int], rgb: Sequence[float], audio: Sequence[float]) -> bytes:
    """An Example, as video-level shards hold them."""
    means = {"mean_rgb": float_feature(rgb), "mean_audio": float_feature(audio)}
    return field(1, entries({**context_of(video_id, labels), **means}))


def random_steps(count: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Of rgb and audio."""
    rng = np.random.default_rng((seed, count))
    rgb, audio = (rng.integers(0, 256, (count, dim), dtype=np.uint8) for dim in (1024, 128))
    return rgb, audio


def crc32c(data: bytes) -> int:
    """Castagnoli's, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked_crc32c(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF)


def framed(payload: bytes) -> bytes:
    """The payload as a record of a TFRecord file."""
    length = struct.pack("<Q", len(payload))
    return length + masked_crc32c(length) + payload + masked_crc32c(payload)


def write_shard(path: Path, payloads: Iterable[bytes]) -> Path:
    path.write_bytes(b"".join(framed(payload) for payload in payloads))
    return path
