import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from app.errors import DiskFull
from app.recommendation import follow_changes
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.index_upkeep import IndexUpkeep, open_index
from app.recommendation.library import Library
from tests.fake_pool import DIM
from tests.library_on_disk import DIGEST
from tests.recommendation.tracks_at_hand import add_elsewhere


class Watched(IndexUpkeep):
    """Upkeep that tells when it has looked, and fails on demand."""

    def __init__(self, library: Library, folder: Path) -> None:
        index = open_index(library.catalogue, folder, digest=DIGEST, dim=DIM).index
        super().__init__(index, catalogue=library.catalogue, folder=folder, saved_at=index.last_change)
        self.has_looked, self.has_saved, self.fails = Event(), Event(), False

    def catch_up(self) -> int:
        try:
            if self.fails:
                raise ZeroDivisionError
            return super().catch_up()
        finally:
            self.has_looked.set()

    def save(self) -> bool:
        is_done = super().save()
        self.has_saved.set()
        return is_done

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Look after look, whether it holds."""
        for _ in range(100):
            self.has_looked.clear()
            assert self.has_looked.wait(timeout=10)
            if condition():
                return True
        return False


@pytest.fixture
def upkeep(library: Library, tmp_path: Path) -> Watched:
    return Watched(library, tmp_path / "followed")


def test_what_another_process_adds_is_found_without_being_told(library: Library, upkeep: Watched) -> None:
    with ChangeFollower(upkeep, look_every_s=0.001):
        add_elsewhere(library, b"1", b"2")
        assert upkeep.wait_until(lambda: len(upkeep.index) == 2)


def test_it_looks_often_enough_for_a_change_to_be_seen_within_two_seconds() -> None:
    assert follow_changes.LOOK_EVERY_S <= 1


def test_a_failure_is_told_and_logged_once_and_ends_nothing(
    library: Library, upkeep: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    upkeep.fails = True
    with ChangeFollower(upkeep, look_every_s=0.001) as follower:
        assert upkeep.wait_until(lambda: follower.failure == "ZeroDivisionError")
        assert upkeep.wait_until(lambda: True)
        assert follower.is_alive
        assert [record.levelno for record in caplog.records] == [logging.ERROR]
        upkeep.fails = False
        assert upkeep.wait_until(lambda: follower.failure is None)
        add_elsewhere(library, b"1")
        assert upkeep.wait_until(lambda: len(upkeep.index) == 1)


def test_what_is_not_saved_yet_is_saved_at_the_end(library: Library, upkeep: Watched, tmp_path: Path) -> None:
    with ChangeFollower(upkeep, look_every_s=0.001):
        add_elsewhere(library, b"1")
        assert upkeep.wait_until(lambda: upkeep.unsaved_changes == 1)
        assert not upkeep.has_saved.is_set()
    assert upkeep.unsaved_changes == 0
    assert upkeep.has_saved.is_set()


def test_where_nothing_changed_nothing_is_saved(upkeep: Watched) -> None:
    with ChangeFollower(upkeep, look_every_s=0.001):
        assert upkeep.wait_until(lambda: True)
    assert not upkeep.has_saved.is_set()


@pytest.mark.parametrize(("changes", "seconds"), [(1, 1000.0), (1000, 0.0)])
def test_many_changes_or_much_time_make_a_snapshot_due(
    library: Library, upkeep: Watched, monkeypatch: pytest.MonkeyPatch, changes: int, seconds: float
) -> None:
    monkeypatch.setattr(follow_changes, "SAVE_AFTER_CHANGES", changes)
    monkeypatch.setattr(follow_changes, "SAVE_EVERY_S", seconds)
    with ChangeFollower(upkeep, look_every_s=0.001):
        add_elsewhere(library, b"1")
        assert upkeep.has_saved.wait(timeout=10)


def test_a_snapshot_that_cannot_be_saved_stops_nothing_and_is_not_tried_at_every_look(
    library: Library, upkeep: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def no_room() -> bool:
        tries.append(len(upkeep.index))
        raise DiskFull

    monkeypatch.setattr(follow_changes, "SAVE_AFTER_CHANGES", 1)
    monkeypatch.setattr(upkeep, "save", no_room)
    with ChangeFollower(upkeep, look_every_s=0.001) as follower:
        add_elsewhere(library, b"1")
        assert upkeep.wait_until(lambda: bool(tries))
        for _ in range(10):
            assert upkeep.wait_until(lambda: True)
        assert tries == [1]
        assert follower.failure is None
        assert "no snapshot of the index could be saved" in caplog.text
