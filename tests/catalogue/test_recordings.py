from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from sqlalchemy import Engine, text

from app.catalogue.catalogue import Catalogue
from app.catalogue.recordings import RecordingStore
from app.domain import TrackDetails
from tests.catalogue.new_tracks import add, delete
from tests.recommendation.job_works import until


@pytest.fixture
def store(catalogue: Catalogue) -> RecordingStore:
    return RecordingStore(catalogue.transactions)


def groups(catalogue: Catalogue, *numbers: int) -> list[int | None]:
    with catalogue.reading() as queries:
        tracks = queries.tracks(numbers)
    return [tracks[number].recording for number in numbers]


def test_tracks_that_nobody_looked_at_come_oldest_first_and_page_by_page(
    catalogue: Catalogue, store: RecordingStore
) -> None:
    numbers = [track.number for track in add(catalogue, 1, 2, 3, 4)]
    assert store.unlooked(after=0, limit=3) == numbers[:3]
    assert store.unlooked(after=numbers[2], limit=3) == numbers[3:]
    store.join({numbers[1]: []})
    assert store.unlooked(after=0, limit=9) == [numbers[0], *numbers[2:]]


def test_deleted_tracks_are_not_looked_at(catalogue: Catalogue, store: RecordingStore) -> None:
    first, second = add(catalogue, 1, 2)
    delete(catalogue, first)
    assert store.unlooked(after=0, limit=9) == [second.number]


def test_a_track_that_is_alone_has_its_own_number(catalogue: Catalogue, store: RecordingStore) -> None:
    first, second = (track.number for track in add(catalogue, 1, 2))
    assert groups(catalogue, first, second) == [None, None]
    store.join({second: []})
    assert groups(catalogue, first, second) == [None, second]


def test_tracks_of_one_recording_have_the_number_of_the_oldest(catalogue: Catalogue, store: RecordingStore) -> None:
    first, second, third = (track.number for track in add(catalogue, 1, 2, 3))
    for number, same in ((first, []), (second, [first]), (third, [second])):
        store.join({number: same})
    assert groups(catalogue, first, second, third) == [first, first, first]


def test_a_track_that_belongs_to_two_groups_makes_them_one(catalogue: Catalogue, store: RecordingStore) -> None:
    numbers = [track.number for track in add(catalogue, 1, 2, 3, 4, 5)]
    for number, same in ((0, []), (1, []), (2, [0]), (3, [1]), (4, [2, 3])):
        store.join({numbers[number]: [numbers[other] for other in same]})
    assert groups(catalogue, *numbers) == [numbers[0]] * 5


def test_an_older_track_that_nobody_looked_at_leads_the_group_and_is_still_to_be_looked_at(
    catalogue: Catalogue, store: RecordingStore
) -> None:
    first, second = (track.number for track in add(catalogue, 1, 2))
    store.join({second: [first]})
    assert groups(catalogue, first, second) == [None, first]
    assert store.unlooked(after=0, limit=9) == [first]
    store.join({first: [second]})
    assert groups(catalogue, first, second) == [first, first]


def test_what_is_said_twice_makes_no_difference(catalogue: Catalogue, store: RecordingStore) -> None:
    first, second = (track.number for track in add(catalogue, 1, 2))
    for _ in range(2):
        store.join({first: []})
        store.join({second: [first]})
    assert groups(catalogue, first, second) == [first, first]


def test_tracks_that_are_gone_are_left_out(catalogue: Catalogue, store: RecordingStore) -> None:
    (track,) = add(catalogue, 1)
    store.join({track.number: [track.number + 100]})
    store.join({track.number + 200: [track.number]})
    assert groups(catalogue, track.number) == [track.number]


def test_servers_that_join_beside_each_other_make_one_group_of_a_chain(
    catalogue: Catalogue, store: RecordingStore
) -> None:
    numbers = [track.number for track in add(catalogue, *range(12))]
    store.join({number: [] for number in numbers})
    with ThreadPoolExecutor(4) as servers:
        list(servers.map(lambda pair: store.join({pair[1]: [pair[0]]}), pairwise(numbers)))
    assert groups(catalogue, *numbers) == [numbers[0]] * 12


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_join_and_an_edit_of_the_same_track_do_not_wait_for_each_other(
    engine: Engine, catalogue: Catalogue, store: RecordingStore
) -> None:
    first, second = add(catalogue, 1, 2)
    with ThreadPoolExecutor(1) as other:
        with catalogue.writing() as queries:
            queries.edit_track(second.id, TrackDetails(title="Edited"))
            joining = other.submit(store.join, {second.number: [first.number]})
            until(lambda: has_waiting(engine))
        joining.result(timeout=30)
    assert groups(catalogue, second.number) == [first.number]
    with catalogue.reading() as queries:
        assert queries.track(second.id).details.title == "Edited"


def has_waiting(engine: Engine) -> bool:
    """Whether anybody waits for a lock of somebody else."""
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
