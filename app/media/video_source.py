"""Opens a video file for reading frames, once or several times side by side. Chooses no instants, paints nothing."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol, TypeVar

import av
from av.container import InputContainer

from app.domain import MediaLimits
from app.errors import NoVideoStream
from app.media.container import chosen_video, open_media, read_only
from app.media.video_reader import StreamFacts, VideoReader, facts_of

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")

# Decoders that work on one file side by side. Two halve the time on two cores; each holds its own reference frames.
SIDE_BY_SIDE = 2
# Threads of one decoder that reads in order; the frames are the same for any number, unless some are damaged: what
# stands in for those depends on which thread comes first.
DECODER_THREADS = 2


class Watcher(Protocol):
    """Sees frames go by in the order they are shown, until it has what it wants."""

    @property
    def is_done(self) -> bool: ...

    def see(self, time_s: float, frame: av.VideoFrame) -> None: ...


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A video file and how to decode it.

    `skip_unreferenced`: frames that no other frame needs are left out, which halves the time of most films.
    `deblock`: run the codec's loop filter. A keyframe alone can do without, at 0.3 of 255 levels on average for 10 to
    17 % of the time; where frames build upon each other the differences add up, to 1 to 5 levels.
    `known`: what a first reader found. Further ones then open without decoding, in 0.4 ms instead of 30 (1080p H.264).
    """

    path: Path
    limits: MediaLimits
    skip_unreferenced: bool = False
    deblock: bool = True
    known: StreamFacts | None = None

    @contextmanager
    def reader(self, *, threads: int = 1) -> Iterator[VideoReader]:
        """At the beginning of the file's chosen stream. Raises NoVideoStream and what `open_media` raises."""
        with open_media(self.path, limits=self.limits, decode_headers=self.known is None) as container:
            stream = self._stream(container)
            read_only(container, stream)
            context = stream.codec_context
            context.thread_count = threads
            context.thread_type = "AUTO" if threads > 1 else "NONE"
            context.skip_frame = "NONREF" if self.skip_unreferenced else "DEFAULT"
            loop_filter = "default" if self.deblock else "all"
            context.options = {"max_pixels": str(self.limits.max_pixels), "skip_loop_filter": loop_filter}
            yield VideoReader(container, stream, self.known or facts_of(stream))

    def read_side_by_side(self, jobs: Sequence[JobT], work: Callable[[VideoReader, JobT], ResultT]) -> list[ResultT]:
        """The results in the order of the jobs; each of a few threads takes a stretch of them with its own reader."""

        def read(share: Sequence[JobT]) -> list[ResultT]:
            with self.reader() as reader:
                return [work(reader, job) for job in share]

        count = min(SIDE_BY_SIDE, len(jobs))
        shares = [jobs[index * len(jobs) // count : (index + 1) * len(jobs) // count] for index in range(count)]
        with ThreadPoolExecutor(max(count, 1), thread_name_prefix="video-reader") as threads:
            return list(chain.from_iterable(threads.map(read, shares)))

    def _stream(self, container: InputContainer) -> av.VideoStream:
        stream = chosen_video(container)
        if self.known is not None:
            stream = next((one for one in container.streams.video if one.index == self.known.index), stream)
        if stream is None or stream.codec_context is None:
            raise NoVideoStream
        return stream


@dataclass(slots=True)
class Damage:
    """Whether the decoder had to make a frame up, or parts of it."""

    is_seen: bool = False

    def noticed(self, frames: Iterator[tuple[float, av.VideoFrame]]) -> Iterator[tuple[float, av.VideoFrame]]:
        """The frames as they come."""
        for time_s, frame in frames:
            self.is_seen = self.is_seen or frame.is_corrupt
            yield time_s, frame


def watch(frames: Iterator[tuple[float, av.VideoFrame]], watchers: Sequence[Watcher]) -> None:
    """Shows every frame to every watcher, until all are done or the frames end."""
    for time_s, frame in frames:
        for watcher in watchers:
            watcher.see(time_s, frame)
        if all(watcher.is_done for watcher in watchers):
            return
