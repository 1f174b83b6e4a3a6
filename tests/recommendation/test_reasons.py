from dataclasses import replace
from itertools import product

import pytest

from app.character import Look, Reason, Sounding
from app.domain import Track, TrackDetails
from app.recommendation import reasons
from app.recommendation.reasons import MOST_REASONS, Scale, reasons_for
from tests.terminal.made_up import a_track

# In the middle of every scale.
PLAIN_LOOK = Look(pace=0.08, light=0.4, warmth=0.05, change=0.08)
PLAIN_SOUNDING = Sounding(brightness_octaves=-1.7, major_less_minor=0.0, onsets_per_s=3.7)


def track(*, bpm: float | None = 115.0, loudness_lufs: float | None = -16.0) -> Track:
    return replace(a_track(details=TrackDetails(bpm=bpm)), loudness_lufs=loudness_lufs)


def details(found: tuple[Reason, ...]) -> list[str]:
    return [reason.detail for reason in found]


def said(look: Look, music: Track, sounding: Sounding | None = PLAIN_SOUNDING) -> list[tuple[str, str]]:
    return [(reason.kind, reason.detail) for reason in reasons_for(look, music, sounding, ())]


def test_nothing_is_said_of_a_video_and_a_track_that_are_neither_this_nor_that() -> None:
    assert reasons_for(PLAIN_LOOK, track(), PLAIN_SOUNDING, ()) == ()


def test_a_fast_picture_goes_with_a_fast_beat_and_a_slow_one_with_a_slow_one() -> None:
    fast, slow = replace(PLAIN_LOOK, pace=0.314), replace(PLAIN_LOOK, pace=0.008)
    assert said(fast, track(bpm=128.2)) == [("pace", "A fast picture (0.31 widths/s) and a fast beat (128 BPM)")]
    assert said(slow, track(bpm=76.0)) == [("pace", "A slow picture (under 0.01 widths/s) and a slow beat (76 BPM)")]


def test_sides_that_contradict_each_other_are_no_reason() -> None:
    fast = replace(PLAIN_LOOK, pace=0.3)
    assert said(fast, track(bpm=76.0)) == []
    # Not even where another figure of the music would agree.
    assert said(fast, track(bpm=76.0), replace(PLAIN_SOUNDING, onsets_per_s=6.0)) == []


def test_where_the_tempo_is_unknown_or_ordinary_the_notes_tell() -> None:
    fast, busy = replace(PLAIN_LOOK, pace=0.3), replace(PLAIN_SOUNDING, onsets_per_s=6.04)
    for bpm in (None, 115.0):
        assert said(fast, track(bpm=bpm), busy) == [
            ("pace", "A fast picture (0.30 widths/s) and many notes (6.0 a second)")
        ]


def test_energy_is_told_by_what_changes_and_by_loudness() -> None:
    lively, calm = replace(PLAIN_LOOK, change=0.382), replace(PLAIN_LOOK, change=0.004)
    assert said(lively, track(loudness_lufs=-9.3)) == [
        ("energy", "A lively picture (38 % of it changes between sampled frames) and loud music (-9 LUFS)")
    ]
    assert said(calm, track(loudness_lufs=-26.0)) == [
        ("energy", "A calm picture (0 % of it changes between sampled frames) and soft music (-26 LUFS)")
    ]


def test_light_is_told_by_brightness_or_else_by_the_key() -> None:
    dark, bright = replace(PLAIN_LOOK, light=0.1), replace(PLAIN_LOOK, light=0.62)
    assert said(bright, track(), replace(PLAIN_SOUNDING, brightness_octaves=-1.0)) == [
        ("light", "A bright picture (62 % of white) and a bright sound (centred at 500 Hz)")
    ]
    assert said(dark, track(), replace(PLAIN_SOUNDING, major_less_minor=-0.15)) == [
        ("light", "A dark picture (10 % of white) and a minor key (fits 0.15 better than major)")
    ]


