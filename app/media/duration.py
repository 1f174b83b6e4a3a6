"""How long a stream really is: what its container claims, checked against the packets at its end."""

from contextlib import suppress
from fractions import Fraction

import av.error
from av.container import InputContainer
from av.stream import Stream

from app.errors import UnreadableMedia
from app.media.accepted import GUESSED_DURATION
from app.media.container import packets

# Reading starts this long before the claimed end; containers are often wrong by a packet, seldom by more.
TAIL_S = 2.0
# A claim this close to the packets is kept: it may know of padding that the packets do not show.
TOLERANCE_S = 0.25
# Below this share of the claim the file is taken for cut short rather than for badly labelled.
LEAST_SHARE = 0.5
MICROSECOND = Fraction(1, 1_000_000)


def measured_duration_s(container: InputContainer, stream: Stream) -> float:
    """Seconds from the stream's first instant to the end of its last packet; moves the container's position.

    Only the tail is read where the container claims a duration and the end can be reached; else every packet is, once,
    without decoding. Raises UnreadableMedia where there is no packet at all, or where the file breaks off early.
    """
    start_s = stream_start_s(stream)
    claimed_s = claimed_duration_s(container, stream)
    end_s = _end_of_tail_s(container, stream, start_s + claimed_s) if claimed_s else None
    if end_s is None:
        end_s = _end_of_all_s(container, stream, start_s)
    if end_s is None:
        raise UnreadableMedia(reason="it holds no media data")
    measured_s = end_s - start_s
    if claimed_s and has_own_claim(container, stream) and measured_s < LEAST_SHARE * claimed_s:
        raise UnreadableMedia(reason=f"it breaks off after {measured_s:.1f} of {claimed_s:.1f} s")
    is_close = claimed_s is not None and abs(measured_s - claimed_s) <= min(TOLERANCE_S, 0.1 * claimed_s)
    return claimed_s if claimed_s is not None and is_close else measured_s


def stream_start_s(stream: Stream) -> float:
    """The time stamp that counts as the stream's second zero."""
    return float((stream.start_time or 0) * _time_base(stream))


def has_own_claim(container: InputContainer, stream: Stream) -> bool:
    """Whether the claim is a promise: not guessed from the bit rate, and not of the container as a whole, whose longest
    stream may be another one."""
    return stream.duration is not None and container.format.name not in GUESSED_DURATION


def claimed_duration_s(container: InputContainer, stream: Stream) -> float | None:
    """What the stream's own header says, or the container's; None where neither does."""
    if stream.duration and stream.duration > 0:
        return float(stream.duration * _time_base(stream))
    if not container.duration or container.duration < 0:
        return None
    # The container's duration counts from its earliest stream.
    late_s = stream_start_s(stream) - float((container.start_time or 0) * MICROSECOND)
    return max(float(container.duration * MICROSECOND) - max(late_s, 0.0), 0.0)


def _end_of_tail_s(container: InputContainer, stream: Stream, claimed_end_s: float) -> float | None:
    try:
        container.seek(int(max(claimed_end_s - TAIL_S, 0.0) / _time_base(stream)), stream=stream)
    except av.error.FFmpegError:
        return None
    return _last_packet_end_s(container, stream)


def _end_of_all_s(container: InputContainer, stream: Stream, start_s: float) -> float | None:
    # What cannot be seeked has not been moved by the attempt before either.
    with suppress(av.error.FFmpegError):
        container.seek(int(start_s / _time_base(stream)), stream=stream)
    return _last_packet_end_s(container, stream)


def _last_packet_end_s(container: InputContainer, stream: Stream) -> float | None:
    end: int | None = None
    for packet in packets(container, stream):
        at = packet.pts if packet.pts is not None else packet.dts
        after = (at if at is not None else end or 0) + (packet.duration or 0)
        end = after if end is None else max(end, after)
    return float(end * _time_base(stream)) if end is not None else None


def _time_base(stream: Stream) -> Fraction:
    return stream.time_base or MICROSECOND
