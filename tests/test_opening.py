from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import opening
from app.encoders.spec import digest_of
from app.errors import CheckpointError, CheckpointMismatch
from app.inference.pool import PoolSetup
from app.opening import open_library, open_stores, running_pool, with_checkpoint_of_library
from app.recommendation.checkpoints import KeptCheckpoints
from app.settings import STARTER_CHECKPOINT, Settings
from tests.settings_at_hand import add_a_track, another_checkpoint


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def other_checkpoint(tmp_path: Path) -> Path:
    return another_checkpoint(tmp_path / "other")


def named(settings: Settings, checkpoint: Path) -> Settings:
    """The same library with a checkpoint that is named, as by BGM_CHECKPOINT."""
    return Settings(data_dir=settings.data_dir, checkpoint=checkpoint)


def move_to(settings: Settings, checkpoint: Path) -> str:
    """As a re-embedding leaves an empty library: a copy of the checkpoint is kept, and it is the active one."""
    digest = KeptCheckpoints(settings.data_dir).keep(checkpoint)
    with open_stores(settings) as stores, stores.catalogue.writing() as queries:
        queries.set_active_digest(digest)
    return digest


def test_a_new_data_folder_becomes_an_empty_library_for_the_checkpoint(settings: Settings) -> None:
    with open_library(settings) as library:
        assert len(library.upkeep.index) == 0
        with library.catalogue.reading() as queries:
            assert queries.active_digest() == library.digest
    assert (settings.data_dir / "catalogue.sqlite3").exists()


def test_a_library_opens_again_with_what_is_in_it(settings: Settings) -> None:
    add_a_track(settings)
    with open_library(settings) as library:
        assert len(library.upkeep.index) == 1


def test_a_library_of_another_checkpoint_is_refused_by_naming_the_command(
    settings: Settings, other_checkpoint: Path
) -> None:
    add_a_track(settings)
    with (
        pytest.raises(CheckpointMismatch, match="bgm reembed --checkpoint"),
        open_library(named(settings, other_checkpoint)),
    ):
        pass
    with open_library(settings) as library:
        assert len(library.upkeep.index) == 1


def test_a_library_without_tracks_takes_any_checkpoint(settings: Settings, other_checkpoint: Path) -> None:
    with open_library(settings) as library:
        digest = library.digest
    with open_library(named(settings, other_checkpoint)) as library:
        assert library.digest != digest


def test_a_checkpoint_that_is_none_is_refused_before_anything_is_made(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError), open_library(named(settings, tmp_path)):
        pass
    assert not settings.data_dir.exists()


def test_where_no_checkpoint_is_named_the_librarys_own_is_taken_from_its_copies(
    settings: Settings, other_checkpoint: Path
) -> None:
    digest = move_to(settings, other_checkpoint)
    with open_library(settings) as library:
        assert (library.digest, library.spec.name) == (digest, "other")
    found = with_checkpoint_of_library(settings)
    assert digest_of(found.checkpoint) == digest
    assert with_checkpoint_of_library(found) is found


def test_a_checkpoint_that_is_named_is_taken_even_where_a_copy_of_the_librarys_own_is_kept(
    settings: Settings, other_checkpoint: Path
) -> None:
    add_a_track(named(settings, other_checkpoint))
    KeptCheckpoints(settings.data_dir).keep(other_checkpoint)
    with (
        pytest.raises(CheckpointMismatch, match="bgm reembed --checkpoint"),
        open_library(named(settings, STARTER_CHECKPOINT)),
    ):
        pass


def test_where_the_librarys_own_checkpoint_is_not_kept_the_usual_one_is_taken(
    settings: Settings, other_checkpoint: Path
) -> None:
    with open_library(settings):
        pass
    KeptCheckpoints(settings.data_dir).keep(other_checkpoint)
    assert with_checkpoint_of_library(settings) is settings


def test_without_copies_no_database_is_made_to_look_for_one(settings: Settings) -> None:
    assert with_checkpoint_of_library(settings) is settings
    assert not settings.data_dir.exists()


def test_a_damaged_copy_keeps_a_server_from_starting(settings: Settings, other_checkpoint: Path) -> None:
    digest = move_to(settings, other_checkpoint)
    weights = KeptCheckpoints(settings.data_dir).folder(digest) / "weights.safetensors"
    weights.write_bytes(b"")
    with pytest.raises(CheckpointError, match="bgm reembed --checkpoint"), open_library(settings):
        pass


def test_processes_run_the_checkpoint_that_the_library_was_moved_to(
    settings: Settings, other_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setups: list[PoolSetup] = []

    @contextmanager
    def pool(setup: PoolSetup) -> Iterator[None]:
        setups.append(setup)
        yield

    monkeypatch.setattr(opening, "InferencePool", pool)
    digest = move_to(settings, other_checkpoint)
    for given in (settings, named(settings, STARTER_CHECKPOINT)):
        with running_pool(given):
            pass
    assert [digest_of(setup.checkpoint) for setup in setups] == [digest, digest_of(STARTER_CHECKPOINT)]
