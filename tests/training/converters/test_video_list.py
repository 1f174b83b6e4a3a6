from pathlib import Path

import pytest

from training.converters.video_list import ListedVideo, read_video_list, splits_by_track
from training.errors import PairSetError


def written(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def fault_of(path: Path) -> PairSetError:
    with pytest.raises(PairSetError) as caught:
        read_video_list(path)
    assert caught.value.file == "list.csv"
    return caught.value


def test_every_column_is_read_and_keywords_are_split(tmp_path: Path) -> None:
    text = "keywords,file,split,track,title\nneon; fast ;;neon,./a/b.mp4,test,song 1,Night drive\n,c.mp4,,,\n"
    assert read_video_list(written(tmp_path, text)) == {
        "a/b.mp4": ListedVideo(2, "Night drive", ("neon", "fast"), "song 1", "test"),
        "c.mp4": ListedVideo(3),
    }


def test_only_the_file_must_be_named(tmp_path: Path) -> None:
    assert read_video_list(written(tmp_path, "file\r\na.mp4\r\n")) == {"a.mp4": ListedVideo(2)}


def test_a_list_from_a_spreadsheet_and_a_name_spelt_by_macos_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, 'file,title\ncafe\u0301.mp4,"One, two"\n', encoding="utf-8-sig")
    assert read_video_list(path) == {"caf\u00e9.mp4": ListedVideo(2, "One, two")}


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("", "line 1: columns", "'file' among them"),
        ("title\nx\n", "line 1: columns", "found title"),
        ("file,colour\na,red\n", "line 1: columns", "found file, colour"),
        ("file,file\na,b\n", "line 1: columns", "each once"),
        ("file,title\na\n", "line 2: cells", "more or fewer"),
        ("file,title\na,b,c\n", "line 2: cells", "more or fewer"),
        ("file,title\n,b\n", "line 2: file", "is empty"),
        ("file,split\na,training\n", "line 2: split", "'training' is none of train, validation, test"),
        ("file\na\n./a\n", "line 3: file", "has a row already, at 2"),
        ('file,title\na,"b\n', "list", "cannot be read"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path: Path, text: str, field: str, reason: str) -> None:
    error = fault_of(written(tmp_path, text))
    assert error.field == field
    assert reason in error.reason


def test_a_list_that_is_missing_or_no_utf8_is_refused(tmp_path: Path) -> None:
    assert "No such file" in fault_of(tmp_path / "list.csv").reason
    assert fault_of(written(tmp_path, "file\ncafé\n", encoding="latin-1")).field == "list"


def test_a_row_puts_all_of_its_track_into_its_split(tmp_path: Path) -> None:
    rows = [("song", ListedVideo(2)), ("song", ListedVideo(3, split="test")), ("other", ListedVideo(4))]
    assert splits_by_track(tmp_path / "list.csv", rows) == {"song": "test"}


def test_a_track_in_two_splits_is_refused(tmp_path: Path) -> None:
    rows = [("song", ListedVideo(2, split="train")), ("song", ListedVideo(3, split="test"))]
    with pytest.raises(PairSetError, match=r"line 3: split: is 'test', but track 'song' is in 'train' already"):
        splits_by_track(tmp_path / "list.csv", rows)
