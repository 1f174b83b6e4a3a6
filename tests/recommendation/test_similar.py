import pytest
from sqlalchemy import update

from app.catalogue.tables import tracks as rows
from app.errors import CheckpointMismatch, TrackNotFound
from app.filters import TrackFilter
from app.recommendation.fuse import to_one
from app.recommendation.library import Library
from app.recommendation.similar import similar_tracks
from app.request_errors import TrackDeleted
from tests.fake_pool import embedding_of
from tests.recommendation.tracks_at_hand import new_track
from tests.recommendation.varied_tracks import NUMBERS, content, cosine, fill, matches

NO_FILTER = TrackFilter()


def test_the_nearest_tracks_come_first_without_the_track_itself(library: Library) -> None:
    tracks = fill(library, 40)
    query = embedding_of(content(NUMBERS[tracks[7].sha256]))
    found = similar_tracks(tracks[7].id, NO_FILTER, limit=5, library=library)
    nearest = sorted((one for one in tracks if one is not tracks[7]), key=lambda one: -cosine(one, query))[:5]
    assert [one.track.id for one in found] == [one.id for one in nearest]
    assert [one.score for one in found] == pytest.approx([to_one(cosine(one, query)) for one in nearest], abs=1e-5)


def test_filters_hold_and_the_list_is_full_all_the_same(library: Library) -> None:
    tracks = fill(library, 60)
    wanted = TrackFilter(genre=("Jazz",))
    found = similar_tracks(tracks[0].id, wanted, limit=100, library=library)
    assert {one.track.id for one in found} == {one.id for one in tracks[1:] if matches(one, wanted)}


def test_other_files_of_the_same_recording_are_not_similar_but_the_same(library: Library) -> None:
    tracks = fill(library, 10)
    with library.catalogue.transactions.writing() as connection:
        same = rows.c.number.in_([tracks[0].number, tracks[3].number])
        connection.execute(update(rows).where(same).values(recording=tracks[0].number))
    for one, other in ((tracks[0], tracks[3]), (tracks[3], tracks[0])):
        found = similar_tracks(one.id, NO_FILTER, limit=100, library=library)
        assert other.id not in {near.track.id for near in found}
        assert len(found) == 8


def test_a_track_that_is_not_there_is_like_nothing(library: Library) -> None:
    tracks = fill(library, 3)
    with pytest.raises(TrackNotFound):
        similar_tracks("0" * 26, NO_FILTER, limit=5, library=library)
    with library.catalogue.writing() as queries:
        queries.delete_track(tracks[0].id)
    with pytest.raises(TrackDeleted):
        similar_tracks(tracks[0].id, NO_FILTER, limit=5, library=library)
    assert len(similar_tracks(tracks[1].id, NO_FILTER, limit=5, library=library)) == 1


def test_a_library_that_was_moved_to_another_checkpoint_compares_nothing_more(library: Library) -> None:
    track = fill(library, 1)[0]
    with library.catalogue.writing() as queries:
        queries.add_embedding(track.number, "sha256:other", embedding_of(b"x"))
        queries.set_active_digest("sha256:other")
    with pytest.raises(CheckpointMismatch):
        similar_tracks(track.id, NO_FILTER, limit=5, library=library)


def test_a_track_that_only_a_newer_checkpoint_knows_is_asked_for_again_later(library: Library) -> None:
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
        added = queries.add_track(new_track(b"x"), digest="sha256:other", embedding=embedding_of(b"x"))
    with pytest.raises(CheckpointMismatch):
        similar_tracks(added.id, NO_FILTER, limit=5, library=library)
