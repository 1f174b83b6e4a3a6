import numpy as np
import pytest

from training.hubs import hub_shares


def test_a_track_near_every_video_has_a_share_of_one() -> None:
    cosines = np.random.default_rng(0).uniform(-1, 0.5, (30, 12)).astype(np.float32)
    cosines[:, 7] = 0.9
    found = hub_shares(cosines, depth=3)
    assert found.top_track == 7
    assert found.top_share == 1.0
    assert found.shares.sum() == pytest.approx(3)


def test_blind_draws_tell_what_share_the_most_frequent_track_has_by_chance() -> None:
    # One place, two tracks, one video: somebody has it. Two videos: both agree half the time, so (1 + 0.5) / 2.
    assert hub_shares(np.array([[0.1, 0.2]], np.float32), depth=1).chance == 1.0
    assert hub_shares(np.array([[0.1, 0.2]] * 2, np.float32), depth=1).chance == pytest.approx(0.75, abs=0.05)


def test_tracks_that_no_video_gets_are_counted() -> None:
    cosines = np.array([[0.9, 0.8, 0.1, 0.0], [0.8, 0.9, 0.0, 0.1]], np.float32)
    assert hub_shares(cosines, depth=2).reached == 0.5


def test_more_places_than_tracks_are_refused() -> None:
    with pytest.raises(ValueError, match="there are 3"):
        hub_shares(np.zeros((2, 3), np.float32), depth=5)
