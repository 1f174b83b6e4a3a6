import math

import pytest

from app.media.loudness import Loudness, first_level, loudness_in, needs_trial
from app.media.mix import Level

SUMMARY = """
[Parsed_ebur128_0 @ 0x557691b28000] Summary:

  Integrated loudness:
    I:         {lufs} LUFS
    Threshold: -23.2 LUFS

  Loudness range:
    LRA:         1.4 LU
    Threshold: -33.1 LUFS
    LRA low:   -13.8 LUFS
    LRA high:  -12.4 LUFS

  True peak:
    Peak:       {peak} dBFS
"""


def test_the_meters_last_words_are_read() -> None:
    assert loudness_in(SUMMARY.format(lufs="-13.2", peak="-1.1")) == Loudness(-13.2, -1.1)


@pytest.mark.parametrize(("lufs", "peak"), [("-70.0", "-inf"), ("-60.1", "-40.0")])
def test_silence_has_no_loudness(lufs: str, peak: str) -> None:
    assert loudness_in(SUMMARY.format(lufs=lufs, peak=peak)) == Loudness(None, float(peak))


def test_what_a_file_says_of_itself_is_not_taken_for_the_meters_words() -> None:
    title = "  Metadata:\n    title           : x\n    I:         -1.0 LUFS\n    Peak:       -99.0 dBFS\n"
    assert loudness_in(title + SUMMARY.format(lufs="-20.0", peak="-3.0")) == Loudness(-20.0, -3.0)


def test_no_words_of_the_meter_are_a_defect() -> None:
    with pytest.raises(ValueError, match="no loudness"):
        loudness_in("ffmpeg said something else")


def test_a_mix_with_room_for_its_peaks_is_only_made_louder() -> None:
    assert first_level(Loudness(-20.0, -8.0)) == Level(6.0, None)
    assert first_level(Loudness(-9.0, 2.0)) == Level(-5.0, None)


def test_peaks_that_would_stand_out_are_limited_with_room_for_what_coding_adds() -> None:
    level = first_level(Loudness(-20.0, -7.0))
    assert level.gain_db == 6.0
    assert level.limit_dbtp is not None
    assert -2.0 < level.limit_dbtp < -1.0


def test_silence_is_left_alone_and_lone_peaks_in_it_are_not_clipped() -> None:
    assert first_level(Loudness(None, -math.inf)) == Level(0.0, None)
    assert first_level(Loudness(None, -20.0)) == Level(0.0, None)
    assert first_level(Loudness(None, 1.0)).gain_db < -2.0


def test_only_a_limiter_that_takes_much_is_tried_first() -> None:
    for peak_dbtp, needed in [(-8.0, False), (-6.0, False), (-3.0, True)]:
        assert needs_trial(first_level(Loudness(-20.0, peak_dbtp))) is needed
