import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.domain import Float32Array, Track
from app.errors import EncoderUnavailable
from app.inference.jobs import EmbeddedSections
from app.recommendation.library import Library
from app.recommendation.sections import SectionFound, fitting_sections
from tests.fake_pool import DIM, SOUNDING
from tests.recommendation.tracks_at_hand import new_track

CALM, WILD, NEITHER = np.eye(3, dtype=np.float32)


class PlainEncoder:
    """Embeds a section as the mean of its rows; counts how often it is asked."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.asked = 0
        self._failure = failure

    def embed_sections(
        self, features: Sequence[Float32Array], tracks: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> Future[EmbeddedSections]:
        self.asked += 1
        answer: Future[EmbeddedSections] = Future()
        if self._failure is not None:
            answer.set_exception(self._failure)
            return answer
        means = np.stack([features[track][picked].mean(axis=0) for track, picked in zip(tracks, rows, strict=True)])
        embeddings = np.zeros((len(means), DIM), np.float32)
        embeddings[:, :3] = means / np.linalg.norm(means, axis=1, keepdims=True)
        answer.set_result(EmbeddedSections(embeddings, (SOUNDING,) * len(features)))
        return answer


@pytest.fixture
def heard(library: Library) -> Library:
    """A library whose tracks have 16 rows of 3 values: how calm, how wild, how much of neither."""
    music = library.spec.music
    sampling = music.sampling.model_copy(update={"windows": 16})
    side = music.model_copy(update={"sampling": sampling})
    return replace(library, spec=library.spec.model_copy(update={"music": side}))


def add(library: Library, name: str, rows: Sequence[Float32Array] | None, *, duration_s: float = 160.0) -> Track:
    with library.catalogue.writing() as queries:
        new = replace(new_track(name.encode()), duration_s=duration_s)
        embedding = np.eye(1, DIM, dtype=np.float32)[0]
        track = queries.add_track(new, digest=library.digest, embedding=embedding)
    if rows is not None:
        library.blobs.put_features(track.sha256, library.spec.music.stored_space, np.stack(rows))
    return track


def find(
    library: Library, *tracks: Track, like: Float32Array = WILD, encoder: PlainEncoder | None = None
) -> dict[int, SectionFound]:
    embedding = np.concatenate([like, np.zeros(DIM - 3, np.float32)])
    return fitting_sections(
        tracks, embedding=embedding, video_duration_s=12.0, library=library, encoder=encoder or PlainEncoder()
    )


def test_the_section_is_the_stretch_that_lies_nearest_to_the_video(heard: Library) -> None:
    track = add(heard, "changes", [CALM] * 8 + [WILD] * 8)
    wild, calm = find(heard, track)[track.number], find(heard, track, like=CALM)[track.number]
    assert wild.section is not None
    assert calm.section is not None
    assert wild.section.start_s >= 80.0
    assert calm.section.end_s <= 80.0
    assert wild.section.end_s - wild.section.start_s == pytest.approx(12.0)
    assert wild.section.score == calm.section.score == pytest.approx(1.0)
    assert wild.sounding == SOUNDING


def test_all_sections_of_a_page_are_asked_for_at_once_and_each_track_gets_its_own(heard: Library) -> None:
    early = add(heard, "early", [WILD] * 5 + [NEITHER] * 11)
    short = add(heard, "short", [CALM] * 16, duration_s=9.5)
    late = add(heard, "late", [NEITHER] * 11 + [WILD] * 5, duration_s=320.0)
    encoder = PlainEncoder()
    found = find(heard, early, short, late, encoder=encoder)
    assert encoder.asked == 1
    sections = [found[track.number].section for track in (early, short, late)]
    starts_s = [section.start_s for section in sections if section is not None]
    assert starts_s == pytest.approx([19.0, 0.0, 264.0], abs=1.0)
    assert [section.score for section in sections if section is not None] == pytest.approx([1.0, 0.0, 1.0])


def test_a_track_no_longer_than_the_video_is_taken_whole(heard: Library) -> None:
    track = add(heard, "short", [WILD] * 16, duration_s=9.5)
    section = find(heard, track)[track.number].section
    assert section is not None
    assert (section.start_s, section.end_s) == (0.0, 9.5)


def test_tracks_without_features_have_no_section_and_are_told_of_in_one_line(
    heard: Library, caplog: pytest.LogCaptureFixture
) -> None:
    bare, other = add(heard, "bare", None), add(heard, "of another shape", [WILD] * 3)
    damaged, whole = add(heard, "damaged", [WILD] * 16), add(heard, "whole", [WILD] * 16)
    [file] = Path(heard.blobs.path(damaged.sha256)).parent.glob(f"{damaged.sha256}.*.npy")
    file.write_bytes(b"no array")
    with caplog.at_level(logging.WARNING):
        found = find(heard, bare, damaged, whole, other)
    assert [found[track.number].section is None for track in (bare, damaged, whole, other)] == [True, True, False, True]
    assert found[bare.number].sounding is None
    [line] = caplog.records
    assert "3 tracks" in line.getMessage()


def test_where_nothing_can_be_embedded_the_encoder_is_not_asked(heard: Library) -> None:
    bare, encoder = add(heard, "bare", None), PlainEncoder()
    assert find(heard, bare, encoder=encoder) == {bare.number: SectionFound(None, None)}
    assert find(heard, encoder=encoder) == {}
    assert encoder.asked == 0


def test_an_encoder_that_fails_is_told(heard: Library) -> None:
    track = add(heard, "any", [WILD] * 16)
    with pytest.raises(EncoderUnavailable):
        find(heard, track, encoder=PlainEncoder(EncoderUnavailable(worker="device")))
