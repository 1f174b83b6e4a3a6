"""What a composition is on paper: notes and drum hits in beats, by part. Knows no sound."""

from dataclasses import dataclass, field
from typing import Literal

from training.procedural.harmony import Chord, Key

Role = Literal["lead", "second lead", "chords", "pad", "figure", "bass", "drone"]


@dataclass(frozen=True, slots=True)
class Note:
    """Times in beats from the beginning; MIDI pitch; velocity 0 to 1."""

    start: float
    length: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke of a drum, named as in the kit; time in beats."""

    start: float
    drum: str
    velocity: float


@dataclass(frozen=True, slots=True)
class Part:
    role: Role
    instrument: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the form. `intensity` 0 to 1 says how much of the band plays, and how loud."""

    label: str
    first_bar: int
    bars: int
    intensity: float


@dataclass(frozen=True, slots=True)
class Slot:
    """The time one chord holds, in beats, and how it is laid out on a keyboard."""

    start: float
    length: float
    chord: Chord
    voices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Song:
    """What all parts agree on before any of them is written."""

    key: Key
    beats_per_bar: int
    sections: tuple[Section, ...]
    slots: tuple[Slot, ...]

    @property
    def beats(self) -> int:
        last = self.sections[-1]
        return (last.first_bar + last.bars) * self.beats_per_bar

    def slots_of(self, section: Section) -> list[Slot]:
        """The chords whose beginning lies in the section."""
        first = section.first_bar * self.beats_per_bar
        last = first + section.bars * self.beats_per_bar
        return [slot for slot in self.slots if first <= slot.start < last]

    def slot_at(self, beat: float) -> Slot:
        """The chord that holds at a beat; the last one beyond the end."""
        return next((slot for slot in self.slots if slot.start + slot.length > beat + 1e-6), self.slots[-1])


@dataclass(frozen=True, slots=True)
class Score:
    """A finished composition. `beats`: its length, the ringing of the last notes not counted."""

    tempo_bpm: float
    beats: float
    parts: tuple[Part, ...]
    hits: tuple[Hit, ...] = ()
    sections: tuple[Section, ...] = field(default=())
