from datetime import UTC, datetime

from app.catalogue.rankings import Ranking
from app.domain import Track, TrackDetails
from app.recommendation.rank import RankedTrack, numbers_of_page, page_of


def track(number: int) -> Track:
    added_at = datetime(2026, 1, 1, tzinfo=UTC)
    return Track(number, f"id{number}", added_at, "", "", "", 0, "", "", 1.0, None, TrackDetails())


TRACKS = {number: track(number) for number in range(1, 7)}
RANKING = Ranking(as_of=9, numbers=(3, 1, 5, 2, 4, 6), scores=(0.9, 0.8, 0.7, 0.6, 0.5, 0.4), folded={1: (4, 6)})


def places(page: list[RankedTrack]) -> list[tuple[int, int, float]]:
    return [(found.rank, found.track.number, found.score) for found in page]


def test_a_page_has_the_tracks_of_its_places_in_their_order() -> None:
    assert places(page_of(RANKING, TRACKS, offset=1, limit=3)) == [(2, 1, 0.8), (3, 5, 0.7), (4, 2, 0.6)]


def test_the_last_page_is_short_and_one_behind_it_empty() -> None:
    assert [rank for rank, _, _ in places(page_of(RANKING, TRACKS, offset=4, limit=10))] == [5, 6]
    assert page_of(RANKING, TRACKS, offset=6, limit=10) == []


def test_a_track_that_is_gone_leaves_its_place_empty_and_moves_no_other() -> None:
    left = {number: found for number, found in TRACKS.items() if number != 1}
    assert places(page_of(RANKING, left, offset=0, limit=3)) == [(1, 3, 0.9), (3, 5, 0.7)]


def test_what_was_folded_into_a_track_is_told_with_it_as_far_as_it_is_there() -> None:
    left = {number: found for number, found in TRACKS.items() if number != 4}
    found = page_of(RANKING, left, offset=1, limit=1)
    assert [other.number for other in found[0].folded] == [6]


def test_for_a_page_only_its_tracks_and_those_folded_into_them_are_looked_up() -> None:
    assert numbers_of_page(RANKING, offset=0, limit=2) == [3, 1, 4, 6]
    assert numbers_of_page(RANKING, offset=2, limit=2) == [5, 2]
