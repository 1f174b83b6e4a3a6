from collections.abc import Sequence

import numpy as np
import pytest

from training import evaluation
from training.evaluation import Embedded, Recalls, ranks, recalls_both_ways, recalls_of


def side(rows: Sequence[Sequence[float]], tracks: list[int] | None = None) -> Embedded:
    """Rows brought to unit length; each a track of its own where nothing else is said."""
    vectors = np.array(rows, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Embedded(vectors, np.arange(len(rows)) if tracks is None else np.array(tracks))


def test_the_rank_counts_the_tracks_that_are_nearer_than_the_partner() -> None:
    queries = side([[1, 0], [1, 0], [0, 1]])
    targets = side([[1, 0], [1, 1], [0.1, 1]])
    assert ranks(queries, targets).tolist() == [1, 2, 1]


def test_a_tie_counts_against_the_query() -> None:
    same = side([[1, 0]] * 4)
    assert ranks(same, same).tolist() == [4, 4, 4, 4]


def test_what_rounding_alone_tells_apart_is_a_tie() -> None:
    query = Embedded(np.array([[1, 0]], np.float32), np.array([0]))
    targets = Embedded(np.array([[0.5, 0], [0.5 - 2e-7, 0], [0.5 - 2e-5, 0]], np.float32), np.arange(3))
    assert ranks(query, targets).tolist() == [2]


def test_a_score_that_is_no_number_counts_against_the_query() -> None:
    whole, broken = side([[1, 0], [0, 1]]), Embedded(np.full((2, 2), np.nan, np.float32), np.arange(2))
    assert ranks(broken, whole).tolist() == [2, 2]
    one_broken = Embedded(np.array([[1, 0], [np.nan, 0], [0, 1]], np.float32), np.arange(3))
    assert ranks(side([[1, 0]]), one_broken).tolist() == [2]


def test_rows_of_one_track_are_one_candidate_as_good_as_the_best_of_them() -> None:
    # Rows 1 and 2 are one track; both lie nearer to query 0 than its own partner.
    rows, queries = [[1, 1.0], [1, 0.1], [1, 0.2]], [[1, 0], [0, 1], [0, 1]]
    assert ranks(side(queries, [7, 3, 3]), side(rows, [7, 3, 3])).tolist() == [2, 2, 2]
    assert ranks(side(queries), side(rows)).tolist() == [3, 3, 2]
    assert recalls_both_ways(side(queries, [7, 3, 3]), side(rows, [7, 3, 3])).pool == 2


def test_a_query_may_find_its_track_by_any_of_its_rows() -> None:
    assert ranks(side([[1, 0], [0, 1]], [5, 5]), side([[0, 1], [1, 0]], [5, 5])).tolist() == [1, 1]


def test_every_caption_is_a_query_and_all_of_an_item_are_one_candidate() -> None:
    # Two captions of track 0, three of track 1, one target each; caption 2 of track 1 tells of the other.
    captions = side([[1, 0.1], [1, 0.2], [0, 1], [1, 0], [0.1, 1]], [0, 0, 1, 1, 1])
    targets = side([[1, 0], [0, 1]])
    assert ranks(captions, targets).tolist() == [1, 1, 1, 2, 1]
    # Track 0's best caption (1, 0.1) is beaten by (1, 0), a caption of the other.
    assert ranks(targets, captions).tolist() == [2, 1]
    both = recalls_both_ways(captions, targets)
    assert (both.pool, both.query_to_target.r1, both.target_to_query.r1) == (2, 0.8, 0.5)


def ranks_one_by_one(query: Embedded, target: Embedded) -> list[int]:
    found = []
    for vector, track in zip(query.vectors, query.tracks, strict=True):
        best = {
            candidate: max(float(vector @ row) for row in target.vectors[target.tracks == candidate])
            for candidate in set(target.tracks.tolist())
        }
        found.append(sum(score >= best[int(track)] for score in best.values()))
    return found


def uneven(seed: int = 3) -> tuple[Embedded, Embedded]:
    """50 queries and 80 targets of 30 tracks whose numbers have gaps, in no order."""
    rng = np.random.default_rng(seed)
    tracks = rng.choice(1000, 30, replace=False)
    query, target = (rng.permutation(np.concatenate([tracks, rng.choice(tracks, more)])) for more in (20, 50))
    return (
        side(rng.normal(size=(50, 8)).tolist(), query.tolist()),
        side(rng.normal(size=(80, 8)).tolist(), target.tolist()),
    )


def test_ranks_are_those_of_a_search_one_by_one() -> None:
    query, target = uneven()
    assert ranks(query, target).tolist() == ranks_one_by_one(query, target)
    assert ranks(target, query).tolist() == ranks_one_by_one(target, query)


@pytest.mark.parametrize("values", [1, 80 * 7, 80 * 49])
def test_blocks_change_nothing(values: int, monkeypatch: pytest.MonkeyPatch) -> None:
    query, target = uneven()
    whole = ranks(query, target)
    monkeypatch.setattr(evaluation, "_VALUES_AT_ONCE", values)
    assert ranks(query, target).tolist() == whole.tolist()


def test_a_pool_keeps_all_rows_of_the_tracks_it_is_made_of() -> None:
    whole = side([[1, 0], [0, 1], [1, 1], [1, 2]], [4, 9, 4, 2])
    part = whole.of(np.array([2, 4]))
    assert part.tracks.tolist() == [4, 4, 2]
    np.testing.assert_array_equal(part.vectors, whole.vectors[[0, 2, 3]])


def test_recalls_are_shares_of_the_queries() -> None:
    assert recalls_of(np.array([1, 2, 6, 11, 26])) == Recalls(r1=0.2, r5=0.4, r10=0.6, r25=0.8, median_rank=6.0)
    assert recalls_of(np.array([1, 5, 10, 25])) == Recalls(r1=0.25, r5=0.5, r10=0.75, r25=1.0, median_rank=7.5)


def test_both_directions_are_told_apart() -> None:
    both = recalls_both_ways(side([[1, 0], [1, 0.1]]), side([[1, 0.04], [0, 1]]))
    assert both.query_to_target.r1 == 0.5
    assert both.target_to_query.r1 == 1.0
