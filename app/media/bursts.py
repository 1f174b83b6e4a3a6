"""Collects short runs of neighbouring small grey pictures, from which motion is measured. Does not measure it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import av

from app.media.picture import Painter, Picture
from app.media.video_reader import Keyframe, VideoReader
from app.media.video_source import VideoSource

# Two pairs of neighbours, so that a cut between two frames leaves one pair to measure.
BURST_FRAMES = 3
# Frames are shown in another order than they are stored in; three neighbours are complete after about this many.
BURST_PACKETS = 6
# Small enough that compression noise averages out and large movements stay within reach of the optical flow.
GREY_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Burst:
    """Neighbouring pictures as shown, shape (height, GREY_WIDTH), and their times."""

    times_s: tuple[float, ...]
    pictures: tuple[Picture, ...]


class Bursts:
    """Watches frames go by in order and keeps, from each instant on, the next few."""

    def __init__(self, times_s: Sequence[float], *, sample_aspect: float) -> None:
        self._waiting = deque(sorted(times_s))
        self._sample_aspect = sample_aspect
        self._painter = Painter((GREY_WIDTH, GREY_WIDTH))
        self._current = list[tuple[float, Picture]]()
        self._bursts = list[Burst]()

    @property
    def is_done(self) -> bool:
        return not self._waiting and not self._current

    def see(self, time_s: float, frame: av.VideoFrame) -> None:
        is_due = bool(self._waiting) and self._waiting[0] <= time_s
        while self._waiting and self._waiting[0] <= time_s:
            self._waiting.popleft()
        if is_due or self._current:
            self._current.append((time_s, self._painter.grey(frame, sample_aspect=self._sample_aspect)))
        if len(self._current) == BURST_FRAMES:
            self._close()

    def finish(self) -> list[Burst]:
        """All bursts; one that the end of the video cut to a single picture is left out."""
        self._close()
        return self._bursts

    def _close(self) -> None:
        if len(self._current) > 1:
            times_s, pictures = zip(*self._current, strict=True)
            self._bursts.append(Burst(times_s, pictures))
        self._current.clear()


def take_bursts(source: VideoSource, times_s: Sequence[float]) -> list[Burst]:
    """Bursts from the keyframes that the instants lead to, each once, by seeking; in order of time."""
    bursts = [burst for burst in source.read_side_by_side(sorted(times_s), _burst_near) if burst is not None]
    return list({burst.times_s[0]: burst for burst in bursts}.values())


def take_bursts_in_passing(source: VideoSource, times_s: Sequence[float]) -> list[Burst]:
    """The same for a file that cannot be seeked, from the first keyframe after each instant."""
    waiting, bursts = deque(sorted(times_s)), list[Burst | None]()
    with source.reader() as reader:
        for keyframe in reader.keyframes():
            if waiting and waiting[0] <= keyframe.time_s:
                bursts.append(_burst(reader, keyframe))
            while waiting and waiting[0] <= keyframe.time_s:
                waiting.popleft()
    return [burst for burst in bursts if burst is not None]


def _burst_near(reader: VideoReader, time_s: float) -> Burst | None:
    keyframe = reader.keyframe_near(time_s)
    return _burst(reader, keyframe) if keyframe is not None else None


def _burst(reader: VideoReader, keyframe: Keyframe) -> Burst | None:
    bursts = Bursts([keyframe.time_s - 1], sample_aspect=reader.facts.sample_aspect)
    for at_s, frame in islice(reader.frames(after=keyframe, at_most=BURST_PACKETS), BURST_FRAMES):
        bursts.see(at_s, frame)
    return next(iter(bursts.finish()), None)
