from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.recommendation import word_scores
from app.recommendation.fuse import Scores
from app.recommendation.word_scores import WordScores


class Measured:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> Scores:
        self.count += 1
        return np.array([float(self.count)])


def test_the_same_words_are_measured_once_as_long_as_the_library_stays_as_it_is() -> None:
    scores, measured = WordScores(), Measured()
    answers = [scores.of(("a", "b"), at, measured).tolist() for at in (1, 1, 2, 1)]
    assert answers == [[1.0], [1.0], [2.0], [1.0]]
    assert measured.count == 2


def test_other_words_are_other_scores() -> None:
    scores, measured = WordScores(), Measured()
    assert [scores.of(words, 1, measured).tolist() for words in (("a",), ("b",), ("b", "a"))] == [[1.0], [2.0], [3.0]]


def test_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_scores, "MOST_KEPT", 2)
    scores, measured = WordScores(), Measured()
    for words in (("a",), ("b",), ("a",), ("c",)):
        scores.of(words, 1, measured)
    assert measured.count == 3
    scores.of(("a",), 1, measured)
    assert measured.count == 3
    scores.of(("b",), 1, measured)
    assert measured.count == 4


def test_what_cannot_be_measured_is_asked_again() -> None:
    scores, measured = WordScores(), Measured()

    def broken() -> Scores:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scores.of(("a",), 1, broken)
    assert scores.of(("a",), 1, measured).tolist() == [1.0]


def test_many_may_ask_at_once() -> None:
    scores = WordScores()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda at: scores.of(("a",), at % 3, lambda: np.array([float(at % 3)])), range(200)))
    assert [answer.tolist() for answer in answers] == [[float(at % 3)] for at in range(200)]
