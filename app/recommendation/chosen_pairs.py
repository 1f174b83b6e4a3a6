"""Writes out which tracks were chosen for which videos, with the features of both, so that they can be trained on.

FOLDER/chosen.json    {"format_version": 1, "video_space": …, "music_space": …}
FOLDER/pairs.jsonl    one line a pair: {"id", "track", "title", "keywords", "video", "music"}; the last two name files
FOLDER/video/, music/ NumPy files of float32, (S, E): raw features

`track` names the recording: files of one recording share it. `python -m training.convert chosen FOLDER` reads this.
"""

import errno
import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.blobs.features import features_bytes
from app.blobs.store import BlobStore
from app.catalogue.feedback import ChosenPair, FeedbackStore
from app.errors import FeaturesDamaged, full_disk_named

FORMAT_VERSION = 1


@dataclass(slots=True)
class Written:
    """How many pairs were written, and how many were left out, by reason: `track_gone`, `other_space` (of the video,
    measured with other backbones than the library is embedded with now) and `features_damaged`."""

    pairs: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def write_chosen_pairs(
    folder: Path, feedback: FeedbackStore, blobs: BlobStore, *, video_space: str, music_space: str
) -> Written:
    """`folder` must not be there, and is there only once it is whole. Raises OSError, DiskFull and CatalogueError."""
    if folder.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
    unfinished = folder.with_name(f"{folder.name}.tmp")
    with full_disk_named():
        shutil.rmtree(unfinished, ignore_errors=True)
        for name in ("video", "music"):
            (unfinished / name).mkdir(parents=True)
        head = {"format_version": FORMAT_VERSION, "video_space": video_space, "music_space": music_space}
        (unfinished / "chosen.json").write_text(json.dumps(head, indent=1) + "\n", encoding="utf-8")
        written = Written()
        with (unfinished / "pairs.jsonl").open("w", encoding="utf-8") as lines:
            for pair in feedback.chosen():
                found = _music_of(pair, blobs, video_space, music_space)
                if isinstance(found, str):
                    written.left_out[found] += 1
                else:
                    lines.write(json.dumps(_write_features(unfinished, pair, found), ensure_ascii=False) + "\n")
                    written.pairs += 1
        unfinished.rename(folder)
    return written


def _music_of(pair: ChosenPair, blobs: BlobStore, video_space: str, music_space: str) -> bytes | str:
    """The track's features, or why the pair cannot be had."""
    if pair.features_space != video_space:
        return "other_space"
    try:
        features = blobs.features(pair.track_sha256, music_space)
    except FeaturesDamaged:
        return "features_damaged"
    return "track_gone" if features is None or pair.recording is None else features_bytes(features)


def _write_features(folder: Path, pair: ChosenPair, music: bytes) -> dict[str, Any]:
    """The pair's line, once its features lie in files; videos and tracks of several pairs are written once."""
    video_file = f"video/{pair.recommendation_id}.npy"
    music_file = f"music/{pair.track_sha256}.npy"
    for name, content in ((video_file, pair.features), (music_file, music)):
        if not (folder / name).exists():
            (folder / name).write_bytes(content)
    return {
        "id": f"{pair.recommendation_id}-{pair.track_id}",
        "track": f"recording-{pair.recording}",
        "title": pair.title,
        "keywords": list(pair.keywords),
        "video": video_file,
        "music": music_file,
    }
