import os
from collections.abc import Iterable
from pathlib import Path
from threading import Event

import pytest

from app.domain import TrackDetails
from app.errors import CheckpointMismatch, DiskFull
from app.recommendation.import_folder import ImportPlan, MusicFile, Outcome, import_files, plan_import
from app.recommendation.library import Library
from app.recommendation.music_list import ListedTrack
from tests.disk_limits import files_at_most
from tests.fake_pool import FakePool

NOWHERE = Path("nowhere")


def place(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def planned(folder: Path, listed: list[ListedTrack] | None = None) -> ImportPlan:
    return plan_import(folder, listed, library_folder=NOWHERE)


def imported(files: list[MusicFile], library: Library, pool: FakePool, *, stop: Event | None = None) -> list[Outcome]:
    outcomes = import_files(files, library=library, encoder=pool, at_once=3, stop=stop or Event())
    return sorted(outcomes, key=lambda outcome: outcome.file)


def results(outcomes: Iterable[Outcome]) -> dict[str, tuple[str, str | None]]:
    return {outcome.file: (outcome.result, outcome.code) for outcome in outcomes}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


def test_a_folder_becomes_tracks_with_their_files_and_features(folder: Path, library: Library, pool: FakePool) -> None:
    place(folder, {"a/one.mp3": b"one", "two.ogg": b"untagged two"})

    outcomes = imported(planned(folder).files, library, pool)

    assert results(outcomes) == {"a/one.mp3": ("added", None), "two.ogg": ("added", None)}
    tracks = [outcome.track for outcome in outcomes if outcome.track]
    assert [track.details.title for track in tracks] == ["Tagged", "two"]
    assert [library.blobs.path(track.sha256).read_bytes() for track in tracks] == [b"one", b"untagged two"]
    assert all(library.blobs.features(track.sha256, library.spec.music.stored_space) is not None for track in tracks)


def test_what_a_row_says_wins_over_the_file(folder: Path, library: Library, pool: FakePool) -> None:
    place(folder, {"a/one.mp3": b"one"})
    listed = [ListedTrack(2, "a/one.mp3", TrackDetails(title="Said", moods=("calm",)))]

    (outcome,) = imported(planned(folder, listed).files, library, pool)

    assert outcome.track is not None
    assert (outcome.track.details.title, outcome.track.details.moods) == ("Said", ("calm",))
    assert outcome.track.details.artist == "Tagger"


def test_rows_without_files_and_files_without_rows_are_told(folder: Path) -> None:
    place(folder, {"one.mp3": b"one", "unlisted.mp3": b"two", "odd.xyz": b"three", "notes.txt": b"-"})
    listed = [
        ListedTrack(2, "one.mp3", TrackDetails()),
        ListedTrack(3, "gone.mp3", TrackDetails()),
        ListedTrack(4, "../outside.mp3", TrackDetails()),
        ListedTrack(5, "odd.xyz", TrackDetails()),
    ]

    plan = planned(folder, listed)

    assert [file.name for file in plan.files] == ["odd.xyz", "one.mp3", "unlisted.mp3"]
    assert plan.unlisted == ["unlisted.mp3"]
    assert results(plan.settled) == {
        "notes.txt": ("skipped", None),
        "gone.mp3": ("refused", "file_not_found"),
        "../outside.mp3": ("refused", "file_not_found"),
    }
    assert "line 3 " in str(next(outcome.reason for outcome in plan.settled if outcome.file == "gone.mp3"))


def test_the_list_itself_is_not_told_as_skipped(folder: Path) -> None:
    place(folder, {"library.csv": b"file\n", "other.csv": b"file\n"})

    plan = plan_import(folder, [], library_folder=NOWHERE, list_file=folder / "library.csv")

    assert [outcome.file for outcome in plan.settled] == ["other.csv"]


def test_a_row_finds_its_file_in_either_spelling_of_an_accent(folder: Path) -> None:
    place(folder, {"cafe\u0301.mp3": b"one"})

    plan = planned(folder, [ListedTrack(2, "caf\u00e9.mp3", TrackDetails(title="Café"))])

    assert [file.details.title for file in plan.files] == ["Café"]
    assert plan.settled == []


def test_bad_files_are_refused_with_code_and_reason_and_stop_nothing(
    folder: Path, library: Library, pool: FakePool
) -> None:
    place(folder, {f"good{number}.mp3": b"%d" % number for number in range(5)})
    place(folder, {"bad.mp3": b"raise UnreadableMedia", "crash.mp3": b"raise EncoderUnavailable"})
    place(folder, {"defect.mp3": b"raise WorkerDefect"})
    (folder / "gone.mp3").symlink_to(folder / "nothing.mp3")

    outcomes = imported(planned(folder).files, library, pool)

    refused = {outcome.file: (outcome.code, outcome.reason) for outcome in outcomes if outcome.result == "refused"}
    assert refused == {
        "bad.mp3": ("unreadable_media", "the file cannot be read: its data is damaged"),
        "crash.mp3": ("encoder_unavailable", "the device process ended while it worked on this; it is being replaced"),
        "defect.mp3": ("internal_error", "the device process met an unexpected error"),
        "gone.mp3": ("unreadable_media", "the file cannot be read: No such file or directory"),
    }
    assert [outcome.result for outcome in outcomes].count("added") == 5


def test_a_second_import_reads_every_file_and_encodes_none(folder: Path, library: Library, pool: FakePool) -> None:
    place(folder, {"one.mp3": b"one", "copy.mp3": b"one", "two.mp3": b"two"})
    first = imported(planned(folder).files, library, pool)
    encoded_at_first = len(pool.seen)

    second = imported(planned(folder).files, library, pool)

    assert sorted(outcome.result for outcome in first) == ["added", "added", "present"]
    assert {outcome.result for outcome in second} == {"present"}
    assert len(pool.seen) == encoded_at_first
    with library.catalogue.reading() as queries:
        assert queries.count() == 2


def test_a_file_that_the_library_lost_is_put_back_without_encoding(
    folder: Path, library: Library, pool: FakePool
) -> None:
    place(folder, {"one.mp3": b"one", "two.mp3": b"two"})
    one, two = (outcome.track for outcome in imported(planned(folder).files, library, pool))
    assert one is not None
    assert two is not None
    library.blobs.path(one.sha256).unlink()
    library.blobs.path(two.sha256).write_bytes(b"t")
    pool.seen.clear()

    outcomes = imported(planned(folder).files, library, pool)

    assert [outcome.result for outcome in outcomes] == ["present", "present"]
    assert library.blobs.path(one.sha256).read_bytes() == b"one"
    assert library.blobs.path(two.sha256).read_bytes() == b"two"
    assert pool.seen == []


def test_stopping_keeps_what_is_done_and_the_next_import_goes_on_there(
    folder: Path, library: Library, pool: FakePool
) -> None:
    place(folder, {f"{number:02d}.mp3": b"%d" % number for number in range(30)})
    stop = Event()
    done = []
    for outcome in import_files(planned(folder).files, library=library, encoder=pool, at_once=2, stop=stop):
        done.append(outcome)
        stop.set()

    assert 1 <= len(done) < 30
    with library.catalogue.reading() as queries:
        assert queries.count() == len(done)
    again = imported(planned(folder).files, library, pool)
    assert [outcome.result for outcome in again].count("present") == len(done)
    assert [outcome.result for outcome in again].count("added") == 30 - len(done)


def test_nothing_temporary_is_left_whatever_became_of_the_files(folder: Path, library: Library, pool: FakePool) -> None:
    place(folder, {"good.mp3": b"good", "bad.mp3": b"raise SilentAudio"})

    imported(planned(folder).files, library, pool)

    assert library.blobs.left_uploads() == []
    assert all(not path.exists() for path in pool.seen)


def test_a_full_disk_ends_the_import(folder: Path, library: Library, pool: FakePool) -> None:
    place(folder, {"large.mp3": os.urandom(2_000_000)})
    files = planned(folder).files

    with files_at_most(1_000_000), pytest.raises(DiskFull):
        imported(files, library, pool)


def test_another_checkpoint_meanwhile_ends_the_import(folder: Path, library: Library, pool: FakePool) -> None:
    place(folder, {"one.mp3": b"one"})
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")

    with pytest.raises(CheckpointMismatch, match="sha256:other"):
        imported(planned(folder).files, library, pool)


def test_a_name_that_no_database_takes_is_kept_readable(folder: Path, library: Library, pool: FakePool) -> None:
    (folder / os.fsdecode(b"caf\xe9.mp3")).write_bytes(b"untagged")

    (outcome,) = imported(planned(folder).files, library, pool)

    assert outcome.track is not None
    assert (outcome.file, outcome.track.file_name) == ("caf\ufffd.mp3", "caf\ufffd.mp3")


def test_what_is_no_plain_file_is_not_opened_even_where_a_row_names_it(folder: Path) -> None:
    os.mkfifo(folder / "pipe.mp3")
    plan = planned(folder, [ListedTrack(2, "pipe.mp3", TrackDetails(title="Said"))])
    assert plan.files == []
    assert [(outcome.file, outcome.result, outcome.reason) for outcome in plan.settled] == [
        ("pipe.mp3", "skipped", "not a plain file")
    ]
