from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue import filter_columns
from app.catalogue.catalogue import Catalogue
from app.domain import TrackDetails
from app.filters import TrackFilter
from app.recommendation import filter_table
from app.recommendation.filter_table import FilterTable
from app.recommendation.fold import NOBODY
from app.recommendation.library import Library
from tests.fake_pool import embedding_of
from tests.library_on_disk import DIGEST
from tests.recommendation.varied_tracks import ARTISTS, GENRES, MOODS, fill, varied

EVERY_NUMBER = np.arange(0, 400)
JAZZ = TrackFilter(genre=("jazz",))


def several(*values: str | None) -> st.SearchStrategy[tuple[str, ...]]:
    named = [value for value in values if value is not None]
    return st.lists(st.sampled_from([*named, *map(str.upper, named), "nobody's"]), max_size=3).map(tuple)


def bound(highest: int) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(0, highest, allow_nan=False)


FILTERS = st.builds(
    TrackFilter,
    genre=several(*GENRES),
    mood=several(*MOODS),
    artist=several(*ARTISTS),
    license=several("CC0-1.0"),
    bpm_min=bound(200),
    bpm_max=bound(200),
    duration_min=bound(320),
    duration_max=bound(320),
    vocals=st.none() | st.booleans(),
    explicit=st.none() | st.booleans(),
    added_after=st.none() | st.integers(-5, 5).map(lambda hours: datetime.now(UTC) + timedelta(hours=hours)),
)


def found(table: FilterTable, wanted: TrackFilter, catalogue: Catalogue) -> set[int]:
    return set(EVERY_NUMBER[table.matching(wanted, EVERY_NUMBER, catalogue=catalogue)].tolist())


def true(wanted: TrackFilter, catalogue: Catalogue) -> set[int]:
    """As the database itself tells."""
    with catalogue.reading() as queries:
        page, _ = queries.list_tracks(limit=len(EVERY_NUMBER), tracks=wanted)
    return {one.number for one in page}


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=FILTERS)
def test_it_finds_what_the_database_finds(library: Library, wanted: TrackFilter) -> None:
    if len(library.upkeep.index) == 0:
        fill(library, 150)
    matching = true(wanted, library.catalogue)
    assert found(library.filter_table, wanted, library.catalogue) == matching
    assert library.filter_table.count(wanted, catalogue=library.catalogue) == len(matching)


def test_the_bounds_themselves_match(library: Library) -> None:
    for one in fill(library, 30):
        bpm, duration_s = one.details.bpm, one.duration_s
        narrow = [TrackFilter(duration_min=duration_s, duration_max=duration_s)]
        narrow += [] if bpm is None else [TrackFilter(bpm_min=bpm, bpm_max=bpm)]
        for wanted in narrow:
            assert one.number in found(library.filter_table, wanted, library.catalogue)


def test_it_hears_of_everything_that_changes(library: Library) -> None:
    catalogue, table = library.catalogue, library.filter_table
    tracks = fill(library, 40)
    before = found(table, JAZZ, catalogue)
    assert before == true(JAZZ, catalogue)
    with catalogue.writing() as queries:
        gone = next(one for one in tracks if one.number in before)
        queries.delete_track(gone.id)
    assert found(table, JAZZ, catalogue) == before - {gone.number}
    with catalogue.writing() as queries:
        queries.restore_track(gone.id, digest=DIGEST)
    assert found(table, JAZZ, catalogue) == before
    other = next(one for one in tracks if one.number not in before)
    with catalogue.writing() as queries:
        queries.edit_track(other.id, replace(other.details, genre="JAZZ", moods=("new",)))
    assert found(table, JAZZ, catalogue) == before | {other.number}
    assert found(table, TrackFilter(mood=("new",)), catalogue) == {other.number}
    with catalogue.writing() as queries:
        added = queries.add_track(varied(200), digest=DIGEST, embedding=embedding_of(b"new"))
        queries.edit_track(added.id, TrackDetails(genre="Jazz", moods=("new",)))
    assert found(table, JAZZ, catalogue) == before | {other.number, added.number}
    assert found(table, TrackFilter(mood=("new",)), catalogue) == {other.number, added.number}


