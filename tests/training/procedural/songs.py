"""A short song in C major to lay parts over: chords I V vi IV, one a bar, in two sections."""

from training.procedural.harmony import MODES, Key, chord_on, voicing_of
from training.procedural.score import Section, Slot, Song


def song_of(*, bars: int = 8, beats_per_bar: int = 4, intensity: float = 0.8) -> Song:
    key = Key(0, MODES["major"])
    slots = []
    for bar in range(bars):
        chord = chord_on(key, (0, 4, 5, 3)[bar % 4], colour="triad")
        voices = voicing_of(chord, centre=60)
        slots.append(Slot(bar * beats_per_bar, beats_per_bar, chord, voices))
    sections = (Section("A", 0, bars // 2, intensity), Section("B", bars // 2, bars - bars // 2, intensity))
    return Song(key, beats_per_bar, sections, tuple(slots))
