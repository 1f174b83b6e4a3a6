from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from app.blobs.features import features_suffix
from app.domain import Embedding, Float32Array, Track
from app.errors import DiskFull, EncoderUnavailable, UnreadableMedia
from app.recommendation.add_track import PEAKS_SPACE
from app.recommendation.deleted_tracks import delete_track
from app.recommendation.import_folder import import_files, plan_import
from app.recommendation.library import Library
from app.recommendation.reembed import Reembedding, TrackDone
from tests.fake_pool import DIM, FakePool, embedding_of

NEW = "sha256:new"


class NewEncoder(FakePool):
    """The new checkpoint: embeds stored features too, and does something else before the first of them, if told to."""

    def __init__(self, *, first: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.batches: list[int] = []
        self._first = first

    def embed_features(self, features: Sequence[Float32Array]) -> Future[list[Embedding]]:
        if not self.batches:
            self._first()
        self.batches.append(len(features))
        answer: Future[list[Embedding]] = Future()
        answer.set_result([embedding_of(stored.tobytes()) for stored in features])
        return answer


def filled(library: Library, folder: Path, *contents: bytes) -> list[Track]:
    """The tracks of an import, in the order of their contents."""
    folder.mkdir(exist_ok=True)
    for number, content in enumerate(contents):
        (folder / f"{number:03d}.mp3").write_bytes(content)
    plan = plan_import(folder, None, library_folder=Path("nowhere"))
    with FakePool() as pool:
        outcomes = list(import_files(plan.files, library=library, encoder=pool, at_once=2, stop=Event()))
    return [outcome.track for outcome in sorted(outcomes, key=lambda outcome: outcome.file) if outcome.track]


def work_of(library: Library, encoder: NewEncoder, *, space: str | None = None) -> Reembedding:
    return Reembedding(library.catalogue, library.blobs, encoder, NEW, space or library.spec.music.stored_space)


def run(work: Reembedding, *, stop: Event | None = None) -> list[TrackDone]:
    return list(work.run(at_once=2, stop=stop or Event()))


def embeddings(library: Library, digest: str) -> dict[int, list[float]]:
    with library.catalogue.reading() as queries:
        chunks = list(queries.embeddings(digest))
    return {
        int(number): vector.tolist()
        for numbers, vectors in chunks
        for number, vector in zip(numbers, vectors, strict=True)
    }


def test_a_library_is_embedded_from_stored_features_and_then_switched(library: Library, tmp_path: Path) -> None:
    tracks = filled(library, tmp_path / "music", *(b"%d" % number for number in range(70)))

    with NewEncoder() as encoder:
        work = work_of(library, encoder)
        done = run(work)

        assert sorted(track.track.number for track in done) == sorted(track.number for track in tracks)
        assert all(track.failure is None for track in done)
        assert sorted(encoder.batches) == [6, 64]
        assert encoder.seen == []
    assert work.is_switched()
    expected = embedding_of(np.ones((4, 3), np.float32).tobytes()).tolist()
    assert embeddings(library, NEW) == {track.number: expected for track in tracks}


def test_in_another_feature_space_the_audio_is_measured_again_and_kept(library: Library, tmp_path: Path) -> None:
    (track,) = filled(library, tmp_path / "music", b"one")

    with NewEncoder() as encoder:
        run(work_of(library, encoder, space="other:1@4"))

        assert encoder.seen == [library.blobs.path(track.sha256)]
    assert embeddings(library, NEW)[track.number] == pytest.approx(embedding_of(b"one").tolist())
    assert library.blobs.features(track.sha256, "other:1@4") is not None


def test_damaged_features_are_measured_again(library: Library, tmp_path: Path) -> None:
    (track,) = filled(library, tmp_path / "music", b"one")
    path = library.blobs.path(track.sha256)
    stored = path.with_name(path.name + features_suffix(library.spec.music.stored_space))
    stored.write_bytes(b"nothing of the kind")

    with NewEncoder() as encoder:
        work = work_of(library, encoder)
        run(work)

    assert work.is_switched()
    assert library.blobs.features(track.sha256, library.spec.music.stored_space) is not None


def test_while_one_track_fails_the_library_keeps_its_checkpoint(library: Library, tmp_path: Path) -> None:
    good, lost = filled(library, tmp_path / "music", b"good", b"lost")
    library.blobs.path(lost.sha256).unlink()

    with NewEncoder() as encoder:
        work = work_of(library, encoder, space="other:1@4")
        done = run(work)

        assert {track.track.number: type(track.failure) for track in done} == {
            good.number: type(None),
            lost.number: UnreadableMedia,
        }
        assert not work.is_switched()
        assert work.left() == [lost.number]

        library.blobs.path(lost.sha256).write_bytes(b"lost")
        encoder.seen.clear()
        run(work)

        assert encoder.seen == [library.blobs.path(lost.sha256)]
    assert work.is_switched()


def test_a_stopped_run_switches_nothing_and_the_next_goes_on_there(library: Library, tmp_path: Path) -> None:
    filled(library, tmp_path / "music", *(b"%d" % number for number in range(20)))
    stop = Event()

    with NewEncoder() as encoder:
        work = work_of(library, encoder, space="other:1@4")
        done = 0
        for _ in work.run(at_once=2, stop=stop):
            done += 1
            stop.set()

        assert 1 <= done < 20
        assert not work.is_switched()
        assert len(work.left()) == 20 - done
        assert len(run(work)) == 20 - done
    assert work.is_switched()


def test_a_track_added_meanwhile_is_embedded_before_the_switch(library: Library, tmp_path: Path) -> None:
    (early,) = filled(library, tmp_path / "music", b"early")
    late: list[Track] = []

    with NewEncoder(first=lambda: late.extend(filled(library, tmp_path / "more", b"late"))) as encoder:
        work = work_of(library, encoder)
        done = run(work)

    assert [track.track.number for track in done] == [early.number, late[0].number]
    assert work.is_switched()
    assert set(embeddings(library, NEW)) == {early.number, late[0].number}


def test_a_track_deleted_meanwhile_is_passed_over(library: Library, tmp_path: Path) -> None:
    kept, gone = filled(library, tmp_path / "music", b"kept", b"gone")

    with NewEncoder(first=lambda: delete_track(gone.id, library=library)) as encoder:
        work = work_of(library, encoder)
        run(work)

    assert work.is_switched()
    assert set(embeddings(library, NEW)) == {kept.number}


def test_an_empty_library_is_switched_at_once(library: Library) -> None:
    with NewEncoder() as encoder:
        work = work_of(library, encoder)

        assert run(work) == []
    assert work.is_switched()


def test_a_failed_device_stops_a_batch_with_its_error(library: Library, tmp_path: Path) -> None:
    filled(library, tmp_path / "music", b"one")

    def broken() -> None:
        raise DiskFull

    with NewEncoder(first=broken) as encoder:
        work = work_of(library, encoder)
        with pytest.raises(DiskFull):
            run(work)
    assert not work.is_switched()


def test_a_worker_that_dies_over_one_batch_fails_its_tracks_only(library: Library, tmp_path: Path) -> None:
    (track,) = filled(library, tmp_path / "music", b"one")

    def died() -> None:
        raise EncoderUnavailable(worker="device")

    with NewEncoder(first=died) as encoder:
        work = work_of(library, encoder)
        (done,) = run(work)

    assert (done.track.number, type(done.failure)) == (track.number, EncoderUnavailable)
    assert embeddings(library, NEW) == {}
    assert np.shape(list(embeddings(library, library.digest).values())) == (1, DIM)


def test_a_batch_over_which_a_worker_ended_is_tried_again(library: Library, tmp_path: Path) -> None:
    filled(library, tmp_path / "music", b"one")
    troubles = [EncoderUnavailable(worker="device"), EncoderUnavailable(worker="device")]

    def dies_twice() -> None:
        if troubles:
            raise troubles.pop()

    with NewEncoder(first=dies_twice) as encoder:
        work = work_of(library, encoder)
        (done,) = run(work)

    assert done.failure is None
    assert work.is_switched()


def test_what_is_measured_again_has_its_peaks_kept_too(library: Library, tmp_path: Path) -> None:
    (track,) = filled(library, tmp_path / "music", b"one")
    path = library.blobs.path(track.sha256)
    path.with_name(path.name + features_suffix(PEAKS_SPACE)).unlink()

    with NewEncoder() as encoder:
        run(work_of(library, encoder, space="other:1@4"))

    peaks = library.blobs.features(track.sha256, PEAKS_SPACE)
    assert peaks is not None
    assert peaks.shape == (2000, 1)
