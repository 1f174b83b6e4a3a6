"""Shards of made-up YouTube-8M records in the set's own form, to measure with where their content does not matter."""

import struct
from pathlib import Path

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from training.converters.tfrecord import masked

RGB_DIM, AUDIO_DIM = 1024, 128


def write_shard(path: Path, *, records: int, steps: int, label: int, one_in: int, seed: int = 7) -> Path:
    """One record in `one_in` carries `label`, the others labels beyond 3000; all hold noise."""
    rng = np.random.default_rng(seed)
    with path.open("wb") as file:
        for number in range(records):
            labels = [3001 + number % 800, label] if number % one_in == 0 else [3001 + number % 800]
            rgb, audio = (rng.integers(0, 256, (steps, dim), dtype=np.uint8) for dim in (RGB_DIM, AUDIO_DIM))
            payload = frame_record(f"{path.stem}-{number}", labels, rgb, audio)
            file.write(_summed(struct.pack("<Q", len(payload))) + _summed(payload))
    return path


def frame_record(video_id: str, labels: list[int], rgb: NDArray[np.uint8], audio: NDArray[np.uint8]) -> bytes:
    """A SequenceExample as protobuf puts it on the wire."""
    numbers = b"".join(_varint(label) for label in labels)
    context = _entry("id", _field(1, _field(1, video_id.encode()))) + _entry("labels", _field(3, _field(1, numbers)))
    return _field(1, context) + _field(2, _entry("rgb", _steps(rgb)) + _entry("audio", _steps(audio)))


def _steps(rows: NDArray[np.uint8]) -> bytes:
    dim = rows.shape[1]
    frame = _field(1, _field(1, _field(1, bytes(dim))))[:-dim]
    return np.hstack([np.tile(np.frombuffer(frame, np.uint8), (len(rows), 1)), rows]).tobytes()


def _entry(key: str, value: bytes) -> bytes:
    return _field(1, _field(1, key.encode()) + _field(2, value))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def _summed(data: bytes) -> bytes:
    return data + struct.pack("<I", masked(google_crc32c.value(data)))
