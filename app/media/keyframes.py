"""Takes pictures from keyframes decoded alone, whatever the length of the video. Does not decode between keyframes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite

from app.media.picture import Painter
from app.media.spans import Span, Taken
from app.media.video_reader import Keyframe, VideoReader
from app.media.video_source import VideoSource

# Ends are exclusive: the last keyframe of a span is looked for this much before its end.
JUST_BEFORE_S = 0.001


@dataclass(frozen=True, slots=True)
class Found:
    """What one span yielded: a picture, or None, and the last keyframe known to lie at or before its instant."""

    taken: Taken | None
    keyframe_s: float


def take_keyframes(source: VideoSource, spans: Sequence[Span], painter: Painter) -> list[Found]:
    """For each span one keyframe inside it, where it has one that decodes, by seeking."""
    return replace(source, deblock=False).read_side_by_side(spans, partial(_own_keyframe, painter=painter))


def take_keyframes_in_passing(source: VideoSource, spans: Sequence[Span], painter: Painter) -> list[Found]:
    """The same for a file that cannot be seeked: its packets are read once, and of each span the first keyframe."""
    taken: dict[Span, Taken] = {}
    with replace(source, deblock=False).reader() as reader:
        for keyframe in reader.keyframes():
            span = next(span for span in spans if span.holds(keyframe.time_s))
            picture = _taken(reader, keyframe, painter) if span not in taken else None
            if picture is not None:
                taken[span] = picture
    return [Found(taken.get(span), 0.0) for span in spans]


def _own_keyframe(reader: VideoReader, span: Span, *, painter: Painter) -> Found:
    keyframe = reader.keyframe_near(span.time_s)
    known_s = keyframe.time_s if keyframe is not None and keyframe.time_s <= span.time_s else 0.0
    if keyframe is None or not span.holds(keyframe.time_s):
        # Most containers seek to the last keyframe before an instant, so that a later one has to be asked for; some
        # (MPEG-TS) to any packet near it, so that the next keyframe may be beyond the span and an earlier one inside.
        is_early = keyframe is not None and keyframe.time_s < span.start_s
        keyframe = reader.keyframe_near(_end_s(span) - JUST_BEFORE_S if is_early else max(span.start_s, 0.0))
        if keyframe is not None and known_s < keyframe.time_s <= span.time_s:
            known_s = keyframe.time_s
    is_own = keyframe is not None and span.holds(keyframe.time_s)
    return Found(_taken(reader, keyframe, painter) if keyframe is not None and is_own else None, known_s)


def _end_s(span: Span) -> float:
    """The last span has no end of its own: as far after its instant as its beginning is before."""
    return span.end_s if isfinite(span.end_s) else 2 * span.time_s - span.start_s


def _taken(reader: VideoReader, keyframe: Keyframe, painter: Painter) -> Taken | None:
    frame = reader.decode_alone(keyframe)
    if frame is None:
        return None
    time_s = reader.time_s(frame)
    return Taken(
        time_s if time_s is not None else keyframe.time_s, painter.rgb(frame, sample_aspect=reader.facts.sample_aspect)
    )
