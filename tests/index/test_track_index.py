from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
import pytest

from app.domain import Match
from app.index import track_index
from app.index.track_index import TrackIndex
from tests.index.unit_vectors import DIGEST, DIM, unit_vectors


def filled(count: int) -> TrackIndex:
    """Numbers 1 to `count`, in the order of `unit_vectors`."""
    index = TrackIndex(DIM, DIGEST)
    index.add(range(1, count + 1), unit_vectors(count))
    return index


def numbers_of(matches: list[Match]) -> list[int]:
    return [match.number for match in matches]


def true_order(count: int, query_seed: int, among: set[int] | None = None) -> list[int]:
    scores = unit_vectors(count).astype(np.float64) @ unit_vectors(1, seed=query_seed)[0].astype(np.float64)
    order = [int(number) for number in np.argsort(-scores) + 1]
    return [number for number in order if among is None or number in among]


def test_the_nearest_come_first_with_their_cosine() -> None:
    query = unit_vectors(1, seed=9)[0]
    matches = filled(200).search(query, limit=5)
    assert numbers_of(matches) == true_order(200, 9)[:5]
    for match in matches:
        assert match.score == pytest.approx(float(unit_vectors(200)[match.number - 1] @ query), abs=1e-6)


def test_a_limit_beyond_the_size_gives_all_and_an_empty_index_nothing() -> None:
    query = unit_vectors(1, seed=9)[0]
    assert numbers_of(filled(3).search(query, limit=100)) == true_order(3, 9)
    assert TrackIndex(DIM, DIGEST).search(query, limit=10) == []


@pytest.mark.parametrize("allowed", [{7}, {3, 50, 199}, set(range(1, 150)), set(range(1, 201))])
def test_among_allowed_numbers_the_search_is_exact_and_fills_its_limit(allowed: set[int]) -> None:
    query = unit_vectors(1, seed=9)[0]
    found = filled(200).search(query, limit=10, allowed=np.array([*allowed, 5000, -1]))
    assert numbers_of(found) == true_order(200, 9, allowed)[:10]


def test_the_scores_of_all_tracks_are_those_that_a_search_gives() -> None:
    query, index = unit_vectors(1, seed=9)[0], filled(200)
    index.remove([7, 200])
    numbers, cosines = index.scores(query)
    found = {match.number: match.score for match in index.search(query, limit=200)}
    assert dict(zip(numbers.tolist(), cosines.tolist(), strict=True)) == pytest.approx(found, abs=1e-6)
    assert not {7, 200} & set(numbers.tolist())


def test_an_empty_index_has_no_scores() -> None:
    numbers, cosines = TrackIndex(DIM, DIGEST).scores(unit_vectors(1)[0])
    assert numbers.shape == cosines.shape == (0,)


def test_nothing_allowed_is_nothing_found() -> None:
    query = unit_vectors(1, seed=9)[0]
    assert filled(20).search(query, limit=10, allowed=np.array([], dtype=np.int64)) == []
    assert filled(20).search(query, limit=10, allowed=np.array([21, 99])) == []


def test_allowed_numbers_given_twice_are_found_once() -> None:
    found = filled(20).search(unit_vectors(1, seed=9)[0], limit=10, allowed=np.array([4, 4, 4]))
    assert numbers_of(found) == [4]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 9])
@pytest.mark.parametrize("order", [[5, 1, 4, 2, 3, 6], [6, 3, 2, 4, 1, 5]])
def test_equal_scores_come_in_the_order_of_numbers_also_where_the_limit_cuts(order: list[int], limit: int) -> None:
    first, second = unit_vectors(2)
    index = TrackIndex(DIM, DIGEST)
    index.add([10, *order], np.stack([second, *[first] * 6]))
    assert numbers_of(index.search(first, limit=limit)) == [1, 2, 3, 4, 5, 6, 10][:limit]
    assert numbers_of(index.search(first, limit=limit, allowed=np.array([6, 5, 3]))) == [3, 5, 6][:limit]


def test_a_removed_track_is_found_no_more_in_any_search() -> None:
    index, query = filled(50), unit_vectors(1, seed=9)[0]
    best = true_order(50, 9)
    index.remove([best[0], best[2], 12345])
    assert numbers_of(index.search(query, limit=3)) == [best[1], best[3], best[4]]
    assert numbers_of(index.search(query, limit=3, allowed=np.array(best[:4]))) == [best[1], best[3]]
    assert len(index) == len(index.search(query, limit=100)) == 48
    assert best[0] not in index.numbers()


