import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from app.errors import DiskFull
from app.recommendation import recording_keeper
from app.recommendation.library import Library
from app.recommendation.recording_keeper import RecordingKeeper
from app.recommendation.recordings import look_for_recordings
from tests.recommendation.tracks_at_hand import add_elsewhere

PATIENCE_S = 10.0


class Looks:
    """Counts the looks of a keeper, and makes them fail on demand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fails, self.has_looked = False, Event()
        self._look = look_for_recordings
        monkeypatch.setattr(recording_keeper, "look_for_recordings", self)

    def __call__(self, library: Library, *, fingerprinter: None, is_unwanted: Callable[[], bool]) -> int:
        try:
            if self.fails:
                raise DiskFull
            return self._look(library, fingerprinter=fingerprinter, is_unwanted=is_unwanted)
        finally:
            self.has_looked.set()

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        for _ in range(200):
            self.has_looked.clear()
            assert self.has_looked.wait(PATIENCE_S)
            if condition():
                return True
        return False


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


def keeper(library: Library) -> RecordingKeeper:
    return RecordingKeeper(lambda: library, fingerprinter=lambda: None, look_every_s=0.001)


def is_looked_at(library: Library, number: int) -> bool:
    with library.catalogue.reading() as queries:
        return queries.tracks([number])[number].recording == number


def test_new_tracks_are_looked_at_in_the_background(library: Library, looks: Looks) -> None:
    with keeper(library):
        [number] = add_elsewhere(library, b"one")
        assert looks.wait_until(lambda: is_looked_at(library, number))


def test_the_library_that_is_served_at_the_moment_is_looked_at(library: Library, looks: Looks) -> None:
    asked = Event()

    def served() -> Library:
        asked.set()
        return library

    with RecordingKeeper(served, fingerprinter=lambda: None, look_every_s=0.001):
        looks.wait_until(lambda: True)
        asked.clear()
        assert asked.wait(PATIENCE_S)


def test_what_goes_wrong_is_told_once_and_does_not_end_it(
    library: Library, looks: Looks, caplog: pytest.LogCaptureFixture
) -> None:
    looks.fails = True
    with caplog.at_level(logging.WARNING), keeper(library) as kept:
        assert looks.wait_until(lambda: kept.failure == "DiskFull")
        assert looks.wait_until(lambda: True)
        looks.fails = False
        [number] = add_elsewhere(library, b"one")
        assert looks.wait_until(lambda: is_looked_at(library, number))
        assert looks.wait_until(lambda: kept.failure is None)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_closing_stops_it_in_the_middle_of_its_work(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    began, ended = Event(), Event()

    def endless(_: Library, *, fingerprinter: None, is_unwanted: Callable[[], bool]) -> int:
        assert fingerprinter is None
        began.set()
        while not is_unwanted():
            Event().wait(0.001)
        ended.set()
        return 0

    monkeypatch.setattr(recording_keeper, "look_for_recordings", endless)
    with keeper(library):
        assert began.wait(PATIENCE_S)
    assert ended.is_set()


def test_whether_fingerprints_can_be_taken_is_asked_once(library: Library, looks: Looks) -> None:
    asked: list[Path] = []

    def none_here() -> None:
        asked.append(Path())

    with RecordingKeeper(lambda: library, fingerprinter=none_here, look_every_s=0.001):
        for _ in range(3):
            looks.wait_until(lambda: True)
    assert len(asked) == 1
