"""Where in a track a stretch as long as a video may lie, and which of its stored feature rows stand for it. Pure.

Axes: K sections, S steps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.encoders.sampling import gs_pick, window_starts
from app.encoders.spec import SoundSampling

# Fewer rows say less of a section, more say what lies around it: of 960 made-up tracks that change their character
# half-way (as in `benchmarks.sections`) the right half won in 91.6, 91.2, 91.5, 92.2, 91.8 and 91.5 % with 2 to 7.
LEAST_ROWS = 5
# What a page of tracks costs grows with it: 12 take half as long again, and the right half won as often.
MOST_SECTIONS = 8


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """Sections of one length, in seconds: `starts_s` (K,), ascending, and for each of them S `rows` (K, S)."""

    length_s: float
    starts_s: NDArray[np.float64]
    rows: NDArray[np.int64]


def plan_sections(duration_s: float, *, video_duration_s: float, sampling: SoundSampling) -> SectionPlan:
    """Sections of a track; one that is no longer than the video is its own.

    A section's rows are neighbours around its middle: those inside it, and LEAST_ROWS at least. They are repeated, in
    their order, to as many steps as the whole track has, so that any sequence encoder takes them for a track.
    """
    steps = sampling.windows
    if duration_s <= video_duration_s:
        return SectionPlan(duration_s, np.zeros(1), np.arange(steps)[np.newaxis])
    inside = int(steps * video_duration_s / duration_s)
    count = min(max(inside, LEAST_ROWS), steps)
    places = steps - count + 1
    first = np.unique(np.linspace(0, places - 1, min(places, MOST_SECTIONS)).round().astype(np.int64))
    window_s = sampling.window_samples / sampling.rate_hz
    centres_s = window_starts(duration_s, steps, window_s) + window_s / 2
    middles_s = np.array([centres_s[place : place + count].mean() for place in first])
    starts_s = np.clip(middles_s - video_duration_s / 2, 0.0, duration_s - video_duration_s)
    return SectionPlan(video_duration_s, starts_s, first[:, np.newaxis] + gs_pick(count, steps))
