from collections import Counter

import pytest

from training.converters.shares import Shares


def test_splits_are_drawn_by_track_in_the_shares_asked_for_and_never_change() -> None:
    shares = Shares(validation=0.2, test=0.1, seed=0)
    tracks = [f"{number}.mp4" for number in range(4000)]
    drawn = Counter(shares.split_of(track) for track in tracks)
    assert drawn["test"] / 4000 == pytest.approx(0.1, abs=0.02)
    assert drawn["validation"] / 4000 == pytest.approx(0.2, abs=0.02)
    # Written down, since a set that grows must find its old tracks where they were.
    known = {"0.mp4": "train", "1.mp4": "validation", "4.mp4": "test"}
    assert {track: shares.split_of(track) for track in known} == known
    other = Shares(validation=0.2, test=0.1, seed=1)
    assert [other.split_of(track) for track in tracks] != [shares.split_of(track) for track in tracks]
    assert {Shares(0.0, 0.0, 0).split_of(track) for track in tracks} == {"train"}