def test_warmth_is_told_by_the_key_or_else_by_a_mellow_sound() -> None:
    warm, cold = replace(PLAIN_LOOK, warmth=0.26), replace(PLAIN_LOOK, warmth=-0.34)
    assert said(warm, track(), replace(PLAIN_SOUNDING, major_less_minor=0.21)) == [
        ("warmth", "Warm colours (26 % more red than blue) and a major key (fits 0.21 better than minor)")
    ]
    assert said(warm, track(), replace(PLAIN_SOUNDING, brightness_octaves=-3.0)) == [
        ("warmth", "Warm colours (26 % more red than blue) and a mellow sound (centred at 125 Hz)")
    ]
    assert said(cold, track(), replace(PLAIN_SOUNDING, brightness_octaves=-1.0)) == [
        ("warmth", "Cold colours (34 % more blue than red) and a bright sound (centred at 500 Hz)")
    ]


def test_what_nobody_knows_is_not_spoken_of() -> None:
    loud_and_fast = Look(pace=None, light=0.9, warmth=0.4, change=0.5)
    assert reasons_for(loud_and_fast, track(bpm=None, loudness_lufs=None), None, ()) == ()
    assert said(loud_and_fast, track(bpm=180.0), None) == []


def test_one_figure_of_the_music_speaks_for_one_fact() -> None:
    bright_and_cold = replace(PLAIN_LOOK, light=0.9, warmth=-0.04)
    found = said(bright_and_cold, track(), replace(PLAIN_SOUNDING, brightness_octaves=-0.5))
    assert [kind for kind, _ in found] == ["light"]


def test_the_clearest_facts_come_first_and_there_are_three_at_most() -> None:
    everything = Look(pace=0.15, light=0.9, warmth=0.5, change=0.9)
    sounding = Sounding(brightness_octaves=0.0, major_less_minor=0.3, onsets_per_s=7.0)
    music = track(bpm=180.0, loudness_lufs=-5.0)
    # The picture is hardly fast at all.
    assert {kind for kind, _ in said(everything, music, sounding)} == {"energy", "light", "warmth"}
    clearest = said(replace(everything, pace=0.9), music, sounding)
    assert len(clearest) == MOST_REASONS
    assert clearest[0][0] == "pace"


def test_words_that_matched_are_named_before_all_facts() -> None:
    fast = replace(PLAIN_LOOK, pace=0.3)
    assert details(reasons_for(fast, track(bpm=140.0), PLAIN_SOUNDING, ("calm", "piano"))) == [
        "Your words fit: calm, piano",
        "A fast picture (0.30 widths/s) and a fast beat (140 BPM)",
    ]
    many = tuple("abcdefg")
    assert details(reasons_for(PLAIN_LOOK, track(), None, many)) == ["Your words fit: a, b, c, d, e and 2 more"]


SCALES = [value for value in vars(reasons).values() if isinstance(value, Scale)]


@pytest.mark.parametrize("scale", SCALES)
def test_a_scale_has_its_borders_on_its_sides_and_a_middle_without_a_name(scale: Scale) -> None:
    middle = (scale.low + scale.high) / 2
    assert [scale.side(value) for value in (scale.low, middle, scale.high)] == [-1, 0, 1]
    assert scale.beyond(scale.high) == scale.beyond(scale.low) == 0
    assert scale.beyond(2 * scale.high - scale.low) == pytest.approx(1.0)


def test_every_reason_is_one_sentence_with_its_figures() -> None:
    for pace, light, warmth, change in product((0.0, 0.3), (0.1, 0.9), (-0.3, 0.3), (0.0, 0.5)):
        look = Look(pace, light, warmth, change)
        for bpm, lufs, sounding in product(
            (None, 70.0, 150.0),
            (None, -30.0, -8.0),
            (Sounding(-3.0, -0.2, 2.0), Sounding(-0.5, 0.2, 6.0)),
        ):
            for reason in reasons_for(look, track(bpm=bpm, loudness_lufs=lufs), sounding, ()):
                assert reason.detail[0].isupper()
                assert reason.detail.count("(") == 2
                assert ". " not in reason.detail
