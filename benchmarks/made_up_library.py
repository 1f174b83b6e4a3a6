"""A catalogue of made-up tracks, for measurements in which the size of the library matters and its sound does not."""

from hashlib import sha256
from pathlib import Path

import numpy as np

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.migrate import upgrade
from app.domain import NewTrack, TrackDetails
from app.encoders.spec import digest_of, read_spec
from app.settings import STARTER_CHECKPOINT


def fill_catalogue(data_dir: Path, *, tracks: int, seed: int = 7) -> None:
    """A library of made-up tracks with random unit embeddings for the starter checkpoint; no file belongs to them."""
    data_dir.mkdir(parents=True)
    url = f"sqlite:///{data_dir.resolve() / 'catalogue.sqlite3'}"
    upgrade(url)
    digest, dim = digest_of(STARTER_CHECKPOINT), read_spec(STARTER_CHECKPOINT).embedding_dim
    drawn = np.random.default_rng(seed).standard_normal((tracks, dim)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    with Catalogue(open_engine(url)).writing() as queries:
        queries.set_active_digest(digest)
        for number, embedding in enumerate(drawn):
            queries.add_track(_made_up_track(number), digest=digest, embedding=embedding)


def _made_up_track(number: int) -> NewTrack:
    return NewTrack(
        sha256=sha256(str(number).encode()).hexdigest(),
        file_name=f"{number}.ogg",
        media_type="audio/ogg",
        size_bytes=1,
        container="ogg",
        codec="vorbis",
        duration_s=180.0,
        loudness_lufs=-14.0,
        details=TrackDetails(title=f"Track {number}", artist="Nobody", license="CC0-1.0", moods=("calm",)),
    )
