from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.recommendation.fold import NOBODY, Recordings, arranged
from app.recommendation.fuse import Numbers

# Few recordings and few artists, so that many repeat.
ROWS = st.lists(st.tuples(st.integers(1, 12), st.sampled_from([NOBODY, 7, 8, 9])), max_size=30)
CAPS = st.one_of(st.none(), st.integers(1, 4))
Rows = list[tuple[int, int]]


def split(rows: Rows) -> tuple[Numbers, Numbers]:
    both = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@given(ROWS, CAPS)
def test_no_track_is_lost_and_none_comes_twice(rows: Rows, cap: int | None) -> None:
    assert sorted(arranged(*split(rows), per_artist=cap).order.tolist()) == list(range(len(rows)))


@given(ROWS, CAPS)
def test_what_comes_first_repeats_no_recording_and_no_artist_too_often(rows: Rows, cap: int | None) -> None:
    found = arranged(*split(rows), per_artist=cap)
    first = [rows[place] for place in found.order[: found.different]]
    assert max(Counter(recording for recording, _ in first).values(), default=0) <= 1
    named = Counter(artist for _, artist in first if artist != NOBODY)
    assert cap is None or max(named.values(), default=0) <= cap


@given(ROWS, CAPS)
def test_both_parts_are_best_first(rows: Rows, cap: int | None) -> None:
    found = arranged(*split(rows), per_artist=cap)
    for part in (found.order[: found.different], found.order[found.different :]):
        assert part.tolist() == sorted(part.tolist())


@given(ROWS, CAPS)
def test_a_track_is_folded_into_the_best_of_its_recording(rows: Rows, cap: int | None) -> None:
    found = arranged(*split(rows), per_artist=cap)
    for best, others in found.folded.items():
        same = [place for place, (recording, _) in enumerate(rows) if recording == rows[best][0]]
        assert [best, *others] == same
    repeated = sum(count - 1 for count in Counter(recording for recording, _ in rows).values())
    assert sum(len(others) for others in found.folded.values()) == repeated


@given(ROWS)
def test_nothing_stands_behind_without_a_reason(rows: Rows) -> None:
    recordings, _ = split(rows)
    assert arranged(recordings).different == len(set(recordings.tolist()))


@given(ROWS, st.integers(1, 4))
def test_an_artist_has_all_the_places_that_are_allowed(rows: Rows, cap: int) -> None:
    found = arranged(*split(rows), per_artist=cap)
    songs = dict(reversed(rows))
    allowed = Counter(artist for artist in songs.values() if artist != NOBODY)
    unknown = sum(artist == NOBODY for artist in songs.values())
    assert found.different == unknown + sum(min(count, cap) for count in allowed.values())


def test_a_track_is_its_own_recording_unless_it_is_the_same_as_an_older_one() -> None:
    recordings = Recordings(np.array([4, 9]), np.array([1, 2]))
    assert recordings.of(np.array([9, 1, 4, 100, 5])).tolist() == [2, 1, 1, 100, 5]
    assert recordings.of(np.array([], dtype=np.int64)).tolist() == []
    none = np.array([], dtype=np.int64)
    assert Recordings(none, none).of(np.array([3, 1])).tolist() == [3, 1]


def test_tracks_of_nobody_known_are_never_too_many() -> None:
    assert arranged(np.arange(5), np.full(5, NOBODY), per_artist=1).different == 5


def test_a_folded_track_takes_no_place_of_its_artist() -> None:
    found = arranged(np.array([1, 1, 3]), np.array([7, 7, 7]), per_artist=2)
    assert found.order.tolist() == [0, 2, 1]
    assert found.folded == {0: (1,)}
