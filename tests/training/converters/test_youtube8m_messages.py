from collections.abc import Callable

import numpy as np
import pytest

from tests.training.converters.youtube8m_records import (
    VARINT,
    bytes_feature,
    context_of,
    entries,
    field,
    float_feature,
    frame_record,
    int64_feature,
    random_steps,
    sequence_example,
    step_list,
    varint,
    video_record,
)
from training.converters.youtube8m_messages import RecordParser, UnusableRecord, VideoRecord

RGB, AUDIO = random_steps(5)


@pytest.fixture
def parser() -> RecordParser:
    return RecordParser()


def with_list(parser: RecordParser, listed: bytes) -> VideoRecord:
    return parser.parse(sequence_example(context_of("v", [14]), {"audio": listed}))


def loose_varint(number: int) -> bytes:
    """As no writer puts it, yet any reader must take it: one byte longer than it need be."""
    tight = varint(number)
    return bytes([*tight[:-1], tight[-1] | 0x80, 0])


def loose_field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + loose_varint(len(content)) + content


@pytest.mark.parametrize("id_key", ["id", "video_id"])
def test_a_record_gives_its_id_labels_and_steps(parser: RecordParser, id_key: str) -> None:
    record = parser.parse(frame_record("nXSc", [3, 14, 3861], RGB, AUDIO, id_key=id_key))
    assert (record.video_id(), record.labels()) == ("nXSc", (3, 14, 3861))
    assert np.array_equal(parser.steps(record, "rgb", 1024), RGB)
    assert np.array_equal(parser.steps(record, "audio", 128), AUDIO)


def test_labels_may_be_written_one_by_one(parser: RecordParser) -> None:
    context = {**context_of("v", None), "labels": int64_feature([1, 14, 300], is_packed=False)}
    assert parser.parse(sequence_example(context, {})).labels() == (1, 14, 300)


def test_a_record_without_labels_has_none(parser: RecordParser) -> None:
    assert parser.parse(frame_record("v", None, RGB, AUDIO)).labels() == ()


@pytest.mark.parametrize("context", [{}, {"id": bytes_feature(b"")}, {"id": bytes_feature(b"\xff\xfe")}])
def test_a_record_without_a_usable_id_is_refused(parser: RecordParser, context: dict[str, bytes]) -> None:
    with pytest.raises(UnusableRecord) as caught:
        parser.parse(sequence_example(context, {})).video_id()
    assert caught.value.reason == "no_id"


def test_lists_before_the_context_and_unknown_fields_are_read_all_the_same(parser: RecordParser) -> None:
    payload = field(9, b"new") + field(2, entries({"rgb": step_list(row.tobytes() for row in RGB)}))
    record = parser.parse(payload + varint(7 << 3 | VARINT) + varint(1) + field(1, entries(context_of("v", [14]))))
    assert record.video_id() == "v"
    assert np.array_equal(parser.steps(record, "rgb", 1024), RGB)


@pytest.mark.parametrize(
    "step",
    [
        lambda row: loose_field(1, bytes_feature(row)),
        lambda row: field(1, loose_field(1, field(1, row))),
        lambda row: field(1, bytes_feature(row) + field(9, b"new")),
        lambda row: field(1, bytes_feature(row)) + field(9, b"new"),
    ],
)
def test_steps_framed_in_another_lawful_way_are_read_by_the_full_parser(
    parser: RecordParser, step: Callable[[bytes], bytes]
) -> None:
    record = with_list(parser, b"".join(step(row.tobytes()) for row in AUDIO))
    assert np.array_equal(parser.steps(record, "audio", 128), AUDIO)


@pytest.mark.parametrize("widths", [(130, 127), (127, 130)])
def test_steps_of_other_widths_are_not_taken_for_others_though_the_list_is_as_long(
    parser: RecordParser, widths: tuple[int, int]
) -> None:
    listed = step_list(bytes(width) for width in widths)
    assert len(listed) == len(step_list([bytes(128), bytes(128)]))
    with pytest.raises(UnusableRecord, match=f"step 0 of audio has {widths[0]} bytes, not 128"):
        parser.steps(with_list(parser, listed), "audio", 128)


@pytest.mark.parametrize(
    ("listed", "detail"),
    [
        (step_list([bytes(128), bytes(127)]), "step 1 of audio has 127 bytes, not 128"),
        (field(1, bytes_feature(bytes(128), bytes(128))), "step 0 of audio has 256 bytes, not 128"),
        (field(1, bytes_feature()), "step 0 of audio has 0 bytes, not 128"),
        (field(1, int64_feature([1] * 128)), "step 0 of audio has 0 bytes, not 128"),
    ],
)
def test_a_step_that_is_not_as_wide_as_it_must_be_is_named(parser: RecordParser, listed: bytes, detail: str) -> None:
    with pytest.raises(UnusableRecord) as caught:
        parser.steps(with_list(parser, listed), "audio", 128)
    assert (caught.value.reason, caught.value.detail) == ("wrong_width", detail)


@pytest.mark.parametrize("lists", [{}, {"rgb": step_list([bytes(1024)])}, {"audio": b""}])
def test_a_list_that_is_missing_or_empty_is_named(parser: RecordParser, lists: dict[str, bytes]) -> None:
    record = parser.parse(sequence_example(context_of("v", [14]), lists))
    with pytest.raises(UnusableRecord) as caught:
        parser.steps(record, "audio", 128)
    assert (caught.value.reason, caught.value.detail) == ("missing_feature", "audio")


@pytest.mark.parametrize("payload", [b"\xff" * 10, frame_record("v", [14], RGB, AUDIO)[:-1], b"\x0a\x05abc"])
def test_a_payload_that_is_no_message_is_refused(parser: RecordParser, payload: bytes) -> None:
    with pytest.raises(UnusableRecord) as caught:
        parser.parse(payload)
    assert caught.value.reason == "unparsable"


def test_a_list_that_is_no_message_is_refused(parser: RecordParser) -> None:
    with pytest.raises(UnusableRecord) as caught:
        parser.steps(with_list(parser, b"\x0a\x7f" + bytes(20)), "audio", 128)
    assert caught.value.reason == "unparsable"


def test_a_video_level_record_gives_its_means(parser: RecordParser) -> None:
    rgb, audio = (np.random.default_rng(dim).normal(size=dim).astype(np.float32) for dim in (1024, 128))
    record = parser.parse(video_record("nXSc", [14], rgb.tolist(), audio.tolist()))
    assert (record.video_id(), record.labels()) == ("nXSc", (14,))
    assert np.array_equal(record.mean("mean_rgb", 1024), rgb[None])
    assert np.array_equal(record.mean("mean_audio", 128), audio[None])


@pytest.mark.parametrize(
    ("means", "reason", "detail"),
    [
        ({}, "missing_feature", "mean_audio"),
        ({"mean_audio": float_feature([1.0] * 127)}, "wrong_width", "mean_audio has 127 values, not 128"),
        ({"mean_audio": bytes_feature(bytes(128))}, "wrong_width", "mean_audio has 0 values, not 128"),
        ({"mean_audio": float_feature([float("nan")] * 128)}, "not_finite", "mean_audio"),
    ],
)
def test_a_mean_that_cannot_be_used_is_named(
    parser: RecordParser, means: dict[str, bytes], reason: str, detail: str
) -> None:
    record = parser.parse(field(1, entries({**context_of("v", [14]), **means})))
    with pytest.raises(UnusableRecord) as caught:
        record.mean("mean_audio", 128)
    assert (caught.value.reason, caught.value.detail) == (reason, detail)
