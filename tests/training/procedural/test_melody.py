import numpy as np
import pytest

from tests.training.procedural.songs import song_of
from training.procedural.harmony import MODES
from training.procedural.melody import CADENCES, CELLS, invent_tune, play_tune, second_voice


@pytest.mark.parametrize("beats", CELLS)
def test_every_rhythm_fills_its_bar(beats: int) -> None:
    for cell in (*(cell for level in CELLS[beats] for cell in level), *CADENCES[beats]):
        assert sum(abs(length) for length in cell) == beats


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("beats_per_bar", [3, 4])
def test_a_tune_stays_in_key_in_register_and_in_its_section(seed: int, beats_per_bar: int) -> None:
    song = song_of(beats_per_bar=beats_per_bar)
    tune = invent_tune(np.random.default_rng(seed), beats_per_bar=beats_per_bar, liveliness=0.6)
    notes = play_tune(tune, song, song.sections[1], centre=72, legato=0.9, answer=True)
    first, last = 4 * beats_per_bar, 8 * beats_per_bar
    assert notes
    assert all(first <= note.start < last for note in notes)
    assert {note.pitch % 12 for note in notes} <= set(MODES["major"])
    assert all(72 - 14 <= note.pitch <= 72 + 14 for note in notes)


def test_long_notes_belong_to_the_chord() -> None:
    song = song_of()
    tune = invent_tune(np.random.default_rng(2), beats_per_bar=4, liveliness=0.2)
    for note in play_tune(tune, song, song.sections[0], centre=72, legato=1.0, answer=False):
        if note.length >= 1:
            assert note.pitch % 12 in song.slot_at(note.start).chord.classes


def test_the_motif_comes_back_and_livelier_tunes_have_more_notes() -> None:
    calm = invent_tune(np.random.default_rng(5), beats_per_bar=4, liveliness=0.0)
    lively = invent_tune(np.random.default_rng(5), beats_per_bar=4, liveliness=1.0)
    assert calm.bars[0] == calm.bars[2]
    assert sum(map(len, lively.bars)) > sum(map(len, calm.bars))


def test_a_second_voice_lies_below_in_the_chord() -> None:
    song = song_of()
    tune = invent_tune(np.random.default_rng(1), beats_per_bar=4, liveliness=0.5)
    upper = play_tune(tune, song, song.sections[0], centre=72, legato=1.0, answer=False)
    for above, below in zip(upper, second_voice(upper, song), strict=True):
        assert above.pitch - 14 <= below.pitch <= above.pitch - 3
        assert below.pitch % 12 in song.slot_at(below.start).chord.classes
