import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from app.errors import NoVideoStream
from app.terminal.answers import Answers, VideoOutcome

TRACK: dict[str, Any] = {
    "id": "01JC",
    "title": "Night drive",
    "artist": "Ann",
    "genre": "synthwave",
    "duration_s": 184.2,
    "bpm": 96.4,
    "moods": ["calm", "warm"],
    "license": "CC0-1.0",
    "attribution": None,
    "audio_url": "/music/01JC/audio",
    "preview_url": "/music/01JC/preview",
    "waveform_url": "/music/01JC/waveform",
}
SECTION = {"start_s": 41.0, "end_s": 53.4, "score": 0.78}
FOUND: dict[str, Any] = {
    "id": "01JD",
    "results": [
        {"rank": 1, "score": 0.75, "track": TRACK, "section": SECTION, "reasons": [], "folded": []},
        {"rank": 2, "score": 0.5, "track": TRACK, "section": None, "reasons": [], "folded": []},
    ],
}
ONE = VideoOutcome(Path("clips/one.mp4"), FOUND)
BAD = VideoOutcome(Path("clips/bad.mp4"), NoVideoStream())


def answers(*given: VideoOutcome, folder: Path | None = None) -> Answers:
    told = Answers(folder)
    for answer in given:
        told.add(answer)
    return told


def with_track(**changes: object) -> VideoOutcome:
    result = FOUND["results"][0] | {"track": TRACK | changes}
    return VideoOutcome(Path("one.mp4"), {"results": [result]})


def printed(told: Answers, *, failures: bool = False) -> str:
    text = StringIO()
    console = Console(file=text, width=120)
    if failures:
        told.show_failures(console)
    else:
        told.show_tables(console)
    return text.getvalue()


def test_json_is_the_answer_as_it_was_given_and_the_file_it_is_about() -> None:
    assert json.loads(answers(ONE).as_json()) == {"file": "clips/one.mp4", **FOUND}


def test_a_folder_is_a_list_in_the_order_of_names_with_errors_in_it() -> None:
    told = json.loads(answers(ONE, BAD, folder=Path("clips")).as_json())

    assert [answer["file"] for answer in told] == ["bad.mp4", "one.mp4"]
    assert told[0] == {"file": "bad.mp4", "code": "no_video_stream", "detail": "the file has no video stream"}


def test_csv_has_a_line_for_each_match_and_for_each_failure() -> None:
    rows = list(csv.DictReader(StringIO(answers(ONE, BAD, folder=Path("clips")).as_csv())))

    assert [(row["video"], row["code"], row["rank"], row["title"]) for row in rows] == [
        ("bad.mp4", "no_video_stream", "", ""),
        ("one.mp4", "", "1", "Night drive"),
        ("one.mp4", "", "2", "Night drive"),
    ]
    assert (rows[1]["moods"], rows[1]["audio_url"], rows[1]["audio_path"]) == ("calm;warm", "/music/01JC/audio", "")
    assert [(row["section_start_s"], row["section_end_s"]) for row in rows[1:]] == [("41.0", "53.4"), ("", "")]


def test_csv_has_the_file_of_a_track_that_has_one_here() -> None:
    (row,) = csv.DictReader(StringIO(answers(with_track(audio_path="/blobs/ab")).as_csv()))

    assert row["audio_path"] == "/blobs/ab"


def test_the_table_shows_title_length_and_tempo() -> None:
    text = printed(answers(ONE))

    assert "clips/one.mp4" in text
    for cell in ("0.750", "Night drive", "Ann", "3:04", "96", "CC0-1.0"):
        assert cell in text


def test_a_track_of_which_nothing_is_said_still_has_a_row() -> None:
    assert "01JC" in printed(answers(with_track(title=None, artist=None, bpm=None, license=None)))


def test_words_that_look_like_markup_or_move_the_cursor_are_shown_as_text() -> None:
    text = printed(answers(with_track(title="[red]loud[/red]", artist="\x1b[2J")))

    assert "[red]loud[/red]" in text
    assert "\x1b" not in text


def test_an_empty_library_is_said_to_be_empty() -> None:
    assert "no tracks yet" in printed(answers(VideoOutcome(Path("one.mp4"), {"results": []})))


def test_failures_are_told_one_a_line_with_their_code() -> None:
    told = answers(ONE, BAD)

    assert printed(told, failures=True) == "clips/bad.mp4: no_video_stream: the file has no video stream\n"
    assert told.failures() == [BAD]
