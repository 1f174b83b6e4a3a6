"""Writes a piece of music from a style: form, chords, then each part over them. Knows no sound."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from training.procedural.accompaniment import hold_chords, play_bass, play_figure, strike_chords
from training.procedural.grooves import play_groove
from training.procedural.harmony import MODES, PROGRESSIONS, Key, chord_on, near, voicing_of
from training.procedural.melody import Tune, invent_tune, play_tune, second_voice
from training.procedural.score import Hit, Note, Part, Role, Score, Section, Slot, Song
from training.procedural.style import Style

# Labels and intensities of the sections, each of as many bars as the length allows.
FORMS: dict[str, tuple[tuple[str, float], ...]] = {
    "song": (("intro", 0.3), ("A", 0.6), ("A", 0.7), ("B", 0.9), ("break", 0.4), ("A", 0.85), ("outro", 0.3)),
    "verse": (("A", 0.55), ("A", 0.6), ("B", 0.8), ("A", 0.65), ("outro", 0.4)),
    "build": (("intro", 0.2), ("A", 0.4), ("A", 0.6), ("B", 0.8), ("A", 1.0), ("outro", 0.5)),
    "flat": (("A", 0.65), ("B", 0.7), ("A", 0.65), ("B", 0.7)),
}
# The intensity of a section from which a part takes part; those not named always do.
ENTRY = {"bass": 0.33, "drums": 0.42, "second lead": 0.78}
ROLLED = frozenset({"steel guitar", "nylon guitar", "harp"})
FAINTEST_DRONE_DB = -12.0
SHAKEN_FROM = 0.5


def compose(style: Style, rng: np.random.Generator, *, length_s: float, arc: Sequence[float] = (0.0,)) -> Score:
    """A score of about `length_s` seconds, whole bars; `arc` raises and lowers its intensity over the length."""
    bar_s = 60 / style.tempo_bpm * style.beats_per_bar
    bars = max(2, round(length_s / bar_s))
    sections = _sections(style, bars, np.asarray(arc))
    song = _song(style, sections, bars, rng)
    parts = _parts(style, song, rng)
    hits = _hits(style, song, rng)
    parts = tuple(_performed(_ended(part, song), song, style, rng) for part in parts if part.notes)
    swung = tuple(Hit(_swung(hit.start, style), hit.drum, hit.velocity) for hit in hits)
    return Score(style.tempo_bpm, float(song.beats), parts, swung, sections)


def _sections(style: Style, bars: int, arc: NDArray[np.float64]) -> tuple[Section, ...]:
    form = FORMS[style.form]
    unit = 4 if bars >= 3 * len(form) else 2 if bars >= 2 * len(form) else 1
    bounds = np.round(np.linspace(0, bars / unit, len(form) + 1)).astype(int) * unit
    bounds[-1] = bars
    base = 0.3 * (style.energy - 0.5)
    # Where the film has an arc, the music follows it and its own form steps back.
    own = 0.4 if np.ptp(arc) > 0.5 else 1.0
    sections = []
    for index, (label, intensity) in enumerate(form):
        first, count = int(bounds[index]), int(bounds[index + 1] - bounds[index])
        lift = float(np.interp((first + count / 2) / bars, np.linspace(0, 1, len(arc)), arc))
        if count:
            sections.append(
                Section(
                    label, first, count, float(np.clip(0.6 + own * (intensity - 0.6) + base + 0.45 * lift, 0.05, 1))
                )
            )
    return tuple(sections)


def _song(style: Style, sections: Sequence[Section], bars: int, rng: np.random.Generator) -> Song:
    key = Key(style.tonic, MODES[style.mode])
    turns = PROGRESSIONS[style.mode]
    verse, bridge = _turn(turns, key, style.warmth, rng), _turn(turns, key, style.warmth, rng)
    per_chord = 2 if style.tempo_bpm > 150 and rng.random() < 0.6 else 1
    slots: list[Slot] = []
    for section in sections:
        turn = bridge if section.label == "B" else verse
        for bar in range(section.bars):
            is_final = section.first_bar + bar == bars - 1
            degree = 0 if is_final else turn[(bar // per_chord) % len(turn)]
            chord = chord_on(key, degree, colour=style.colour, clash=bool(rng.random() < style.dissonance))
            before = slots[-1].voices if slots else ()
            voices = voicing_of(chord, centre=float(np.clip(style.centre - 9, 46, 72)), before=before)
            voices = (*voices, *(voice + 12 for voice in voices)) if style.is_doubled else voices
            slots.append(Slot((section.first_bar + bar) * style.beats_per_bar, style.beats_per_bar, chord, voices))
    return Song(key, style.beats_per_bar, tuple(sections), tuple(_joined(slots)))


def _turn(turns: Sequence[tuple[int, ...]], key: Key, warmth: float, rng: np.random.Generator) -> tuple[int, ...]:
    """One of the mode's progressions, with more major triads the warmer the music."""
    ordered = sorted(turns, key=lambda turn: sum(key.pitch(step + 2) - key.pitch(step) == 4 for step in turn))
    return ordered[int(np.clip(len(ordered) * warmth + rng.normal(0, 0.6), 0, len(ordered) - 1))]


