import csv
import json
from io import StringIO
from pathlib import Path

from rich.console import Console

from app.api.schemas import EncoderName, Recommended
from app.domain import TrackDetails
from app.errors import NoVideoStream
from app.recommendation.recommend_videos import VideoAnswer
from app.terminal.answers import Answers
from tests.terminal.made_up import a_recommendation, a_track


def answers(*given: VideoAnswer, folder: Path | None = None) -> Answers:
    told = Answers(folder, "starter", "sha256:4c1f", lambda track: Path("/blobs") / track.sha256)
    for answer in given:
        told.add(answer)
    return told


def printed(told: Answers, *, failures: bool = False) -> str:
    text = StringIO()
    console = Console(file=text, width=120)
    if failures:
        told.show_failures(console)
    else:
        told.show_tables(console)
    return text.getvalue()


FOUND = a_recommendation(a_track(1), a_track(2))
ONE = VideoAnswer(Path("clips/one.mp4"), FOUND)
BAD = VideoAnswer(Path("clips/bad.mp4"), NoVideoStream())


def test_json_has_the_fields_of_the_api_with_a_path_for_the_address() -> None:
    told = json.loads(answers(ONE).as_json())
    encoder = EncoderName(name="starter", digest="sha256:4c1f")
    served = Recommended.of(FOUND, encoder=encoder, receive_ms=1.0).model_dump()

    assert told.pop("file") == "clips/one.mp4"
    assert told.keys() == served.keys() - {"id"}
    for name in ("encoder", "video", "text_used", "library_size"):
        assert told[name] == served[name]
    assert told["timing_ms"].keys() == served["timing_ms"].keys() - {"receive"}
    ours, theirs = told["results"][0], served["results"][0]
    assert ours["track"].pop("audio_path") == f"/blobs/{1:064x}"
    assert theirs["track"].pop("audio_url")
    assert ours == theirs


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
    assert rows[1]["moods"] == "calm;warm"
    assert rows[1]["audio_path"] == f"/blobs/{1:064x}"


def test_the_table_shows_title_length_and_tempo() -> None:
    text = printed(answers(ONE))

    assert "clips/one.mp4" in text
    for cell in ("0.750", "Night drive", "Ann", "3:04", "96", "CC0-1.0"):
        assert cell in text


def test_words_that_look_like_markup_are_shown_as_they_are() -> None:
    named = a_track(1, details=TrackDetails(title="[red]loud[/red]"))

    assert "[red]loud[/red]" in printed(answers(VideoAnswer(Path("[b]x[/b].mp4"), a_recommendation(named))))


def test_an_empty_library_is_said_to_be_empty() -> None:
    assert "no tracks yet" in printed(answers(VideoAnswer(Path("one.mp4"), a_recommendation())))


def test_failures_are_told_one_a_line_with_their_code() -> None:
    told = answers(ONE, BAD)

    assert printed(told, failures=True) == "clips/bad.mp4: no_video_stream: the file has no video stream\n"
    assert told.failures() == [BAD]
