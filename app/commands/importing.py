"""`bgm import`: puts a folder of music into the library."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.commands.surroundings import SOME_REFUSED, files_in_hand, settings_of_environment
from app.errors import EncoderUnavailable
from app.opening import open_library, running_pool
from app.recommendation.import_folder import ImportPlan, import_files, plan_import
from app.recommendation.music_list import read_music_list
from app.settings import Settings
from app.terminal.import_report import ImportReport, check_report_path
from app.terminal.interrupts import INTERRUPTED, first_interrupt_stops
from app.terminal.progress import progress_bar

Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="a folder of music, and those below it")]
ListFile = Annotated[
    Path | None, typer.Option("--csv", help="a list of what is said of the files; column 'file' first")
]
ReportFile = Annotated[Path | None, typer.Option("--report", help="write what became of each file (.json or .csv)")]


def import_folder(folder: Folder, csv: ListFile = None, report: ReportFile = None) -> None:
    """Put a folder of music into the library. Run it again after a stop: what is there already is passed over."""
    settings = settings_of_environment()
    if report is not None:
        check_report_path(report)
    listed = None if csv is None else read_music_list(csv)
    plan = plan_import(folder, listed, library_folder=settings.data_dir, list_file=csv)
    told = ImportReport(outcomes=list(plan.settled), unlisted=plan.unlisted)
    try:
        is_stopped = _run(plan, told, settings)
    finally:
        # Also where an error ends the import: what was done until then is done.
        told.show(Console())
        if report is not None:
            told.write(report)
    raise typer.Exit(INTERRUPTED if is_stopped else SOME_REFUSED if told.of("refused") else 0)


def _run(plan: ImportPlan, told: ImportReport, settings: Settings) -> bool:
    """Whether Ctrl-C ended it before its time."""
    console = Console(stderr=True)
    with ExitStack() as stack:
        # The processes start while the library opens and the first files are read.
        pool = stack.enter_context(running_pool(settings))
        library = stack.enter_context(open_library(settings))
        stop = stack.enter_context(first_interrupt_stops(console))
        advance = stack.enter_context(progress_bar("importing", total=len(plan.files), console=console))
        at_once = files_in_hand(settings)
        for outcome in import_files(plan.files, library=library, encoder=pool, at_once=at_once, stop=stop):
            if outcome.code == EncoderUnavailable.code:
                # Did this file end a process, or is it that none can start? Then that is the error to tell.
                pool.wait_until_ready()
            told.outcomes.append(outcome)
            advance()
        # The next start then need not read every change again; a server beside this command keeps its own.
        library.upkeep.save()
        return stop.is_set()
