"""Takes the frames nearest to given instants, at a cost that does not grow with the video's length.

By counts and never by the clock, so that the same file gives the same frames everywhere. Knows no encoder.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray

from app.domain import Frames, MediaLimits
from app.errors import UnreadableMedia
from app.media.gaps import Missing, Reach, plan_reaches
from app.media.keyframes import Found, take_keyframes, take_keyframes_in_passing
from app.media.picture import Painter
from app.media.spans import Span, Taken, nearest_taken, spans_around
from app.media.video_reader import VideoReader, VideoSource

# Frames that nothing refers to are left out only where enough others remain to choose from.
FRAMES_AN_INSTANT = 4
# Threads of one decoder that reads in order; the frames are the same for any number.
DECODER_THREADS = 2
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
    spans, places = spans_around(times_s)
    source, painter = VideoSource(path, limits), Painter(size, fit, interpolation)
    with source.reader() as reader:
        frame_count = reader.count_frames(at_most=frame_budget + 1)
        is_seekable = reader.seek(spans[-1].time_s)
    if frame_count <= frame_budget:
        taken = _in_order(source, spans, painter, is_rich=frame_count >= FRAMES_AN_INSTANT * len(spans))
    elif is_seekable:
        taken = _by_seeking(source, spans, painter, frame_budget=frame_budget)
    else:
        taken = _taken(take_keyframes_in_passing(source, spans, painter))
    taken = taken or _from_the_beginning(source, spans, painter)
    if not taken:
        raise UnreadableMedia(reason="none of its pictures can be decoded")
    chosen = nearest_taken(spans, taken)
    return Frames(
        rgb=np.stack([chosen[place].picture for place in places]),
        times_s=np.array([chosen[place].time_s for place in places], dtype=np.float32),
    )


def _in_order(source: VideoSource, spans: Sequence[Span], painter: Painter, *, is_rich: bool) -> list[Taken]:
    with replace(source, skip_unreferenced=is_rich).reader(threads=DECODER_THREADS) as reader:
        taken = _nearest(reader, reader.frames(), _times_s(spans), painter)
    # Some encoders mark nearly every frame as unreferenced; then too few are left.
    if is_rich and len(taken) < len(spans) // 2:
        return _in_order(source, spans, painter, is_rich=False)
    return taken


def _by_seeking(source: VideoSource, spans: Sequence[Span], painter: Painter, *, frame_budget: int) -> list[Taken]:
    found = take_keyframes(source, spans, painter)
    taken = _taken(found)
    missing = [
        Missing(span.time_s, one.keyframe_s) for span, one in zip(spans, found, strict=True) if one.taken is None
    ]
    if not taken or not missing or frame_budget <= len(taken):
        return taken
    with source.reader() as reader:
        frames_per_second = reader.frames_per_second
    reaches = plan_reaches(
        missing,
        taken_s=[one.time_s for one in taken],
        budget=frame_budget - len(taken),
        frames_per_second=frames_per_second,
    )
    further = replace(source, skip_unreferenced=True).read_side_by_side(reaches, partial(_reached, painter=painter))
    return [*taken, *chain.from_iterable(further)]


def _reached(reader: VideoReader, reach: Reach, *, painter: Painter) -> list[Taken]:
    keyframe = reader.keyframe_near(reach.keyframe_s)
    if keyframe is None:
        return []
    return _nearest(reader, reader.frames(after=keyframe, at_most=reach.packets), reach.times_s, painter)


def _from_the_beginning(source: VideoSource, spans: Sequence[Span], painter: Painter) -> list[Taken]:
    with source.reader() as reader:
        return _nearest(reader, reader.frames(at_most=LAST_ATTEMPT_PACKETS), _times_s(spans), painter)


def _nearest(
    reader: VideoReader, frames: Iterator[tuple[float, av.VideoFrame]], times_s: Sequence[float], painter: Painter
) -> list[Taken]:
    """The frames nearest to the instants, each once; reads no further than the last instant. Both in order of time."""
    waiting, taken = deque(times_s), list[Taken]()
    before: tuple[float, av.VideoFrame] | None = None
    last: av.VideoFrame | None = None

    def take(at_s: float, frame: av.VideoFrame) -> None:
        nonlocal last
        if frame is not last:
            taken.append(Taken(at_s, painter.rgb(frame, sample_aspect=reader.sample_aspect)))
            last = frame

    for now in frames:
        while waiting and waiting[0] <= now[0]:
            aim_s = waiting.popleft()
            take(*(before if before is not None and aim_s - before[0] <= now[0] - aim_s else now))
        before = now
        if not waiting:
            break
    if waiting and before is not None:
        take(*before)
    return taken


def _taken(found: Sequence[Found]) -> list[Taken]:
    return [one.taken for one in found if one.taken is not None]


def _times_s(spans: Sequence[Span]) -> list[float]:
    return [span.time_s for span in spans]
