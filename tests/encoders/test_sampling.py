import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.encoders.sampling import fd_instants, gs_instants, gs_pick, window_starts


def test_global_sparse_sampling_takes_the_centres_of_equal_segments() -> None:
    assert gs_instants(10.0, 4).tolist() == [1.25, 3.75, 6.25, 8.75]


def test_fixed_duration_sampling_stays_in_thirty_seconds_around_the_centre() -> None:
    instants = fd_instants(100.0, 3)
    assert instants.tolist() == [40.0, 50.0, 60.0]


def test_fixed_duration_sampling_of_a_short_file_is_global() -> None:
    assert fd_instants(12.0, 5).tolist() == gs_instants(12.0, 5).tolist()


@given(st.floats(0, 20_000), st.integers(1, 200))
def test_instants_lie_inside_the_file_in_ascending_order(duration_s: float, count: int) -> None:
    for instants in (gs_instants(duration_s, count), fd_instants(duration_s, count)):
        assert len(instants) == count
        assert instants.min() >= 0
        assert instants.max() <= duration_s
        assert (np.diff(instants) >= 0).all()


def test_windows_are_spread_from_the_first_second_to_the_last() -> None:
    starts = window_starts(100.0, 10, 10.0)
    assert starts.tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]


@given(st.floats(0, 20_000), st.integers(1, 64), st.floats(0.1, 10))
def test_windows_never_reach_beyond_a_file_that_is_longer_than_one(
    duration_s: float, count: int, window_s: float
) -> None:
    starts = window_starts(duration_s, count, window_s)
    assert starts.min() >= 0
    assert starts.max() <= max(duration_s - window_s, 0)
    assert (np.diff(starts) >= 0).all()


def test_a_file_shorter_than_a_window_is_heard_from_its_beginning() -> None:
    assert window_starts(1.0, 4, 3.0).tolist() == [0, 0, 0, 0]


def test_evaluation_picks_the_step_at_each_segments_centre() -> None:
    assert gs_pick(10, 2).tolist() == [2, 7]
    assert gs_pick(100, 100).tolist() == list(range(100))


def test_training_picks_any_step_of_each_segment_afresh() -> None:
    rng = np.random.default_rng(0)
    picks = np.stack([gs_pick(50, 5, rng) for _ in range(400)])
    for segment in range(5):
        assert set(picks[:, segment]) == set(range(segment * 10, segment * 10 + 10))


@pytest.mark.parametrize("rng", [None, np.random.default_rng(3)])
def test_a_sequence_with_fewer_steps_than_asked_for_repeats_some(rng: np.random.Generator | None) -> None:
    picked = gs_pick(2, 5, rng)
    assert len(picked) == 5
    assert set(picked) <= {0, 1}
    assert (np.diff(picked) >= 0).all()
