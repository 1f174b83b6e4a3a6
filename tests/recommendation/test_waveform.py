import asyncio
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import EncodedTrack
from app.recommendation.add_track import PEAKS_SPACE
from app.recommendation.deleted_tracks import delete_track
from app.recommendation.library import Library
from app.recommendation.waveform import Waveform, coarser, waveform
from app.request_errors import TrackDeleted
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add


class NoEncoder:
    def encode_track(self, path: Path) -> Future[EncodedTrack]:
        pytest.fail("the track was measured again")


def found(library: Library, track_id: str, encoder: object, *, points: int = 4) -> Waveform:
    return asyncio.run(waveform(track_id, points=points, library=library, encoder=encoder))  # type: ignore[arg-type]


def test_the_peaks_that_were_stored_with_a_track_are_its_waveform(library: Library, pool: FakePool) -> None:
    track = add(library, pool, b"music").track
    shown = found(library, track.id, NoEncoder())
    assert shown.duration_s == 184.25
    assert shown.peaks == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=0.001)


@pytest.mark.parametrize("is_damaged", [False, True])
def test_those_of_an_older_track_are_measured_once_and_kept(library: Library, pool: FakePool, is_damaged: bool) -> None:
    track = add(library, pool, b"music").track
    (path,) = library.blobs.path(track.sha256).parent.glob(f"{track.sha256}.peaks*")
    if is_damaged:
        path.write_bytes(b"damaged")
    else:
        path.unlink()
    assert found(library, track.id, pool).peaks == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=0.001)
    assert library.blobs.features(track.sha256, PEAKS_SPACE) is not None
    assert found(library, track.id, NoEncoder()).peaks[-1] == 1.0


def test_a_deleted_track_has_none(library: Library, pool: FakePool) -> None:
    track = add(library, pool, b"music").track
    delete_track(track.id, library=library)
    with pytest.raises(TrackDeleted):
        found(library, track.id, pool)


@given(count=st.integers(1, 300), points=st.integers(1, 400), stroke=st.integers(0, 299))
def test_no_stroke_is_lost_however_coarse_the_picture_is(count: int, points: int, stroke: int) -> None:
    peaks = np.zeros(count, np.float32)
    peaks[stroke % count] = 1.0
    few = coarser(peaks, points)
    assert len(few) == min(count, points)
    assert few.max() == 1.0
    assert int(np.argmax(few)) == pytest.approx(stroke % count * len(few) / count, abs=1)
