"""How loud a mix is, by ffmpeg's meter, and what should bring it to the loudness that players expect. Runs nothing."""

import re
from dataclasses import dataclass

from app.media.ffmpeg import Node
from app.media.mix import Level

TARGET_LUFS = -14.0
CEILING_DBTP = -1.0
# Coding moves peaks, mostly by less than this (in 13 of 14 real mixes), and by more where many were limited.
CODING_DB, CODING_LIMITED_DB = 0.6, 1.3
# A limiter that takes no more than this off the highest peaks takes next to nothing of the loudness.
HARMLESS_LIMITING_DB = 2.5
# As good as silence: a level for it would only bring up noise.
SILENT_LUFS = -60.0
# The meter's tenths hide so much.
ROUNDING_DB = 0.05

NUMBER = r"(-?[0-9.]+|-?inf|-?nan)"
INTEGRATED = re.compile(rf"^ +I: +{NUMBER} LUFS", re.MULTILINE)
PEAK = re.compile(rf"^ +Peak: +{NUMBER} dBFS", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R128 integrated loudness, None for silence or less than 0.4 s, and true peak, -inf for digital silence."""

    integrated_lufs: float | None
    peak_dbtp: float


def metered(sound: Node) -> Node:
    """The sound, measured on its way; what was found stands in ffmpeg's last words."""
    return sound.filter("ebur128", peak="true", framelog="verbose")


def loudness_in(said: str) -> Loudness:
    """What a meter found. Raises ValueError where ffmpeg says nothing of it: this code's defect."""
    integrated, peaks = INTEGRATED.findall(said), PEAK.findall(said)
    if not integrated or not peaks:
        raise ValueError(f"no loudness in: {said}")
    # The summary comes last; what stands before it may be the words of a file.
    lufs, peak = float(integrated[-1]), float(peaks[-1])
    return Loudness(lufs if lufs > SILENT_LUFS else None, peak)


def first_level(found: Loudness) -> Level:
    """For a mix that was found so as it came. What is silent is left alone, unless single peaks stand out."""
    highest_dbtp = CEILING_DBTP - CODING_DB
    if found.integrated_lufs is None:
        return Level(min(0.0, highest_dbtp - found.peak_dbtp))
    gain_db = TARGET_LUFS - found.integrated_lufs
    excess_db = found.peak_dbtp + ROUNDING_DB + gain_db - highest_dbtp
    if excess_db > HARMLESS_LIMITING_DB:
        return Level(gain_db, CEILING_DBTP - CODING_LIMITED_DB)
    return Level(gain_db, highest_dbtp if excess_db > 0 else None)


def needs_trial(first: Level) -> bool:
    """Whether the limiter may take loudness that must be given back."""
    return first.limit_dbtp is not None and first.limit_dbtp < CEILING_DBTP - CODING_DB
