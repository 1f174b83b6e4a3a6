"""What each filter means, on both databases, in every question that takes one."""

from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue.catalogue import Catalogue
from app.domain import Track, TrackDetails
from app.errors import InvalidParameter
from app.filters import TrackFilter
from tests.catalogue.new_tracks import add, add_said

UNKNOWN = TrackDetails()
CALM = TrackDetails(
    genre="Hip-Hop",
    artist="Röyksopp",
    license="CC-BY-4.0",
    moods=("Calm", "Dark"),
    bpm=90.0,
    vocals=True,
    explicit=True,
)
WIDE = TrackDetails(
    genre="Folk", artist="B", license="CC0-1.0", moods=("wide",), bpm=120.0, vocals=False, explicit=False
)


@pytest.fixture
def tracks(catalogue: Catalogue) -> list[Track]:
    return add_said(catalogue, UNKNOWN, CALM, WIDE)


def matching(catalogue: Catalogue, wanted: TrackFilter) -> list[int]:
    """The places of the tracks that match, as every question sees them."""
    with catalogue.reading() as queries:
        listed = sorted(track.number for track in queries.list_tracks(limit=100, tracks=wanted)[0])
        assert queries.count_matching(wanted) == queries.facets(wanted).total == len(listed)
    return [number - 1 for number in listed]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (TrackFilter(), [0, 1, 2]),
        (TrackFilter(genre=("hip-hop",)), [1]),
        (TrackFilter(genre=("HIP-HOP", " folk ")), [1, 2]),
        (TrackFilter(genre=("hop",)), []),
        (TrackFilter(artist=("royksopp",)), [1]),
        (TrackFilter(license=("cc-by-4.0",)), [1]),
        (TrackFilter(mood=("DARK",)), [1]),
        (TrackFilter(mood=("dark", "calm", "wide")), [1, 2]),
        (TrackFilter(mood=("dark",), genre=("folk",)), []),
        (TrackFilter(bpm_min=90), [1, 2]),
        (TrackFilter(bpm_max=90), [1]),
        (TrackFilter(bpm_min=90.1, bpm_max=119.9), []),
        (TrackFilter(duration_min=184.25, duration_max=184.25), [0, 1, 2]),
        (TrackFilter(duration_max=184), []),
        (TrackFilter(vocals=True), [1]),
        (TrackFilter(vocals=False), [2]),
        (TrackFilter(explicit=False), [2]),
        (TrackFilter(mood=("wide",), vocals=False, bpm_min=100, license=("cc0-1.0",)), [2]),
        (TrackFilter(artist=("\u0301",)), []),
    ],
)
def test_all_filters_must_match_and_a_track_that_does_not_say_matches_none(
    catalogue: Catalogue, tracks: list[Track], wanted: TrackFilter, found: list[int]
) -> None:
    assert matching(catalogue, wanted) == found


def test_tracks_are_found_that_were_added_after_a_moment(catalogue: Catalogue) -> None:
    first, second = add(catalogue, 1, 2)
    assert matching(catalogue, TrackFilter(added_after=first.added_at)) == [1]
    assert matching(catalogue, TrackFilter(added_after=second.added_at)) == []
    assert matching(catalogue, TrackFilter(added_after=datetime(1, 1, 1, tzinfo=UTC))) == [0, 1]
    before = first.added_at - timedelta(microseconds=1)
    assert matching(catalogue, TrackFilter(added_after=before.astimezone(tz=None))) == [0, 1]


def test_pages_of_a_filtered_list_are_full_and_show_every_match_once(catalogue: Catalogue) -> None:
    tracks = add_said(catalogue, *[TrackDetails(title=f"a{n}", moods=("calm",) if n % 2 else ()) for n in range(12)])
    odd = [track for place, track in enumerate(tracks) if place % 2]
    for asked in ({"tracks": TrackFilter(mood=("calm",))}, {"tracks": TrackFilter(mood=("calm",)), "q": "a"}):
        seen: list[Track] = []
        cursor: str | None = None
        for size in (4, 2):
            with catalogue.reading() as queries:
                page, cursor = queries.list_tracks(limit=4, cursor=cursor, **asked)
            assert len(page) == size
            seen += page
        assert cursor is None
        assert seen == odd[::-1]


def test_a_value_longer_than_what_is_compared_is_found_by_itself(catalogue: Catalogue) -> None:
    # One sign that folds to eighteen letters: PostgreSQL's index would take no such mood as it is.
    long = "\ufdfa" * 100
    (track,) = add_said(catalogue, TrackDetails(moods=(long,), genre=long, artist="\u3300" * 500))
    assert matching(catalogue, TrackFilter(mood=(long,), genre=(long,))) == [0]
    with catalogue.reading() as queries:
        assert queries.facets(TrackFilter()).mood[0].value == long
        assert queries.list_tracks(limit=1, q="\u3300" * 500)[0] == [track]


def test_a_listing_with_a_cursor_of_no_listing_is_refused(catalogue: Catalogue) -> None:
    with catalogue.reading() as queries, pytest.raises(InvalidParameter):
        queries.list_tracks(limit=2, cursor="2", tracks=TrackFilter(vocals=True))
