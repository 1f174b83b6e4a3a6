from pathlib import Path

import pytest

from tests.training.converters.captions.layouts import write_csv, write_lines
from training.converters.captions.msvd import read_msvd
from training.errors import PairSetError

FIRST, SECOND, THIRD = "-4wsuPCjDBc_5_15", "mv89psg6zh4_33_46", "8MVo7fje_oE_125_130"
REMARKS = ["# Microsoft Research Video Description Corpus", "# English descriptions", ""]
HEAD = ["VideoID", "Start", "End", "WorkerID", "Source", "AnnotationTime", "Language", "Description"]


def write_lists(folder: Path) -> None:
    write_lines(folder / "train_list.txt", FIRST, "gone_1_2")
    write_lines(folder / "val_list.txt", SECOND)
    write_lines(folder / "test_list.txt", THIRD)


def test_descriptions_are_gathered_by_clip_with_the_remarks_passed_over_and_repetitions_kept(tmp_path: Path) -> None:
    write_lists(tmp_path)
    lines = [f"{FIRST} a squirrel is eating", f"{SECOND} a bird", f"{FIRST} a squirrel is eating", f"{THIRD} cook # 2"]
    write_lines(tmp_path / "AllVideoDescriptions.txt", *REMARKS, *lines)
    found = read_msvd(tmp_path)
    assert [(item.id, item.split, item.captions) for item in found.items] == [
        (FIRST, "train", ("a squirrel is eating", "a squirrel is eating")),
        (SECOND, "validation", ("a bird",)),
        (THIRD, "test", ("cook # 2",)),
    ]
    assert [(left.source, left.reason) for left in found.left_out] == [("gone_1_2", "not_annotated")]
    assert found.items[0].names == (FIRST, f"YouTubeClips/{FIRST}")


@pytest.mark.parametrize("file", ["MSR Video Description Corpus.csv", "video_corpus.csv"])
def test_only_english_descriptions_of_the_corpus_are_taken(tmp_path: Path, file: str) -> None:
    write_lists(tmp_path)
    rows = [
        ["mv89psg6zh4", 33, 46, 588702, "unverified", 55, "Slovene", "Papagaj se umiva pod tekočo vodo v lijaku."],
        ["mv89psg6zh4", 33, 46, 362812, "unverified", 10, "English", "A bird in a sink, under\nrunning water."],
        ["-4wsuPCjDBc", 5, 15, 1, "clean", 7, "English", 'A "squirrel".'],
        ["mv89psg6zh4", 47, 50, 1, "clean", 7, "English", "Another clip of the video."],
    ]
    write_csv(tmp_path / file, HEAD, *rows)
    found = read_msvd(tmp_path)
    assert {item.id: item.captions for item in found.items} == {
        FIRST: ('A "squirrel".',),
        SECOND: ("A bird in a sink, under\nrunning water.",),
    }
    assert ("mv89psg6zh4_47_50", "in_no_split") in {(left.source, left.reason) for left in found.left_out}


def test_numbered_files_are_found_by_the_mapping(tmp_path: Path) -> None:
    write_lists(tmp_path)
    write_lines(tmp_path / "AllVideoDescriptions.txt", f"{FIRST} a squirrel")
    write_lines(tmp_path / "youtube_mapping.txt", f"{FIRST} vid1", f"{SECOND} vid2")
    assert "vid1" in read_msvd(tmp_path).items[0].names


def test_a_folder_without_descriptions_is_refused(tmp_path: Path) -> None:
    write_lists(tmp_path)
    with pytest.raises(PairSetError, match=r"AllVideoDescriptions\.txt.*MSR Video Description Corpus\.csv"):
        read_msvd(tmp_path)


def test_a_missing_list_is_refused_by_name(tmp_path: Path) -> None:
    write_lines(tmp_path / "AllVideoDescriptions.txt", f"{FIRST} a squirrel")
    write_lines(tmp_path / "train_list.txt", FIRST)
    with pytest.raises(PairSetError, match=r"val_list\.txt"):
        read_msvd(tmp_path)
