"""A library in a folder of its own, for an encoder that is none."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.blobs.store import BlobStore
from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.encoders.spec import EncoderSpec, parse_spec
from app.recommendation.index_upkeep import open_index
from app.recommendation.library import Library
from tests.fake_pool import DIM

DIGEST = "sha256:4c1f"


def a_spec() -> EncoderSpec:
    """The smallest encoder.json there can be; nothing of it but names and widths is looked at here."""
    sequence = {"kind": "bilstm", "width": 4, "layers": 1, "dropout": 0.0, "pooling": "mean"}
    side = {"feature_dim": 3, "standardisation": None, "sequence_encoder": sequence}
    frames = {
        "instants": 32,
        "width": 64,
        "height": 64,
        "fit": "stretch",
        "interpolation": "area",
        "motion_instants": 0,
        "frame_budget": 0,
    }
    sound = {"rate_hz": 22_050, "windows": 4, "window_samples": 1024}
    document = {
        "format_version": 1,
        "name": "fake",
        "embedding_dim": DIM,
        "video": {"backbone": {"name": "signal-video", "version": 1}, "sampling": frames, **side},
        "music": {"backbone": {"name": "signal-music", "version": 1}, "sampling": sound, **side},
        "text": None,
        "about": {},
    }
    return parse_spec(document, checkpoint="fake")


@contextmanager
def a_library(folder: Path, *, migrated: Path) -> Iterator[Library]:
    """A library without tracks; `migrated`: a database with tables, to be copied, which is quicker than migrating."""
    database = folder / "catalogue.sqlite3"
    shutil.copy(migrated, database)
    engine = open_engine(f"sqlite:///{database}")
    catalogue = Catalogue(engine)
    with catalogue.writing() as queries:
        queries.set_active_digest(DIGEST)
    upkeep = open_index(catalogue, folder / "index", digest=DIGEST, dim=DIM)
    yield Library(catalogue=catalogue, blobs=BlobStore(folder / "blobs"), upkeep=upkeep, spec=a_spec(), digest=DIGEST)
    engine.dispose()
