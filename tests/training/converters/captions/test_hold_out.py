import pytest

from training.converters.captions.hold_out import hold_out
from training.errors import PairSetError
from training.pair_set import Item, Split


def items(train: int, **others: Split) -> list[Item]:
    return [
        *(Item(f"{number:02d}", "own", "train") for number in range(train)),
        *(Item(id_, "own", split) for id_, split in others.items()),
    ]


def held_out(found: list[Item]) -> set[str]:
    return {item.id for item in found if item.split == "validation"}


def test_as_many_as_asked_for_are_drawn_from_train_alone_whatever_the_order() -> None:
    before = items(20, x="test")
    found = hold_out(before, count=5, seed=3)
    assert len(held_out(found)) == 5
    assert "x" not in held_out(found)
    assert [item.id for item in found] == [item.id for item in before]
    assert held_out(hold_out(before[::-1], count=5, seed=3)) == held_out(found)
    assert held_out(hold_out(before, count=5, seed=4)) != held_out(found)


def test_none_is_held_out_unless_asked_for() -> None:
    assert hold_out(items(3, x="validation"), count=0, seed=3) == items(3, x="validation")


def test_a_set_with_a_validation_split_of_its_own_lends_none() -> None:
    with pytest.raises(PairSetError, match="--validation"):
        hold_out(items(3, x="validation"), count=1, seed=3)


def test_something_must_be_left_to_train_on() -> None:
    with pytest.raises(PairSetError, match="--validation"):
        hold_out(items(3), count=3, seed=3)
