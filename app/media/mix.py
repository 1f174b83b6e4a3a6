"""Builds the filters that lay a track under a video: volumes, loop, fades, ducking, level. Runs nothing.

Everything is 48 kHz stereo and lasts exactly as long as the picture; time 0 is the video file's first instant.
"""

from dataclasses import dataclass

import ffmpeg

from app.domain import Mix
from app.media.accepted import GUESSED_DURATION
from app.media.ffmpeg import Node, source
from app.media.source_streams import SourceStreams

RATE_HZ = 48_000
# Of a track this long the loop lies in memory whole, 460 MB of it, and comes round without a seam. A longer one is read
# anew, where a codec's first samples may leave a gap of some milliseconds.
LONGEST_HELD_S = 1200.0
EVERYTHING = 2**31 - 1
# A track that is shorter than what is wanted of it by less than this is not begun again.
LOOP_SLACK_S = 0.05
# Below this nobody hears anything, nor does the meter. Some files hold much there all the same, a constant mostly: the
# limiter would press down what is heard for what is not.
LOWEST_HEARD_HZ = 20
SHORTEST_FADE_S = 0.001
# Decoders need a little run-up after a jump.
RUN_UP_S = 1.0
# A step of the original sound's time stamps that is larger is a gap to be filled; smaller ones are mere rounding.
SMALLEST_GAP_S = 0.015
# Where speech is told from the rest, and how music yields to it: to usual speech by 10 dB, to the loudest by 14.
SPEECH_HZ = (250, 3500)
DUCKING = {"threshold": 0.012, "ratio": 20, "attack": 15, "release": 400, "knee": 4, "mix": 0.8}
# The limiter works at four times the rate, so that it sees the peaks between samples.
LIMITER_RATE_HZ = 4 * RATE_HZ
LIMITER_MS = 5
LIMITER_DELAY = LIMITER_RATE_HZ * LIMITER_MS // 1000 - 1


@dataclass(frozen=True, slots=True)
class Level:
    """What makes a mix as loud as it should be; `limit_dbtp`: what no peak may exceed, None where none would."""

    gain_db: float = 0.0
    limit_dbtp: float | None = None


def mixed(video: SourceStreams, track: SourceStreams, mix: Mix) -> Node:
    """The sound to be heard with the video, as loud as it comes."""
    music = _music(track, mix, video.picture_end_s)
    if video.sound is None or mix.video_volume == 0:
        return music
    original = _original(video)
    if mix.duck:
        both = original.asplit()
        original, music = both[0], _ducked(music, both[1])
    heard = [original.filter("volume", mix.video_volume), music]
    return ffmpeg.filter(heard, "amix", inputs=2, normalize=0, duration="longest")


def levelled(sound: Node, level: Level, duration_s: float) -> Node:
    """The mix at its level, cut to `duration_s`."""
    louder = sound.filter("volume", f"{level.gain_db:.2f}dB")
    if level.limit_dbtp is None:
        return louder
    limited = (
        # The limiter answers late by what it looks ahead: so much goes in after the end, and is cut from the beginning.
        louder.filter("apad", pad_dur=0.1)
        .filter("aresample", LIMITER_RATE_HZ)
        .filter("alimiter", limit=_ratio(level.limit_dbtp), attack=LIMITER_MS, release=80, level=0)
        .filter("atrim", start_sample=LIMITER_DELAY)
        .filter("asetpts", "PTS-STARTPTS")
    )
    return _cut(limited.filter("aresample", RATE_HZ), duration_s)


def _original(video: SourceStreams) -> Node:
    sound = source(video.path, video.demuxer, limits=video.limits)[str(video.sound)]
    # Silence where its time stamps leave gaps, so that it stays with the picture.
    in_time = sound.filter("aresample", RATE_HZ, **{"async": 1, "min_hard_comp": SMALLEST_GAP_S, "first_pts": 0})
    return _cut(_audible(in_time), video.picture_end_s)


def _music(track: SourceStreams, mix: Mix, duration_s: float) -> Node:
    is_looped = mix.start_s + duration_s > track.info.duration_s + LOOP_SLACK_S
    is_held = is_looped and track.info.duration_s <= LONGEST_HELD_S
    # Containers without times of their own are jumped into by guessing; those are read from their beginning.
    can_jump = not is_looped and track.demuxer not in GUESSED_DURATION and mix.start_s > RUN_UP_S
    jump_s = mix.start_s - RUN_UP_S if can_jump else 0.0
    options = ({"ss": _text(jump_s)} if can_jump else {}) | ({"stream_loop": -1} if is_looped and not is_held else {})
    sound = source(track.path, track.demuxer, limits=track.limits, **options)[str(track.sound)]
    in_row = sound.filter("aresample", RATE_HZ).filter("asetpts", "N/SR/TB")
    endless = in_row.filter("aloop", loop=-1, size=EVERYTHING) if is_held else in_row
    begun = _audible(endless).filter("atrim", start=_text(mix.start_s - jump_s)).filter("asetpts", "PTS-STARTPTS")
    return _faded(_cut(begun, duration_s), mix, duration_s)


def _faded(music: Node, mix: Mix, duration_s: float) -> Node:
    at_volume = music.filter("volume", mix.music_volume)
    fade_s = min(mix.fade_s, duration_s / 2)
    if fade_s < SHORTEST_FADE_S:
        return at_volume
    faded_in = at_volume.filter("afade", type="in", duration=_text(fade_s))
    return faded_in.filter("afade", type="out", start_time=_text(duration_s - fade_s), duration=_text(fade_s))


def _ducked(music: Node, original: Node) -> Node:
    lowest_hz, highest_hz = SPEECH_HZ
    speech = original.filter("highpass", f=lowest_hz).filter("lowpass", f=highest_hz)
    return ffmpeg.filter([music, speech], "sidechaincompress", **DUCKING)


def _audible(sound: Node) -> Node:
    """In stereo, without what is too low to be heard."""
    stereo = sound.filter("aformat", sample_fmts="fltp", channel_layouts="stereo")
    return stereo.filter("highpass", f=LOWEST_HEARD_HZ)


def _cut(sound: Node, duration_s: float) -> Node:
    """Exactly so long, with silence where there is less."""
    return sound.filter("apad").filter("atrim", end=_text(duration_s))


def _text(seconds: float) -> str:
    """As ffmpeg reads times; it knows no 1e-07."""
    return f"{seconds:.6f}"


def _ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))
