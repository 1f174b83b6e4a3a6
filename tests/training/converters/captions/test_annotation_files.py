from pathlib import Path

import pytest

from tests.training.converters.captions.layouts import write_csv
from training.converters.captions.annotation_files import (
    read_ids,
    read_json,
    read_lines,
    read_table,
    texts_of,
    value_of,
)
from training.errors import PairSetError


def test_a_table_keeps_spaces_quotes_and_odd_line_ends_inside_values(tmp_path: Path) -> None:
    values = [" in front", 'a "word", and more', "one\nline\u2028more\x85"]
    write_csv(tmp_path / "t.csv", ["a", "b", "c"], values)
    assert list(read_table(tmp_path / "t.csv", "a", "b", "c")[0].values()) == values


def test_empty_lines_of_a_table_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("\ufeffa,b\r\n\r\n1,2\r\n\r\n".encode())
    assert read_table(tmp_path / "t.csv", "a") == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("content", "field"),
    [("x,y\n1,2\n", "b"), ("a,b\n1\n", "b"), ('a,b\n1,"2\n', "line 2"), ('a,b\n1,"2"3\n', "line 2")],
)
def test_a_broken_table_is_refused_by_its_field_or_line(tmp_path: Path, content: str, field: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(PairSetError) as refusal:
        read_table(tmp_path / "t.csv", "a" if field.startswith("line") else "b")
    assert (refusal.value.file, refusal.value.field) == ("t.csv", field)


@pytest.mark.parametrize("content", [None, b'{"a": ', b"\xff\xfe"])
def test_a_json_file_that_is_none_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "d.json").write_bytes(content)
    with pytest.raises(PairSetError, match=r"d\.json"):
        read_json(tmp_path / "d.json")


def test_lines_are_split_at_line_ends_only_and_blank_ones_passed_over(tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_bytes("one\u2028still one\r\n\r\nthree\x0b\n".encode())
    assert list(read_lines(tmp_path / "l.txt")) == [(1, "one\u2028still one"), (3, "three\x0b")]


def test_ids_lose_the_ending_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_text("1.jpg\n 2 \n\n3.jpg.jpg")
    assert read_ids(tmp_path / "l.txt", ending=".jpg") == ["1", "2", "3.jpg"]


@pytest.mark.parametrize("record", [{"n": "1"}, {"n": True}, {}, [1], None])
def test_a_value_of_another_kind_is_refused_by_file_field_and_item(record: object) -> None:
    with pytest.raises(PairSetError, match=r"f\.json: item 'x': n"):
        value_of(record, "n", int, file="f.json", item="x")


def test_texts_may_be_missing_but_not_be_anything_else() -> None:
    assert texts_of({}, "t", file="f", item="x") == ()
    assert texts_of({"t": ["a", ""]}, "t", file="f", item="x") == ("a", "")
    for wrong in ({"t": "a"}, {"t": [1]}, ["t"]):
        with pytest.raises(PairSetError):
            texts_of(wrong, "t", file="f", item="x")


def test_half_a_character_is_refused_before_it_reaches_a_pair_set(tmp_path: Path) -> None:
    (tmp_path / "captions.json").write_text('[{"caption": "a \\ud83d dog"}]')
    with pytest.raises(PairSetError, match=r"captions\.json: text: holds half a character"):
        read_json(tmp_path / "captions.json")
