import pytest

from app.api.form_values import details, number, text, truth, whole, words
from app.domain import TrackDetails
from app.errors import InvalidParameter


def test_a_blank_field_is_as_good_as_none() -> None:
    assert text({"title": ["  "]}, "title") is None
    assert text({}, "title") is None
    assert text({"title": [" Köln "]}, "title") == " Köln "


def test_words_may_be_repeated_and_separated_by_commas() -> None:
    assert words({"moods": ["calm, dark ,", " wide"]}, "moods") == ("calm", "dark", "wide")
    assert words({}, "moods") == ()


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("False", False), ("", None)])
def test_a_truth_is_said_in_words(said: str, meant: bool | None) -> None:
    assert truth({"vocals": [said]}, "vocals") is meant


@pytest.mark.parametrize("said", ["yes", "1", "on", "tru"])
def test_any_other_word_for_a_truth_is_refused(said: str) -> None:
    with pytest.raises(InvalidParameter, match="vocals"):
        truth({"vocals": [said]}, "vocals")


@pytest.mark.parametrize(("said", "meant"), [("96", 96.0), ("96.5", 96.5), (" 7 ", 7.0), ("", None)])
def test_a_number_is_decimal(said: str, meant: float | None) -> None:
    assert number({"bpm": [said]}, "bpm") == meant


@pytest.mark.parametrize("said", ["nan", "inf", "1e3", "1_0", "-5", "fast", "٣", "9" * 400])
def test_what_only_a_program_would_call_a_number_is_refused(said: str) -> None:
    with pytest.raises(InvalidParameter, match="bpm"):
        number({"bpm": [said]}, "bpm")


@pytest.mark.parametrize(("said", "meant"), [("1", 1), ("100", 100), ("", 10)])
def test_a_whole_number_lies_within_its_bounds(said: str, meant: int) -> None:
    assert whole({"limit": [said]}, "limit", default=10, lowest=1, highest=100) == meant


@pytest.mark.parametrize("said", ["0", "101", "-1", "ten", "1.5", "٣", "9" * 5000])
def test_a_whole_number_beyond_its_bounds_is_refused(said: str) -> None:
    with pytest.raises(InvalidParameter, match="from 1 to 100"):
        whole({"limit": [said]}, "limit", default=10, lowest=1, highest=100)


def test_a_form_says_of_a_track_what_its_fields_say() -> None:
    form = {"title": ["Night drive"], "moods": ["calm"], "vocals": ["false"], "bpm": ["96"], "license": [""]}
    assert details(form) == TrackDetails(title="Night drive", moods=("calm",), vocals=False, bpm=96.0)
