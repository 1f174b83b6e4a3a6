"""Searches the level at which a mix is loud enough and no peak too high. Measures and writes nothing itself."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.media.loudness import (
    CEILING_DBTP,
    CODING_DB,
    ROUNDING_DB,
    TARGET_LUFS,
    Loudness,
    first_level,
    needs_trial,
)
from app.media.mix import Level

LOG = logging.getLogger(__name__)

# One is mostly enough of each.
PUSHES, CODINGS, QUIETER_CODINGS = 3, 3, 3
TOLERANCE_LU = 0.25
# Coding takes the highest sounds away. To code again is dear, so it is done for what can be heard only.
CODED_TOLERANCE_LU = 0.45
# Where coding has moved the peaks by more than there was room for, it may be by much more the next time.
MORE_CODING_DB = 0.8
# What the limiter takes is given back with so much on top, since it takes of that too, and only up to a point: music
# made of lone strokes cannot be as loud as others.
PUSH = 1.3
MOST_PUSH_DB = 8.0
# Of each decibel pushed so much has to be won. Less means that the limiter holds nearly everything down, and more of it
# would only distort.
LEAST_WON = 0.25


@dataclass(frozen=True, slots=True)
class Aim:
    """A level, and how far its gain may still be raised."""

    level: Level
    most_gain_db: float


def aim_for(mix: Loudness, measure: Callable[[Level], Loudness]) -> Aim:
    """For a mix that is `mix` as it comes. `measure`: what the limiter makes of it, which need not be coded."""
    first = first_level(mix)
    most_gain_db = first.gain_db + MOST_PUSH_DB
    if not needs_trial(first):
        return Aim(first, most_gain_db)
    level, found = first, measure(first)
    for _ in range(PUSHES):
        following = pushed(level, found, most_gain_db=most_gain_db)
        if following == level:
            break
        then = measure(following)
        if not _is_won(following.gain_db - level.gain_db, found, then):
            return Aim(level, level.gain_db)
        level, found = following, then
    return Aim(level, most_gain_db)


def written(aim: Aim, write: Callable[[Level], Loudness]) -> Loudness:
    """Lets the mix be written, again where coding has spoilt it; what the last writing gave.

    `write`: writes the coded mix and tells what it is once it is decoded. Peaks come first: where they cannot be kept
    down otherwise, all of it is made quieter.
    """
    level, found = aim.level, write(aim.level)
    for _ in range(CODINGS - 1):
        better = mended(level, found, most_gain_db=aim.most_gain_db)
        if better == level:
            return found
        level, found = better, write(better)
    for attempt in range(QUIETER_CODINGS):
        if (excess_db := _excess_db(found)) <= 0:
            return found
        level = _quieter(level, excess_db + attempt * CODING_DB)
        found = write(level)
    if _excess_db(found) > 0:
        LOG.warning("a peak of %.1f dBTP is left, after coding %d times", found.peak_dbtp, CODINGS + QUIETER_CODINGS)
    return found


def pushed(level: Level, found: Loudness, *, most_gain_db: float) -> Level:
    """The level to try after `level` gave `found`; the same one where it is good, or cannot be better."""
    if found.integrated_lufs is None or abs(TARGET_LUFS - found.integrated_lufs) <= TOLERANCE_LU:
        return level
    gain_db = level.gain_db + PUSH * (TARGET_LUFS - found.integrated_lufs)
    return replace(level, gain_db=min(gain_db, most_gain_db))


def mended(level: Level, found: Loudness, *, most_gain_db: float) -> Level:
    """The level to code again with, after a coded file was found so; the same one where that is good."""
    excess_db = _excess_db(found)
    if found.integrated_lufs is None:
        return level if excess_db <= 0 else replace(level, gain_db=level.gain_db - excess_db - CODING_DB)
    missing_db = TARGET_LUFS - found.integrated_lufs
    gain_db = min(level.gain_db + missing_db, max(level.gain_db, most_gain_db))
    if excess_db <= 0 and (abs(missing_db) <= CODED_TOLERANCE_LU or gain_db == level.gain_db):
        return level
    limit_dbtp = CEILING_DBTP - CODING_DB if level.limit_dbtp is None else level.limit_dbtp
    return Level(gain_db, limit_dbtp if excess_db <= 0 else limit_dbtp - excess_db - MORE_CODING_DB)


def _is_won(pushed_db: float, found: Loudness, then: Loudness) -> bool:
    if found.integrated_lufs is None or then.integrated_lufs is None:
        return False
    return pushed_db < 0 or then.integrated_lufs - found.integrated_lufs >= LEAST_WON * pushed_db


def _quieter(level: Level, by_db: float) -> Level:
    """The same sound, limiter's work and all, so much quieter."""
    limit_dbtp = None if level.limit_dbtp is None else level.limit_dbtp - by_db
    return Level(level.gain_db - by_db, limit_dbtp)


def _excess_db(found: Loudness) -> float:
    return found.peak_dbtp + ROUNDING_DB - CEILING_DBTP
