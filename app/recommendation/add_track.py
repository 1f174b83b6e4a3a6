"""Adds a track to the library: encode, file, features, row, index, in an order that a crash cannot spoil.

SQL is the truth. Until the one transaction commits nothing exists but a file that the next sweep takes away; after
it the index catches up by the change feed, at the latest at the next start.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain import EncodedTrack, NewTrack, Track, TrackDetails
from app.errors import TrackExists
from app.recommendation.deleted_tracks import restored_by_content, show_in_index
from app.recommendation.library import Library, TrackEncoder
from app.recommendation.media_types import media_type
from app.recommendation.track_details import checked, completed

# Under which a track's peaks are kept beside its features; shape (parts, 1).
PEAKS_SPACE = "peaks:1"


@dataclass(frozen=True, slots=True)
class TrackFile:
    """A file on its way in. `path` lies in the blob store's temporary folder and is moved away from there.

    `sha256`: 64 hex digits of its bytes; `name`: what it was called where it came from.
    """

    path: Path
    sha256: str
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Added:
    """The track that now holds these bytes; `is_new` False where the library had them before, deleted or not."""

    track: Track
    is_new: bool


async def add_track(file: TrackFile, details: TrackDetails, *, library: Library, encoder: TrackEncoder) -> Added:
    """The stored track. Raises InvalidParameter for details that cannot be kept, what the encoder raises, and
    CheckpointMismatch where another process has moved the library to another checkpoint meanwhile."""
    said = checked(details)
    known = await asyncio.to_thread(known_track, file.sha256, library=library)
    if known is not None:
        return await asyncio.to_thread(kept, known, file, library=library)
    encoded = await asyncio.wrap_future(encoder.encode_track(file.path))
    return await asyncio.to_thread(store_track, file, said, encoded, library=library)


def known_track(sha256: str, *, library: Library) -> Track | None:
    """The track that holds these bytes already, if there is one. A deleted one is taken back."""
    with library.catalogue.reading() as queries:
        known = queries.track_by_sha256(sha256)
    return known or restored_by_content(sha256, library=library)


def is_kept(track: Track, *, library: Library) -> bool:
    """Whether the library still has the track's file, whole as far as its size tells."""
    path = library.blobs.path(track.sha256)
    return path.is_file() and path.stat().st_size == track.size_bytes


def kept(known: Track, file: TrackFile, *, library: Library) -> Added:
    """The track that was there already; its file is put back from this one where it was lost. Raises DiskFull."""
    if not is_kept(known, library=library):
        library.blobs.put(file.path, file.sha256)
    return Added(known, is_new=False)


def store_track(file: TrackFile, details: TrackDetails, encoded: EncodedTrack, *, library: Library) -> Added:
    """Keep an encoded track: its file, its features and peaks, then its row; `details` as `checked` left them.

    Raises as `add_track` does, and DiskFull.
    """
    with library.turn(file.sha256):
        known = known_track(file.sha256, library=library)
        if known is not None:
            return kept(known, file, library=library)
        library.blobs.put(file.path, file.sha256)
        library.blobs.put_features(file.sha256, library.spec.music.stored_space, encoded.features)
        library.blobs.put_features(file.sha256, PEAKS_SPACE, encoded.peaks[:, np.newaxis])
        added = _write(_new_track(file, details, encoded), encoded, library=library)
    show_in_index(library)
    return added


def _write(track: NewTrack, encoded: EncodedTrack, *, library: Library) -> Added:
    with library.catalogue.writing() as queries:
        try:
            stored = queries.add_track(track, digest=library.digest, embedding=encoded.embedding)
        except TrackExists as error:
            # Another process was a moment quicker with the same bytes, or the track is one that was deleted.
            known = queries.restore_track(error.track_id, digest=library.digest, embedding=encoded.embedding)
            return Added(known, is_new=False)
    return Added(stored, is_new=True)


def _new_track(file: TrackFile, details: TrackDetails, encoded: EncodedTrack) -> NewTrack:
    info = encoded.info
    codec = info.sound.codec if info.sound else ""
    return NewTrack(
        sha256=file.sha256,
        file_name=file.name,
        media_type=media_type(info.container, codec=codec),
        size_bytes=file.size_bytes,
        container=info.container,
        codec=codec,
        duration_s=info.duration_s,
        loudness_lufs=encoded.loudness_lufs,
        details=completed(details, tags=encoded.tags, file_name=file.name, bpm=encoded.bpm),
    )
