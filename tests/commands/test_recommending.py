import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from tests.bgm_command import Bgm


@pytest.fixture
def clips(bgm: Bgm, music: Path, tmp_path: Path) -> Path:
    """A folder of videos, and a library in which each has its own best track."""
    assert bgm("import", music)[0] == 0
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "first.mp4").write_bytes(b"one")
    (folder / "second.MOV").write_bytes(b"untagged two")
    (folder / "notes.txt").write_text("no video")
    return folder


def test_a_video_gets_a_table(bgm: Bgm, clips: Path) -> None:
    status, said, _ = bgm("recommend", clips / "first.mp4")

    assert status == 0
    assert "Tagged" in said
    assert "1.000" in said


def test_a_video_gets_one_json_object_with_the_words_taken_into_account(bgm: Bgm, clips: Path) -> None:
    words = ("--title", "racing", "--keywords", "fast, neon", "--keywords", "city", "--limit", "1")

    status, said, _ = bgm("recommend", clips / "first.mp4", *words, "--json")

    answer = json.loads(said)
    assert status == 0
    assert answer["text_used"] is True
    assert answer["library_size"] == 2
    (result,) = answer["results"]
    assert (result["rank"], result["track"]["title"]) == (1, "Tagged")
    assert Path(result["track"]["audio_path"]).read_bytes() == b"one"


def test_a_folder_gets_an_answer_for_every_video_in_it(bgm: Bgm, clips: Path) -> None:
    status, said, _ = bgm("recommend", clips, "--csv", "--limit", "1")

    rows = list(csv.DictReader(StringIO(said)))
    assert status == 0
    assert [(row["video"], row["title"]) for row in rows] == [("first.mp4", "Tagged"), ("second.MOV", "two")]


def test_a_video_that_fails_is_told_with_its_code_and_stops_no_other(bgm: Bgm, clips: Path) -> None:
    (clips / "bad.mp4").write_bytes(b"raise NoVideoStream")

    status, said, complaint = bgm("recommend", clips, "--json")

    assert status == 1
    assert complaint == "bad.mp4: no_video_stream: the file has no video stream\n"
    assert [answer.get("code") for answer in json.loads(said)] == ["no_video_stream", None, None]


@pytest.mark.parametrize(
    "words",
    [("--limit", "0"), ("--limit", "101"), ("--json", "--csv")],
)
def test_words_that_make_no_sense_are_refused(bgm: Bgm, clips: Path, words: tuple[str, ...]) -> None:
    assert bgm("recommend", clips, *words)[0] == 2


def test_a_folder_without_videos_is_refused(bgm: Bgm, music: Path) -> None:
    status, _, complaint = bgm("recommend", music)

    assert status == 2
    assert "has no videos in it" in complaint


def test_words_are_held_to_the_same_rules_as_over_http(bgm: Bgm, clips: Path) -> None:
    status, _, complaint = bgm("recommend", clips / "first.mp4", "--title", "x" * 501)

    assert status == 2
    assert "title" in complaint
