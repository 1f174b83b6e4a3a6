import pytest

from app.media.level_search import Aim, aim_for, mended, pushed, written
from app.media.loudness import Loudness
from app.media.mix import Level

# A mix that has to be made 16 dB louder, and limited for that.
SHARP = Loudness(-30.0, -8.0)


class Limiter:
    """Gives back so many decibels of each that is pushed; less of those beyond `hard_db`."""

    def __init__(self, *, loudness_lufs: float, won: float, hard_db: float = 100.0) -> None:
        self._loudness_lufs, self._won, self._hard_db = loudness_lufs, won, hard_db
        self.tried = list[Level]()

    def measure(self, level: Level) -> Loudness:
        self.tried.append(level)
        more_db = level.gain_db - self.tried[0].gain_db
        won_db = self._won * min(more_db, self._hard_db)
        return Loudness(self._loudness_lufs + won_db, level.limit_dbtp or 0.0)


class Coder:
    """Puts peaks so far above the limit, or above 3 dB less than the gain where there is none."""

    def __init__(self, *, above_db: float, lufs: float = -14.0, heeds_limit: bool = True) -> None:
        self._above_db, self._lufs, self._heeds_limit = above_db, lufs, heeds_limit
        self.written = list[Level]()

    def write(self, level: Level) -> Loudness:
        self.written.append(level)
        limit_dbtp = level.limit_dbtp if self._heeds_limit else None
        peak_dbtp = level.gain_db - 3.0 if limit_dbtp is None else limit_dbtp
        return Loudness(self._lufs, peak_dbtp + self._above_db)


def test_what_the_limiter_took_is_given_back() -> None:
    following = pushed(Level(6.0, -1.6), Loudness(-15.0, -1.7), most_gain_db=14.0)
    assert 7.0 <= following.gain_db <= 8.0
    assert following.limit_dbtp == -1.6


def test_a_level_that_is_good_is_kept() -> None:
    level = Level(6.0, -1.6)
    assert pushed(level, Loudness(-14.1, -1.7), most_gain_db=14.0) == level


def test_the_limiter_is_pushed_only_so_far() -> None:
    limiter = Limiter(loudness_lufs=-40.0, won=0.5)
    aim = aim_for(SHARP, limiter.measure)
    first = limiter.tried[0]
    assert aim.level.gain_db == aim.most_gain_db == first.gain_db + 8.0
    assert mended(aim.level, Loudness(-36.0, -1.5), most_gain_db=aim.most_gain_db) == aim.level


def test_a_mix_is_pushed_until_it_is_loud_enough() -> None:
    limiter = Limiter(loudness_lufs=-16.0, won=0.6)
    aim = aim_for(SHARP, limiter.measure)
    assert limiter.measure(aim.level).integrated_lufs == pytest.approx(-14.0, abs=0.25)


def test_a_push_that_wins_less_than_a_quarter_of_its_decibels_is_taken_back() -> None:
    limiter = Limiter(loudness_lufs=-24.4, won=0.05)
    aim = aim_for(SHARP, limiter.measure)
    assert aim.level == limiter.tried[0]
    assert len(limiter.tried) == 2


def test_only_the_push_that_wins_too_little_is_taken_back() -> None:
    limiter = Limiter(loudness_lufs=-17.0, won=0.5, hard_db=4.0)
    aim = aim_for(SHARP, limiter.measure)
    assert aim.level == limiter.tried[1]


def test_what_was_taken_back_is_not_pushed_again_after_coding() -> None:
    aim = aim_for(SHARP, Limiter(loudness_lufs=-24.4, won=0.05).measure)
    coder = Coder(above_db=0.3, lufs=-24.5)
    assert written(aim, coder.write).integrated_lufs == -24.5
    assert coder.written == [aim.level]


def test_what_needs_no_trial_is_not_measured_again() -> None:
    limiter = Limiter(loudness_lufs=-14.0, won=1.0)
    aim = aim_for(Loudness(-20.0, -8.0), limiter.measure)
    assert (aim.level, limiter.tried) == (Level(6.0, None), [])


def test_a_coded_file_with_low_peaks_at_the_right_loudness_stays() -> None:
    level = Level(3.0, None)
    assert mended(level, Loudness(-14.3, -1.2), most_gain_db=11.0) == level


def test_peaks_that_coding_raised_are_limited_lower_the_next_time() -> None:
    better = mended(Level(3.0, None), Loudness(-14.0, -0.4), most_gain_db=11.0)
    assert better.gain_db == pytest.approx(3.0)
    assert better.limit_dbtp is not None
    assert better.limit_dbtp < -2.2
    again = mended(better, Loudness(-14.0, -0.4), most_gain_db=11.0)
    assert again.limit_dbtp is not None
    assert again.limit_dbtp < better.limit_dbtp - 0.6


def test_loudness_that_coding_took_is_given_back() -> None:
    better = mended(Level(3.0, -1.6), Loudness(-14.7, -1.5), most_gain_db=11.0)
    assert better.gain_db == pytest.approx(3.7)
    assert better.limit_dbtp == -1.6


def test_a_short_file_with_high_peaks_is_made_quieter() -> None:
    level = Level(0.0, None)
    assert mended(level, Loudness(None, -0.5), most_gain_db=8.0).gain_db < -0.5
    assert mended(level, Loudness(None, -2.0), most_gain_db=8.0) == level


def test_a_file_that_is_good_is_written_once() -> None:
    coder = Coder(above_db=0.5)
    written(Aim(Level(3.0, -1.6), 11.0), coder.write)
    assert coder.written == [Level(3.0, -1.6)]


@pytest.mark.parametrize("limit_dbtp", [None, -2.3])
def test_where_no_limit_keeps_the_peaks_down_all_of_it_is_made_quieter(limit_dbtp: float | None) -> None:
    coder = Coder(above_db=0.0, heeds_limit=False)
    found = written(Aim(Level(3.0, limit_dbtp), 11.0), coder.write)
    assert found.peak_dbtp <= -1.0


def test_a_peak_that_nothing_lowers_is_told_and_ends_the_search(caplog: pytest.LogCaptureFixture) -> None:
    found = written(Aim(Level(3.0, -2.3), 11.0), lambda _: Loudness(-14.0, 2.0))
    assert found.peak_dbtp == 2.0
    assert "2.0 dBTP" in caplog.text
