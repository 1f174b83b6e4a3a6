import numpy as np
import pytest
import torch

from app.encoders.courses import Courses
from app.encoders.sampling import window_starts
from app.encoders.spec import SoundSampling
from app.recommendation.section_plan import LEAST_ROWS, MOST_SECTIONS, plan_sections
from tests.encoders.fitted_sides import FEATURES, STEPS, courses

# 16 windows of 4 s.
SAMPLING = SoundSampling(rate_hz=100, windows=16, window_samples=400)


def centres_s(duration_s: float) -> np.ndarray:
    return np.asarray(window_starts(duration_s, 16, 4.0) + 2.0)


@pytest.mark.parametrize("duration_s", [0.5, 11.9, 12.0])
def test_a_track_no_longer_than_the_video_is_its_own_section(duration_s: float) -> None:
    plan = plan_sections(duration_s, video_duration_s=12.0, sampling=SAMPLING)
    assert (plan.length_s, plan.starts_s.tolist()) == (duration_s, [0.0])
    assert plan.rows.tolist() == [list(range(16))]


@pytest.mark.parametrize("video_duration_s", [0.2, 3.0, 12.0, 60.0, 170.0, 179.9])
@pytest.mark.parametrize("duration_s", [180.0, 4000.0])
def test_sections_are_as_long_as_the_video_and_lie_within_the_track(duration_s: float, video_duration_s: float) -> None:
    plan = plan_sections(duration_s, video_duration_s=video_duration_s, sampling=SAMPLING)
    assert plan.length_s == video_duration_s
    assert 1 <= len(plan.starts_s) <= MOST_SECTIONS
    assert (np.diff(plan.starts_s) > 0).all()
    assert plan.starts_s[0] >= 0
    assert plan.starts_s[-1] + video_duration_s <= duration_s + 1e-9


@pytest.mark.parametrize("video_duration_s", [3.0, 12.0, 90.0])
def test_a_sections_rows_are_neighbours_around_its_middle(video_duration_s: float) -> None:
    plan = plan_sections(180.0, video_duration_s=video_duration_s, sampling=SAMPLING)
    assert plan.rows.shape == (len(plan.starts_s), 16)
    for start_s, rows in zip(plan.starts_s, plan.rows, strict=True):
        heard = np.unique(rows)
        assert (np.diff(rows) >= 0).all()
        assert (np.diff(heard) == 1).all()
        middle_s = float(centres_s(180.0)[heard].mean())
        is_at_an_end = start_s in (0.0, 180.0 - video_duration_s)
        assert is_at_an_end or start_s + video_duration_s / 2 == pytest.approx(middle_s)


def test_a_short_video_hears_a_few_rows_and_a_long_one_all_that_lie_inside() -> None:
    short = plan_sections(180.0, video_duration_s=3.0, sampling=SAMPLING)
    long = plan_sections(180.0, video_duration_s=90.0, sampling=SAMPLING)
    assert {len(set(rows)) for rows in short.rows.tolist()} == {LEAST_ROWS}
    assert {len(set(rows)) for rows in long.rows.tolist()} == {8}


def test_every_row_of_a_track_is_heard_in_some_section() -> None:
    for video_duration_s in (3.0, 30.0, 90.0, 150.0):
        plan = plan_sections(180.0, video_duration_s=video_duration_s, sampling=SAMPLING)
        assert set(plan.rows.flatten().tolist()) == set(range(16))


def test_a_track_with_fewer_rows_than_a_section_takes_has_one_section_in_its_middle() -> None:
    sampling = SoundSampling(rate_hz=100, windows=3, window_samples=400)
    plan = plan_sections(60.0, video_duration_s=10.0, sampling=sampling)
    assert plan.starts_s.tolist() == pytest.approx([25.0])
    assert plan.rows.tolist() == [[0, 1, 2]]


def test_a_track_of_many_rows_has_no_more_sections_than_one_of_few() -> None:
    sampling = SoundSampling(rate_hz=100, windows=300, window_samples=400)
    plan = plan_sections(1800.0, video_duration_s=10.0, sampling=sampling)
    assert plan.rows.shape == (MOST_SECTIONS, 300)
    assert plan.starts_s[0] < 30
    assert plan.starts_s[-1] > 1770 - 10


def test_an_encoder_that_wants_its_own_number_of_steps_takes_sections_too() -> None:
    sampling = SoundSampling(rate_hz=100, windows=STEPS, window_samples=400)
    plan = plan_sections(60.0, video_duration_s=5.0, sampling=sampling)
    features = torch.randn(STEPS, FEATURES)
    embedded = Courses(courses(), feature_dim=FEATURES)(features[torch.from_numpy(plan.rows)])
    assert len(embedded) == len(plan.starts_s) == 2
    assert embedded.isfinite().all()
    assert (embedded.norm(dim=1) > 0).all()
