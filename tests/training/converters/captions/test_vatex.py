from pathlib import Path

import pytest

from tests.training.converters.captions.layouts import write_json
from training.converters.captions.vatex import read_vatex
from training.errors import PairSetError

CLIP = "Ptf_2VRj-V0_000122_000132"


def record(id_: str, *captions: str) -> dict[str, object]:
    return {"videoID": id_, "enCap": list(captions), "chCap": ["一个人"]}


def write_set(folder: Path, *training: object) -> None:
    write_json(folder / "vatex_training_v1.0.json", list(training))
    write_json(
        folder / "vatex_public_test_english_v1.1.json", [{"videoID": "yBsSqb4orpw_000000_000010", "enCap": ["x"]}]
    )


def test_clips_of_one_video_are_items_of_their_own_with_english_captions_only(tmp_path: Path) -> None:
    captions = [f"Caption {number}." for number in range(10)]
    write_set(tmp_path, record(CLIP, *captions), record("Ptf_2VRj-V0_000132_000142", "Another."))
    found = read_vatex(tmp_path)
    assert [(item.id, item.split) for item in found.items] == [
        (CLIP, "train"),
        ("Ptf_2VRj-V0_000132_000142", "train"),
        ("yBsSqb4orpw_000000_000010", "test"),
    ]
    assert found.items[0].captions == tuple(captions)
    assert found.items[0].names == (CLIP,)


def test_the_validation_file_is_read_where_it_is_there(tmp_path: Path) -> None:
    write_set(tmp_path, record(CLIP, "a"))
    write_json(tmp_path / "vatex_validation_v1.0.json", [record("b_000000_000010", "b")])
    assert [item.split for item in read_vatex(tmp_path).items] == ["train", "validation", "test"]


def test_a_clip_without_english_captions_stays_an_item_for_the_report(tmp_path: Path) -> None:
    write_set(tmp_path, {"videoID": CLIP})
    assert read_vatex(tmp_path).items[0].captions == ()


def test_a_clip_that_is_there_twice_is_told(tmp_path: Path) -> None:
    write_set(tmp_path, record(CLIP, "a"), record(CLIP, "b"))
    assert [left.reason for left in read_vatex(tmp_path).left_out] == ["id_occurs_twice"]


@pytest.mark.parametrize("document", [{"videoID": CLIP}, [{"enCap": ["a"]}], [{"videoID": CLIP, "enCap": "a"}]])
def test_a_document_of_another_layout_is_refused(tmp_path: Path, document: object) -> None:
    write_set(tmp_path)
    write_json(tmp_path / "vatex_training_v1.0.json", document)
    with pytest.raises(PairSetError, match=r"vatex_training_v1\.0\.json"):
        read_vatex(tmp_path)
