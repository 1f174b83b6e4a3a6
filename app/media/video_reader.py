"""Reads frames out of a video file: seeking, keyframes decoded alone, runs of frames. Does not choose the instants."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import av
import av.error
from av.container import InputContainer

from app.domain import MediaLimits
from app.errors import NoVideoStream
from app.media.container import chosen_video, open_media, packets, read_only
from app.media.duration import stream_start_s

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")

# Decoders that work on one file side by side. Two halve the time on two cores; each holds its own reference frames.
SIDE_BY_SIDE = 2
# How far to read for a keyframe where seeking lands between two, in packets: some 40 s of film.
SEARCH_PACKETS = 1200
# A keyframe that gives no picture alone (a field pair, a gradual refresh) is helped by this many packets after it.
HELPING_PACKETS = 8
USUAL_FRAMES_PER_SECOND = 30
MICROSECOND = Fraction(1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A keyframe's packet as it was read, and the time it is shown at."""

    time_s: float
    packet: "av.Packet[av.VideoStream]"


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A video file and how to decode it.

    `skip_unreferenced`: frames that no other frame needs are left out. `deblock`: run the codec's loop filter, whose
    work is not seen any more once a picture is scaled down.
    """

    path: Path
    limits: MediaLimits
    skip_unreferenced: bool = False
    deblock: bool = False

    @contextmanager
    def reader(self, *, threads: int = 1) -> Iterator["VideoReader"]:
        """At the beginning of the file's chosen stream. Raises NoVideoStream and what `open_media` raises."""
        with open_media(self.path, limits=self.limits) as container:
            stream = chosen_video(container)
            if stream is None or stream.codec_context is None:
                raise NoVideoStream
            read_only(container, stream)
            context = stream.codec_context
            context.thread_count = threads
            context.thread_type = "AUTO" if threads > 1 else "NONE"
            context.skip_frame = "NONREF" if self.skip_unreferenced else "DEFAULT"
            loop_filter = "default" if self.deblock else "all"
            context.options = {"max_pixels": str(self.limits.max_pixels), "skip_loop_filter": loop_filter}
            yield VideoReader(container, stream)

    def read_side_by_side(self, jobs: Sequence[JobT], work: Callable[["VideoReader", JobT], ResultT]) -> list[ResultT]:
        """The results in the order of the jobs; each of a few threads takes a stretch of them with its own reader."""

        def read(share: Sequence[JobT]) -> list[ResultT]:
            with self.reader() as reader:
                return [work(reader, job) for job in share]

        count = min(SIDE_BY_SIDE, len(jobs))
        shares = [jobs[index * len(jobs) // count : (index + 1) * len(jobs) // count] for index in range(count)]
        with ThreadPoolExecutor(max(count, 1), thread_name_prefix="video-reader") as threads:
            return list(chain.from_iterable(threads.map(read, shares)))


class VideoReader:
    """A video stream at a position. Times are in seconds from the stream's first instant. One thread's own."""

    def __init__(self, container: InputContainer, stream: av.VideoStream) -> None:
        self._container = container
        self._stream = stream
        self._context = stream.codec_context
        self._time_base = stream.time_base or MICROSECOND
        self._start_s = stream_start_s(stream)
        self._packets = packets(container, stream)

    @property
    def sample_aspect(self) -> float:
        """Width of a stored pixel as shown, over its height."""
        ratio = self._stream.sample_aspect_ratio
        return float(ratio) if ratio and ratio > 0 else 1.0

    @property
    def frames_per_second(self) -> float:
        """As the container says or suggests; a usual rate where it does not."""
        return float(self._stream.average_rate or self._stream.guessed_rate or USUAL_FRAMES_PER_SECOND)

    def count_frames(self, *, at_most: int) -> int:
        """How many frames the stream holds, or `at_most` where there are as many or more.

        Reads packets where the container does not say, and leaves the position there: seek, or open the file anew.
        """
        if self._stream.frames > 0:
            return min(self._stream.frames, at_most)
        return sum(1 for _ in islice(self._packets, at_most))

    def seek(self, time_s: float) -> bool:
        """Moves to the last keyframe at or before `time_s`, or near it; False where the file cannot be seeked."""
        try:
            self._container.seek(round((time_s + self._start_s) / self._time_base), stream=self._stream)
        except av.error.FFmpegError:
            return False
        self._packets = packets(self._container, self._stream)
        return True

    def keyframe_near(self, time_s: float) -> Keyframe | None:
        """The keyframe that seeking to `time_s` leads to, undecoded; None where none comes soon."""
        return next(self.keyframes(within_packets=SEARCH_PACKETS), None) if self.seek(time_s) else None

    def keyframes(self, *, within_packets: int | None = None) -> Iterator[Keyframe]:
        """The keyframes from here on, undecoded; those without a time are left out."""
        for packet in islice(self._packets, within_packets):
            time_s = self._time_s(packet) if packet.is_keyframe else None
            if time_s is not None:
                yield Keyframe(time_s, packet)

    def decode_alone(self, keyframe: Keyframe) -> av.VideoFrame | None:
        """The picture of the keyframe just read, by decoding its packet and flushing; None where it gives none."""
        frames = self._decode(keyframe.packet) or self._drain()
        if not frames:
            frames = next(self._decoded(chain([keyframe.packet], islice(self._packets, HELPING_PACKETS))), [])
        self._drain()
        return frames[0] if frames else None

    def frames(
        self, *, after: Keyframe | None = None, at_most: int | None = None
    ) -> Iterator[tuple[float, av.VideoFrame]]:
        """Frames from here on with their times, in the order they are shown; damaged ones are left out.

        `after`: the keyframe that was just read, which comes first. `at_most`: so many packets are read in all.
        """
        last_s, step_s = 0.0, 1.0 / self.frames_per_second
        source = self._packets if after is None else chain([after.packet], self._packets)
        for frames in self._decoded(islice(source, at_most)):
            for frame in frames:
                time_s = self._time_s(frame)
                last_s = time_s if time_s is not None else last_s + step_s
                yield last_s, frame

    def _time_s(self, moment: "av.Packet[av.VideoStream] | av.VideoFrame") -> float | None:
        at = moment.pts if moment.pts is not None else moment.dts
        return float(at * self._time_base) - self._start_s if at is not None else None

    def _decoded(self, source: Iterator["av.Packet[av.VideoStream]"]) -> Iterator[list[av.VideoFrame]]:
        for packet in source:
            if frames := self._decode(packet):
                yield frames
        if frames := self._drain():
            yield frames

    def _drain(self) -> list[av.VideoFrame]:
        frames = self._decode(None)
        self._context.flush_buffers()
        return frames

    def _decode(self, packet: "av.Packet[av.VideoStream] | None") -> list[av.VideoFrame]:
        try:
            return self._context.decode(packet)
        except av.error.FFmpegError:
            # One damaged packet costs its own frame only.
            return []
