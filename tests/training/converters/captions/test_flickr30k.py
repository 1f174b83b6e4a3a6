from pathlib import Path

import pytest

from tests.training.converters.captions.layouts import karpathy_image, write_karpathy, write_lines
from training.converters.captions.flickr30k import read_flickr30k
from training.errors import PairSetError

TOKENS = [
    "1000092795.jpg#0\tTwo young guys with shaggy hair look at their hands while hanging out in the yard .",
    "1000092795.jpg#1\tTwo young , White males are outside near many bushes .",
    "10002456.jpg#0\tSeveral men in hard hats are operating a giant pulley system .",
    "1000268201.jpg#0\tA child in a pink dress is climbing up a set of stairs\tin an entry way .",
    "999.jpg#0\tNobody lists this # one .",
]


def write_tokens(folder: Path) -> None:
    write_lines(folder / "results_20130124.token", *TOKENS)


def write_lists(folder: Path) -> None:
    write_lines(folder / "train.txt", "10002456", "31415")
    write_lines(folder / "val.txt", "1000268201")
    write_lines(folder / "test.txt", "1000092795")


def test_captions_come_from_the_token_file_and_splits_from_the_lists(tmp_path: Path) -> None:
    write_tokens(tmp_path)
    write_lists(tmp_path)
    found = read_flickr30k(tmp_path)
    assert [(item.id, item.split, len(item.captions)) for item in found.items] == [
        ("10002456", "train", 1),
        ("1000268201", "validation", 1),
        ("1000092795", "test", 2),
    ]
    assert found.items[1].captions == ("A child in a pink dress is climbing up a set of stairs\tin an entry way .",)
    assert {(left.source, left.reason) for left in found.left_out} == {
        ("31415", "not_annotated"),
        ("999", "in_no_split"),
    }
    assert found.read_from == ("results_20130124.token", "train.txt", "val.txt", "test.txt")


def write_dataset(folder: Path) -> None:
    write_karpathy(
        folder / "dataset_flickr30k.json",
        karpathy_image("1000092795.jpg", "train", ["Two young guys.", "Two young guys."]),
        karpathy_image("10002456.jpg", "test", ["Several men."]),
    )


def test_karpathys_json_is_enough_alone(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    found = read_flickr30k(tmp_path)
    assert [(item.id, item.split, item.captions) for item in found.items] == [
        ("1000092795", "train", ("Two young guys.", "Two young guys.")),
        ("10002456", "test", ("Several men.",)),
    ]
    assert found.read_from == ("dataset_flickr30k.json",)


def test_karpathys_json_splits_what_the_token_file_captions(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    write_tokens(tmp_path)
    found = read_flickr30k(tmp_path)
    assert [(item.id, item.split) for item in found.items] == [("1000092795", "train"), ("10002456", "test")]
    assert found.items[0].captions[1] == "Two young , White males are outside near many bushes ."
    assert found.read_from == ("results_20130124.token", "dataset_flickr30k.json")


def test_the_lists_decide_where_both_are_there(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    write_lists(tmp_path)
    assert {item.id: item.split for item in read_flickr30k(tmp_path).items} == {
        "10002456": "train",
        "1000092795": "test",
    }


@pytest.mark.parametrize("line", ["1.jpg#0 no tab", "1.jpg\tno number", "1.jpg#x\tno number"])
def test_a_line_of_another_form_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    write_lines(tmp_path / "results_20130124.token", TOKENS[0], line)
    write_lists(tmp_path)
    with pytest.raises(PairSetError, match=r"results_20130124\.token: line 2"):
        read_flickr30k(tmp_path)


def test_an_image_that_the_json_has_twice_is_refused(tmp_path: Path) -> None:
    images = [karpathy_image("1.jpg", "train", [text]) for text in "ab"]
    write_karpathy(tmp_path / "dataset_flickr30k.json", *images)
    with pytest.raises(PairSetError, match=r"item '1\.jpg'.*twice"):
        read_flickr30k(tmp_path)
