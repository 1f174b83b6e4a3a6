import numpy as np
import pytest

from tests.training.procedural.songs import song_of
from training.procedural.drums import DRUMS
from training.procedural.ensembles import ENSEMBLES
from training.procedural.grooves import GROOVES, LOUDNESS_OF_SIGN, play_groove


@pytest.mark.parametrize("groove", GROOVES)
def test_rows_name_drums_and_are_made_of_known_signs(groove: str) -> None:
    for drum, row in GROOVES[groove].items():
        assert drum in DRUMS
        assert len(row) in (12, 16)
        assert set(row) <= {".", *LOUDNESS_OF_SIGN}


@pytest.mark.parametrize("groove", GROOVES)
@pytest.mark.parametrize("beats_per_bar", [3, 4])
def test_hits_lie_within_their_section(groove: str, beats_per_bar: int) -> None:
    song = song_of(beats_per_bar=beats_per_bar)
    hits = play_groove(groove, song, song.sections[1], np.random.default_rng(0))
    assert hits
    assert all(4 * beats_per_bar <= hit.start < 8 * beats_per_bar for hit in hits)
    assert all(0 < hit.velocity <= 1 for hit in hits)


def test_a_loud_section_opens_with_a_crash_and_a_soft_one_does_not() -> None:
    loud, soft = song_of(intensity=0.9), song_of(intensity=0.5)
    rng = np.random.default_rng(0)
    assert "crash" in {hit.drum for hit in play_groove("rock", loud, loud.sections[0], rng)}
    assert "crash" not in {hit.drum for hit in play_groove("rock", soft, soft.sections[0], rng)}


def test_ensembles_name_only_grooves_there_are() -> None:
    assert {groove for band in ENSEMBLES.values() for groove in band.grooves if groove} <= GROOVES.keys()
