"""Tunes: a motif, its repetition, its answer and a cadence, fitted to the chords. Knows no instrument."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.procedural.score import Note, Section, Song

Cell = tuple[float, ...]  # lengths in beats that fill a bar; a negative one is a rest

# From the calmest to the liveliest, by beats in a bar.
CELLS: dict[int, tuple[tuple[Cell, ...], ...]] = {
    4: (
        ((4,), (3, 1), (2, 2)),
        ((2, 1, 1), (1.5, 0.5, 2), (1, 1, 2), (3, 0.5, 0.5), (-1, 1, 2)),
        ((1, 0.5, 0.5, 1, 1), (1.5, 0.5, 1, 1), (0.5, 0.5, 1, 1, 1), (1.5, 1.5, 1), (-0.5, 0.5, 1, 1, 1)),
        (
            (0.5, 0.5, 0.5, 0.5, 1, 1),
            (0.75, 0.75, 0.5, 1, 1),
            (0.5, 0.25, 0.25, 0.5, 0.5, 1, 1),
            (-0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1),
            (0.75, 0.25, 0.5, 0.5, 0.75, 0.75, 0.5),
        ),
    ),
    3: (
        ((3,), (2, 1)),
        ((2, 1), (1, 1, 1), (1.5, 0.5, 1)),
        ((1, 0.5, 0.5, 1), (0.5, 0.5, 1, 1), (1.5, 0.5, 0.5, 0.5), (-1, 1, 1)),
        ((0.5, 0.5, 0.5, 0.5, 0.5, 0.5), (0.5, 0.25, 0.25, 0.5, 0.5, 1), (1, 0.5, 0.5, 0.5, 0.5)),
    ),
}
CADENCES: dict[int, tuple[Cell, ...]] = {4: ((2, -2), (3, -1), (1, 1, -2), (2.5, -1.5)), 3: ((2, -1), (3,), (1, 1, -1))}
STEPS_IN_OCTAVE = 7


@dataclass(frozen=True, slots=True)
class Tune:
    """Four bars of rhythm, and for every sounding note the scale steps it moves from the one before."""

    bars: tuple[Cell, ...]
    moves: tuple[tuple[int, ...], ...]


def invent_tune(rng: np.random.Generator, *, beats_per_bar: int, liveliness: float) -> Tune:
    """A motif, its variation, the motif again, a cadence; `liveliness` 0 to 1 says how many notes a bar has."""
    levels = CELLS[beats_per_bar]
    level = int(np.clip(liveliness * len(levels) + rng.normal(0, 0.3), 0, len(levels) - 1))
    motif = _pick(rng, levels[level])
    other = _pick(rng, levels[max(0, level - int(rng.integers(0, 2)))])
    cadence = _pick(rng, CADENCES[beats_per_bar])
    first_moves, other_moves = _moves(rng, motif), _moves(rng, other)
    moves = (first_moves, other_moves, (int(rng.integers(-1, 3)), *first_moves[1:]), _moves(rng, cadence))
    return Tune(bars=(motif, other, motif, cadence), moves=moves)


def play_tune(tune: Tune, song: Song, section: Section, *, centre: float, legato: float, answer: bool) -> list[Note]:
    """The tune over a section's chords, in the key, around the pitch `centre`; an answer ends on the chord's root."""
    home = round((centre - song.key.tonic) / 12 * STEPS_IN_OCTAVE)
    step, notes = home, []
    for bar in range(section.bars):
        is_end = bar == section.bars - 1
        which = len(tune.bars) - 1 if is_end else bar % len(tune.bars)
        beat = float((section.first_bar + bar) * song.beats_per_bar)
        for index, (start, length) in enumerate(_sounding(tune.bars[which])):
            slot = song.slot_at(beat + start)
            # The first note of a bar returns to the middle of the register, so that no tune wanders off.
            move = tune.moves[which][index] - (round((step - home) / 3) if index == 0 else 0)
            step += move
            if index == 0 or length >= 1:
                step = _chord_step(step, slot.chord.root_step, upwards=move > 0, rooted=is_end and answer)
            step = int(np.clip(step, home - 6, home + 7))
            accent = 0.86 if start == 0 else 0.72
            notes.append(Note(beat + start, length * legato, song.key.pitch(step), accent))
    return notes


def second_voice(notes: Sequence[Note], song: Song) -> list[Note]:
    """The nearest tone of the chord at least three semitones under each note: a companion in thirds and sixths."""
    below = []
    for note in notes:
        classes = song.slot_at(note.start).chord.classes
        gap = min((note.pitch - pitch_class - 3) % 12 for pitch_class in classes) + 3
        below.append(Note(note.start, note.length, note.pitch - gap, note.velocity * 0.8))
    return below


def _pick(rng: np.random.Generator, cells: Sequence[Cell]) -> Cell:
    return cells[int(rng.integers(len(cells)))]


def _sounding(cell: Cell) -> list[tuple[float, float]]:
    starts = np.concatenate(([0.0], np.cumsum(np.abs(cell))[:-1]))
    return [(float(start), length) for start, length in zip(starts, cell, strict=True) if length > 0]


def _moves(rng: np.random.Generator, cell: Cell) -> tuple[int, ...]:
    """Mostly steps; a leap is answered by steps the other way, as in sung melodies."""
    moves: list[int] = []
    for _ in _sounding(cell):
        if moves and abs(moves[-1]) > 2:
            moves.append(-int(np.sign(moves[-1])))
        else:
            moves.append(int(rng.choice((-3, -2, -1, -1, -1, 0, 1, 1, 1, 2, 3, 4))))
    return tuple(moves)


def _chord_step(step: int, root_step: int, *, upwards: bool, rooted: bool) -> int:
    """The nearest step of the chord, looked for first where the tune is going, so that it does not fall back."""
    wanted = (0,) if rooted else (0, 2, 4)
    ahead = 1 if upwards else -1
    nearby = sorted(range(step - 4, step + 5), key=lambda candidate: abs(candidate - step - 0.6 * ahead))
    return next(candidate for candidate in nearby if (candidate - root_step) % STEPS_IN_OCTAVE in wanted)
