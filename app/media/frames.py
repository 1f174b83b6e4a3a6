"""Takes the frames nearest to given instants, at a cost that does not grow with the video's length.

By counts and never by the clock, so that the same file gives the same frames everywhere. Knows no encoder.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.domain import FramePlan, Frames, MediaLimits, Motion
from app.errors import UnreadableMedia
from app.media.bursts import Bursts, take_bursts, take_bursts_in_passing
from app.media.gaps import Budget, Missing, Reach, plan_reaches
from app.media.keyframes import take_keyframes, take_keyframes_in_passing
from app.media.motion import motion_of
from app.media.nearest_frames import NearestFrames
from app.media.picture import Painter
from app.media.spans import Span, Taken, nearest_taken, spans_around
from app.media.video_reader import VideoReader
from app.media.video_source import DECODER_THREADS, Damage, VideoSource, watch

# Frames that nothing refers to are left out only where enough others remain to choose from.
FRAMES_AN_INSTANT = 4
# A file whose keyframes give no picture at all is given up after this many packets.
LAST_ATTEMPT_PACKETS = 64


def sample_frames(
    path: Path,
    times_s: Sequence[float] | NDArray[np.floating],
    size: tuple[int, int],
    *,
    fit: Literal["stretch", "crop"] = "stretch",
    interpolation: Literal["area", "bicubic"] = "area",
    frame_budget: int = 600,
    limits: MediaLimits,
) -> Frames:
    """One picture for each instant, in the order asked, `size` = (width, height) as shown, with its true time.

    A video of at most `frame_budget` frames is decoded in order. Beyond it every instant's span takes a keyframe of its
    own; what is left of the budget is decoded into the widest gaps; a span still empty gets the nearest picture there
    is, so pictures may repeat. Budget 0: keyframes only. Damaged packets cost their own frames only.
    Raises UnreadableMedia where no picture can be decoded, and NoVideoStream.
    """
    plan = FramePlan(len(times_s), *size, fit, interpolation, motion_instants=0, frame_budget=frame_budget)
    return sample_video(path, plan, times_s=times_s, motion_times_s=(), limits=limits)[0]


def sample_video(
    path: Path,
    plan: FramePlan,
    *,
    times_s: Sequence[float] | NDArray[np.floating],
    motion_times_s: Sequence[float] | NDArray[np.floating],
    limits: MediaLimits,
) -> tuple[Frames, Motion]:
    """What `sample_frames` and `measure_motion` give, decoding a video within the budget only once for both."""
    spans, places = spans_around(times_s)
    burst_times_s = np.asarray(motion_times_s, dtype=np.float64).tolist()
    painter = Painter((plan.width, plan.height), plan.fit, plan.interpolation)
    source = VideoSource(path, limits)
    with source.reader() as reader:
        frame_count = reader.count_frames(at_most=plan.frame_budget + 1)
        is_seekable = reader.seek(spans[-1].time_s)
        facts = reader.facts
    source = replace(source, known=facts)
    if frame_count <= plan.frame_budget:
        is_rich = frame_count >= FRAMES_AN_INSTANT * len(spans)
        film = replace(source, skip_unreferenced=is_rich)
        taken, motion = _in_order(
            film, spans, painter, burst_times_s, at_most=plan.frame_budget, threads=DECODER_THREADS
        )
    elif is_seekable:
        budget = Budget(plan.frame_budget, facts.frames_per_second)
        taken = _by_seeking(source, spans, painter, budget)
        motion = motion_of(take_bursts(source, burst_times_s))
    else:
        taken = _in_passing(source, spans, painter)
        motion = motion_of(take_bursts_in_passing(source, burst_times_s))
    taken = taken or _from_the_beginning(source, spans, painter)
    if not taken:
        raise UnreadableMedia(reason="none of its pictures can be decoded")
    chosen = nearest_taken(spans, taken)
    rgb = np.stack([chosen[place].picture for place in places])
    return Frames(rgb, np.array([chosen[place].time_s for place in places], np.float32)), motion


def _in_order(
    source: VideoSource,
    spans: Sequence[Span],
    painter: Painter,
    burst_times_s: list[float],
    *,
    at_most: int,
    threads: int,
) -> tuple[list[Taken], Motion]:
    all_after_s = burst_times_s if source.skip_unreferenced else ()
    damage = Damage()
    with source.reader(threads=threads) as reader:
        nearest = _nearest_frames(reader, spans, painter)
        bursts = Bursts(burst_times_s, sample_aspect=reader.facts.sample_aspect)
        # The bound holds too where a container counts fewer frames than it has.
        watch(damage.noticed(reader.frames(at_most=at_most, all_after_s=all_after_s)), [nearest, bursts])
    if damage.is_seen and threads > 1:
        return _in_order(source, spans, painter, burst_times_s, at_most=at_most, threads=1)
    taken = nearest.finish()
    # Some encoders mark nearly every frame as unreferenced; then too few are left.
    if source.skip_unreferenced and len(taken) < len(spans) // 2:
        whole = replace(source, skip_unreferenced=False)
        return _in_order(whole, spans, painter, burst_times_s, at_most=at_most, threads=threads)
    return taken, motion_of(bursts.finish())


def _by_seeking(source: VideoSource, spans: Sequence[Span], painter: Painter, budget: Budget) -> list[Taken]:
    found = take_keyframes(source, spans, painter)
    taken = [one.taken for one in found if one.taken is not None]
    missing = [
        Missing(span.time_s, one.keyframe_s) for span, one in zip(spans, found, strict=True) if one.taken is None
    ]
    if not taken or not missing:
        return taken
    left = replace(budget, frames=budget.frames - len(taken))
    reaches = plan_reaches(missing, taken_s=[one.time_s for one in taken], budget=left)
    further = replace(source, skip_unreferenced=True).read_side_by_side(reaches, partial(_reached, painter=painter))
    return [*taken, *chain.from_iterable(further)]


def _reached(reader: VideoReader, reach: Reach, *, painter: Painter) -> list[Taken]:
    keyframe = reader.keyframe_near(reach.keyframe_s)
    if keyframe is None:
        return []
    nearest = NearestFrames(reach.times_s, painter, sample_aspect=reader.facts.sample_aspect)
    watch(reader.frames(after=keyframe, at_most=reach.packets), [nearest])
    return nearest.finish()


def _in_passing(source: VideoSource, spans: Sequence[Span], painter: Painter) -> list[Taken]:
    found = take_keyframes_in_passing(source, spans, painter)
    return [one.taken for one in found if one.taken is not None]


def _from_the_beginning(source: VideoSource, spans: Sequence[Span], painter: Painter) -> list[Taken]:
    with source.reader() as reader:
        nearest = _nearest_frames(reader, spans, painter)
        watch(reader.frames(at_most=LAST_ATTEMPT_PACKETS), [nearest])
    return nearest.finish()


def _nearest_frames(reader: VideoReader, spans: Sequence[Span], painter: Painter) -> NearestFrames:
    return NearestFrames([span.time_s for span in spans], painter, sample_aspect=reader.facts.sample_aspect)
