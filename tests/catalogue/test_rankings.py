from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.access import ANYBODY
from app.catalogue import rankings
from app.catalogue.catalogue import Catalogue
from app.catalogue.rankings import Ranking, RankingStore
from app.request_errors import RecommendationNotFound
from tests.catalogue.new_recommendations import KEY, RANKING, create, recommendation

MADE = recommendation("A")


def drawn(as_of: int) -> Ranking:
    return Ranking(as_of=as_of, numbers=(1, 2), scores=(0.5, 0.25), folded={})


@pytest.fixture
def store(catalogue: Catalogue) -> RankingStore:
    create(catalogue, MADE)
    return RankingStore(catalogue.transactions)


def test_each_set_of_filters_has_a_ranking_of_its_own(store: RankingStore) -> None:
    assert store.get(MADE.id, "a") is None
    assert store.put(MADE.id, "a", drawn(8)) == drawn(8)
    assert store.get(MADE.id, "a") == drawn(8)
    assert store.get(MADE.id, KEY) == RANKING


def test_who_comes_second_is_given_what_the_first_stored(store: RankingStore) -> None:
    assert store.put(MADE.id, "a", drawn(8)) == drawn(8)
    assert store.put(MADE.id, "a", drawn(9)) == drawn(8)
    assert store.get(MADE.id, "a") == drawn(8)


def test_of_many_at_once_all_are_given_the_same(store: RankingStore) -> None:
    together = Barrier(6)

    def put(as_of: int) -> Ranking:
        together.wait(timeout=30)
        return store.put(MADE.id, "a", drawn(as_of))

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(put, range(6)))
    assert len({answer.as_of for answer in answers}) == 1
    assert store.get(MADE.id, "a") == answers[0]


def test_for_a_recommendation_that_was_deleted_meanwhile_nothing_is_stored(
    catalogue: Catalogue, store: RankingStore
) -> None:
    create(catalogue, recommendation("B")).delete(MADE.id, caller=ANYBODY)
    with pytest.raises(RecommendationNotFound):
        store.put(MADE.id, "a", drawn(8))
    assert store.get(MADE.id, "a") is None


def test_of_too_many_rankings_the_oldest_go_but_never_the_first(
    store: RankingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rankings, "MOST_RANKINGS", 3)
    for name in ("a", "b", "c", "d", "e"):
        store.put(MADE.id, name, drawn(8))
    kept = [name for name in (KEY, "a", "b", "c", "d", "e") if store.get(MADE.id, name) is not None]
    assert kept == [KEY, "c", "d", "e"]
