import pytest

from app.api.byte_ranges import asked_bytes, is_among
from app.errors import RangeNotSatisfiable


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("bytes=0-0", range(0, 1)),
        ("bytes=2-5", range(2, 6)),
        ("bytes=7-", range(7, 10)),
        ("bytes=0-999", range(0, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-999", range(0, 10)),
        ("Bytes = 2 - 5", range(2, 6)),
    ],
)
def test_one_range_is_served_as_far_as_the_file_goes(header: str, asked: range) -> None:
    assert asked_bytes(header, 10) == asked


@pytest.mark.parametrize(
    "header", [None, "", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5"]
)
def test_the_whole_file_answers_what_is_no_single_range(header: str | None) -> None:
    assert asked_bytes(header, 10) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=99-100", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_range_without_a_byte_in_the_file_is_not_satisfiable(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable):
        asked_bytes(header, size)


@pytest.mark.parametrize(
    ("header", "named"),
    [('"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False), (None, False), ("a", False)],
)
def test_an_entity_tag_is_found_in_a_list(header: str | None, named: bool) -> None:
    assert is_among('"a"', header) is named
