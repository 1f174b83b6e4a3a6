from pathlib import Path

import pytest

from tests.training.converters.captions.layouts import coco_image, karpathy_image, write_json, write_karpathy
from training.converters.captions.coco import read_coco
from training.errors import PairSetError


def test_restval_of_karpathys_split_belongs_to_train(tmp_path: Path) -> None:
    splits = ["train", "restval", "val", "test"]
    images = [coco_image(number, split, ["A man."]) for number, split in enumerate(splits, start=1)]
    write_karpathy(tmp_path / "dataset_coco.json", *images)
    found = read_coco(tmp_path)
    assert [item.split for item in found.items] == ["train", "train", "validation", "test"]
    assert found.read_from == ("dataset_coco.json",)


def test_captions_are_the_raw_sentences_in_their_order_however_many(tmp_path: Path) -> None:
    captions = ["A man with a red helmet on a small moped. ", "A man", "A man", "", "x", "y"]
    write_karpathy(tmp_path / "dataset_coco.json", coco_image(391895, "test", captions))
    assert read_coco(tmp_path).items[0].captions == tuple(captions)


def test_an_image_is_looked_for_under_its_names_of_2014_and_of_2017(tmp_path: Path) -> None:
    write_karpathy(tmp_path / "dataset_coco.json", coco_image(391895, "test", ["A man."]))
    item = read_coco(tmp_path).items[0]
    assert item.id == "391895"
    assert item.names[0] == "val2014/COCO_val2014_000000391895"
    assert {"COCO_val2014_000000391895", "train2017/000000391895", "val2017/000000391895"} <= set(item.names)


def raw(images: list[tuple[int, str]], captions: list[tuple[int, str]]) -> dict[str, object]:
    return {
        "info": {},
        "licenses": [],
        "images": [{"id": number, "file_name": name, "height": 1, "width": 1} for number, name in images],
        "annotations": [{"image_id": number, "id": 1, "caption": caption} for number, caption in captions],
    }


def test_raw_captions_are_gathered_by_image_with_train2017_to_train_and_val2017_to_test(tmp_path: Path) -> None:
    images = [(5, "000000000005.jpg"), (3, "000000000003.jpg")]
    captions = [(3, "three"), (5, "five"), (3, "again three"), (77, "of nothing")]
    write_json(tmp_path / "captions_train2017.json", raw(images, captions))
    write_json(tmp_path / "captions_val2017.json", raw([(9, "000000000009.jpg")], []))
    found = read_coco(tmp_path)
    assert [(item.id, item.captions, item.split) for item in found.items] == [
        ("5", ("five",), "train"),
        ("3", ("three", "again three"), "train"),
        ("9", (), "test"),
    ]
    assert found.items[0].names == ("train2017/000000000005", "000000000005")
    assert [(left.source, left.reason) for left in found.left_out] == [("77", "caption_of_no_item")]


def test_an_image_that_is_there_twice_is_told(tmp_path: Path) -> None:
    write_karpathy(tmp_path / "dataset_coco.json", coco_image(1, "train", ["a"]), coco_image(1, "test", ["b"]))
    found = read_coco(tmp_path)
    assert len(found.items) == 1
    assert [left.reason for left in found.left_out] == ["id_occurs_twice"]


@pytest.mark.parametrize(
    ("image", "field"),
    [
        (karpathy_image("1.jpg", "train", ["a"]), "cocoid"),
        (coco_image(1, "training", ["a"]), "split"),
        ({**coco_image(1, "train", []), "sentences": [{"tokens": ["a"]}]}, "raw"),
        ({**coco_image(1, "train", []), "cocoid": "1"}, "cocoid"),
    ],
)
def test_an_image_that_breaks_the_layout_is_named(tmp_path: Path, image: dict[str, object], field: str) -> None:
    write_karpathy(tmp_path / "dataset_coco.json", image)
    with pytest.raises(PairSetError) as refusal:
        read_coco(tmp_path)
    assert (refusal.value.file, refusal.value.field) == ("dataset_coco.json", field)
    assert str(refusal.value.item).endswith("1.jpg")
