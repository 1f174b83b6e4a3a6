"""Fingerprints of tracks' sound, in a process of their own: the ffmpeg program's. Loads no media library."""

import logging
from collections.abc import Callable
from pathlib import Path

from app.media.ffmpeg import Stopped
from app.media.fingerprint import LISTENED_S, Fingerprint, can_fingerprint, take_fingerprint

LOG = logging.getLogger(__name__)

# Under which they are kept beside a track: another algorithm or length is another space.
FINGERPRINT_SPACE = f"chromaprint:1:{LISTENED_S:.0f}"


class Fingerprints:
    """Takes them one by one, in the calling thread."""

    space = FINGERPRINT_SPACE

    def take(self, path: Path, container: str, output: Path, *, is_unwanted: Callable[[], bool]) -> Fingerprint | None:
        """Empty where there is too little sound; None once it `is_unwanted`. `container`: as the catalogue names it.

        `output`: a file to be written over. Raises MediaError, DiskFull, and NotReady where ffmpeg is gone.
        """
        try:
            return take_fingerprint(path, container, output, is_unwanted=is_unwanted)
        except Stopped:
            return None


def available_fingerprints() -> Fingerprints | None:
    """None, and a line in the log, where no ffmpeg here can take them."""
    if can_fingerprint():
        return Fingerprints()
    LOG.warning("no ffmpeg with chromaprint here: cuts of a recording are not found, its copies by their features only")
    return None
