import pytest

from tests.training.procedural.songs import song_of
from training.procedural.accompaniment import (
    BASSES,
    FIGURES,
    STROKES,
    hold_chords,
    play_bass,
    play_figure,
    strike_chords,
)


@pytest.mark.parametrize("pattern", STROKES)
@pytest.mark.parametrize("beats_per_bar", [3, 4])
def test_strokes_sound_the_chord_of_their_moment_and_end_with_it(pattern: str, beats_per_bar: int) -> None:
    song = song_of(beats_per_bar=beats_per_bar)
    notes = strike_chords(pattern, song, song.sections[0])
    assert notes
    for note in notes:
        slot = song.slot_at(note.start)
        assert note.pitch in slot.voices
        assert note.start + note.length <= slot.start + slot.length + 1e-6


def test_a_rolled_chord_begins_with_its_lowest_voice() -> None:
    song = song_of()
    first = strike_chords("held", song, song.sections[0], roll_beats=0.05)[:3]
    assert [note.start for note in first] == pytest.approx([0.0, 0.05, 0.1])
    assert [note.pitch for note in first] == sorted(note.pitch for note in first)


def test_a_pad_holds_every_chord_for_its_whole_time() -> None:
    song = song_of()
    notes = hold_chords(song, song.sections[0])
    assert len(notes) == 4 * 3
    assert {note.length for note in notes} == {4}


@pytest.mark.parametrize("pattern", FIGURES)
def test_figures_play_chord_tones_only(pattern: str) -> None:
    song = song_of()
    notes = play_figure(pattern, song, song.sections[1])
    assert notes[0].start == 16
    assert all(note.pitch % 12 in song.slot_at(note.start).chord.classes for note in notes)


@pytest.mark.parametrize("pattern", BASSES)
@pytest.mark.parametrize("beats_per_bar", [3, 4])
def test_basses_begin_each_chord_with_its_root_and_stay_low(pattern: str, beats_per_bar: int) -> None:
    song = song_of(beats_per_bar=beats_per_bar)
    notes = play_bass(pattern, song, song.sections[0], centre=36)
    assert all(24 <= note.pitch <= 60 for note in notes)
    assert all(note.start + note.length <= 4 * beats_per_bar + 1e-6 for note in notes)
    for note in notes:
        if note.start % beats_per_bar == 0:
            assert note.pitch % 12 == song.slot_at(note.start).chord.root


def test_a_walking_bass_leads_into_the_next_root_by_a_semitone() -> None:
    song = song_of()
    notes = play_bass("walking", song, song.sections[0], centre=36)
    assert abs(notes[3].pitch - notes[4].pitch) % 12 in (1, 11)
