"""Says in a few words what speaks for a track: where picture and music point the same way, and clearly. Pure.

Nothing is said of what is unknown, or lies in the middle of its scale.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.character import Look, Reason, Sounding
from app.domain import Track

MOST_REASONS = 3
MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """A figure, called by the first of its `names` up to `low` and by the second from `high` on; nothing between."""

    low: float
    high: float
    names: tuple[str, str]
    figure: Callable[[float], str]

    def side(self, value: float) -> int:
        """-1 for low, 1 for high, 0 between."""
        return (value >= self.high) - (value <= self.low)

    def beyond(self, value: float) -> float:
        """How far out a value lies, in widths of what is between."""
        return max(value - self.high, self.low - value) / (self.high - self.low)

    def said(self, value: float) -> str:
        return f"{self.names[self.side(value) > 0]} ({self.figure(value)})"


def _speed(pace: float) -> str:
    return f"{pace:.2f} widths/s" if pace >= 0.01 else "under 0.01 widths/s"


def _changed(share: float) -> str:
    return f"{100 * share:.0f} % of it changes between sampled frames"


def _redness(difference: float) -> str:
    one, other = ("red", "blue") if difference > 0 else ("blue", "red")
    return f"{100 * abs(difference):.0f} % more {one} than {other}"


def _centre(octaves: float) -> str:
    """Octaves above 1 kHz as a frequency."""
    return f"centred at {1000 * 2**octaves:.0f} Hz"


def _key(fit: float) -> str:
    return f"fits {abs(fit):.2f} better than {'minor' if fit > 0 else 'major'}"


# Where the outer quarters begin, or thirds: of the 18 different videos and 41 tracks of several web projects and games
# that the starter was checked with, of the 48 tracks of the demo library as to music. Warm pictures are the rule, so
# cold ones are those with more blue than red at all.
PACE = Scale(0.02, 0.14, ("A slow picture", "A fast picture"), _speed)
CHANGE = Scale(0.02, 0.15, ("A calm picture", "A lively picture"), _changed)
LIGHT = Scale(0.32, 0.48, ("A dark picture", "A bright picture"), lambda light: f"{100 * light:.0f} % of white")
WARMTH = Scale(-0.03, 0.15, ("Cold colours", "Warm colours"), _redness)
TEMPO = Scale(100.0, 125.0, ("a slow beat", "a fast beat"), lambda bpm: f"{bpm:.0f} BPM")
ONSETS = Scale(3.0, 4.4, ("few notes", "many notes"), lambda rate: f"{rate:.1f} a second")
LOUDNESS = Scale(-21.0, -13.0, ("soft music", "loud music"), lambda lufs: f"{lufs:.0f} LUFS")
BRIGHTNESS = Scale(-2.2, -1.25, ("a dark sound", "a bright sound"), _centre)
# Brightness the other way round, as it goes with colours: what is mellow is warm.
MELLOWNESS = Scale(1.25, 2.2, ("a bright sound", "a mellow sound"), lambda below: _centre(-below))
MODE = Scale(-0.08, 0.08, ("a minor key", "a major key"), _key)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value on its scale; None: nobody knows it."""

    scale: Scale
    value: float | None


@dataclass(frozen=True, slots=True)
class Question:
    """The picture's figure, and the music's: the first of them that is clear decides."""

    kind: Literal["pace", "energy", "light", "warmth"]
    picture: Figure
    sounds: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A fact, and how clear it is; `figure` is the music's."""

    reason: Reason
    clearness: float
    figure: str


def reasons_for(look: Look, track: Track, sounding: Sounding | None, words: Sequence[str]) -> tuple[Reason, ...]:
    """At most MOST_REASONS, the words that matched first, then the clearest facts. `words`: those that matched.

    One figure of the music speaks for one fact only.
    """
    reasons, told = _matched(words), set[str]()
    found = [agreement for question in _questions(look, track, sounding) if (agreement := _agreement(question))]
    for agreement in sorted(found, key=lambda agreement: -agreement.clearness):
        if agreement.figure not in told:
            told.add(agreement.figure)
            reasons.append(agreement.reason)
    return tuple(reasons[:MOST_REASONS])


def _questions(look: Look, track: Track, sounding: Sounding | None) -> tuple[Question, ...]:
    onsets = Figure(ONSETS, sounding.onsets_per_s if sounding else None)
    brightness = Figure(BRIGHTNESS, sounding.brightness_octaves if sounding else None)
    mellowness = Figure(MELLOWNESS, -sounding.brightness_octaves if sounding else None)
    mode = Figure(MODE, sounding.major_less_minor if sounding else None)
    return (
        Question("pace", Figure(PACE, look.pace), (Figure(TEMPO, track.details.bpm), onsets)),
        Question("energy", Figure(CHANGE, look.change), (Figure(LOUDNESS, track.loudness_lufs), onsets)),
        Question("light", Figure(LIGHT, look.light), (brightness, mode)),
        Question("warmth", Figure(WARMTH, look.warmth), (mode, mellowness)),
    )


def _agreement(question: Question) -> Agreement | None:
    """None where the two sides do not say the same, or one of them says nothing."""
    picture = question.picture
    for sound in question.sounds:
        if sound.value is None or not sound.scale.side(sound.value):
            continue
        if picture.value is None or picture.scale.side(picture.value) != sound.scale.side(sound.value):
            return None
        detail = f"{picture.scale.said(picture.value)} and {sound.scale.said(sound.value)}"
        clearness = min(picture.scale.beyond(picture.value), sound.scale.beyond(sound.value))
        return Agreement(Reason(question.kind, detail), clearness, sound.scale.figure(sound.value))
    return None


def _matched(words: Sequence[str]) -> list[Reason]:
    if not words:
        return []
    more = len(words) - MOST_WORDS
    named = ", ".join(words[:MOST_WORDS])
    return [Reason("words", f"Your words fit: {named}{f' and {more} more' if more > 0 else ''}")]
