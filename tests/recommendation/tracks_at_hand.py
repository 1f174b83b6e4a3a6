"""Tracks for tests of the use-cases: a content, and all that follows from it."""

import asyncio
import hashlib
from dataclasses import replace

from app.domain import NewTrack, TrackDetails
from app.recommendation.add_track import Added, TrackFile, add_track
from app.recommendation.index_upkeep import open_index
from app.recommendation.library import Library
from tests.fake_pool import DIM, FakePool, embedding_of
from tests.library_on_disk import DIGEST

NOTHING_SAID = TrackDetails()


def add(library: Library, pool: FakePool, content: bytes, details: TrackDetails = NOTHING_SAID) -> Added:
    """Goes the whole way of an upload."""
    with library.blobs.new_upload() as path:
        path.write_bytes(content)
        file = TrackFile(path, hashlib.sha256(content).hexdigest(), "song.ogg", len(content))
        return asyncio.run(add_track(file, details, library=library, encoder=pool))


def new_track(content: bytes) -> NewTrack:
    return NewTrack(
        sha256=hashlib.sha256(content).hexdigest(),
        file_name="song.ogg",
        media_type="audio/ogg",
        size_bytes=len(content),
        container="ogg",
        codec="vorbis",
        duration_s=1.0,
        loudness_lufs=None,
        details=NOTHING_SAID,
    )


def add_elsewhere(library: Library, *contents: bytes) -> list[int]:
    """The numbers of tracks that another process adds, all in one transaction; no index hears of them by itself."""
    with library.catalogue.writing() as queries:
        added = [
            queries.add_track(new_track(content), digest=DIGEST, embedding=embedding_of(content))
            for content in contents
        ]
    return [track.number for track in added]


def moved_to(library: Library, digest: str) -> Library:
    """The library as it is opened for another checkpoint."""
    folder = library.blobs.path("0" * 64).parents[3] / digest.replace(":", "-")
    upkeep = open_index(library.catalogue, folder, digest=digest, dim=DIM)
    return replace(library, upkeep=upkeep, digest=digest)
