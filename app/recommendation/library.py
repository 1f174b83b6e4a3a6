"""What the use-cases work on, gathered in one value. Knows neither HTTP nor settings, and starts nothing."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.blobs.store import BlobStore
from app.catalogue.catalogue import Catalogue
from app.domain import Brief, EncodedTrack, EncodedVideo, Float32Array
from app.encoders.spec import EncoderSpec
from app.inference.jobs import EmbeddedSections
from app.recommendation.filter_table import FilterTable
from app.recommendation.index_upkeep import IndexUpkeep
from app.recommendation.word_scores import WordScores


class VideoEncoder(Protocol):
    """In production the inference pool. The future ends by the pool's own time limits, whatever happens.

    `tell` hears of each stage ("decode", "encode") as it begins, from a thread of the pool.
    """

    def encode_video(
        self, path: Path, brief: Brief, *, discard_source: bool = False, tell: Callable[[str], None] | None = None
    ) -> Future[EncodedVideo]: ...


class TrackEncoder(Protocol):
    def encode_track(self, path: Path) -> Future[EncodedTrack]: ...


class SectionEncoder(Protocol):
    """In production the inference pool."""

    def embed_sections(
        self, features: Sequence[Float32Array], tracks: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> Future[EmbeddedSections]:
        """Sections of tracks with these raw features, (S, E) each: `tracks` (M,) says whose a section is, as a place in
        `features`, and `rows` (M, S) which of its rows stand for it."""


@dataclass(frozen=True, slots=True)
class Library:
    """Tracks, their files, and the index over them, for one checkpoint (`digest`)."""

    catalogue: Catalogue
    blobs: BlobStore
    upkeep: IndexUpkeep
    spec: EncoderSpec
    digest: str
    filter_table: FilterTable = field(default_factory=FilterTable)
    word_scores: WordScores = field(default_factory=WordScores)

    def turn(self, sha256: str) -> AbstractContextManager[None]:
        """Held while a file and its row come or go together, by one thread of all servers.

        Without it a deletion could take away the file of a track whose same bytes were just added again.
        """
        return self.blobs.turns.of(sha256)
