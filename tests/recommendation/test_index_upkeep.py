import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.catalogue.migrate import upgrade
from app.domain import TrackDetails
from app.index.snapshot import SNAPSHOT, snapshot_writer
from app.recommendation.index_upkeep import IndexUpkeep, open_index
from app.recommendation.library import Library
from tests.fake_pool import DIM, embedding_of
from tests.library_on_disk import DIGEST, a_library
from tests.recommendation.tracks_at_hand import add_elsewhere


def opened(library: Library, folder: Path, *, digest: str = DIGEST) -> IndexUpkeep:
    return open_index(library.catalogue, folder, digest=digest, dim=DIM)


def delete(library: Library, *numbers: int) -> None:
    with library.catalogue.writing() as queries:
        for track in queries.tracks(numbers).values():
            queries.delete_track(track.id)


def restore(library: Library, number: int) -> None:
    with library.catalogue.writing() as queries:
        queries.restore_track(ids_of_all(library)[number], digest=DIGEST)


def ids_of_all(library: Library) -> dict[int, str]:
    """By number, of deleted tracks too."""
    with library.catalogue.reading() as queries:
        deleted = queries.deleted_before(datetime.now(UTC) + timedelta(days=1))
        return {track.number: track.id for track in (*deleted, *queries.tracks(range(1, 100)).values())}


@pytest.fixture
def folder(library: Library, tmp_path: Path) -> Path:
    """Where a snapshot of three tracks, one of them deleted, was saved; the catalogue is level with it."""
    numbers = add_elsewhere(library, b"1", b"2", b"3")
    delete(library, numbers[1])
    folder = tmp_path / "snapshots"
    upkeep = opened(library, folder)
    assert upkeep.save()
    assert upkeep.unsaved_changes == 0
    return folder


def test_without_a_snapshot_the_index_is_built_from_the_catalogue(library: Library, tmp_path: Path) -> None:
    numbers = add_elsewhere(library, b"1", b"2", b"3")
    upkeep = opened(library, tmp_path / "nothing")
    assert upkeep.index.numbers().tolist() == numbers
    assert upkeep.unsaved_changes > 0
    assert upkeep.catch_up() == 0


def test_a_good_snapshot_is_taken_as_it_is(library: Library, folder: Path) -> None:
    upkeep = opened(library, folder)
    assert upkeep.index.numbers().tolist() == [1, 3]
    assert upkeep.unsaved_changes == 0


