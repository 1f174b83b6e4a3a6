import numpy as np
import pytest

from training.procedural.ensembles import ENSEMBLES
from training.procedural.instruments import INSTRUMENTS, WIDE, note_of


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_instrument_sounds_at_all_pitches_and_is_finite(name: str) -> None:
    for pitch in (30, 60, 96):
        sound = note_of(name, pitch, rate_hz=11_025, length_s=0.3)
        assert np.isfinite(sound).all()
        assert 0.02 < float(np.abs(sound).max()) < 8


def test_ensembles_name_only_instruments_there_are() -> None:
    named = {
        instrument
        for band in ENSEMBLES.values()
        for instrument in (*band.leads, *band.chords, *band.pads, *band.basses, *(f[1] for f in band.figures if f))
    }
    assert {name for name in named if name} <= INSTRUMENTS.keys()
    assert INSTRUMENTS.keys() >= WIDE


def test_a_note_is_at_least_as_long_as_asked_for_and_is_kept() -> None:
    note = note_of("piano", 60, rate_hz=11_025, length_s=0.5)
    assert len(note) >= 0.5 * 11_025
    assert note_of("piano", 60, rate_hz=11_025, length_s=0.6) is note
    with pytest.raises(ValueError, match="read-only"):
        note[0] = 1
