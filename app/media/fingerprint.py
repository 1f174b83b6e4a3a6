"""Chromaprint's fingerprint of a file's sound, by the ffmpeg program. Loads no media library; compares nothing."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from app.domain import MediaLimits
from app.media.accepted import CONTAINERS
from app.media.ffmpeg import run, source

# One value for about every 0.124 s.
Fingerprint = NDArray[np.uint32]
# Of the beginning: a file of eight minutes that lost a third in front still overlaps enough with its whole.
LISTENED_S = 240.0
LIMIT_S = 60.0
MUXER = "chromaprint"


def can_fingerprint() -> bool:
    """Whether there is an ffmpeg here that was built with Chromaprint."""
    program = shutil.which("ffmpeg")
    if program is None:
        return False
    told = subprocess.run([program, "-hide_banner", "-muxers"], capture_output=True, text=True, check=False)
    return f" {MUXER} " in told.stdout


def take_fingerprint(path: Path, container: str, output: Path, *, is_unwanted: Callable[[], bool]) -> Fingerprint:
    """Of the file's first LISTENED_S; empty where it is too short or silent. `container`: as `probe` names it.

    `output`: a file to be written over. Raises as `ffmpeg.run` does.
    """
    heard = source(path, demuxer_of(container), limits=MediaLimits(LISTENED_S))["a:0"]
    made = ffmpeg.output(heard, f"file:{output}", f=MUXER, fp_format="raw", t=LISTENED_S, map_metadata=-1)
    run(made, limit_s=LIMIT_S, is_unwanted=is_unwanted)
    return np.fromfile(output, "<u4").astype(np.uint32)


def demuxer_of(container: str) -> str:
    return next(demuxer for name, demuxer in CONTAINERS.items() if container in (name, *name.split("/")))
