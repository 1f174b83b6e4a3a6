"""An index to save, and the way back, for the snapshots' tests."""

from pathlib import Path

from app.index.snapshot import load_snapshot
from app.index.track_index import TrackIndex
from tests.index.unit_vectors import DIGEST, DIM, unit_vectors


def filled(count: int = 50) -> TrackIndex:
    index = TrackIndex(DIM, DIGEST, library="mine")
    index.add(range(1, count + 1), unit_vectors(count))
    index.last_change = 77
    return index


def load(folder: Path, *, digest: str = DIGEST, dim: int = DIM, library: str | None = "mine") -> TrackIndex:
    return load_snapshot(folder, digest=digest, dim=dim, library=library)
