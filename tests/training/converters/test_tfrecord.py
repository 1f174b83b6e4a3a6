import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.converters.youtube8m_records import crc32c, framed, masked_crc32c, write_shard
from training.converters.tfrecord import Damage, Record, read_records

PAYLOADS = [b"first", b"", b"third" * 9]


def read(path: Path, data: bytes) -> list[Record | Damage]:
    path.write_bytes(data)
    return list(read_records(path))


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0x10]) + data[position + 1 :]


@pytest.mark.parametrize(
    ("data", "crc"), [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43)]
)
def test_the_tests_own_sums_are_those_of_the_standard(data: bytes, crc: int) -> None:
    assert crc32c(data) == crc


def test_the_records_come_in_order(tmp_path: Path) -> None:
    shard = write_shard(tmp_path / "shard", PAYLOADS)
    assert list(read_records(shard)) == [Record(number, payload) for number, payload in enumerate(PAYLOADS)]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "shard", b"") == []


def test_after_a_payload_with_a_wrong_sum_the_next_record_is_read(tmp_path: Path) -> None:
    data = framed(b"first") + flipped(framed(b"second"), 14) + framed(b"third")
    first, damage, third = read(tmp_path / "shard", data)
    assert (first, third) == (Record(0, b"first"), Record(2, b"third"))
    assert damage == Damage(1, "bad_payload_crc", "at byte 21")


def test_a_wrong_sum_of_a_right_payload_is_found(tmp_path: Path) -> None:
    record = framed(b"first")
    (damage,) = read(tmp_path / "shard", flipped(record, len(record) - 1))
    assert isinstance(damage, Damage)
    assert damage.reason == "bad_payload_crc"


@pytest.mark.parametrize("position", range(12))
def test_after_a_length_with_a_wrong_sum_nothing_can_be_read(tmp_path: Path, position: int) -> None:
    data = framed(b"first") + flipped(framed(b"second"), position) + framed(b"third")
    first, damage = read(tmp_path / "shard", data)
    assert first == Record(0, b"first")
    assert damage == Damage(
        1, "bad_length_crc", f"at byte 21: nothing of the {len(data) - 21} bytes from there on can be read"
    )


def test_a_file_cut_anywhere_gives_what_is_whole_and_says_that_it_was_cut(tmp_path: Path) -> None:
    records = [framed(payload) for payload in PAYLOADS]
    data = b"".join(records)
    ends = [sum(map(len, records[: number + 1])) for number in range(len(records))]
    for length in range(len(data)):
        whole = [end for end in ends if end <= length]
        found = read(tmp_path / "shard", data[:length])
        assert found[: len(whole)] == [Record(number, PAYLOADS[number]) for number in range(len(whole))]
        is_cut = length != (whole[-1] if whole else 0)
        assert [left.reason for left in found[len(whole) :] if isinstance(left, Damage)] == ["truncated"] * is_cut


@pytest.mark.parametrize("length", [17, 1 << 40, (1 << 64) - 1])
def test_a_length_beyond_the_file_is_never_read_even_with_a_right_sum(tmp_path: Path, length: int) -> None:
    stored = struct.pack("<Q", length)
    (damage,) = read(tmp_path / "shard", stored + masked_crc32c(stored) + b"x" * 20)
    assert isinstance(damage, Damage)
    assert damage.reason == "truncated"


@given(data=st.data())
def test_one_byte_changed_anywhere_never_gives_a_payload_that_was_not_written(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    written = b"".join(framed(payload) for payload in PAYLOADS)
    position = data.draw(st.integers(0, len(written) - 1))
    value = data.draw(st.integers(1, 255))
    changed = written[:position] + bytes([written[position] ^ value]) + written[position + 1 :]
    found = read(tmp_path_factory.getbasetemp() / "changed", changed)
    assert [one for one in found if isinstance(one, Damage)]
    for one in found:
        assert isinstance(one, Damage) or one.payload == PAYLOADS[one.number]


@given(noise=st.binary(max_size=200))
def test_noise_gives_no_record(noise: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = read(tmp_path_factory.getbasetemp() / "noise", noise)
    assert [type(one) for one in found] == [Damage] * bool(noise)
