import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain import Track
from app.errors import DiskFull, UnreadableMedia
from app.recommendation.library import Library
from app.recommendation.recordings import look_for_recordings
from app.recommendation.same_recording import VALUES_PER_S, Fingerprint
from tests.fake_pool import embedding_of
from tests.recommendation.tracks_at_hand import new_track


class FakeFingerprinter:
    """Files that begin with the same letter have the same fingerprint; a digit has none, "!" cannot be read."""

    space = "fake:1"

    def __init__(self) -> None:
        self.taken: list[str] = []

    def take(self, path: Path, container: str, output: Path, *, is_unwanted: Callable[[], bool]) -> Fingerprint | None:
        content = path.read_text()
        self.taken.append(content)
        assert container == "ogg"
        output.write_text("over")
        if content.startswith("!"):
            raise UnreadableMedia(reason="its data is damaged")
        if content[0].isdigit():
            return np.empty(0, np.uint32)
        values = np.random.default_rng(ord(content[0])).integers(0, 1 << 32, round(30 * VALUES_PER_S), dtype=np.uint32)
        return None if is_unwanted() else values


def add(library: Library, content: str, *, near: str = "all the same", duration_s: float = 60.0) -> int:
    """A track whose embedding only hangs on `near`; its number."""
    new = replace(new_track(content.encode()), duration_s=duration_s)
    with library.blobs.new_upload() as path:
        path.write_text(content)
        library.blobs.put(path, new.sha256)
    with library.catalogue.writing() as queries:
        return queries.add_track(new, digest=library.digest, embedding=embedding_of(near.encode())).number


def look(library: Library, fingerprinter: FakeFingerprinter | None) -> int:
    return look_for_recordings(library, fingerprinter=fingerprinter, is_unwanted=lambda: False)


def tracks(library: Library, numbers: Sequence[int]) -> list[Track]:
    with library.catalogue.reading() as queries:
        found = queries.tracks(numbers)
    return [found[number] for number in numbers]


def groups(library: Library, *numbers: int) -> list[int | None]:
    return [track.recording for track in tracks(library, numbers)]


def test_files_with_one_fingerprint_become_one_recording_and_others_stay_alone(library: Library) -> None:
    first, other, copy = add(library, "a first"), add(library, "b other"), add(library, "a copy", duration_s=50.0)
    assert look(library, FakeFingerprinter()) == 3
    assert groups(library, first, other, copy) == [first, other, first]


def test_a_track_without_a_near_neighbour_costs_no_fingerprint(library: Library) -> None:
    alone = add(library, "a first", near="north")
    same_length = add(library, "a second", near="south")
    fingerprinter = FakeFingerprinter()
    look(library, fingerprinter)
    assert fingerprinter.taken == []
    assert groups(library, alone, same_length) == [alone, same_length]


def test_a_fingerprint_is_taken_once_and_kept_beside_the_track(library: Library) -> None:
    fingerprinter = FakeFingerprinter()
    first, second = add(library, "a first"), add(library, "a second")
    look(library, fingerprinter)
    third = add(library, "a third")
    look(library, fingerprinter)
    assert sorted(fingerprinter.taken) == ["a first", "a second", "a third"]
    assert groups(library, first, second, third) == [first, first, first]
    assert library.blobs.left_uploads() == []


def test_what_was_looked_at_is_not_looked_at_again(library: Library) -> None:
    add(library, "a first"), add(library, "a second")
    assert look(library, FakeFingerprinter()) == 2
    assert look(library, FakeFingerprinter()) == 0


def test_a_file_with_too_little_sound_is_told_by_its_course_and_not_tried_again(library: Library) -> None:
    fingerprinter = FakeFingerprinter()
    first, second, third = add(library, "1"), add(library, "2"), add(library, "3")
    rows = np.random.default_rng(1).standard_normal((16, 9)).astype(np.float32)
    for number, found in ((first, rows), (second, rows + 1), (third, rows[::-1])):
        [track] = tracks(library, [number])
        library.blobs.put_features(track.sha256, library.spec.music.stored_space, found)
    look(library, fingerprinter)
    assert groups(library, first, second, third) == [first, first, third]
    assert sorted(fingerprinter.taken) == ["1", "2", "3"]


def test_without_a_fingerprinter_only_files_of_one_length_and_course_are_told(library: Library) -> None:
    first, copy, cut = add(library, "a"), add(library, "a copy"), add(library, "a cut", duration_s=42.0)
    rows = np.random.default_rng(1).standard_normal((16, 9)).astype(np.float32)
    for track in tracks(library, [first, copy, cut]):
        library.blobs.put_features(track.sha256, library.spec.music.stored_space, rows)
    look(library, None)
    assert groups(library, first, copy, cut) == [first, first, cut]


def test_a_file_that_cannot_be_read_is_alone_and_told_of(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = add(library, "! broken"), add(library, "a whole")
    with caplog.at_level(logging.WARNING):
        look(library, FakeFingerprinter())
    assert groups(library, broken, whole) == [broken, whole]
    [line] = caplog.records
    assert "its data is damaged" in line.getMessage()


def test_tracks_that_others_added_since_the_index_looked_are_compared_too(library: Library) -> None:
    first, second = add(library, "a first"), add(library, "a second")
    assert len(library.upkeep.index) == 0
    look(library, FakeFingerprinter())
    assert groups(library, first, second) == [first, first]


def test_a_track_without_an_embedding_for_this_checkpoint_waits(library: Library) -> None:
    number = add(library, "a first")
    assert look(replace(library, digest="sha256:next"), FakeFingerprinter()) == 0
    assert groups(library, number) == [None]


def test_only_tracks_beyond_a_number_are_looked_at_where_that_is_asked_and_found_among_all(library: Library) -> None:
    old, older_copy = add(library, "a old"), add(library, "b older")
    copy = add(library, "a copy")
    looked = look_for_recordings(
        library, fingerprinter=FakeFingerprinter(), is_unwanted=lambda: False, after=older_copy
    )
    assert looked == 1
    assert groups(library, old, older_copy, copy) == [None, None, old]


def test_it_stops_when_it_is_not_wanted_any_more_and_goes_on_later(library: Library) -> None:
    numbers = [add(library, f"a {place}") for place in range(4)]
    wanted = iter([False, False, False, True, True])
    looked = look_for_recordings(library, fingerprinter=None, is_unwanted=lambda: next(wanted))
    assert looked == 2
    assert groups(library, *numbers)[2:] == [None, None]
    look(library, FakeFingerprinter())
    assert None not in groups(library, *numbers)


def test_a_full_disk_is_told_and_nothing_is_decided(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = add(library, "a first"), add(library, "a second")

    def full(*_: object) -> None:
        raise DiskFull

    monkeypatch.setattr(type(library.blobs), "put_features", full)
    with pytest.raises(DiskFull):
        look(library, FakeFingerprinter())
    assert groups(library, first, second) == [None, None]
