import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.word_numbers import WordField
from app.domain import Brief, TrackDetails
from app.recommendation.fuse import Numbers
from app.recommendation.lexical import FIELD_WEIGHTS, MOST_WORDS, lexical_scores, matched_words, query_words

FIELDS: tuple[WordField, ...] = ("title", "genre", "words")


def found(**fields: list[int]) -> dict[WordField, Numbers]:
    return {field: np.array(fields.get(field, []), dtype=np.int64) for field in FIELDS}


def scores(*words: dict[WordField, Numbers], library_size: int = 100) -> dict[int, float]:
    """Of the tracks 1 to `library_size` those that have any."""
    numbers = np.arange(1, library_size + 1)
    dense = lexical_scores(words, numbers)
    assert dense[-1] == 0
    found_ = zip(numbers.tolist(), dense[numbers].tolist(), strict=True)
    return {number: score for number, score in found_ if score}


FOUND = st.builds(
    lambda title, genre, words: found(title=title, genre=genre, words=words),
    *(st.lists(st.integers(1, 20), unique=True, max_size=8) for _ in FIELDS),
)


@given(st.lists(FOUND, max_size=5))
def test_a_score_lies_above_nothing_and_is_at_most_one(words: list[dict[WordField, Numbers]]) -> None:
    given_ = scores(*words)
    assert all(0 < score <= 1 + 1e-9 for score in given_.values())
    assert set(given_) == {int(number) for fields in words for numbers in fields.values() for number in numbers}


@given(st.lists(FOUND, min_size=1, max_size=4), FOUND)
def test_a_word_that_only_some_have_lifts_them_above_those_without(
    words: list[dict[WordField, Numbers]], further: dict[WordField, Numbers]
) -> None:
    before, after = scores(*words), scores(*words, further)
    has_it = {int(number) for numbers in further.values() for number in numbers}
    for one in has_it:
        for other in before.keys() - has_it:
            if before.get(one, 0.0) >= before[other]:
                assert after[one] > after[other]


def test_a_track_that_has_every_word_scores_one() -> None:
    assert scores(found(words=[1, 2]), found(genre=[1])) == {1: pytest.approx(1), 2: pytest.approx(0.47, abs=0.05)}


def test_a_title_weighs_less_than_a_mood_and_the_best_field_counts_once() -> None:
    given_ = scores(found(title=[1, 3], words=[2, 3]))
    assert given_[1] == pytest.approx(FIELD_WEIGHTS["title"])
    assert given_[2] == given_[3] == pytest.approx(1)


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    given_ = scores(found(words=list(range(1, 60))), found(words=[60]))
    assert given_[60] > given_[1]


def test_a_word_that_no_track_has_takes_its_share_of_every_score() -> None:
    assert scores(found(words=[1]), found())[1] < 0.6


def test_without_words_nothing_is_found() -> None:
    assert scores() == {}


def test_a_word_of_tracks_that_the_index_does_not_know_yet_is_no_fault() -> None:
    assert scores(found(words=[1, 2, 300]), library_size=1)[1] == pytest.approx(1)
    assert lexical_scores([found(words=[2])], np.array([], dtype=np.int64)).tolist() == [0, 0, 1, 0]


def test_the_words_of_title_and_keywords_are_folded_and_come_once() -> None:
    brief = Brief("Night DRIVE, city-night", ("Café", "neon lights"))
    assert query_words(brief) == ("cafe", "neon", "lights", "night", "drive", "city")


def test_words_without_content_are_not_looked_for() -> None:
    brief = Brief("The official video of MVI_1234: a walk in the park (part 2)", ("for the kids",))
    assert query_words(brief) == ("kids", "walk", "park")


def test_what_is_empty_in_a_title_may_be_meant_as_a_keyword() -> None:
    assert query_words(Brief("raw footage", ("raw",))) == ("raw",)


def test_nobody_can_ask_for_endlessly_many_words() -> None:
    words = query_words(Brief(" ".join(f"word{number}" for number in range(99)), ("last",)))
    assert len(words) == MOST_WORDS
    assert words[0] == "last"


def test_no_words_are_no_words() -> None:
    assert query_words(Brief()) == ()


def test_the_words_that_matched_are_named_in_the_order_in_which_they_were_asked_for() -> None:
    said = TrackDetails(title="Café Nights", genre="Lo-Fi", moods=("calm",), keywords=("city walk",), artist="Neon")
    assert matched_words(("walk", "neon", "cafe", "fi", "calm", "day"), said) == ("walk", "cafe", "fi", "calm")
