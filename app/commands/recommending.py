"""`bgm recommend`: ranks the library's music for a video, or for every video of a folder."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.commands.surroundings import SOME_REFUSED, files_in_hand, settings_of_environment
from app.domain import Brief
from app.errors import EncoderUnavailable, InvalidParameter
from app.lifespan import open_library, running_pool
from app.recommendation.media_folder import VIDEO_ENDINGS, find_media
from app.recommendation.recommend_videos import Asked, recommend_videos
from app.recommendation.track_details import checked_brief
from app.settings import Settings
from app.terminal.answers import Answers
from app.terminal.interrupts import INTERRUPTED, first_interrupt_stops
from app.terminal.progress import progress_bar

Video = Annotated[Path, typer.Argument(exists=True, help="a video, or a folder of videos")]
Title = Annotated[str | None, typer.Option(help="what the video is called")]
Keywords = Annotated[list[str] | None, typer.Option(help="words about it, split by commas; may be given several times")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="how many tracks")]
AsJson = Annotated[bool, typer.Option("--json", help="print the answer as the API gives it")]
AsCsv = Annotated[bool, typer.Option("--csv", help="print one line for each track")]


def recommend(
    video: Video,
    title: Title = None,
    keywords: Keywords = None,
    limit: Limit = 10,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Rank the library's music for a video, or for every video of a folder."""
    if as_json and as_csv:
        raise InvalidParameter(parameter="--csv", reason="cannot be given together with --json")
    settings = settings_of_environment()
    videos = videos_at(video, library_folder=settings.data_dir)
    brief = checked_brief(title, tuple(word for given in keywords or () for word in given.split(",")))
    folder = video if video.is_dir() else None
    told, is_stopped = _run(videos, brief, settings, limit=limit, folder=folder)
    told.show_failures(Console(stderr=True))
    if as_json or as_csv:
        print(told.as_json() if as_json else told.as_csv())
    else:
        told.show_tables(Console())
    raise typer.Exit(INTERRUPTED if is_stopped else SOME_REFUSED if told.failures() else 0)


def videos_at(video: Path, *, library_folder: Path) -> list[Path]:
    """The video, or those of the folder. Raises InvalidParameter where there is none."""
    if not video.is_dir():
        return [video]
    found = find_media(video, endings=VIDEO_ENDINGS, outside=library_folder)
    videos = [file.path for file in found if file.passed_over is None]
    if not videos:
        raise InvalidParameter(parameter=str(video), reason="has no videos in it")
    return videos


def _run(
    videos: list[Path], brief: Brief, settings: Settings, *, limit: int, folder: Path | None
) -> tuple[Answers, bool]:
    """The answers, and whether Ctrl-C ended it before its time."""
    console = Console(stderr=True)
    with ExitStack() as stack:
        # The processes start while the library opens.
        pool = stack.enter_context(running_pool(settings))
        library = stack.enter_context(open_library(settings))
        told = Answers(folder, library.spec.name, library.digest, lambda track: library.blobs.path(track.sha256))
        stop = stack.enter_context(first_interrupt_stops(console))
        advance = stack.enter_context(progress_bar("recommending", total=len(videos), console=console))
        asked = Asked(brief=brief, limit=limit, library=library, encoder=pool)
        for answer in recommend_videos(videos, asked, at_once=files_in_hand(settings), stop=stop):
            if isinstance(answer.outcome, EncoderUnavailable):
                # Did this video end a process, or is it that none can start? Then that is the error to tell.
                pool.wait_until_ready()
            told.add(answer)
            advance()
        return told, stop.is_set()
