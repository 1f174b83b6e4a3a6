"""Embeds the whole library for another checkpoint, and switches to it only when every track is done.

Until the switch nothing that is served changes. What is done stays done, so a broken run is simply run again.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from app.blobs.store import BlobStore
from app.catalogue.catalogue import Catalogue
from app.domain import Embedding, EncodedTrack, Float32Array, Track
from app.errors import BgmError, CheckpointMismatch, FeaturesDamaged, TrackNotFound, UnreadableMedia
from app.recommendation.add_track import PEAKS_SPACE
from app.recommendation.patience import StopSign, patient_answer
from app.recommendation.side_by_side import ENDING_ERRORS, side_by_side

# Tracks whose stored features go to the device together, and whose embeddings are one transaction.
FEATURES_AT_ONCE = 64


class Embedder(Protocol):
    """In production the inference pool, running the new checkpoint."""

    def encode_track(self, path: Path) -> Future[EncodedTrack]: ...

    def embed_features(self, features: Sequence[Float32Array]) -> Future[list[Embedding]]: ...


@dataclass(frozen=True, slots=True)
class TrackDone:
    """A track that was tried; `failure`: why it has no embedding for the new checkpoint."""

    track: Track
    failure: BgmError | None = None


@dataclass(frozen=True, slots=True)
class Reembedding:
    """A library on its way to the checkpoint `digest`, whose music features are kept under `space`."""

    catalogue: Catalogue
    blobs: BlobStore
    embedder: Embedder
    digest: str
    space: str

    def left(self) -> list[int]:
        """The numbers of the tracks still to be embedded."""
        with self.catalogue.reading() as queries:
            return queries.numbers_without(self.digest)

    def is_switched(self) -> bool:
        with self.catalogue.reading() as queries:
            return queries.active_digest() == self.digest

    def run(self, *, at_once: int, stop: StopSign) -> Iterator[TrackDone]:
        """Each track as it is done. Ends when the library is switched, a track failed, or `stop` was set.

        Tracks that others add meanwhile are embedded too. Raises one of ENDING_ERRORS.
        """
        has_failed = False
        while not (has_failed or stop.is_set()):
            for done in self._embed(self.left(), at_once=at_once, stop=stop):
                has_failed = has_failed or done.failure is not None
                yield done
            if not has_failed and not stop.is_set() and self._switch():
                return

    def _switch(self) -> bool:
        """False where somebody added a track for the old checkpoint since the last look."""
        try:
            with self.catalogue.writing() as queries:
                queries.set_active_digest(self.digest)
        except CheckpointMismatch:
            return False
        return True

    def _embed(self, numbers: list[int], *, at_once: int, stop: StopSign) -> Iterator[TrackDone]:
        """First all that is cheap, from stored features; then the rest from their audio."""
        batches = [numbers[start : start + FEATURES_AT_ONCE] for start in range(0, len(numbers), FEATURES_AT_ONCE)]
        unmeasured: list[Track] = []
        from_features = partial(self._from_features, stop=stop)
        for done, without_features in side_by_side(from_features, batches, at_once=at_once, stop=stop):
            unmeasured += without_features
            yield from done
        yield from side_by_side(partial(self._from_audio, stop=stop), unmeasured, at_once=at_once, stop=stop)

    def _from_features(self, numbers: list[int], *, stop: StopSign) -> tuple[list[TrackDone], list[Track]]:
        """What became of the tracks of a batch that have features, and the tracks that have none."""
        with self.catalogue.reading() as queries:
            tracks = list(queries.tracks(numbers).values())
        stored = [(track, self._stored_features(track)) for track in tracks]
        known = [(track, features) for track, features in stored if features is not None]
        failure = self._embed_features(known, stop) if known else None
        return [TrackDone(track, failure) for track, _ in known], [track for track, found in stored if found is None]

    def _embed_features(self, known: Sequence[tuple[Track, Float32Array]], stop: StopSign) -> BgmError | None:
        """Why the batch has no embeddings, where it has none."""
        try:
            features = [found for _, found in known]
            embeddings = patient_answer(lambda: self.embedder.embed_features(features), stop=stop)
            self._write([(track, embedding) for (track, _), embedding in zip(known, embeddings, strict=True)])
        except ENDING_ERRORS:
            raise
        except BgmError as error:
            return error
        return None

    def _stored_features(self, track: Track) -> Float32Array | None:
        try:
            return self.blobs.features(track.sha256, self.space)
        except FeaturesDamaged:
            return None

    def _from_audio(self, track: Track, *, stop: StopSign) -> TrackDone:
        try:
            path = self.blobs.path(track.sha256)
            if not path.is_file():
                raise UnreadableMedia(reason="it is missing in the library's data folder")
            encoded = patient_answer(lambda: self.embedder.encode_track(path), stop=stop)
            self.blobs.put_features(track.sha256, self.space, encoded.features)
            self.blobs.put_features(track.sha256, PEAKS_SPACE, encoded.peaks[:, np.newaxis])
            self._write([(track, encoded.embedding)])
        except ENDING_ERRORS:
            raise
        except BgmError as error:
            return TrackDone(track, failure=error)
        return TrackDone(track)

    def _write(self, embedded: Sequence[tuple[Track, Embedding]]) -> None:
        with self.catalogue.writing() as queries:
            for track, embedding in embedded:
                try:
                    queries.add_embedding(track.number, self.digest, embedding)
                except TrackNotFound:
                    continue  # deleted meanwhile: it needs none
