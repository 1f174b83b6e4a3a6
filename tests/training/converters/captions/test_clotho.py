from pathlib import Path

import pytest

from tests.training.converters.captions.layouts import CLOTHO_HEAD, clotho_row, write_clotho, write_csv
from training.converters.captions.clotho import read_clotho
from training.errors import PairSetError

# As they stand in Clotho: a space in front, commas, dots, an entity.
ODD = [
    " typical neighborhood in Porto.wav",
    "03 Whales Slowing Down.wav",
    "20130327_valparaiso.traffic.02.wav",
    'bells, "St. Mary".wav',
    "121006_rain&amp;storm.wav",
]


def test_file_names_are_taken_to_the_letter_and_give_the_ids(tmp_path: Path) -> None:
    write_clotho(tmp_path, {"development": ODD, "evaluation": ["last.wav"]})
    found = read_clotho(tmp_path)
    assert [item.id for item in found.items] == [name.removesuffix(".wav") for name in [*ODD, "last.wav"]]
    assert found.items[0].names[0] == "development/ typical neighborhood in Porto"
    assert "121006_rain&storm" in found.items[4].names
    assert found.left_out == ()


def test_splits_are_development_validation_and_evaluation(tmp_path: Path) -> None:
    write_clotho(tmp_path, {"development": ["a.wav"], "validation": ["b.wav"], "evaluation": ["c.wav"]})
    found = read_clotho(tmp_path)
    assert [(item.id, item.split) for item in found.items] == [("a", "train"), ("b", "validation"), ("c", "test")]
    assert (found.name, found.medium) == ("clotho", "audio")


def test_version_1_has_no_validation_file(tmp_path: Path) -> None:
    write_clotho(tmp_path, {"development": ["a.wav"], "evaluation": ["c.wav"]})
    assert read_clotho(tmp_path).read_from == ("clotho_captions_development.csv", "clotho_captions_evaluation.csv")


def test_all_five_captions_come_in_the_order_of_the_columns_and_other_columns_do_not(tmp_path: Path) -> None:
    head = [name for column in CLOTHO_HEAD[1:] for name in (column, f"kor_{column[-1]}")]
    texts = ["one, two", "2", 'a "third"', "", "3"]
    row = ["a.wav", *(value for text in texts for value in (text, "다른 말"))]
    write_csv(tmp_path / "clotho_captions_development.csv", ["file_name", *head], row)
    write_clotho(tmp_path, {"evaluation": ["b.wav"]})
    assert read_clotho(tmp_path).items[0].captions == tuple(texts)


def test_files_of_one_name_in_two_splits_stay_apart(tmp_path: Path) -> None:
    write_clotho(tmp_path, {"development": ["rain.wav"], "evaluation": ["rain.wav"]})
    items = read_clotho(tmp_path).items
    assert [item.id for item in items] == ["development/rain", "evaluation/rain"]
    assert not set(items[0].names) & set(items[1].names)


def test_a_file_that_is_captioned_twice_is_told(tmp_path: Path) -> None:
    write_clotho(tmp_path, {"development": ["a.wav", "a.wav"], "evaluation": ["b.wav"]})
    found = read_clotho(tmp_path)
    assert [item.id for item in found.items] == ["a", "b"]
    assert [(left.source, left.reason) for left in found.left_out] == [("a", "id_occurs_twice")]


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    write_clotho(tmp_path, {"evaluation": ["b.wav"]})
    write_csv(tmp_path / "clotho_captions_development.csv", ["file", "caption"], clotho_row("a.wav")[:2])
    with pytest.raises(PairSetError, match=r"clotho_captions_development\.csv: file_name"):
        read_clotho(tmp_path)
