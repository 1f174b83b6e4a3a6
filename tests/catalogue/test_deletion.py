"""Tracks that are deleted, taken back, edited and purged, as readers see them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue.catalogue import Catalogue
from app.domain import Change, Track, TrackDetails
from app.errors import CheckpointMismatch, InvalidParameter, TrackExists, TrackNotFound
from app.filters import TrackFilter
from app.request_errors import TrackDeleted
from tests.catalogue.new_tracks import DIGEST, OTHER_DIGEST, add, add_said, delete, embedding, new_track, purge

SAID = TrackDetails(title="Night drive", genre="Synthwave", artist="A", moods=("Calm",), keywords=("neon",))
CALM = TrackFilter(mood=("calm",))


def restore(catalogue: Catalogue, track: Track, *, digest: str = DIGEST) -> Track:
    with catalogue.writing() as queries:
        return queries.restore_track(track.id, digest=digest)


def changes(catalogue: Catalogue, *, since: int) -> list[Change]:
    with catalogue.reading() as queries:
        return queries.changes_since(since, limit=100)


def test_a_deleted_track_is_in_no_answer_but_its_file_is_still_known(catalogue: Catalogue) -> None:
    kept, track = add_said(catalogue, TrackDetails(), SAID)
    delete(catalogue, track)
    with catalogue.reading() as queries:
        with pytest.raises(TrackDeleted) as deleted:
            queries.track(track.id)
        assert deleted.value.track_id == track.id
        assert queries.track_by_sha256(track.sha256) is None
        assert queries.tracks([kept.number, track.number]) == {kept.number: kept}
        assert queries.list_tracks(limit=10) == ([kept], None)
        assert queries.count() == 1
        assert [numbers.tolist() for numbers, _ in queries.embeddings(DIGEST)] == [[kept.number]]
        assert list(queries.embeddings(DIGEST, numbers=[track.number])) == []
        assert queries.numbers_without("sha256:none") == [kept.number]
        assert queries.list_tracks(limit=10, q="neon")[0] == queries.list_tracks(limit=10, tracks=CALM)[0] == []
        assert queries.count_matching(CALM) == queries.count_matching(TrackFilter(genre=("synthwave",))) == 0
        assert queries.facets(TrackFilter()).mood == ()
        assert queries.sha256s() == {kept.sha256, track.sha256}
        assert queries.deleted_by_sha256(track.sha256) == queries.track_or_deleted(track.id) == track
        assert queries.deleted_by_sha256(kept.sha256) is None


def test_a_restored_track_is_as_it_was_and_found_as_before(catalogue: Catalogue) -> None:
    (track,) = add_said(catalogue, SAID)
    delete(catalogue, track)
    assert restore(catalogue, track) == track
    with catalogue.reading() as queries:
        assert queries.track(track.id) == track
        assert queries.list_tracks(limit=10, tracks=CALM, q="neon") == ([track], None)
        assert [numbers.tolist() for numbers, _ in queries.embeddings(DIGEST)] == [[track.number]]
    assert [change.kind for change in changes(catalogue, since=1)] == ["deleted", "added"]


def test_deleting_twice_is_told_and_restoring_twice_changes_nothing(catalogue: Catalogue) -> None:
    (track,) = add(catalogue, 1)
    delete(catalogue, track)
    with pytest.raises(TrackDeleted):
        delete(catalogue, track)
    assert restore(catalogue, track) == restore(catalogue, track) == track
    assert [change.kind for change in changes(catalogue, since=1)] == ["deleted", "added"]


def test_what_is_not_there_cannot_be_restored_or_edited(catalogue: Catalogue) -> None:
    (track,) = add(catalogue, 1)
    delete(catalogue, track)
    purge(catalogue, track)
    with pytest.raises(TrackNotFound):
        restore(catalogue, track)
    with pytest.raises(TrackNotFound), catalogue.writing() as queries:
        queries.edit_track(track.id, SAID)


def test_the_same_bytes_as_a_deleted_track_name_it(catalogue: Catalogue) -> None:
    (track,) = add(catalogue, 1)
    delete(catalogue, track)
    with catalogue.writing() as queries:
        with pytest.raises(TrackExists) as exists:
            queries.add_track(new_track(1), digest=DIGEST, embedding=embedding(1))
        assert queries.restore_track(exists.value.track_id, digest=DIGEST) == track


def test_a_track_is_restored_with_an_embedding_where_the_library_went_on_without_it(catalogue: Catalogue) -> None:
    (track,) = add(catalogue, 1)
    delete(catalogue, track)
    with catalogue.writing() as queries:
        queries.set_active_digest(OTHER_DIGEST)
        assert not queries.is_embedded(track.number, OTHER_DIGEST)
    with pytest.raises(ValueError, match="no embedding"):
        restore(catalogue, track, digest=OTHER_DIGEST)
    with pytest.raises(CheckpointMismatch):
        restore(catalogue, track)
    with catalogue.writing() as queries:
        queries.restore_track(track.id, digest=OTHER_DIGEST, embedding=embedding(2))
    with catalogue.reading() as queries:
        assert queries.is_embedded(track.number, OTHER_DIGEST)
        assert queries.numbers_without(OTHER_DIGEST) == []


def test_only_what_was_deleted_long_enough_ago_is_purged_and_nobody_hears_of_it(catalogue: Catalogue) -> None:
    kept, track = add_said(catalogue, SAID, SAID)
    delete(catalogue, track)
    now = datetime.now(UTC)
    with catalogue.writing() as queries:
        assert queries.deleted_before(now - timedelta(hours=1)) == []
        assert queries.deleted_before(now + timedelta(hours=1)) == [track]
        assert not queries.purge_track(track.number, deleted_before=now - timedelta(hours=1))
        assert not queries.purge_track(kept.number, deleted_before=now + timedelta(hours=1))
        assert queries.purge_track(track.number, deleted_before=now + timedelta(hours=1))
    with catalogue.reading() as queries:
        assert queries.sha256s() == {kept.sha256}
    assert [change.kind for change in changes(catalogue, since=2)] == ["deleted"]


def test_an_edited_track_is_found_by_what_it_says_now(catalogue: Catalogue) -> None:
    (track,) = add_said(catalogue, SAID)
    details = TrackDetails(title="Morning", genre="Folk", moods=("Bright", "bright"), license="CC0-1.0", bpm=70.0)
    with catalogue.writing() as queries:
        edited = queries.edit_track(track.id, details)
    assert (edited.details, edited.number, edited.added_at) == (details, track.number, track.added_at)
    with catalogue.reading() as queries:
        assert queries.track(track.id) == edited
        for old in (TrackFilter(genre=("synthwave",)), TrackFilter(artist=("a",)), CALM):
            assert queries.count_matching(old) == 0
        assert queries.list_tracks(limit=10, q="neon")[0] == []
        now = TrackFilter(genre=("FOLK",), mood=("bright",), license=("cc0-1.0",), bpm_max=70)
        assert queries.list_tracks(limit=10, tracks=now, q="morning")[0] == [edited]
    assert [change.kind for change in changes(catalogue, since=1)] == ["edited"]


def test_a_deleted_track_is_not_edited_and_unstorable_text_is_refused(catalogue: Catalogue) -> None:
    kept, track = add(catalogue, 1, 2)
    delete(catalogue, track)
    with pytest.raises(TrackDeleted), catalogue.writing() as queries:
        queries.edit_track(track.id, SAID)
    with pytest.raises(InvalidParameter), catalogue.writing() as queries:
        queries.edit_track(kept.id, TrackDetails(moods=("dar\0k",)))
    assert changes(catalogue, since=3) == []


def test_two_edits_at_once_are_both_kept(catalogue: Catalogue) -> None:
    (track,) = add_said(catalogue, SAID)

    def edit(**said: str) -> None:
        for _ in range(10):
            with catalogue.writing() as queries:
                queries.edit_track(track.id, replace(queries.locked_track(track.id).details, **said))  # type: ignore[arg-type]

    with ThreadPoolExecutor(2) as threads:
        for edited in (threads.submit(edit, title="New"), threads.submit(edit, genre="New")):
            edited.result()
    with catalogue.reading() as queries:
        assert queries.track(track.id).details == replace(SAID, title="New", genre="New")


@pytest.mark.parametrize("track_id", ["01JC0000000000000000000000", "\0"])
def test_what_is_not_there_cannot_be_locked(catalogue: Catalogue, track_id: str) -> None:
    with catalogue.writing() as queries, pytest.raises(TrackNotFound):
        queries.locked_track(track_id)
