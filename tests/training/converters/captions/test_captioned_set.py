import pytest

from training.converters.captions.captioned_set import CaptionedItem, SplitList, assemble, each_once, splits_of
from training.converters.parts import LeftOut
from training.errors import PairSetError


def test_ids_of_a_list_without_annotations_and_the_other_way_round_are_told() -> None:
    splits = splits_of([SplitList("a.txt", "train", ["1", "2"]), SplitList("b.txt", "test", ["3"])])
    items, left_out = assemble({"3": ["three"], "2": ["two"], "9": ["nine"]}, splits, lambda id_: (f"in/{id_}",))
    assert items == (
        CaptionedItem("2", ("in/2",), ("two",), "train"),
        CaptionedItem("3", ("in/3",), ("three",), "test"),
    )
    assert left_out == (LeftOut("1", "not_annotated", "listed in 'train'"), LeftOut("9", "in_no_split"))


def test_an_id_in_two_splits_is_refused_for_it_would_be_trained_on_and_tested() -> None:
    with pytest.raises(PairSetError, match=r"b\.txt: item '2'.*'train' as well"):
        splits_of([SplitList("a.txt", "train", ["1", "2"]), SplitList("b.txt", "test", ["2"])])


def test_an_id_that_one_list_has_twice_counts_once() -> None:
    assert splits_of([SplitList("a.txt", "train", ["1", "1"])]) == {"1": "train"}


def test_the_second_item_of_an_id_is_left_out_and_told() -> None:
    told: list[LeftOut] = []
    first, second = (CaptionedItem("a", ("a",), (text,), "train") for text in ("x", "y"))
    assert list(each_once([first, second], told)) == [first]
    assert told == [LeftOut("a", "id_occurs_twice", "again in 'train'")]
