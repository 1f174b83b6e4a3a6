"""`bgm reembed`: takes the library to another checkpoint."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.catalogue.jobs import JobStore
from app.commands.surroundings import SOME_REFUSED, files_in_hand, settings_of_environment
from app.opening import Stores, data_folder, open_catalogue, open_stores, running_pool
from app.recommendation.checkpoints import KeptCheckpoints
from app.recommendation.index_upkeep import IndexUpkeep, rebuild
from app.recommendation.reembed import Reembedding
from app.settings import Settings
from app.terminal.interrupts import INTERRUPTED, first_interrupt_stops
from app.terminal.progress import progress_bar
from app.terminal.reembed_report import ReembedReport

Checkpoint = Annotated[Path, typer.Option(exists=True, file_okay=False, help="folder of the new checkpoint")]
Background = Annotated[bool, typer.Option("--background", help="leave it to the running server, as a job")]


def reembed(checkpoint: Checkpoint, background: Background = False) -> None:
    """Embed every track for another checkpoint, then make it the library's. Run it again after a stop."""
    settings = settings_of_environment(checkpoint=checkpoint)
    # A copy, so that a server which runs can change over to it, and the next needs not be told.
    digest = KeptCheckpoints(data_folder(settings)).keep(checkpoint)
    if background:
        _leave_to_server(settings, digest)
        return
    told, console = ReembedReport(), Console(stderr=True)
    with ExitStack() as stack:
        pool = stack.enter_context(running_pool(settings))
        stores = stack.enter_context(open_stores(settings))
        pool.wait_until_ready()
        work = Reembedding(stores.catalogue, stores.blobs, pool, stores.digest, stores.spec.music.stored_space)
        stop = stack.enter_context(first_interrupt_stops(console))
        with progress_bar("embedding", total=len(work.left()), console=console) as advance:
            for done in work.run(at_once=files_in_hand(settings), stop=stop):
                told.tracks.append(done)
                advance()
        if work.is_switched():
            _save_index(stores)
        told.show(Console(), checkpoint=checkpoint, is_switched=work.is_switched(), left=len(work.left()))
    raise typer.Exit(INTERRUPTED if stop.is_set() else SOME_REFUSED if told.failed() else 0)


def _leave_to_server(settings: Settings, digest: str) -> None:
    with open_catalogue(settings) as catalogue:
        job = JobStore(catalogue.transactions).create("reembed", {"digest": digest}, None)
    print(f"job {job.id}: left to the server, which changes over when all tracks are embedded; see GET /jobs/{job.id}")


def _save_index(stores: Stores) -> None:
    """What is saved there is another checkpoint's; the next start would find it damaged."""
    index = rebuild(stores.catalogue, digest=stores.digest, dim=stores.spec.embedding_dim)
    IndexUpkeep(index, catalogue=stores.catalogue, folder=stores.index_folder, saved_at=None).save()
