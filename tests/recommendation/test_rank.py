from datetime import UTC, datetime

from app.domain import Match, Track, TrackDetails
from app.recommendation.rank import rank


def track(number: int) -> Track:
    added_at = datetime(2026, 1, 1, tzinfo=UTC)
    return Track(number, f"id{number}", added_at, "", "", "", 0, "", "", 1.0, None, TrackDetails())


TRACKS = {number: track(number) for number in range(1, 6)}


def test_the_best_score_comes_first_and_ranks_count_from_one() -> None:
    ranked = rank([Match(1, 0.1), Match(2, 0.9), Match(3, 0.5)], TRACKS, limit=10)
    assert [(found.rank, found.track.number, found.score) for found in ranked] == [
        (1, 2, 0.9),
        (2, 3, 0.5),
        (3, 1, 0.1),
    ]


def test_equal_scores_come_in_the_order_of_numbers_whatever_order_they_were_found_in() -> None:
    ranked = rank([Match(4, 0.5), Match(2, 0.5), Match(3, 0.5)], TRACKS, limit=10)
    assert [found.track.number for found in ranked] == [2, 3, 4]


def test_a_match_without_a_track_leaves_no_gap() -> None:
    ranked = rank([Match(9, 0.9), Match(1, 0.5), Match(8, 0.4), Match(2, 0.3)], TRACKS, limit=2)
    assert [(found.rank, found.track.number) for found in ranked] == [(1, 1), (2, 2)]


def test_no_more_than_the_limit_come_back() -> None:
    assert len(rank([Match(number, 0.1) for number in range(1, 6)], TRACKS, limit=3)) == 3