def test_tombstones_are_taken_out_when_they_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track_index, "TOMBSTONES_KEPT", 10)
    index, query = filled(200), unit_vectors(1, seed=9)[0]
    gone = true_order(200, 9)[:40]
    stored = []
    for number in gone:
        index.remove([number])
        stored.append(index._faiss.ntotal)
        assert number not in numbers_of(index.search(query, limit=5))
    assert len(index) == 160
    assert stored[0] == 200
    assert max(stored_count - alive for stored_count, alive in zip(stored, range(199, 159, -1), strict=True)) <= 20
    assert numbers_of(index.search(query, limit=5)) == true_order(200, 9)[40:45]


def test_everything_can_be_removed_and_added_again() -> None:
    index, query = filled(50), unit_vectors(1, seed=9)[0]
    index.remove(range(1, 51))
    assert (len(index), index.search(query, limit=5), index.numbers().tolist()) == (0, [], [])
    index.add(range(1, 51), unit_vectors(50))
    assert numbers_of(index.search(query, limit=5)) == true_order(50, 9)[:5]


@pytest.mark.parametrize("removes_first", [False, True])
def test_a_number_added_again_has_its_new_vector_only(removes_first: bool) -> None:
    index = filled(20)
    old, new = unit_vectors(20)[6], unit_vectors(1, seed=77)[0]
    if removes_first:
        index.remove([7])
    index.add([7], new[np.newaxis])
    assert len(index) == 20
    (nearest,) = index.search(new, limit=1)
    assert nearest.number == 7
    assert nearest.score == pytest.approx(1, abs=1e-6)
    (found,) = index.search(old, limit=1, allowed=np.array([7]))
    assert found.score == pytest.approx(float(old @ new), abs=1e-6)
    assert numbers_of(index.search(old, limit=20)).count(7) == 1


def test_no_embeddings_are_no_fault() -> None:
    index = TrackIndex(DIM, DIGEST)
    index.add([], np.empty((0, DIM), dtype=np.float32))
    index.remove([])
    assert len(index) == 0


NOT_UNIT = {
    "not a number": np.full(DIM, np.nan, dtype=np.float32),
    "infinite": np.full(DIM, np.inf, dtype=np.float32),
    "zero": np.zeros(DIM, dtype=np.float32),
    "long": unit_vectors(1)[0] * 1.01,
    "narrow": unit_vectors(1)[0][: DIM - 1],
    "wide": np.append(unit_vectors(1)[0], np.float32(0)),
}


@pytest.mark.parametrize("vector", NOT_UNIT.values(), ids=NOT_UNIT.keys())
def test_what_is_no_unit_vector_of_the_right_width_is_neither_searched_for_nor_added(
    vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> None:
    index = filled(5)
    with pytest.raises(ValueError, match="embedding"):
        index.search(vector, limit=1)
    with pytest.raises(ValueError, match="embedding"):
        index.add([9], vector[np.newaxis])
    assert len(index) == 5


@pytest.mark.parametrize("numbers", [[1], [1, 1], [1, 2, 3]])
def test_numbers_that_do_not_fit_the_embeddings_are_refused(numbers: list[int]) -> None:
    index = TrackIndex(DIM, DIGEST)
    with pytest.raises(ValueError, match="different"):
        index.add(numbers, unit_vectors(2))
    assert len(index) == 0


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        filled(2).search(unit_vectors(1)[0], limit=0)


def test_a_search_takes_no_more_threads_than_the_one_that_asks() -> None:
    def threads_after_a_search() -> int:
        index.search(unit_vectors(1)[0], limit=1)
        return faiss.omp_get_max_threads()

    index = filled(2)
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(threads_after_a_search).result() == 1


def test_searches_beside_changes_find_what_is_there_and_only_that() -> None:
    index, vectors = filled(100), unit_vectors(200)
    query = unit_vectors(1, seed=9)[0]

    def search() -> None:
        for _ in range(150):
            found = index.search(query, limit=200)
            numbers = numbers_of(found)
            assert len(set(numbers)) == len(numbers) >= 100
            for match in found:
                assert match.score == pytest.approx(float(vectors[match.number - 1] @ query), abs=1e-5)

    def change() -> None:
        for _ in range(20):
            for start in range(101, 201, 20):
                index.add(range(start, start + 20), vectors[start - 1 : start + 19])
            index.remove(range(101, 201))

    with ThreadPoolExecutor(4) as threads:
        tasks = [threads.submit(search) for _ in range(3)] + [threads.submit(change)]
        for task in tasks:
            task.result()
    assert numbers_of(index.search(query, limit=5)) == true_order(100, 9)[:5]
