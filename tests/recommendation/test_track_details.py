import pytest

from app.domain import Tags, TrackDetails
from app.errors import InvalidParameter
from app.recommendation.track_details import checked, completed

NOTHING = TrackDetails()


def test_texts_are_trimmed_and_blank_ones_are_nothing() -> None:
    kept = checked(TrackDetails(title="  Night \t drive\n", artist="   ", moods=(" calm ", "", "calm", "dark")))
    assert kept == TrackDetails(title="Night drive", moods=("calm", "dark"))


@pytest.mark.parametrize(
    ("details", "parameter"),
    [
        (TrackDetails(title="x" * 501), "title"),
        (TrackDetails(attribution="x" * 2001), "attribution"),
        (TrackDetails(artist="a\x00b"), "artist"),
        (TrackDetails(genre="a\x1bb"), "genre"),
        (TrackDetails(album="half \ud800"), "album"),
        (TrackDetails(moods=("x" * 101,)), "moods"),
        (TrackDetails(keywords=tuple(map(str, range(51)))), "keywords"),
        (TrackDetails(bpm=19.9), "bpm"),
        (TrackDetails(bpm=400.1), "bpm"),
        (TrackDetails(bpm=float("nan")), "bpm"),
        (TrackDetails(source_url="ftp://example.org/a"), "source_url"),
        (TrackDetails(source_url="javascript:alert(1)"), "source_url"),
        (TrackDetails(source_url="https:///nowhere"), "source_url"),
        (TrackDetails(source_url="http://[broken"), "source_url"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(details: TrackDetails, parameter: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        checked(details)
    assert refused.value.parameter == parameter


def test_what_can_just_be_kept_is_kept() -> None:
    details = TrackDetails(title="x" * 500, bpm=400.0, source_url="http://example.org", vocals=False)
    assert checked(details) == details


def test_what_nobody_said_is_taken_from_tags_and_measurement() -> None:
    tags = Tags(title="Tagged", artist="Tagger", album=None, genre="jazz")
    said = TrackDetails(artist="Said")
    found = completed(said, tags=tags, file_name="a.ogg", bpm=96.0)
    assert found == TrackDetails(title="Tagged", artist="Said", genre="jazz", bpm=96.0)


def test_a_said_tempo_stays() -> None:
    assert completed(TrackDetails(bpm=50.0), tags=Tags(), file_name="a.ogg", bpm=96.0).bpm == 50.0


def test_a_track_without_any_title_is_called_like_its_file() -> None:
    assert completed(NOTHING, tags=Tags(title=" \x00 "), file_name="Night drive.ogg", bpm=None).title == "Night drive"
    assert completed(NOTHING, tags=Tags(), file_name="", bpm=None).title is None


def test_a_files_own_words_are_cut_and_cleaned_not_refused() -> None:
    found = completed(NOTHING, tags=Tags(title="a\x00b\ud800", artist="x" * 900), file_name="", bpm=None)
    assert found.title == "a b"
    assert found.artist == "x" * 500
    assert checked(found) == found