def _joined(slots: Sequence[Slot]) -> list[Slot]:
    """A chord that stays over several bars is one, so that pads do not start anew at every bar line."""
    joined: list[Slot] = []
    for slot in slots:
        last = joined[-1] if joined else None
        if last and last.chord == slot.chord and last.length < 2 * slot.length:
            joined[-1] = Slot(last.start, last.length + slot.length, last.chord, last.voices)
        else:
            joined.append(slot)
    return joined


def _parts(style: Style, song: Song, rng: np.random.Generator) -> tuple[Part, ...]:
    line_up = style.line_up
    parts: list[tuple[Role, str | None, list[Note]]] = [
        *_leads(style, song, rng),
        ("chords", line_up.chords, _chords(style, song)),
        ("pad", line_up.pad, [note for section in _playing("pad", song) for note in hold_chords(song, section)]),
        ("figure", line_up.figure and line_up.figure[1], _figure(style, song)),
        ("bass", line_up.bass, _bass(style, song)),
        ("drone", "drone" if style.drone_db > FAINTEST_DRONE_DB else None, _drone(style, song)),
    ]
    return tuple(Part(role, instrument, tuple(notes)) for role, instrument, notes in parts if instrument)


def _playing(part: str, song: Song) -> list[Section]:
    return [section for section in song.sections if section.intensity >= ENTRY.get(part, 0.0)]


def _leads(style: Style, song: Song, rng: np.random.Generator) -> list[tuple[Role, str | None, list[Note]]]:
    """The tune, and a second voice under it where the music is fullest."""
    tunes = {label: invent_tune(rng, beats_per_bar=song.beats_per_bar, liveliness=style.liveliness) for label in "AB"}
    # A lead rests at beginning and break, unless nobody else would be heard.
    line_up = style.line_up
    rests = ("intro", "break") if line_up.pad or line_up.chords or line_up.figure else ()
    lead: list[Note] = []
    second: list[Note] = []
    for section in song.sections:
        if section.label not in rests:
            notes = _tune(style, song, section, tunes)
            lead += notes
            second += second_voice(notes, song) if section.intensity >= ENTRY["second lead"] else []
    return [("lead", line_up.lead, lead), ("second lead", line_up.lead, second)]


def _tune(style: Style, song: Song, section: Section, tunes: Mapping[str, Tune]) -> list[Note]:
    is_bridge = section.label == "B"
    tune, centre = tunes["B" if is_bridge else "A"], style.centre + (4 if is_bridge else 0)
    return play_tune(tune, song, section, centre=centre, legato=style.legato, answer=not is_bridge)


