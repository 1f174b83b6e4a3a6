"""Measures how fast the picture moves, in frame widths per second, at a few instants. Knows no encoder."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array, MediaLimits, Motion
from app.media.bursts import Burst, Bursts, take_bursts, take_bursts_in_passing
from app.media.picture import Picture
from app.media.video_source import DECODER_THREADS, VideoSource, watch

# A pair is taken for a cut where following the flow leaves this much unexplained: in grey levels, and as a share of
# the pictures' own deviation. Cuts of films at hand left 0.31 to 0.85 of it, motion of all kinds at most 0.25.
CUT_LEVELS = 8.0
CUT_SHARE = 0.28


def measure_motion(
    path: Path, times_s: Sequence[float] | NDArray[np.floating], *, limits: MediaLimits, frame_budget: int = 600
) -> Motion:
    """Speed at the instants, or near them; fewer where instants share a keyframe or a cut leaves nothing to measure.

    A video of at most `frame_budget` frames is decoded in order and measured at the instants themselves, a longer one
    from the keyframes before them. Raises NoVideoStream, UnreadableMedia and UnsupportedMedia.
    """
    wanted_s = np.asarray(times_s, dtype=np.float64).tolist()
    source = VideoSource(path, limits)
    with source.reader() as reader:
        is_short = reader.count_frames(at_most=frame_budget + 1) <= frame_budget
        is_seekable = reader.seek(max(wanted_s, default=0.0))
        source = replace(source, known=reader.facts)
    if not is_short:
        return motion_of((take_bursts if is_seekable else take_bursts_in_passing)(source, wanted_s))
    with replace(source, skip_unreferenced=True).reader(threads=DECODER_THREADS) as reader:
        bursts = Bursts(wanted_s, sample_aspect=reader.facts.sample_aspect)
        watch(reader.frames(at_most=frame_budget, all_after_s=wanted_s), [bursts])
    return motion_of(bursts.finish())


def motion_of(bursts: Sequence[Burst]) -> Motion:
    """The speed of each burst that has neighbours to compare, at the time of its first picture."""
    measured = [(burst.times_s[0], speed) for burst in bursts if (speed := _speed(burst)) is not None]
    return Motion(
        speed=np.array([speed for _, speed in measured], np.float32),
        times_s=np.array([time_s for time_s, _ in measured], np.float32),
    )


def displacement(first_gray: Picture, second_gray: Picture) -> float:
    """Mean length of the optical flow between two grey pictures of one shape, in widths of the picture."""
    return _length(_flow(first_gray, second_gray))


def _speed(burst: Burst) -> float | None:
    speeds = []
    for (first, second), (first_s, second_s) in zip(pairwise(burst.pictures), pairwise(burst.times_s), strict=True):
        # Where a stream changes its picture's shape there is a cut, too.
        if second_s <= first_s or first.shape != second.shape:
            continue
        flow = _flow(first, second)
        if not _is_cut(first, second, flow):
            speeds.append(_length(flow) / (second_s - first_s))
    return sum(speeds) / len(speeds) if speeds else None


def _flow(first: Picture, second: Picture) -> Float32Array:
    """Per pixel how far it moved, in pixels (right, down); shape (height, width, 2).

    Farneback's method: right to 5 % up to 8 % of the width between two frames, and blind to noise on a flat picture,
    in which OpenCV's faster DIS sees 2 % of motion (shifted textures of 160 x 90). 2 ms a pair.
    """
    flow = np.zeros((*first.shape, 2), np.float32)
    return np.asarray(cv2.calcOpticalFlowFarneback(first, second, flow, 0.5, 4, 21, 3, 7, 1.5, 0), np.float32)


def _length(flow: Float32Array) -> float:
    return float(np.linalg.norm(flow, axis=2).mean() / flow.shape[1])


def _is_cut(first: Picture, second: Picture, flow: Float32Array) -> bool:
    """Whether the second picture shows something else rather than the first one moved."""
    down, right = np.indices(first.shape, dtype=np.float32)
    back = cv2.remap(
        second, right + flow[..., 0], down + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    unexplained = float(np.abs(back.astype(np.float32) - first).mean())
    return unexplained > max(CUT_LEVELS, CUT_SHARE * float(first.std() + second.std()) / 2)
