import pytest

from app.catalogue.catalogue import Catalogue
from app.domain import TrackDetails
from app.errors import InvalidParameter, TrackNotFound
from app.recommendation.deleted_tracks import delete_track
from app.recommendation.edit_track import edit_track
from app.recommendation.library import Library
from app.request_errors import TrackDeleted
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add


def last_change(catalogue: Catalogue) -> int:
    with catalogue.reading() as queries:
        return queries.last_change()


def test_only_what_is_named_is_changed_and_it_is_kept_as_for_a_new_track(library: Library, pool: FakePool) -> None:
    track = add(library, pool, b"sound", TrackDetails(title="Old", moods=("calm",), bpm=90.0)).track
    edited = edit_track(track.id, {"title": "  New  one ", "moods": (), "album": None}, library=library)
    assert (edited.details.title, edited.details.moods, edited.details.album) == ("New one", (), None)
    assert (edited.details.bpm, edited.details.genre) == (90.0, "tagged")


def test_nothing_is_written_where_nothing_changes(library: Library, pool: FakePool) -> None:
    track = add(library, pool, b"sound", TrackDetails(title="Old")).track
    assert (
        edit_track(track.id, {"title": " Old"}, library=library) == edit_track(track.id, {}, library=library) == track
    )
    assert last_change(library.catalogue) == 1


def test_what_came_from_the_file_is_not_held_against_an_edit(library: Library, pool: FakePool) -> None:
    track = add(library, pool, b"sound").track
    with library.catalogue.writing() as queries:
        queries.edit_track(track.id, TrackDetails(title="Very slow", bpm=12.0))
    assert edit_track(track.id, {"title": "Slow"}, library=library).details.bpm == 12.0
    with pytest.raises(InvalidParameter, match="bpm"):
        edit_track(track.id, {"bpm": 12.0}, library=library)


def test_a_track_that_is_not_there_is_not_edited(library: Library, pool: FakePool) -> None:
    track = add(library, pool, b"sound").track
    delete_track(track.id, library=library)
    with pytest.raises(TrackDeleted):
        edit_track(track.id, {}, library=library)
    with pytest.raises(TrackNotFound):
        edit_track("nothing", {"title": "a"}, library=library)
