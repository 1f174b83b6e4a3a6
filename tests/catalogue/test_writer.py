import numpy as np
import pytest

from app.catalogue.catalogue import Catalogue
from app.domain import Change, TrackDetails
from app.errors import CheckpointMismatch, InvalidParameter, TrackExists, TrackNotFound
from tests.catalogue.new_tracks import DIGEST, OTHER_DIGEST, add, embedding, new_track, purge


def changes(catalogue: Catalogue) -> list[Change]:
    with catalogue.reading() as queries:
        return queries.changes_since(0, limit=1000)


def test_the_same_bytes_twice_name_the_track_that_is_there(catalogue: Catalogue) -> None:
    (track,) = add(catalogue, 1)
    with pytest.raises(TrackExists) as exists:
        add(catalogue, 1)
    assert exists.value.track_id == track.id
    assert len(changes(catalogue)) == 1


def test_a_transaction_goes_on_after_a_track_that_was_there_or_could_not_be_stored(catalogue: Catalogue) -> None:
    add(catalogue, 1)
    unstorable = new_track(2, details=TrackDetails(title="\0"))
    with catalogue.writing() as queries:
        with pytest.raises(TrackExists):
            queries.add_track(new_track(1), digest=DIGEST, embedding=embedding(1))
        with pytest.raises(InvalidParameter):
            queries.add_track(unstorable, digest=DIGEST, embedding=embedding(2))
        queries.add_track(new_track(3), digest=DIGEST, embedding=embedding(3))
    with catalogue.reading() as queries:
        assert queries.sha256s() == {new_track(1).sha256, new_track(3).sha256}
        assert queries.last_change() == 2


def test_a_purged_track_is_gone_with_its_embeddings(catalogue: Catalogue) -> None:
    kept, track = add(catalogue, 1, 2)
    with catalogue.writing() as queries:
        assert queries.delete_track(track.id) == track
    purge(catalogue, track)
    with catalogue.reading() as queries:
        with pytest.raises(TrackNotFound):
            queries.track(track.id)
        assert [numbers.tolist() for numbers, _ in queries.embeddings(DIGEST)] == [[kept.number]]


@pytest.mark.parametrize("track_id", ["01JC0000000000000000000000", "\0", ""])
def test_a_track_that_is_not_there_cannot_be_deleted(catalogue: Catalogue, track_id: str) -> None:
    with pytest.raises(TrackNotFound), catalogue.writing() as queries:
        queries.delete_track(track_id)
    assert changes(catalogue) == []


def test_a_number_is_never_given_again_though_the_newest_track_was_purged(catalogue: Catalogue) -> None:
    _, newest = add(catalogue, 1, 2)
    with catalogue.writing() as queries:
        queries.delete_track(newest.id)
    purge(catalogue, newest)
    (again,) = add(catalogue, 2)
    assert again.number > newest.number
    assert again.id != newest.id


def test_every_change_is_in_the_feed_in_order_and_without_gaps(catalogue: Catalogue) -> None:
    first, second = add(catalogue, 1, 2)
    with catalogue.writing() as queries:
        queries.add_embedding(second.number, OTHER_DIGEST, embedding(2))
        queries.delete_track(first.id)
    assert changes(catalogue) == [
        Change(at=1, kind="added", number=first.number),
        Change(at=2, kind="added", number=second.number),
        Change(at=3, kind="embedded", number=second.number),
        Change(at=4, kind="deleted", number=first.number),
    ]
    with catalogue.reading() as queries:
        assert queries.last_change() == 4
        assert [change.at for change in queries.changes_since(1, limit=2)] == [2, 3]
        assert queries.changes_since(4, limit=10) == []


def test_a_transaction_that_raises_leaves_neither_track_nor_change(catalogue: Catalogue) -> None:
    def add_and_fail() -> None:
        with catalogue.writing() as queries:
            queries.add_track(new_track(1), digest=DIGEST, embedding=embedding(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    with catalogue.reading() as queries:
        assert queries.count() == queries.last_change() == 0


def test_an_embedding_for_the_same_checkpoint_replaces_the_one_before(catalogue: Catalogue) -> None:
    (track,) = add(catalogue, 1)
    with catalogue.writing() as queries:
        queries.add_embedding(track.number, DIGEST, embedding(50))
    with catalogue.reading() as queries:
        ((_, rows),) = queries.embeddings(DIGEST)
    np.testing.assert_array_equal(rows, [embedding(50)])


def test_embedding_a_track_that_was_purged_meanwhile_says_so_and_the_transaction_goes_on(catalogue: Catalogue) -> None:
    kept, deleted = add(catalogue, 1, 2)
    with catalogue.writing() as queries:
        queries.delete_track(deleted.id)
    purge(catalogue, deleted)
    with catalogue.writing() as queries:
        with pytest.raises(TrackNotFound):
            queries.add_embedding(deleted.number, OTHER_DIGEST, embedding(2))
        queries.add_embedding(kept.number, OTHER_DIGEST, embedding(1))
    assert changes(catalogue)[-1] == Change(at=4, kind="embedded", number=kept.number)


def test_a_library_is_switched_to_a_checkpoint_only_when_every_track_is_embedded_for_it(catalogue: Catalogue) -> None:
    with catalogue.writing() as queries:
        queries.set_active_digest(DIGEST)
    (track,) = add(catalogue, 1)
    with pytest.raises(CheckpointMismatch), catalogue.writing() as queries:
        queries.set_active_digest(OTHER_DIGEST)
    with catalogue.writing() as queries:
        assert queries.active_digest() == DIGEST
        queries.add_embedding(track.number, OTHER_DIGEST, embedding(2))
        queries.set_active_digest(OTHER_DIGEST)
    with catalogue.reading() as queries:
        assert queries.active_digest() == OTHER_DIGEST


def test_a_track_embedded_for_another_checkpoint_than_the_librarys_is_not_added(catalogue: Catalogue) -> None:
    with catalogue.writing() as queries:
        queries.set_active_digest(OTHER_DIGEST)
    with pytest.raises(CheckpointMismatch):
        add(catalogue, 1)
    with catalogue.reading() as queries:
        assert queries.is_new()