def _chords(style: Style, song: Song) -> list[Note]:
    roll_beats = 0.03 if style.line_up.chords in ROLLED else 0.004
    return [
        note
        for section in _playing("chords", song)
        for note in strike_chords(style.stroke, song, section, roll_beats=roll_beats)
    ]


def _figure(style: Style, song: Song) -> list[Note]:
    if style.line_up.figure is None:
        return []
    pattern, shift = style.line_up.figure[0], 12 if style.centre < 66 else 0
    return [note for section in song.sections for note in play_figure(pattern, song, section, shift=shift)]


def _bass(style: Style, song: Song) -> list[Note]:
    return [
        note
        for section in _playing("bass", song)
        for note in play_bass(style.bass_pattern, song, section, centre=style.bass_centre)
    ]


def _drone(style: Style, song: Song) -> list[Note]:
    """The tonic under everything, and the semitone over it where the music grates."""
    tonic = near(song.key.tonic, 40)
    pitches = (tonic, tonic + 1, tonic + 12) if style.dissonance > 0.5 else (tonic, tonic + 12)
    bars = range(0, song.beats, 2 * song.beats_per_bar)
    return [Note(start, 2 * song.beats_per_bar, pitch, 0.6) for start in bars for pitch in pitches]


def _hits(style: Style, song: Song, rng: np.random.Generator) -> list[Hit]:
    ticks = _ticks(style, song)
    if style.groove is None:
        return ticks
    final = song.beats - song.beats_per_bar
    hits = [hit for section in _playing("drums", song) for hit in play_groove(style.groove, song, section, rng)]
    return [*ticks, *(hit for hit in hits if hit.start <= final)]


def _ticks(style: Style, song: Song) -> list[Hit]:
    """A shaker under crowded music, in quarters or eighths of a beat, the louder the more crowded."""
    if style.density < SHAKEN_FROM:
        return []
    step, velocity = (4 if style.density > 0.75 else 2), 1.2 * (style.density - SHAKEN_FROM) + 0.25
    beats = range((song.beats - song.beats_per_bar) * step)
    return [Hit(tick / step, "shaker", velocity * (1.0 if tick % step == 0 else 0.7)) for tick in beats]


def _ended(part: Part, song: Song) -> Part:
    """In the last bar only what stands on its first beat is left, and held: the final chord."""
    last = song.beats - song.beats_per_bar
    kept = [note for note in part.notes if note.start < last - 0.01]
    final = [
        Note(n.start, song.beats_per_bar, n.pitch, n.velocity)
        for n in part.notes
        if last <= n.start + 0.01 < last + 0.15
    ]
    return Part(part.role, part.instrument, (*kept, *final))


def _performed(part: Part, song: Song, style: Style, rng: np.random.Generator) -> Part:
    """The part as played: swung, a little uneven, louder where the music is."""
    uneven = rng.normal(0, 1, (len(part.notes), 2))
    seconds = 0.0 if style.kit in ("electronic", "chip") else 0.006
    late_beats = seconds * style.tempo_bpm / 60
    notes = []
    for note, (late, strong) in zip(part.notes, uneven.tolist(), strict=True):
        loudness = 0.45 + 0.55 * _intensity_at(note.start, song)
        velocity = float(np.clip(note.velocity * loudness * (1 + 0.07 * strong), 0.05, 1))
        start = max(0.0, _swung(note.start, style) + late * late_beats)
        notes.append(Note(start, note.length, note.pitch, velocity))
    return Part(part.role, part.instrument, tuple(notes))


def _intensity_at(beat: float, song: Song) -> float:
    bar = int(beat // song.beats_per_bar)
    return next((s.intensity for s in song.sections if s.first_bar + s.bars > bar), song.sections[-1].intensity)


def _swung(beat: float, style: Style) -> float:
    """Delays what lies on the second half of a beat."""
    within = beat % 1
    return beat + style.swing * (1 - abs(within - 0.5) * 2) * 0.5 if style.swing else beat
