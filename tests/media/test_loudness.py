import math

import pytest

from app.media.loudness import Loudness, first_level, loudness_in, mended, needs_trial, pushed
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


def test_what_the_limiter_took_is_given_back() -> None:
    first = Level(6.0, -1.6)
    following = pushed(first, Loudness(-15.0, -1.7), first=first)
    assert 7.0 <= following.gain_db <= 8.0
    assert following.limit_dbtp == first.limit_dbtp


def test_a_level_that_is_good_is_kept() -> None:
    first = Level(6.0, -1.6)
    assert pushed(first, Loudness(-14.1, -1.7), first=first) == first


def test_the_limiter_is_pushed_only_so_far() -> None:
    first = level = Level(6.0, -1.6)
    for _ in range(10):
        level = pushed(level, Loudness(-30.0, -1.7), first=first)
    assert level.gain_db == 14.0
    assert mended(level, Loudness(-30.0, -1.5), first=first) == level


def test_a_coded_file_with_low_peaks_at_the_right_loudness_stays() -> None:
    level = Level(3.0, None)
    assert mended(level, Loudness(-14.3, -1.2), first=level) == level


def test_peaks_that_coding_raised_are_limited_lower_the_next_time() -> None:
    level = Level(3.0, None)
    better = mended(level, Loudness(-14.0, -0.4), first=level)
    assert better.gain_db == pytest.approx(3.0)
    assert better.limit_dbtp is not None
    assert better.limit_dbtp < -2.2
    again = mended(better, Loudness(-14.0, -0.4), first=level)
    assert again.limit_dbtp is not None
    assert again.limit_dbtp < better.limit_dbtp - 0.6


def test_loudness_that_coding_took_is_given_back() -> None:
    level = Level(3.0, -1.6)
    better = mended(level, Loudness(-14.7, -1.5), first=level)
    assert better.gain_db == pytest.approx(3.7)
    assert better.limit_dbtp == -1.6


def test_a_short_file_with_high_peaks_is_made_quieter() -> None:
    level = Level(0.0, None)
    assert mended(level, Loudness(None, -0.5), first=level).gain_db < -0.5
    assert mended(level, Loudness(None, -2.0), first=level) == level