def test_a_snapshot_that_is_behind_catches_up(library: Library, folder: Path) -> None:
    (added,) = add_elsewhere(library, b"4")
    delete(library, 1)
    upkeep = opened(library, folder)
    assert upkeep.index.numbers().tolist() == [3, added]
    assert upkeep.unsaved_changes == 2


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_or_missing_snapshot_is_replaced_by_the_catalogue(
    library: Library, folder: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    if damage is None:
        (folder / SNAPSHOT).unlink()
    else:
        (folder / SNAPSHOT).write_bytes(damage)
    assert opened(library, folder).index.numbers().tolist() == [1, 3]
    assert ("building the index from the catalogue" in caplog.text) is (damage is not None)


def test_the_snapshot_of_another_library_is_not_believed(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    upgrade(f"sqlite:///{elsewhere / 'migrated.sqlite3'}")
    with a_library(elsewhere, migrated=elsewhere / "migrated.sqlite3") as other:
        # As many changes and as many tracks, but others.
        numbers = add_elsewhere(other, b"5", b"6", b"7")
        delete(other, numbers[2])
        upkeep = opened(other, folder)
    assert upkeep.index.numbers().tolist() == numbers[:2]


def test_a_snapshot_that_knows_more_than_the_catalogue_is_not_believed(
    library: Library, tmp_path: Path, folder: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    shutil.copy(tmp_path / "catalogue.sqlite3", copy)
    upkeep = opened(library, folder)
    upkeep.index.last_change += 5
    upkeep.save()
    assert opened(library, folder).index.last_change == 4


def test_a_snapshot_that_lacks_a_track_is_not_believed(library: Library, folder: Path) -> None:
    upkeep = opened(library, folder)
    upkeep.index.remove([3])
    upkeep.save()
    assert opened(library, folder).index.numbers().tolist() == [1, 3]


def test_another_checkpoint_has_another_index(library: Library, folder: Path) -> None:
    assert len(opened(library, folder, digest="sha256:other").index) == 0


def test_an_index_that_cannot_follow_any_more_is_built_anew_and_served(library: Library, folder: Path) -> None:
    upkeep = opened(library, folder)
    old = upkeep.index
    old.last_change += 100
    assert upkeep.catch_up() == 0
    assert upkeep.index is not old
    assert upkeep.index.last_change == 4
    assert upkeep.unsaved_changes > 0


def test_a_track_that_was_added_and_deleted_at_once_never_shows(library: Library, folder: Path) -> None:
    upkeep = opened(library, folder)
    delete(library, *add_elsewhere(library, b"4"))
    assert upkeep.catch_up() == 2
    assert upkeep.index.numbers().tolist() == [1, 3]


def test_a_track_is_as_it_stands_in_the_end_however_often_it_was_deleted_and_restored(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for changes_at_once in (1, 2, 1000):
        monkeypatch.setattr("app.recommendation.index_upkeep.CHANGES_AT_ONCE", changes_at_once)
        upkeep = opened(library, folder)
        delete(library, 1)
        restore(library, 1)
        delete(library, 3)
        restore(library, 3)
        delete(library, 3)
        assert upkeep.catch_up() == 5
        assert upkeep.index.numbers().tolist() == [1]
        restore(library, 3)
        assert upkeep.catch_up() == 1
        assert upkeep.index.numbers().tolist() == [1, 3]
        assert opened(library, folder).index.numbers().tolist() == [1, 3]


def test_a_deleted_track_that_is_embedded_again_stays_out(library: Library, folder: Path) -> None:
    upkeep = opened(library, folder)
    delete(library, 3)
    with library.catalogue.writing() as queries:
        queries.add_embedding(3, DIGEST, embedding_of(b"new"))
    upkeep.catch_up()
    assert upkeep.index.numbers().tolist() == [1]


def test_an_edited_track_needs_nothing_of_the_index(library: Library, folder: Path) -> None:
    upkeep = opened(library, folder)
    with library.catalogue.writing() as queries:
        queries.edit_track(queries.tracks([1])[1].id, TrackDetails(title="New"))
    assert upkeep.catch_up() == 1
    assert upkeep.index.numbers().tolist() == [1, 3]


def test_a_snapshot_of_before_a_restoration_catches_up(library: Library, folder: Path) -> None:
    restore(library, 2)
    assert opened(library, folder).index.numbers().tolist() == [1, 2, 3]


def test_changes_for_another_checkpoint_change_nothing(library: Library, folder: Path) -> None:
    upkeep = opened(library, folder)
    with library.catalogue.writing() as queries:
        queries.add_embedding(1, "sha256:other", embedding_of(b"other"))
    upkeep.catch_up()
    (nearest,) = upkeep.index.search(embedding_of(b"1"), limit=1)
    assert nearest.number == 1
    assert nearest.score == pytest.approx(1, abs=1e-5)


def test_more_changes_than_are_read_at_once_are_all_applied(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.recommendation.index_upkeep.CHANGES_AT_ONCE", 2)
    upkeep = opened(library, folder)
    add_elsewhere(library, *[b"x%d" % number for number in range(5)])
    assert upkeep.catch_up() == 5
    assert len(upkeep.index) == 7


def test_while_another_writes_a_snapshot_none_is_saved(library: Library, folder: Path) -> None:
    upkeep = opened(library, folder)
    add_elsewhere(library, b"4")
    upkeep.catch_up()
    with snapshot_writer(folder) as is_ours:
        assert is_ours
        assert not upkeep.save()
    assert upkeep.unsaved_changes == 1
    assert upkeep.save()
    assert upkeep.unsaved_changes == 0


def test_a_snapshot_that_was_refused_is_gone_before_the_catalogue_can_reach_its_change(
    library: Library, folder: Path
) -> None:
    upkeep = opened(library, folder)
    upkeep.index.last_change += 1
    upkeep.save()
    assert opened(library, folder).index.last_change == 4
    # Killed here, before it saved a snapshot of its own; then the catalogue goes on past the refused one's change.
    numbers = add_elsewhere(library, b"4", b"5")
    again = opened(library, folder)
    assert again.index.numbers().tolist() == [1, 3, *numbers]
    assert again.unsaved_changes > 2
