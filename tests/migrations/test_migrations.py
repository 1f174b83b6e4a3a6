"""The migrations themselves and the way they are run, on both databases."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, String, inspect, text

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.migrate import migrating, upgrade
from app.errors import CatalogueError
from app.filters import FacetValue, TrackFilter
from tests.catalogue.new_tracks import DIGEST, add

ROOT = Path(__file__).parents[2]
UPGRADE = "import sys; from app.catalogue.migrate import upgrade; upgrade(sys.argv[1])"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def alembic_on(connection: Connection) -> Config:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config


def test_models_and_migrations_agree(database_url: str) -> None:
    upgrade(database_url)
    with migrating(database_url) as connection:
        command.check(alembic_on(connection))


def test_upgrading_again_changes_nothing(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    add(Catalogue(engine), 1)
    upgrade(database_url)
    with Catalogue(engine).reading() as queries:
        assert queries.count() == queries.last_change() == 1


def test_every_migration_can_be_taken_back_and_made_again(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    with migrating(database_url) as connection:
        command.downgrade(alembic_on(connection), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(database_url)
    with Catalogue(engine).reading() as queries:
        assert queries.is_new()


def test_tracks_of_the_first_schema_can_be_filtered_and_searched(database_url: str, engine: Engine) -> None:
    with migrating(database_url) as connection:
        command.upgrade(alembic_on(connection), "0001")
        connection.execute(
            text(
                "INSERT INTO tracks (id, added_at, sha256, file_name, media_type, size_bytes, container, codec,"
                " duration_s, title, artist, genre, moods, keywords, license) VALUES ('01JC7Y3T0GQ4M1Z8W5R2N6K9VX',"
                " '2026-02-03 04:05:06+00', 'ab', 'a.ogg', 'audio/ogg', 1, 'ogg', 'vorbis', 1.0, 'Nachtfahrt', 'Ä',"
                """ 'Hip-Hop', '["Calm", "calm", "Dark"]', '["neon"]', 'CC0-1.0')"""
            )
        )
    upgrade(database_url)
    everything = TrackFilter(genre=("hip-hop",), mood=("dark",), artist=("a",), license=("cc0-1.0",))
    with Catalogue(engine).reading() as queries:
        (track,), _ = queries.list_tracks(limit=1, tracks=everything, q="neon nachtf")
        assert queries.facets(everything).mood == (FacetValue("Calm", 1), FacetValue("Dark", 1))
    assert track.details.moods == ("Calm", "calm", "Dark")
    with Catalogue(engine).writing() as changes:
        changes.delete_track(track.id)


def test_two_processes_may_upgrade_at_once(database_url: str, engine: Engine) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", UPGRADE, database_url], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [(b"", 0)] * 3
    with Catalogue(engine).reading() as queries:
        queries.answers()


def test_a_migration_that_fails_leaves_the_database_as_it_was(database_url: str, engine: Engine) -> None:
    def fail_halfway() -> None:
        with migrating(database_url) as connection:
            command.upgrade(alembic_on(connection), "head")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert inspect(engine).get_table_names() == []


def test_altering_the_table_of_tracks_takes_no_embedding_with_it(database_url: str, engine: Engine) -> None:
    # On SQLite the table is copied and dropped; with foreign keys checked meanwhile all embeddings would be deleted.
    upgrade(database_url)
    add(Catalogue(engine), 1, 2)
    with migrating(database_url) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("tracks") as batch:
            batch.alter_column("title", type_=String(200))
    with Catalogue(engine).reading() as queries:
        assert [len(numbers) for numbers, _ in queries.embeddings(DIGEST)] == [2]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_migration_that_loses_rows_others_point_to_is_refused_on_sqlite(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    add(Catalogue(engine), 1)

    def lose_tracks() -> None:
        with migrating(database_url) as connection:
            connection.execute(text("DELETE FROM tracks"))

    with pytest.raises(CatalogueError, match="embeddings"):
        lose_tracks()
    with Catalogue(engine).reading() as queries:
        assert queries.count() == 1


def test_a_database_that_a_newer_program_migrated_is_left_alone(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CatalogueError, match="9999"):
        upgrade(database_url)


def test_the_alembic_command_finds_its_way_from_the_projects_root(tmp_path: Path) -> None:
    environment = {**os.environ, "BGM_DATA_DIR": str(tmp_path / "data")}
    alembic = [sys.executable, "-m", "alembic"]
    for arguments in (["upgrade", "head"], ["check"]):
        subprocess.run([*alembic, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True)
    assert (tmp_path / "data" / "catalogue.sqlite3").exists()
