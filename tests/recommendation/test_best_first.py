import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.recommendation.best_first import BestFirst, Scored

# Few different values, so that many are equal.
VALUES = st.sampled_from([0.0, 0.25, 0.5, 0.75])
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=40)
WEIGHTS = st.sampled_from([0.0, 0.5, 1.0])


def scored(rows: list[tuple[float, float]], *, weight: float = 0.5, seed: int = 0, has_words: bool = True) -> Scored:
    """Of rows of cosine and lexical score."""
    numbers = np.random.default_rng(seed).permutation(len(rows)).astype(np.int64) + 1
    cosines = np.array([cosine for cosine, _ in rows], dtype=np.float32)
    lexical = np.array([words for _, words in rows], dtype=np.float64)
    return Scored(numbers, cosines, lexical, weight) if has_words else Scored(numbers, cosines)


def sorted_whole(tracks: Scored) -> list[int]:
    """The numbers of all, in their order."""
    scores = tracks.scores(slice(None)).tolist()
    rows = zip(scores, tracks.cosines.tolist(), tracks.numbers.tolist(), strict=True)
    return [number for _, _, number in sorted(rows, key=lambda row: (-row[0], -row[1], row[2]))]


@given(ROWS, st.lists(st.integers(1, 15), min_size=1, max_size=60), st.integers(0, 5), WEIGHTS, st.booleans())
def test_taken_in_parts_it_is_the_same_order_as_all_at_once_with_none_lost_or_twice(
    rows: list[tuple[float, float]], counts: list[int], seed: int, weight: float, has_words: bool
) -> None:
    tracks = scored(rows, weight=weight, seed=seed, has_words=has_words)
    source, taken = BestFirst(tracks, np.arange(len(rows))), list[int]()
    for count in counts:
        part = source.take(count)
        assert len(part) == min(count, len(rows) - len(taken))
        taken += tracks.numbers[part].tolist()
    assert taken == sorted_whole(tracks)[: len(taken)]


@given(ROWS, st.sets(st.integers(0, 39)))
def test_only_tracks_at_the_given_places_are_taken(rows: list[tuple[float, float]], allowed: set[int]) -> None:
    tracks, places = scored(rows), sorted(place for place in allowed if place < len(rows))
    taken = BestFirst(tracks, np.array(places, dtype=np.int64)).take(99)
    kept = set(tracks.numbers[places].tolist())
    assert tracks.numbers[taken].tolist() == [number for number in sorted_whole(tracks) if number in kept]


def test_equal_scores_are_told_apart_by_cosine_and_then_by_number() -> None:
    cosines = np.array([0.1, 0.9, 0.1, 0.5], dtype=np.float32)
    tracks = Scored(np.array([4, 3, 2, 1]), cosines, np.zeros(4), 1.0)
    assert tracks.numbers[BestFirst(tracks, np.arange(4)).take(9)].tolist() == [3, 1, 2, 4]


def test_without_words_a_score_is_the_cosine_brought_to_one() -> None:
    tracks = Scored(np.array([1, 2]), np.array([1.0, -0.5], dtype=np.float32))
    assert tracks.scores(np.array([1, 0])).tolist() == [0.25, 1.0]


def test_nothing_can_be_taken_from_nothing() -> None:
    assert len(BestFirst(scored([]), np.arange(0)).take(5)) == 0
