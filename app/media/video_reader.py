"""Reads frames of an opened video stream: seeking, keyframes decoded alone, runs of frames. Chooses no instants."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice

import av
import av.error
from av.container import InputContainer

from app.media.container import packets
from app.media.duration import stream_start_s

# How far to read for a keyframe where seeking lands between two, in packets: some 40 s of film.
SEARCH_PACKETS = 1200
# Where seeking leads to any packet it leads near; further away than this it has not moved.
SEEK_TOLERANCE_S = 20.0
# A keyframe that gives no picture alone (a field pair, a gradual refresh) is helped by this many packets after it.
HELPING_PACKETS = 8
# Where a few frames are wanted whole: so many, and so many before them, since frames are stored in another order.
WHOLE_FRAMES = 5
MARGIN_FRAMES = 2
# Beyond this a pixel's shape is damage, and square pixels are assumed.
LARGEST_ASPECT = 16.0
USUAL_FRAMES_PER_SECOND = 30
MICROSECOND = Fraction(1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A keyframe's packet as it was read, and the time it is shown at."""

    time_s: float
    packet: "av.Packet[av.VideoStream]"


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What opening a file the slow way tells of its video stream; `sample_aspect`: width of a pixel over its height."""

    index: int
    start_s: float
    sample_aspect: float
    frames_per_second: float


def facts_of(stream: av.VideoStream) -> StreamFacts:
    """Where the file does not tell, square pixels and a usual rate."""
    aspect = float(stream.sample_aspect_ratio or 1)
    return StreamFacts(
        index=stream.index,
        start_s=stream_start_s(stream),
        sample_aspect=aspect if 1 / LARGEST_ASPECT <= aspect <= LARGEST_ASPECT else 1.0,
        frames_per_second=float(stream.average_rate or stream.guessed_rate or USUAL_FRAMES_PER_SECOND),
    )


class VideoReader:
    """A video stream at a position. Times are in seconds from the stream's first instant. One thread's own."""

    def __init__(self, container: InputContainer, stream: av.VideoStream, facts: StreamFacts) -> None:
        self.facts = facts
        self._container = container
        self._stream = stream
        self._context = stream.codec_context
        self._time_base = stream.time_base or MICROSECOND
        self._packets: Iterator[av.Packet[av.VideoStream]] = packets(container, stream)

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
            self._container.seek(round((time_s + self.facts.start_s) / self._time_base), stream=self._stream)
        except av.error.FFmpegError:
            return False
        following = packets(self._container, self._stream)
        first = next(following, None)
        self._packets = chain([first] if first is not None else [], following)
        at_s = self.time_s(first) if first is not None else None
        # AVI without its index says that it has moved, and has not: the packet is neither a keyframe nor near.
        return first is None or first.is_keyframe or at_s is None or abs(at_s - time_s) < SEEK_TOLERANCE_S

    def keyframe_near(self, time_s: float) -> Keyframe | None:
        """The keyframe that seeking to `time_s` leads to, undecoded; None where none comes soon."""
        return next(self.keyframes(within_packets=SEARCH_PACKETS), None) if self.seek(time_s) else None

    def keyframes(self, *, within_packets: int | None = None) -> Iterator[Keyframe]:
        """The keyframes from here on, undecoded; those without a time are left out."""
        for packet in islice(self._packets, within_packets):
            time_s = self.time_s(packet) if packet.is_keyframe else None
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
        self, *, after: Keyframe | None = None, at_most: int | None = None, all_after_s: Sequence[float] = ()
    ) -> Iterator[tuple[float, av.VideoFrame]]:
        """Frames from here on with their times, in the order they are shown; damaged ones are left out.

        `after`: the keyframe that was just read, which comes first. `at_most`: so many packets are read in all.
        `all_after_s`: for a few frames from these instants on none is left out, where others are.
        """
        last_s, step_s = 0.0, 1.0 / self.facts.frames_per_second
        source = islice(self._packets if after is None else chain([after.packet], self._packets), at_most)
        for frames in self._decoded(self._unskipped(source, all_after_s) if all_after_s else source):
            for frame in frames:
                time_s = self.time_s(frame)
                last_s = time_s if time_s is not None else last_s + step_s
                yield last_s, frame

    def time_s(self, moment: "av.Packet[av.VideoStream] | av.VideoFrame") -> float | None:
        at = moment.pts if moment.pts is not None else moment.dts
        return float(at * self._time_base) - self.facts.start_s if at is not None else None

    def _decoded(self, source: Iterator["av.Packet[av.VideoStream]"]) -> Iterator[list[av.VideoFrame]]:
        try:
            for packet in source:
                if frames := self._decode(packet):
                    yield frames
            if frames := self._decode(None):
                yield frames
        finally:
            # Also when nobody wants more: what the decoder holds back belongs to this run.
            self._context.flush_buffers()

    def _unskipped(
        self, source: Iterator["av.Packet[av.VideoStream]"], all_after_s: Sequence[float]
    ) -> Iterator["av.Packet[av.VideoStream]"]:
        step_s = 1.0 / self.facts.frames_per_second
        for packet in source:
            at_s = self.time_s(packet) or 0.0
            is_near = any(-MARGIN_FRAMES * step_s < at_s - start_s < WHOLE_FRAMES * step_s for start_s in all_after_s)
            self._context.skip_frame = "DEFAULT" if is_near else "NONREF"
            yield packet

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
