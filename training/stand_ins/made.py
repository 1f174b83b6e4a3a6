"""Every stand-in by name, made where it is not there yet. Their names hold a digest of what decides their content."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from training.stand_ins.captioned import CAPTIONED, write_captioned
from training.stand_ins.classes import Classes, write_classes
from training.stand_ins.video_music import VideoMusic, write_video_music

MUSIC_VIDEOS, CALTECH = "yt8m", "caltech256"
NAMES = (MUSIC_VIDEOS, *CAPTIONED, CALTECH)


def stand_in(name: str, root: Path) -> Path:
    """The pair set's folder under `root`. Raises KeyError where there is no such stand-in."""
    settings, write = _maker(name)
    digest = hashlib.sha256(settings.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    folder = root / f"procedural-{name}-{digest.hexdigest()[:8]}"
    return folder if folder.exists() else write(folder)


def _maker(name: str) -> tuple[str, Callable[[Path], Path]]:
    if name == MUSIC_VIDEOS:
        videos = VideoMusic()
        return str(asdict(videos)), lambda folder: write_video_music(folder, videos)
    if name == CALTECH:
        classes = Classes()
        return str(asdict(classes)), lambda folder: write_classes(folder, classes)
    captioned = CAPTIONED[name]
    return str(asdict(captioned)), lambda folder: write_captioned(folder, captioned)
