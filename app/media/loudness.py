"""How loud a mix is, by ffmpeg's meter, and what brings it to the loudness that players expect. Runs nothing."""

import re
from dataclasses import dataclass, replace

from app.media.ffmpeg import Node
from app.media.mix import Level

TARGET_LUFS = -14.0
CEILING_DBTP = -1.0
# Coding moves peaks, mostly by less than this (in 13 of 14 real mixes), and by more where many were limited. Where it
# was by even more, it may be by much more the next time.
CODING_DB, CODING_LIMITED_DB = 0.6, 1.3
MORE_CODING_DB = 0.8
# A limiter that takes no more than this off the highest peaks takes next to nothing of the loudness.
HARMLESS_LIMITING_DB = 2.5
# As good as silence: a level for it would only bring up noise.
SILENT_LUFS = -60.0
TOLERANCE_LU = 0.25
# Coding takes the highest sounds away. To code again is dear, so it is done for what can be heard only.
CODED_TOLERANCE_LU = 0.45
# The meter's tenths hide so much.
ROUNDING_DB = 0.05
# What the limiter takes is given back with so much on top, since it takes of that too, and only up to a point: music
# made of lone strokes cannot be as loud as others.
PUSH = 1.3
MOST_PUSH_DB = 8.0

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


def pushed(level: Level, found: Loudness, *, first: Level) -> Level:
    """The level to try after `level` gave `found`; the same one where it is good, or cannot be better."""
    if found.integrated_lufs is None or abs(TARGET_LUFS - found.integrated_lufs) <= TOLERANCE_LU:
        return level
    gain_db = level.gain_db + PUSH * (TARGET_LUFS - found.integrated_lufs)
    return replace(level, gain_db=min(gain_db, first.gain_db + MOST_PUSH_DB))


def mended(level: Level, found: Loudness, *, first: Level) -> Level:
    """The level to code again with, after a coded file was found so; the same one where that is good."""
    excess_db = found.peak_dbtp + ROUNDING_DB - CEILING_DBTP
    if found.integrated_lufs is None:
        return level if excess_db <= 0 else replace(level, gain_db=level.gain_db - excess_db - CODING_DB)
    missing_db = TARGET_LUFS - found.integrated_lufs
    gain_db = min(level.gain_db + missing_db, max(level.gain_db, first.gain_db + MOST_PUSH_DB))
    if excess_db <= 0 and (abs(missing_db) <= CODED_TOLERANCE_LU or gain_db == level.gain_db):
        return level
    limit_dbtp = CEILING_DBTP - CODING_DB if level.limit_dbtp is None else level.limit_dbtp
    return Level(gain_db, limit_dbtp if excess_db <= 0 else limit_dbtp - excess_db - MORE_CODING_DB)
