import numpy as np
import pytest

from app.domain import Float32Array
from training import evaluation
from training.evaluation import Recalls, ranks, recalls_both_ways, recalls_of


def unit(rows: list[list[float]]) -> Float32Array:
    values = np.array(rows, np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return values


def test_the_rank_counts_the_tracks_that_are_nearer_than_the_partner() -> None:
    queries = unit([[1, 0], [1, 0], [0, 1]])
    targets = unit([[1, 0], [1, 1], [0.1, 1]])
    assert ranks(queries, targets, np.arange(3)).tolist() == [1, 2, 1]


def test_a_tie_counts_against_the_query() -> None:
    same = unit([[1, 0]] * 4)
    assert ranks(same, same, np.arange(4)).tolist() == [4, 4, 4, 4]


def test_a_score_that_is_no_number_counts_against_the_query() -> None:
    whole, broken = unit([[1, 0], [0, 1]]), np.full((2, 2), np.nan, np.float32)
    assert ranks(broken, whole, np.arange(2)).tolist() == [2, 2]


def test_rows_of_one_track_are_one_candidate_as_good_as_the_best_of_them() -> None:
    queries = unit([[1, 0], [0, 1], [0, 1]])
    # Rows 1 and 2 are one track; both lie nearer to query 0 than its own partner.
    targets = unit([[1, 1], [1, 0.1], [1, 0.2]])
    track = np.array([7, 3, 3])
    assert ranks(queries, targets, track).tolist() == [2, 2, 2]
    assert ranks(queries, targets, np.arange(3)).tolist() == [3, 3, 2]
    assert recalls_both_ways(queries, targets, track).pool == 2


def test_a_query_may_find_its_track_by_any_of_its_rows() -> None:
    queries = unit([[1, 0], [0, 1]])
    targets = unit([[0, 1], [1, 0]])
    assert ranks(queries, targets, np.array([5, 5])).tolist() == [1, 1]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    queries, targets = (unit(rng.normal(size=(50, 8)).tolist()) for _ in range(2))
    track = rng.integers(0, 30, 50)
    whole = ranks(queries, targets, track)
    monkeypatch.setattr(evaluation, "_QUERIES_AT_ONCE", 7)
    assert ranks(queries, targets, track).tolist() == whole.tolist()


def test_recalls_are_shares_of_the_queries() -> None:
    assert recalls_of(np.array([1, 2, 6, 11, 26])) == Recalls(r1=0.2, r5=0.4, r10=0.6, r25=0.8, median_rank=6.0)


def test_both_directions_are_told_apart() -> None:
    videos = unit([[1, 0], [1, 0.1]])
    music = unit([[1, 0.04], [0, 1]])
    both = recalls_both_ways(videos, music, np.arange(2))
    assert both.video_to_music.r1 == 0.5
    assert both.music_to_video.r1 == 1.0
