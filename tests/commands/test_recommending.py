import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from tests.asking.answers_made_up import RECOMMENDATION
from tests.bgm_command import Bgm
from tests.scripted_server import ScriptedServer, refusing, running_scripted_server, saying


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
    assert result["track"]["audio_url"] == f"/music/{result['track']['id']}/audio"
    assert (answer["title"], answer["keywords"], answer["id"]) == ("racing", ["fast", "neon", "city"], None)


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


def test_an_error_that_ends_it_does_not_take_away_what_was_answered(bgm: Bgm, clips: Path) -> None:
    # More than are in hand at a time.
    for number in range(30):
        (clips / f"{number:02d}.mp4").write_bytes(b"%d" % number)
    (clips / "worst.mp4").write_bytes(b"raise DiskFull")

    status, said, complaint = bgm("recommend", clips, "--json", "--limit", "1")

    assert status == 2
    assert complaint.endswith("bgm: disk_full: the disk that holds the library is full\n")
    assert len(json.loads(said)) >= 15


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with running_scripted_server() as server:
        server.script = [saying(RECOMMENDATION)]
        yield server


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"one")
    return path


def test_a_server_is_asked_in_place_of_the_library(
    bgm: Bgm, server: ScriptedServer, clip: Path, tmp_path: Path
) -> None:
    words = ("--title", "racing", "--keywords", "fast, neon", "--limit", "3")

    status, said, _ = bgm("recommend", clip, *words, "--server", server.address)

    assert status == 0
    assert "Night drive" in said
    form = server.seen[0].start.decode()
    for name, text in [("title", "racing"), ("keywords", "fast"), ("keywords", "neon"), ("limit", "3")]:
        assert f'name="{name}"\r\n\r\n{text}\r\n' in form
    assert "authorization" not in server.seen[0].headers
    assert not (tmp_path / "data").exists()


def test_json_from_a_server_is_its_answer(bgm: Bgm, server: ScriptedServer, clip: Path) -> None:
    status, said, _ = bgm("recommend", clip, "--server", server.address, "--json")

    answer = json.loads(said)
    assert status == 0
    assert answer.pop("file") == str(clip)
    assert answer.keys() == RECOMMENDATION.keys()
    assert answer["results"][0]["section"] == RECOMMENDATION["results"][0]["section"]
    assert (answer["id"], answer["expires_at"]) == ("01JD", "2026-02-04T04:05:06Z")


def test_a_folder_is_sent_video_by_video(bgm: Bgm, server: ScriptedServer, clips: Path) -> None:
    server.script = [refusing(422, "no_video_stream"), saying(RECOMMENDATION)]

    status, said, complaint = bgm("recommend", clips, "--server", server.address, "--csv")

    rows = list(csv.DictReader(StringIO(said)))
    assert status == 1
    assert len(complaint.splitlines()) == 1
    assert "no_video_stream: it is no_video_stream" in complaint
    assert sorted(row["code"] for row in rows) == ["", "", "no_video_stream"]
    assert len(server.seen) == 2


def test_the_key_comes_from_the_environment_or_a_file(
    bgm: Bgm, server: ScriptedServer, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("of-the-file\n")
    monkeypatch.setenv("BGM_KEY", "of-the-environment")

    bgm("recommend", clip, "--server", server.address)
    bgm("recommend", clip, "--server", server.address, "--key-file", tmp_path / "key")

    sent = [seen.headers["authorization"] for seen in server.seen]
    assert sent == ["Bearer of-the-environment", "Bearer of-the-file"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"two\nlines"])
def test_a_file_without_a_key_is_refused(
    bgm: Bgm, server: ScriptedServer, clip: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "key").write_bytes(content)

    status, _, complaint = bgm("recommend", clip, "--server", server.address, "--key-file", tmp_path / "key")

    assert (status, server.seen) == (2, [])
    assert complaint.startswith("bgm: invalid_parameter: ")


def test_a_server_that_wants_another_key_ends_it(bgm: Bgm, server: ScriptedServer, clips: Path) -> None:
    server.script = [refusing(401, "key_required")]

    status, said, complaint = bgm("recommend", clips, "--server", server.address)

    assert (status, said, complaint) == (2, "", "bgm: key_required: it is key_required\n")


def test_a_server_that_is_not_there_is_told_in_one_line(bgm: Bgm, clip: Path) -> None:
    status, _, complaint = bgm("recommend", clip, "--server", "http://127.0.0.1:1")

    assert status == 2
    assert complaint.startswith("bgm: server_unreachable: http://127.0.0.1:1 gives no answer: ")
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("words", [("--server", "music.example.org"), ("--key-file", __file__)])
def test_words_about_a_server_that_make_no_sense_are_refused(bgm: Bgm, clip: Path, words: tuple[str, ...]) -> None:
    assert bgm("recommend", clip, *words)[0] == 2
