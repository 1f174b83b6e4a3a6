import numpy as np
import pytest

from app.domain import Float32Array
from app.recommendation.same_recording import (
    LEAST_COSINE,
    VALUES_PER_S,
    Fingerprint,
    Heard,
    bit_errors,
    course,
    has_same_course,
    is_same_recording,
    is_worth_a_look,
)

FAR, NEAR = LEAST_COSINE - 0.1, LEAST_COSINE + 0.01


def a_fingerprint(seed: int, *, seconds: float = 60.0) -> Fingerprint:
    return np.random.default_rng(seed).integers(0, 1 << 32, round(seconds * VALUES_PER_S), dtype=np.uint32)


def damaged(fingerprint: Fingerprint, *, share: float, seed: int = 9) -> Fingerprint:
    """With this share of its bits turned over, as another codec does."""
    flips = np.random.default_rng(seed).random((len(fingerprint), 32)) < share
    return fingerprint ^ np.packbits(flips, axis=1).view(">u4")[:, 0].astype(np.uint32)


def features(seed: int, *, steps: int = 16) -> Float32Array:
    return np.random.default_rng(seed).normal(3.0, 2.0, (steps, 20)).astype(np.float32)


def heard(
    duration_s: float = 60.0, *, rows: Float32Array | None = None, fingerprint: Fingerprint | None = None
) -> Heard:
    return Heard(duration_s, rows, fingerprint)


def test_bit_errors_are_the_share_of_bits_that_differ() -> None:
    one = a_fingerprint(1)
    assert bit_errors(one, one) == pytest.approx(0.0, abs=1e-6)
    assert bit_errors(one, damaged(one, share=0.1)) == pytest.approx(0.1, abs=0.01)
    assert bit_errors(one, a_fingerprint(2)) == pytest.approx(0.5, abs=0.05)


def test_a_cut_is_laid_where_it_belongs() -> None:
    one = a_fingerprint(1)
    for cut in (one[150:], one[:-150], one[77:-99], np.concatenate([a_fingerprint(2, seconds=15), one[:-200]])):
        assert bit_errors(one, cut) == pytest.approx(0.0, abs=1e-6)
        assert bit_errors(cut, one) == pytest.approx(0.0, abs=1e-6)


def test_a_common_tail_that_is_short_tells_nothing() -> None:
    one, other = a_fingerprint(1), a_fingerprint(2)
    few = round(9 * VALUES_PER_S)
    errors = bit_errors(one, np.concatenate([other[:-few], one[:few]]))
    assert errors is not None
    assert errors > 0.4


def test_a_fingerprint_of_too_little_sound_tells_nothing() -> None:
    assert bit_errors(a_fingerprint(1), a_fingerprint(1, seconds=9)) is None
    assert bit_errors(a_fingerprint(1), np.empty(0, np.uint32)) is None


def test_fingerprints_that_agree_make_a_recording_and_others_do_not() -> None:
    one = a_fingerprint(1)
    coded, other = damaged(one, share=0.15), a_fingerprint(2)
    assert is_same_recording(heard(fingerprint=one), heard(fingerprint=coded))
    assert is_same_recording(heard(fingerprint=one), heard(42.0, fingerprint=coded[140:]))
    assert not is_same_recording(heard(fingerprint=one), heard(fingerprint=other))
    # What they say counts more than the course.
    rows = features(1)
    assert not is_same_recording(heard(rows=rows, fingerprint=one), heard(rows=rows, fingerprint=other))


def test_a_mix_that_holds_a_recording_is_none() -> None:
    one = a_fingerprint(1)
    mix = np.concatenate([one, a_fingerprint(2), a_fingerprint(3)])
    assert not is_same_recording(heard(fingerprint=one), heard(180.0, fingerprint=mix))
    assert not is_worth_a_look(heard(), heard(180.0), cosine=1.0)


@pytest.mark.parametrize("fingerprint", [None, np.empty(0, np.uint32)])
def test_without_fingerprints_the_course_decides(fingerprint: Fingerprint | None) -> None:
    one = heard(rows=features(1), fingerprint=fingerprint)
    coded = features(1) + 0.3 * features(5)
    assert is_same_recording(one, heard(60.4, rows=coded, fingerprint=fingerprint))
    assert not is_same_recording(one, heard(rows=features(2)))
    assert not is_same_recording(one, heard(42.0, rows=features(1)))
    assert not is_same_recording(one, heard())


def test_a_course_does_not_change_with_levels_and_equalisers() -> None:
    rows = features(1)
    gains, offsets = np.linspace(0.5, 3, 20, dtype=np.float32), np.arange(20, dtype=np.float32)
    louder: Float32Array = rows * gains + offsets
    assert course(rows, rows) == pytest.approx(1.0)
    assert course(rows, louder) > 0.8
    assert abs(course(rows, features(2))) < 0.3


def test_no_feature_counts_for_more_because_its_figures_are_large() -> None:
    rows, other = features(1), features(2)
    rows[:, 0], other[:, 0] = 1e4 * np.arange(16), 1e4 * np.arange(16)
    assert course(rows, other) < 0.3


def test_features_that_never_vary_have_no_course() -> None:
    still = np.ones((16, 20), np.float32)
    assert course(still, still) == 0.0
    assert not has_same_course(heard(rows=still), heard(rows=still))


def test_features_of_another_shape_are_not_compared() -> None:
    assert not has_same_course(heard(rows=features(1)), heard(rows=features(1, steps=8)))


def test_neighbours_are_worth_a_look_and_so_are_files_of_one_course() -> None:
    assert is_worth_a_look(heard(), heard(42.0), cosine=NEAR)
    assert not is_worth_a_look(heard(), heard(42.0), cosine=FAR)
    assert is_worth_a_look(heard(rows=features(1)), heard(60.4, rows=features(1)), cosine=FAR)
    assert not is_worth_a_look(heard(rows=features(1)), heard(rows=features(2)), cosine=FAR)
    assert not is_worth_a_look(heard(0.0), heard(0.0), cosine=NEAR)
