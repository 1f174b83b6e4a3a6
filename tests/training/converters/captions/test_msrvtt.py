from pathlib import Path

import numpy as np
import pytest

from tests.training.converters.captions.layouts import write_csv, write_json
from training.converters.captions.msrvtt import read_msrvtt
from training.errors import PairSetError

VIDEOS = {"video0": "train", "video1": "validate", "video9770": "test"}


def write_data(folder: Path) -> None:
    """20 sentences a video, in no order, as in the file itself."""
    sentences = [
        {"caption": f"sentence {place} of {id_}", "video_id": id_, "sen_id": 20 * number + place}
        for number, id_ in enumerate(VIDEOS)
        for place in range(20)
    ]
    shuffled = [sentences[number] for number in np.random.default_rng(0).permutation(len(sentences))]
    videos = [
        {"video_id": id_, "split": split, "category": 9, "start time": 137.72, "end time": 149.44, "id": number}
        for number, (id_, split) in enumerate(VIDEOS.items())
    ]
    write_json(folder / "MSRVTT_data.json", {"info": {}, "videos": videos, "sentences": shuffled})


def write_lists(folder: Path) -> None:
    write_csv(folder / "MSRVTT_train.9k.csv", ["video_id"], ["video0"], ["video1"], ["video7"])
    head = ["key", "vid_key", "video_id", "sentence"]
    row = ["ret0", "msr9770", "video9770", "a person is connecting something to system"]
    write_csv(folder / "MSRVTT_JSFUSION_test.csv", head, row)


def test_sentences_are_put_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    write_data(tmp_path)
    write_lists(tmp_path)
    for item in read_msrvtt(tmp_path).items[:2]:
        assert item.captions == tuple(f"sentence {place} of {item.id}" for place in range(20))


def test_the_lists_make_the_split_and_a_test_video_has_the_lists_one_sentence(tmp_path: Path) -> None:
    write_data(tmp_path)
    write_lists(tmp_path)
    found = read_msrvtt(tmp_path)
    assert [(item.id, item.split) for item in found.items] == [
        ("video0", "train"),
        ("video1", "train"),
        ("video9770", "test"),
    ]
    assert found.items[2].captions == ("a person is connecting something to system",)
    assert [(left.source, left.reason) for left in found.left_out] == [("video7", "not_annotated")]


def test_a_test_video_has_all_its_sentences_where_they_are_asked_for(tmp_path: Path) -> None:
    write_data(tmp_path)
    write_lists(tmp_path)
    assert len(read_msrvtt(tmp_path, with_all_test_captions=True).items[2].captions) == 20


def test_without_lists_the_splits_are_those_of_the_json(tmp_path: Path) -> None:
    write_data(tmp_path)
    found = read_msrvtt(tmp_path)
    assert [item.split for item in found.items] == ["train", "validation", "test"]
    assert {len(item.captions) for item in found.items} == {20}
    assert found.read_from == ("MSRVTT_data.json",)


def test_one_list_without_the_other_is_refused(tmp_path: Path) -> None:
    write_data(tmp_path)
    write_lists(tmp_path)
    (tmp_path / "MSRVTT_train.9k.csv").unlink()
    with pytest.raises(PairSetError, match=r"MSRVTT_train\.9k\.csv"):
        read_msrvtt(tmp_path)


def test_a_sentence_without_its_number_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "MSRVTT_data.json", {"videos": [], "sentences": [{"caption": "a", "video_id": "video0"}]})
    with pytest.raises(PairSetError, match=r"item 'video0': sen_id"):
        read_msrvtt(tmp_path)
