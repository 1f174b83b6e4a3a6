"""What a video looks like and what a track sounds like, in a few figures; values only, nothing is measured here."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Look:
    """A video as its sampled frames show it. `light` (0 black to 1 white) is mean luma, `warmth` mean red less mean
    blue (-1 to 1), `change` how much of the picture differs from one sampled frame to the next (0 to 1).

    `pace`: mean displacement in frame widths per second; None where no motion was measured.
    """

    pace: float | None
    light: float
    warmth: float
    change: float


@dataclass(frozen=True, slots=True)
class Sounding:
    """A track as its features tell. `brightness_octaves`: energy's centre of gravity above 1 kHz; `major_less_minor`:
    how much better a major than a minor key fits (-2 to 2)."""

    brightness_octaves: float
    major_less_minor: float
    onsets_per_s: float


@dataclass(frozen=True, slots=True)
class FittingSection:
    """The stretch of a track that fits a video best; `score`: cosine of its embedding with the video's."""

    start_s: float
    end_s: float
    score: float


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact that speaks for a match, in one short sentence."""

    kind: Literal["pace", "energy", "light", "warmth", "words"]
    detail: str
