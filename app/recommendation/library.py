"""What the use-cases work on, gathered in one value. Knows neither HTTP nor settings, and starts nothing."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

from app.blobs.store import BlobStore
from app.catalogue.catalogue import Catalogue
from app.domain import Brief, EncodedTrack, EncodedVideo
from app.encoders.spec import EncoderSpec
from app.recommendation.index_upkeep import IndexUpkeep

STRIPES = 64


class VideoEncoder(Protocol):
    """In production the inference pool. The future ends by the pool's own time limits, whatever happens."""

    def encode_video(self, path: Path, brief: Brief, *, discard_source: bool = False) -> Future[EncodedVideo]: ...


class TrackEncoder(Protocol):
    def encode_track(self, path: Path) -> Future[EncodedTrack]: ...


@dataclass(frozen=True, slots=True)
class Library:
    """Tracks, their files, and the index over them, for one checkpoint (`digest`)."""

    catalogue: Catalogue
    blobs: BlobStore
    upkeep: IndexUpkeep
    spec: EncoderSpec
    digest: str
    _turns: tuple[Lock, ...] = field(default_factory=lambda: tuple(Lock() for _ in range(STRIPES)))

    def turn(self, sha256: str) -> Lock:
        """Held while a file and its row come or go together.

        Without it a deletion could take away the file of a track whose same bytes were just added again.
        """
        return self._turns[int(sha256[:8], 16) % STRIPES]
