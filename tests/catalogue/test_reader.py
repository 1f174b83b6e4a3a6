from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.catalogue import number_sets, reader
from app.catalogue.catalogue import Catalogue
from app.domain import TrackDetails
from app.errors import InvalidParameter, TrackNotFound
from tests.catalogue.new_tracks import DIGEST, OTHER_DIGEST, add, embedding, new_track

DETAILS = TrackDetails(
    title="Nachtfahrt ☾",
    artist="Ä",
    album="B",
    genre="synthwave",
    moods=("calm", "dark"),
    keywords=("night", "city"),
    license="CC-BY-4.0",
    attribution="Ä: Nachtfahrt",
    source_url="https://example.org/a?b=c",
    vocals=False,
    explicit=True,
    bpm=96.5,
)


def test_a_track_comes_back_as_it_was_added(catalogue: Catalogue) -> None:
    before = datetime.now(UTC)
    with catalogue.writing() as queries:
        added = queries.add_track(new_track(1, details=DETAILS), digest=DIGEST, embedding=embedding(1))
    with catalogue.reading() as queries:
        assert queries.track(added.id) == queries.track_by_sha256(added.sha256) == added
    assert added.details == DETAILS
    assert (added.sha256, added.size_bytes, added.loudness_lufs) == (new_track(1).sha256, 5_000_000_000, -14.5)
    assert before <= added.added_at <= datetime.now(UTC)
    assert added.added_at.utcoffset() == timedelta(0)


def test_what_nobody_said_of_a_track_stays_unsaid(catalogue: Catalogue) -> None:
    (track,) = add(catalogue, 1)
    with catalogue.reading() as queries:
        assert queries.track(track.id).details == TrackDetails()


@pytest.mark.parametrize(
    "track_id", ["01JC0000000000000000000000", "", "x", "\0" * 26, "1' OR '1'='1", "ü" * 26, "0" * 999]
)
def test_an_id_that_is_not_there_or_none_at_all_is_not_found(catalogue: Catalogue, track_id: str) -> None:
    with catalogue.reading() as queries, pytest.raises(TrackNotFound) as missing:
        queries.track(track_id)
    assert missing.value.track_id == track_id


def test_tracks_are_found_by_number_and_missing_ones_left_out(catalogue: Catalogue) -> None:
    first, second = add(catalogue, 1, 2)
    with catalogue.reading() as queries:
        found = queries.tracks([second.number, 999, first.number])
        nothing = queries.tracks([])
    assert found == {first.number: first, second.number: second}
    assert nothing == {}


def test_numbers_may_come_from_numpy_and_be_more_than_one_query_takes(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_sets, "NUMBERS_PER_QUERY", 2)
    tracks = add(catalogue, *range(5))
    numbers = list(np.array([track.number for track in tracks]))
    with catalogue.reading() as queries:
        assert set(queries.tracks(numbers)) == {track.number for track in tracks}
        assert sum(len(found) for found, _ in queries.embeddings(DIGEST, numbers=numbers)) == 5


def test_pages_show_every_track_once_newest_first_though_others_are_added_meanwhile(catalogue: Catalogue) -> None:
    tracks = add(catalogue, *range(5))
    seen, cursor = [], None
    for newcomer in (10, 11, 12):
        with catalogue.reading() as queries:
            page, cursor = queries.list_tracks(limit=2, cursor=cursor)
        seen += page
        add(catalogue, newcomer)
    assert seen == tracks[::-1]
    assert cursor is None


def test_a_full_last_page_has_no_cursor(catalogue: Catalogue) -> None:
    add(catalogue, 1, 2)
    with catalogue.reading() as queries:
        assert queries.list_tracks(limit=2)[1] is None


def test_a_cursor_that_no_listing_gave_is_refused(catalogue: Catalogue) -> None:
    with catalogue.reading() as queries, pytest.raises(InvalidParameter):
        queries.list_tracks(limit=2, cursor="2")


def test_embeddings_of_one_checkpoint_come_in_chunks_in_the_order_of_numbers(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "EMBEDDINGS_PER_CHUNK", 2)
    tracks = add(catalogue, 1, 2, 3)
    with catalogue.writing() as queries:
        queries.add_embedding(tracks[0].number, OTHER_DIGEST, embedding(99))
    with catalogue.reading() as queries:
        chunks = list(queries.embeddings(DIGEST))
    assert [numbers.tolist() for numbers, _ in chunks] == [
        [tracks[0].number, tracks[1].number],
        [tracks[2].number],
    ]
    np.testing.assert_array_equal(np.concatenate([rows for _, rows in chunks]), [embedding(n) for n in (1, 2, 3)])


def test_embeddings_of_some_tracks_can_be_asked_for(catalogue: Catalogue) -> None:
    tracks = add(catalogue, 1, 2, 3)
    with catalogue.reading() as queries:
        ((numbers, rows),) = queries.embeddings(DIGEST, numbers=[tracks[1].number, 999])
        nothing = list(queries.embeddings("sha256:unknown"))
    assert numbers.tolist() == [tracks[1].number]
    np.testing.assert_array_equal(rows, [embedding(2)])
    assert nothing == []


def test_the_tracks_without_an_embedding_for_a_checkpoint_are_known(catalogue: Catalogue) -> None:
    first, second = add(catalogue, 1, 2)
    with catalogue.writing() as queries:
        queries.add_embedding(first.number, OTHER_DIGEST, embedding(1))
        assert queries.numbers_without(OTHER_DIGEST) == [second.number]
        assert queries.numbers_without(DIGEST) == []


def test_an_empty_catalogue_is_new_and_says_so_no_more_once_anything_changed(catalogue: Catalogue) -> None:
    with catalogue.reading() as queries:
        assert queries.is_new()
        assert (queries.count(), queries.sha256s(), queries.active_digest()) == (0, set(), None)
        queries.answers()
    (track,) = add(catalogue, 1)
    with catalogue.writing() as queries:
        assert (queries.count(), queries.sha256s()) == (1, {track.sha256})
        queries.delete_track(track.id)
    with catalogue.reading() as queries:
        assert not queries.is_new()
        assert queries.count() == 0


def test_the_library_keeps_its_id(catalogue: Catalogue) -> None:
    with catalogue.reading() as queries:
        before = queries.library_id()
    add(catalogue, 1)
    with catalogue.reading() as queries:
        assert queries.library_id() == before
    assert len(before) == 26
