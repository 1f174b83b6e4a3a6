"""What chords, figures and basses play: patterns by name, laid over the chords of a section. Knows no instrument."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.procedural.harmony import near
from training.procedural.score import Note, Section, Slot, Song


@dataclass(frozen=True, slots=True)
class Strokes:
    """Beats of the bar at which a chord is struck, and the share of the way to the next stroke it is held for."""

    beats: tuple[float, ...]
    hold: float


STROKES: dict[str, Strokes] = {
    "held": Strokes((0,), 1.0),
    "halves": Strokes((0, 2), 0.95),
    "quarters": Strokes((0, 1, 2, 3), 0.7),
    "pulse": Strokes((0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), 0.8),
    "offbeat": Strokes((0.5, 1.5, 2.5, 3.5), 0.5),
    "pushed": Strokes((0, 1.5, 2.5), 0.8),
    "charleston": Strokes((0, 1.5), 0.5),
    "strum": Strokes((0, 1, 1.5, 2.5, 3, 3.5), 0.9),
    "bossa": Strokes((0, 0.75, 1.5, 2.5, 3.25), 0.6),
    "clave": Strokes((0, 0.75, 1.5, 2.5, 3), 0.5),
    "waltz": Strokes((1, 2), 0.6),
    "chug": Strokes((0, 0.5, 0.75, 1, 1.5, 1.75, 2, 2.5, 2.75, 3, 3.5, 3.75), 0.7),
}

# Which voice of the chord each step takes (voices go on upwards by octaves), and the length of a step in beats.
FIGURES: dict[str, tuple[tuple[int, ...], float]] = {
    "alberti": ((0, 2, 1, 2), 0.5),
    "up and down": ((0, 1, 2, 3, 4, 3, 2, 1), 0.5),
    "harp": ((0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1), 0.25),
    "broken": ((0, 2, 3, 2), 0.5),
    "rolling": ((0, 2, 3, 4, 3, 2), 0.5),
    "sequencer": ((0, 0, 3, 0, 2, 0, 3, 1), 0.25),
    "ostinato": ((0, 3, 2, 3, 1, 3, 2, 3), 0.25),
    "sparkle": ((3, 5, 4, 6), 0.5),
    "sparse": ((3, 5), 2.0),
    "chip": ((0, 1, 2, 3), 0.125),
}

# (beat, length, which tone): R the chord's root, F its fifth, O the root an octave higher, A a step to the next root.
BASSES: dict[str, tuple[tuple[float, float, str], ...]] = {
    "long": ((0, 4, "R"),),
    "halves": ((0, 2, "R"), (2, 2, "R")),
    "root and fifth": ((0, 1.5, "R"), (2, 1.5, "F")),
    "eighths": tuple((step / 2, 0.5, "R") for step in range(8)),
    "octaves": tuple((step / 2, 0.45, "RO"[step % 2]) for step in range(8)),
    "offbeat": tuple((step + 0.5, 0.45, "R") for step in range(4)),
    "pushed": ((0, 1.4, "R"), (1.5, 0.9, "R"), (2.5, 1.4, "R")),
    "funk": ((0, 0.6, "R"), (0.75, 0.2, "O"), (1.5, 0.5, "R"), (2.25, 0.2, "F"), (2.5, 0.5, "O"), (3.5, 0.4, "A")),
    "walking": ((0, 0.95, "R"), (1, 0.95, "T"), (2, 0.95, "F"), (3, 0.95, "A")),
    "tumbao": ((0, 1.4, "R"), (1.5, 1.4, "F"), (3, 0.9, "O")),
    "gallop": tuple((beat + offset, 0.22, "R") for beat in range(4) for offset in (0, 0.5, 0.75)),
    "waltz": ((0, 2.6, "R"),),
    "slow trap": ((0, 1.6, "R"), (2.75, 1.0, "R")),
}


def strike_chords(pattern: str, song: Song, section: Section, *, roll_beats: float = 0.0) -> list[Note]:
    """Every stroke sounds the whole chord; `roll_beats` is the time between its voices, as on a guitar or a harp."""
    strokes, notes = STROKES[pattern], []
    for start, end in _spans(strokes.beats, song, section):
        slot = song.slot_at(start)
        length = (min(end, slot.start + slot.length) - start) * strokes.hold
        accent = 0.8 if (start % song.beats_per_bar) == 0 else 0.68
        for voice, pitch in enumerate(slot.voices):
            notes.append(Note(start + voice * roll_beats, length, pitch, accent))
    return notes


def hold_chords(song: Song, section: Section) -> list[Note]:
    """A pad: each chord for as long as it holds."""
    return [Note(slot.start, slot.length, pitch, 0.7) for slot in song.slots_of(section) for pitch in slot.voices]


def play_figure(pattern: str, song: Song, section: Section, *, shift: int = 0, length: float = 1.6) -> list[Note]:
    """The chords one tone after another; `length` in steps (above 1 the tones run into each other)."""
    voices_of_step, step_beats = FIGURES[pattern]
    notes = []
    for index in range(int(section.bars * song.beats_per_bar / step_beats)):
        beat = section.first_bar * song.beats_per_bar + index * step_beats
        slot = song.slot_at(beat)
        within = round((beat - slot.start) / step_beats)
        pitch = _voice(slot, voices_of_step[within % len(voices_of_step)]) + shift
        notes.append(Note(beat, step_beats * length, pitch, 0.78 if within % len(voices_of_step) == 0 else 0.64))
    return notes


def play_bass(pattern: str, song: Song, section: Section, *, centre: float) -> list[Note]:
    """A bass line around the MIDI pitch `centre`."""
    notes = []
    for bar in range(section.first_bar, section.first_bar + section.bars):
        for beat, length, tone in BASSES[pattern]:
            if beat < song.beats_per_bar:
                start = bar * song.beats_per_bar + beat
                pitch = _bass_pitch(tone, song, start, centre)
                notes.append(Note(start, min(length, song.beats_per_bar - beat), pitch, 0.85 if beat == 0 else 0.72))
    return notes


def _spans(beats: Sequence[float], song: Song, section: Section) -> Iterator[tuple[float, float]]:
    """Strokes with the time of the next one; a chord that changes between strokes is struck when it changes."""
    first, last = section.first_bar * song.beats_per_bar, (section.first_bar + section.bars) * song.beats_per_bar
    bars = range(section.first_bar, section.first_bar + section.bars)
    struck = {bar * song.beats_per_bar + beat for bar in bars for beat in beats if beat < song.beats_per_bar}
    if 0 in beats:
        struck |= {slot.start for slot in song.slots if first <= slot.start < last}
    ordered = sorted(struck)
    yield from zip(ordered, [*ordered[1:], float(last)], strict=True)


def _voice(slot: Slot, number: int) -> int:
    octave, voice = divmod(number, len(slot.voices))
    return slot.voices[voice] + 12 * octave


def _bass_pitch(tone: str, song: Song, beat: float, centre: float) -> int:
    chord = song.slot_at(beat).chord
    root = near(chord.root, centre)
    if tone == "A":
        target = near(song.slot_at(beat + 1).chord.root, root)
        return target - 1 if target >= root else target + 1
    if tone == "O":
        return root + 12
    if tone in "FT":
        return near(song.key.pitch(chord.root_step + (4 if tone == "F" else 2)) % 12, root + 4)
    return root
