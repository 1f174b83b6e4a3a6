"""Small commands around the library: its schema, whether it is new, its index, its health."""

from typing import Annotated

import typer
from rich.console import Console

from app.catalogue.migrate import is_newest, upgrade
from app.commands.surroundings import settings_of_environment
from app.errors import CatalogueError, IndexDamaged
from app.opening import open_library, open_stores
from app.recommendation.doctor import Examination
from app.terminal.doctor_report import show_check

IS_AMISS = 1

Deep = Annotated[bool, typer.Option("--deep", help="read every file and compare its SHA-256")]


def migrate() -> None:
    """Bring the database to the newest schema."""
    upgrade(settings_of_environment().catalogue_url())


def is_new() -> None:
    """Exit with 0 where nothing was ever added to the library, with 1 otherwise."""
    with open_stores(settings_of_environment()) as stores, stores.catalogue.reading() as queries:
        raise typer.Exit(0 if queries.is_new() else 1)


def rebuild_index() -> None:
    """Build the index from the catalogue and save it."""
    with open_library(settings_of_environment()) as library:
        library.upkeep.rebuild()
        if not library.upkeep.save():
            raise IndexDamaged(reason="another process is writing one at this moment; try again")
        print(f"the index holds {len(library.upkeep.index)} tracks")


def doctor(deep: Deep = False) -> None:
    """Look whether catalogue, files and index agree, and say what to do where they do not."""
    settings = settings_of_environment()
    if not is_newest(settings.catalogue_url()):
        raise CatalogueError(reason="it has not the newest schema; run `bgm migrate`, then `bgm doctor` again")
    is_amiss = False
    with open_stores(settings) as stores:
        space, dim = stores.spec.music.stored_space, stores.spec.embedding_dim
        examination = Examination(stores.catalogue, stores.blobs, stores.index_folder, stores.digest, dim, space)
        for name, findings in examination.checks(is_deep=deep):
            show_check(name, findings, Console())
            is_amiss = is_amiss or any(finding.is_harm for finding in findings)
    raise typer.Exit(IS_AMISS if is_amiss else 0)
