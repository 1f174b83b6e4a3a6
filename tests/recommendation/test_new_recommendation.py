import asyncio
import hashlib
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, func, select

from app.access import ANYBODY
from app.blobs.features import read_features
from app.blobs.store import BlobStore
from app.catalogue.recommendations import RecommendationStore
from app.catalogue.request_tables import rankings, recommendations
from app.catalogue.transactions import Transactions
from app.domain import Brief
from app.errors import CheckpointMismatch, DiskFull, NoVideoStream
from app.recommendation.forget import let_video_go
from app.recommendation.fuse import USUAL_TEXT_WEIGHT
from app.recommendation.library import Library
from app.recommendation.new_recommendation import Asked, VideoFile, recommend
from tests.fake_pool import FakePool, embedding_of
from tests.recommendation.asked_about import DAY, ask, ask_again, numbers, wanted
from tests.recommendation.tracks_at_hand import add
from tests.recommendation.varied_tracks import fill

VIDEO = b"a video"
SHA256 = hashlib.sha256(VIDEO).hexdigest()


def rows(library: Library) -> tuple[int, int]:
    """How many recommendations and how many rankings are stored."""
    with library.catalogue.transactions.reading() as connection:
        counts = [connection.scalar(select(func.count()).select_from(table)) for table in (recommendations, rankings)]
    return counts[0] or 0, counts[1] or 0


def test_the_nearest_track_comes_first_and_the_rest_is_told(library: Library, pool: FakePool) -> None:
    for content in (b"one", VIDEO, b"three"):
        add(library, pool, content)
    found = ask(library, pool, brief=Brief("A title", ("fast",)), page=wanted(limit=2))
    assert found.results[0].track.sha256 == SHA256
    # No track has any of the words, so their share of the score is lost to all.
    assert found.results[0].score == pytest.approx(1 - USUAL_TEXT_WEIGHT, abs=1e-5)
    assert (len(found.results), found.total, found.library_size, found.next_offset) == (2, 3, 3, 2)
    asked = found.recommendation
    assert (asked.brief, asked.text_used, asked.video_sha256) == (Brief("A title", ("fast",)), True, None)
    assert (asked.video.width, asked.video.height, asked.video.frames) == (1080, 1920, 32)
    assert asked.expires_at - asked.created_at == DAY
    assert found.timing_ms.keys() == {
        "wait", "decode", "features", "encode", "search", "rank", "catalogue", "sections"
    }  # fmt: skip


def test_its_first_page_is_stored_with_it(library: Library, pool: FakePool) -> None:
    fill(library, 20)
    found = ask(library, pool)
    assert rows(library) == (1, 1)
    add(library, pool, VIDEO)
    assert numbers(ask_again(found, library, pool)) == numbers(found)
    assert rows(library) == (1, 1)


def test_what_makes_a_training_pair_is_kept(library: Library, pool: FakePool, tmp_path: Path) -> None:
    ask(library, pool)
    with library.catalogue.transactions.reading() as connection:
        row = connection.execute(select(recommendations)).one()
    (tmp_path / "features.npy").write_bytes(row.features)
    assert read_features(tmp_path / "features.npy").tolist() == np.ones((4, 3)).tolist()
    assert row.features_space == library.spec.video.space
    assert np.array_equal(np.frombuffer(row.vector, dtype="<f4"), embedding_of(VIDEO))


def test_a_video_is_gone_once_it_is_encoded(library: Library, pool: FakePool) -> None:
    ask(library, pool)
    assert [path.exists() for path in pool.seen] == [False]
    assert not library.blobs.path(SHA256).exists()


def test_a_video_that_is_to_be_kept_is_kept(library: Library, pool: FakePool) -> None:
    found = ask(library, pool, keeps=True)
    assert library.blobs.path(SHA256).read_bytes() == VIDEO
    assert found.recommendation.video_sha256 == SHA256
    store = RecommendationStore(library.catalogue.transactions)
    assert store.kept_videos() == {SHA256}


@pytest.mark.parametrize("keeps", [False, True])
def test_a_video_that_cannot_be_encoded_leaves_nothing(library: Library, pool: FakePool, keeps: bool) -> None:
    with pytest.raises(NoVideoStream):
        ask(library, pool, b"raise NoVideoStream\n", keeps=keeps)
    assert rows(library) == (0, 0)
    assert [path for path in library.blobs.path(SHA256).parents[2].rglob("*") if path.name.startswith("upload")] == []


@pytest.mark.parametrize("keeps", [False, True])
def test_in_a_library_that_was_moved_to_another_checkpoint_nothing_is_left(
    library: Library, pool: FakePool, keeps: bool
) -> None:
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    with pytest.raises(CheckpointMismatch):
        ask(library, pool, keeps=keeps)
    assert rows(library) == (0, 0)
    assert not library.blobs.path(SHA256).exists()


def test_where_there_is_no_room_for_the_row_the_video_does_not_stay(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFull

    monkeypatch.setattr(RecommendationStore, "create", full)
    with pytest.raises(DiskFull):
        ask(library, pool, keeps=True)
    assert not library.blobs.path(SHA256).exists()


def test_a_video_that_another_recommendation_keeps_stays_all_the_same(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFull

    ask(library, pool, keeps=True)
    monkeypatch.setattr(RecommendationStore, "create", full)
    with pytest.raises(DiskFull):
        ask(library, pool, keeps=True)
    assert library.blobs.path(SHA256).read_bytes() == VIDEO


def test_where_there_is_no_room_for_the_video_nothing_is_stored(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFull

    monkeypatch.setattr(BlobStore, "put", full)
    with pytest.raises(DiskFull):
        ask(library, pool, keeps=True)
    assert rows(library) == (0, 0)


def test_the_stages_are_told_as_they_begin(library: Library, pool: FakePool, tmp_path: Path) -> None:
    told: list[str] = []
    path = tmp_path / "clip.mp4"
    path.write_bytes(VIDEO)
    asked = Asked(brief=Brief(), page=wanted(), keeps_video=False, caller=ANYBODY)
    asyncio.run(recommend(VideoFile(path, SHA256), asked, lasts=DAY, library=library, encoder=pool, tell=told.append))
    assert told == ["decode", "encode", "search"]


def test_the_rows_are_written_in_one_transaction(
    library: Library, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, writing = 0, Transactions.writing

    def counted(transactions: Transactions) -> AbstractContextManager[Connection]:
        nonlocal count
        count += 1
        return writing(transactions)

    monkeypatch.setattr(Transactions, "writing", counted)
    ask(library, pool)
    assert count == 1


def test_a_video_is_not_let_go_by_another_server_while_it_is_being_kept(
    library: Library, pool: FakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = hashlib.sha256(b"film").hexdigest()
    create, there = RecommendationStore.create, replace(library, blobs=BlobStore(tmp_path / "blobs"))
    with ThreadPoolExecutor(1) as other:
        leaving: list[Future[None]] = []

        def created(store: RecommendationStore, *row: Any, **ranking: Any) -> None:
            # The file is there, and no row names it yet.
            leaving.append(other.submit(let_video_go, sha256, library=there))
            wait(leaving, timeout=0.2)
            create(store, *row, **ranking)

        monkeypatch.setattr(RecommendationStore, "create", created)
        ask(library, pool, b"film", keeps=True)
        leaving[0].result(timeout=10)
    assert library.blobs.path(sha256).read_bytes() == b"film"
