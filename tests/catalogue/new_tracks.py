"""Tracks and embeddings for the catalogue's tests, told apart by a number."""

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np

from app.catalogue.catalogue import Catalogue
from app.domain import Embedding, NewTrack, Track, TrackDetails

DIGEST = "sha256:one"
OTHER_DIGEST = "sha256:two"
DIM = 8
NO_DETAILS = TrackDetails()


def new_track(number: int, *, details: TrackDetails = NO_DETAILS) -> NewTrack:
    return NewTrack(
        sha256=hashlib.sha256(b"%d" % number).hexdigest(),
        file_name=f"{number}.ogg",
        media_type="audio/ogg",
        size_bytes=5_000_000_000,
        container="ogg",
        codec="vorbis",
        duration_s=184.25,
        loudness_lufs=-14.5,
        details=details,
    )


def embedding(number: int) -> Embedding:
    vector = np.random.default_rng(number).standard_normal(DIM).astype(np.float32)
    return vector / np.linalg.norm(vector)


def add(catalogue: Catalogue, *numbers: int) -> list[Track]:
    """Adds tracks, each in a transaction of its own."""
    added = []
    for number in numbers:
        with catalogue.writing() as queries:
            added.append(queries.add_track(new_track(number), digest=DIGEST, embedding=embedding(number)))
    return added


def add_said(catalogue: Catalogue, *said: TrackDetails) -> list[Track]:
    """Adds tracks of which this is said, all in one transaction, in their order."""
    with catalogue.writing() as queries:
        return [
            queries.add_track(new_track(number, details=details), digest=DIGEST, embedding=embedding(number))
            for number, details in enumerate(said)
        ]


def delete(catalogue: Catalogue, *tracks: Track) -> None:
    with catalogue.writing() as queries:
        for track in tracks:
            queries.delete_track(track.id)


def purge(catalogue: Catalogue, track: Track) -> None:
    """Removes a deleted track as if it had been deleted long ago."""
    with catalogue.writing() as queries:
        assert queries.purge_track(track.number, deleted_before=datetime.now(UTC) + timedelta(days=1))
