import numpy as np
import pytest

from app.domain import Float32Array
from training.evaluation import BothWays, Embedded, Recalls, recalls_both_ways
from training.pools import Spread, mean_both_ways, recalls_in_pools, spread

TRACKS = 40


def unit(vectors: np.ndarray) -> Float32Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def noisy_pairs(noise: float = 0.7, seed: int = 0) -> tuple[Embedded, Embedded]:
    """Pairs that find each other some of the time."""
    rng = np.random.default_rng(seed)
    shared, tracks = rng.normal(size=(TRACKS, 6)), rng.permutation(1000)[:TRACKS]
    first, second = (Embedded(unit(shared + noise * rng.normal(size=shared.shape)), tracks) for _ in range(2))
    return first, second


def all_alike(rows: int, tracks: np.ndarray) -> Embedded:
    return Embedded(np.ones((rows, 1), np.float32), tracks)


@pytest.mark.parametrize("size", [1, 7, 40])
def test_every_pool_holds_just_so_many_tracks(size: int) -> None:
    # Where all tie the pessimistic rank of each query is the size of its pool.
    query, target = all_alike(TRACKS, np.arange(TRACKS)), all_alike(3 * TRACKS, np.arange(3 * TRACKS) % TRACKS)
    found = recalls_in_pools(query, target, size=size, draws=5)
    assert found is not None
    assert (found.size, found.draws) == (size, 5)
    for way in (found.query_to_target, found.target_to_query):
        assert way.mean.median_rank == size
        assert way.deviation.median_rank == 0


def test_fewer_tracks_than_a_pool_takes_give_none() -> None:
    rows_of_few = all_alike(20, np.arange(20) % 5)
    assert recalls_in_pools(rows_of_few, rows_of_few, size=6) is None
    assert recalls_in_pools(rows_of_few, rows_of_few, size=5) is not None


def test_a_pool_of_all_tracks_is_the_whole_and_never_varies() -> None:
    query, target = noisy_pairs()
    whole = recalls_both_ways(query, target)
    found = recalls_in_pools(query, target, size=TRACKS, draws=2)
    assert found is not None
    assert found.query_to_target == Spread(whole.query_to_target, Recalls(0, 0, 0, 0, 0))
    assert found.target_to_query == Spread(whole.target_to_query, Recalls(0, 0, 0, 0, 0))
    assert whole.query_to_target != whole.target_to_query


def with_one_lost(query: Embedded, lost: int) -> Embedded:
    """The same, but the row of one track points away from everything."""
    vectors = query.vectors.copy()
    vectors[query.tracks == lost] = -1
    return Embedded(vectors, query.tracks)


def test_the_same_seed_draws_the_same_tracks_for_two_models() -> None:
    # Each model misses one track only, so a draw's R@1 tells whether that track was in the pool.
    perfect = Embedded(np.eye(TRACKS, dtype=np.float32), np.arange(TRACKS))
    order = np.random.default_rng(9).permutation(TRACKS)
    shuffled = Embedded(2 * perfect.vectors[order], perfect.tracks[order])

    def found(model: Embedded, lost: int, seed: int) -> float:
        pools = recalls_in_pools(with_one_lost(model, lost), model, size=8, draws=1, seed=seed)
        assert pools is not None
        return pools.query_to_target.mean.r1

    drawn = [[found(perfect, lost, seed) for lost in range(TRACKS)] for seed in (1, 1, 2)]
    again = [found(shuffled, lost, 1) for lost in range(TRACKS)]
    assert sum(share < 1 for share in drawn[0]) == 8
    assert drawn[0] == drawn[1] == again
    assert drawn[0] != drawn[2]


def test_smaller_pools_are_easier_and_differ_from_draw_to_draw() -> None:
    query, target = noisy_pairs()
    small, large = (recalls_in_pools(query, target, size=size) for size in (5, 30))
    assert small is not None
    assert large is not None
    assert (small.draws, large.draws) == (10, 10)
    assert small.query_to_target.mean.r1 > large.query_to_target.mean.r1
    assert small.query_to_target.deviation.r1 > 0


def test_all_rows_of_a_drawn_track_come_with_it() -> None:
    # Of a track's three captions the last alone is its target's; without it the target would find another's.
    eye = np.eye(TRACKS, dtype=np.float32)
    captions = Embedded(np.concatenate([np.roll(eye, 1, axis=0), -eye, eye]), np.tile(np.arange(TRACKS), 3))
    found = recalls_in_pools(captions, Embedded(eye, np.arange(TRACKS)), size=12, draws=4)
    assert found is not None
    assert found.target_to_query.mean.r1 < 1
    without_rivals = Embedded(np.concatenate([-eye, -eye, eye]), captions.tracks)
    found = recalls_in_pools(without_rivals, Embedded(eye, np.arange(TRACKS)), size=12, draws=4)
    assert found is not None
    assert found.target_to_query.mean.r1 == 1
    # Each caption is a query of its own, whichever pool: one in three finds its track.
    assert found.query_to_target.mean.r1 == pytest.approx(1 / 3)
    assert found.query_to_target.deviation.r1 == pytest.approx(0)


def test_the_spread_is_the_mean_and_the_deviation_with_n_less_one() -> None:
    draws = [Recalls(0.1, 0.2, 0.3, 0.4, 10.0), Recalls(0.3, 0.2, 0.5, 0.4, 13.0), Recalls(0.2, 0.2, 0.1, 0.4, 16.0)]
    found = spread(draws)
    assert [found.mean.r1, found.mean.r10, found.mean.median_rank] == pytest.approx([0.2, 0.3, 13.0])
    assert [found.deviation.r1, found.deviation.r10, found.deviation.median_rank] == pytest.approx([0.1, 0.2, 3.0])
    assert [found.deviation.r5, found.deviation.r25] == pytest.approx([0, 0])


def test_a_single_draw_has_no_deviation() -> None:
    only = Recalls(0.1, 0.2, 0.3, 0.4, 10.0)
    assert spread([only]) == Spread(only, Recalls(0, 0, 0, 0, 0))


def test_the_one_figure_of_a_run_is_the_mean_of_three_recalls_both_ways() -> None:
    both = BothWays(9, Recalls(0.9, 0.1, 0.2, 0.3, 1.0), Recalls(0.8, 0.4, 0.5, 0.9, 1.0))
    assert mean_both_ways(both) == pytest.approx((0.1 + 0.2 + 0.3 + 0.4 + 0.5 + 0.9) / 6)
