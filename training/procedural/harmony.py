"""Modes, chord progressions and voice leading. Knows pitches only, no time and no sound."""

from collections.abc import Sequence
from dataclasses import dataclass

MODES: dict[str, tuple[int, ...]] = {
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    # Seven of the eight tones of the octatonic scale; the chord on its root has a diminished fifth.
    "diminished": (0, 1, 3, 4, 6, 7, 9),
}

# Degrees of the root of each chord, counted from 0; the turns that songs of each mode take most often.
PROGRESSIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    "lydian": ((0, 1, 0, 1), (0, 1, 4, 0), (0, 4, 1, 0)),
    "major": (
        (0, 3, 4, 0),
        (0, 4, 3, 4),
        (0, 4, 5, 3),
        (0, 5, 3, 4),
        (0, 3, 5, 4),
        (5, 3, 0, 4),
        (0, 2, 3, 4),
        (0, 3, 0, 4),
        (3, 4, 0, 5),
        (0, 4, 3, 3),
        (1, 4, 0, 5),
        (0, 5, 1, 4),
        (3, 0, 4, 5),
    ),
    "mixolydian": ((0, 6, 3, 0), (0, 3, 6, 3), (0, 6, 3, 4), (0, 4, 6, 3)),
    "dorian": ((0, 3, 0, 3), (0, 6, 3, 0), (0, 2, 3, 6), (0, 1, 3, 0)),
    "minor": (
        (0, 3, 0, 4),
        (0, 4, 3, 0),
        (0, 5, 2, 6),
        (0, 3, 6, 2),
        (0, 6, 5, 6),
        (0, 4, 5, 3),
        (0, 2, 6, 5),
        (0, 5, 3, 6),
        (5, 6, 0, 0),
    ),
    "harmonic minor": ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 0, 4), (0, 3, 0, 4)),
    "diminished": ((0, 3, 0, 3), (0, 1, 0, 4), (0, 0, 2, 0)),
    "phrygian": ((0, 1, 0, 1), (0, 1, 6, 0), (0, 6, 1, 0)),
}

# Scale steps over the root that a chord is made of.
COLOURS: dict[str, tuple[int, ...]] = {
    "power": (0, 4),
    "triad": (0, 2, 4),
    "open": (0, 4, 1),
    "hung": (0, 3, 4),
    "seventh": (0, 2, 4, 6),
    "ninth": (0, 2, 6, 1),
    "sixth": (0, 2, 4, 5),
}


@dataclass(frozen=True, slots=True)
class Key:
    """`tonic`: pitch class 0 to 11; `steps`: semitones of the scale over it."""

    tonic: int
    steps: tuple[int, ...]

    def pitch(self, step: int) -> int:
        """Semitones over C of a scale step; steps go on below 0 and above 6 by octaves."""
        octave, within = divmod(step, len(self.steps))
        return self.tonic + 12 * octave + self.steps[within]


@dataclass(frozen=True, slots=True)
class Chord:
    """Pitch classes, the root first. `root_step`: the scale step it stands on."""

    root_step: int
    classes: tuple[int, ...]

    @property
    def root(self) -> int:
        return self.classes[0]


def chord_on(key: Key, root_step: int, *, colour: str, clash: bool = False) -> Chord:
    """The chord of a colour on a step of the scale; `clash` adds the semitone over its root."""
    classes = [key.pitch(root_step + step) % 12 for step in COLOURS[colour]]
    if clash:
        classes.append((classes[0] + 1) % 12)
    return Chord(root_step=root_step, classes=tuple(dict.fromkeys(classes)))


def near(pitch_class: int, centre: float) -> int:
    """The pitch of that class which lies nearest to `centre`."""
    octave = round((centre - pitch_class) / 12)
    return pitch_class + 12 * octave


def voicing_of(chord: Chord, *, centre: float, before: Sequence[int] = ()) -> tuple[int, ...]:
    """The chord in close position around `centre`, in the inversion that moves the voices least from `before`."""
    candidates = [_stacked(chord.classes, first, centre) for first in range(len(chord.classes))]
    return min(candidates, key=lambda voices: _distance(voices, before, centre))


def _stacked(classes: tuple[int, ...], first: int, centre: float) -> tuple[int, ...]:
    ordered = sorted(classes)
    turned = ordered[first:] + ordered[:first]
    voices = [near(turned[0], centre - 5)]
    for pitch_class in turned[1:]:
        voices.append(voices[-1] + (pitch_class - voices[-1]) % 12)
    return tuple(voices)


def _distance(voices: Sequence[int], before: Sequence[int], centre: float) -> float:
    off_centre = abs(sum(voices) / len(voices) - centre)
    moved = sum(min(abs(voice - old) for old in before) for voice in voices) if before else 0
    return moved + 0.5 * off_centre