def test_a_new_embedding_is_no_news(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    tracks = fill(library, 5)
    before = found(library.filter_table, JAZZ, library.catalogue)
    with library.catalogue.writing() as queries:
        queries.add_embedding(tracks[0].number, "sha256:other", embedding_of(b"x"))
    assert found(library.filter_table, JAZZ, library.catalogue) == before


def test_after_many_changes_it_begins_anew(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_table, "MOST_CHANGES", 3)
    fill(library, 5)
    assert found(library.filter_table, JAZZ, library.catalogue) == true(JAZZ, library.catalogue)
    fill_more(library, 50)
    assert found(library.filter_table, JAZZ, library.catalogue) == true(JAZZ, library.catalogue)


def test_in_a_database_put_back_from_a_copy_it_begins_anew(library: Library) -> None:
    fill(library, 30)
    assert found(library.filter_table, JAZZ, library.catalogue) == true(JAZZ, library.catalogue)
    with library.catalogue.transactions.writing() as connection:
        connection.exec_driver_sql("UPDATE library SET last_change = 10")
        connection.exec_driver_sql("DELETE FROM changes WHERE at > 10")
        connection.exec_driver_sql("UPDATE tracks SET genre_folded = 'jazz' WHERE number < 5")
    assert found(library.filter_table, JAZZ, library.catalogue) == true(JAZZ, library.catalogue)


def test_where_reading_fails_it_begins_anew_the_next_time(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(library, 10)
    assert found(library.filter_table, JAZZ, library.catalogue) == true(JAZZ, library.catalogue)
    fill_more(library, 10)
    with monkeypatch.context() as broken:
        broken.setattr(filter_columns, "_read", None)
        with pytest.raises(TypeError):
            found(library.filter_table, JAZZ, library.catalogue)
    assert found(library.filter_table, JAZZ, library.catalogue) == true(JAZZ, library.catalogue)


def test_many_may_ask_at_once_while_the_library_grows(library: Library) -> None:
    fill(library, 30)
    before = true(JAZZ, library.catalogue)
    assert before
    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(found, library.filter_table, JAZZ, library.catalogue) for _ in range(20)]
        fill_more(library, 60)
        answers = [one.result() for one in asked]
    whole = found(library.filter_table, JAZZ, library.catalogue)
    assert whole == true(JAZZ, library.catalogue)
    assert all(before <= answer <= whole for answer in answers)


def test_once_warm_it_reads_nothing_more(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(library, 10)
    library.filter_table.warm(library.catalogue)
    monkeypatch.setattr(filter_columns, "_read", None)
    assert found(library.filter_table, JAZZ, library.catalogue) == true(JAZZ, library.catalogue)


def test_artists_are_told_apart_and_nobody_is_no_artist(library: Library) -> None:
    tracks = fill(library, 20)
    numbers = np.array([one.number for one in tracks])
    library.filter_table.warm(library.catalogue)
    told = library.filter_table.artists(numbers).tolist()
    by_artist = {one.details.artist: code for one, code in zip(tracks, told, strict=True)}
    assert [by_artist[one.details.artist] for one in tracks] == told
    assert by_artist[None] == NOBODY
    assert len(set(by_artist.values())) == len(by_artist) == 4


def test_without_tracks_nothing_matches(library: Library) -> None:
    assert found(library.filter_table, JAZZ, library.catalogue) == set()


def fill_more(library: Library, count: int) -> None:
    """Further tracks, each in a transaction of its own."""
    for number in range(count):
        with library.catalogue.writing() as queries:
            queries.add_track(varied(200 + number), digest=DIGEST, embedding=embedding_of(b"%d" % number))
