"""What tests of whole libraries begin with: a library that settings name, and another checkpoint for it."""

import json
import shutil
from pathlib import Path

from app.encoders.spec import read_spec
from app.opening import open_library
from app.settings import STARTER_CHECKPOINT, Settings
from tests.fake_pool import embedding_of
from tests.recommendation.tracks_at_hand import new_track


def add_a_track(settings: Settings, content: bytes = b"1") -> None:
    """As another process would: the index of a running server is not told."""
    dim = read_spec(settings.checkpoint).embedding_dim
    embedding = embedding_of(content, dim=dim)
    with open_library(settings) as library, library.catalogue.writing() as queries:
        queries.add_track(new_track(content), digest=library.digest, embedding=embedding)


def another_checkpoint(folder: Path) -> Path:
    """The starter under another name, which makes it another checkpoint of the same feature space."""
    shutil.copytree(STARTER_CHECKPOINT, folder)
    spec = json.loads((folder / "encoder.json").read_text())
    (folder / "encoder.json").write_text(json.dumps(spec | {"name": "other"}))
    return folder
