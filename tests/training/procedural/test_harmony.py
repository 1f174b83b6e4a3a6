import pytest

from training.procedural.harmony import (
    COLOURS,
    MODES,
    PROGRESSIONS,
    Key,
    chord_on,
    near,
    voicing_of,
)

C_MAJOR = Key(0, MODES["major"])


def test_every_mode_has_seven_rising_steps_and_progressions_within_them() -> None:
    assert MODES.keys() == PROGRESSIONS.keys()
    for mode, steps in MODES.items():
        assert len(steps) == 7
        assert list(steps) == sorted(set(steps))
        assert all(0 <= degree < 7 for turn in PROGRESSIONS[mode] for degree in turn)


def test_steps_go_on_by_octaves() -> None:
    assert C_MAJOR.pitch(0) == 0
    assert C_MAJOR.pitch(8) == 14
    assert C_MAJOR.pitch(-1) == -1


def test_the_fifth_degree_of_c_major_is_g_b_d() -> None:
    assert chord_on(C_MAJOR, 4, colour="triad").classes == (7, 11, 2)


def test_a_clash_adds_the_semitone_over_the_root() -> None:
    assert 1 in chord_on(C_MAJOR, 0, colour="triad", clash=True).classes
    assert 1 not in chord_on(C_MAJOR, 0, colour="triad").classes


@pytest.mark.parametrize("colour", COLOURS)
def test_a_voicing_holds_every_tone_of_the_chord_once_near_its_centre(colour: str) -> None:
    chord = chord_on(C_MAJOR, 3, colour=colour)
    voices = voicing_of(chord, centre=60)
    assert sorted(voice % 12 for voice in voices) == sorted(chord.classes)
    assert list(voices) == sorted(voices)
    assert abs(sum(voices) / len(voices) - 60) < 7


def test_voices_move_little_from_chord_to_chord() -> None:
    tonic = voicing_of(chord_on(C_MAJOR, 0, colour="triad"), centre=60)
    dominant = voicing_of(chord_on(C_MAJOR, 4, colour="triad"), centre=60, before=tonic)
    assert all(min(abs(voice - old) for old in tonic) <= 2 for voice in dominant)


def test_pitches_are_found_nearby() -> None:
    assert near(0, 59) == 60
    assert near(11, 61) == 59
