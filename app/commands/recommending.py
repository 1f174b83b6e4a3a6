"""`bgm recommend`: ranks the library's music, or a server's, for a video, or for every video of a folder."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.console import Console

from app.commands.asking_server import Ask, server_asked, server_at
from app.commands.surroundings import SOME_REFUSED, files_in_hand, settings_of_environment
from app.domain import Brief
from app.errors import BgmError, EncoderUnavailable, InvalidParameter
from app.opening import open_library, running_pool
from app.recommendation.library import Library
from app.recommendation.media_folder import VIDEO_ENDINGS, find_media
from app.recommendation.recommend import Recommendation
from app.recommendation.recommend_videos import Asked, recommend_videos
from app.recommendation.track_details import checked_brief
from app.settings import Settings
from app.terminal.answers import Answers, JsonObject, VideoOutcome
from app.terminal.interrupts import INTERRUPTED, first_interrupt_stops
from app.terminal.local_answers import as_the_api_says
from app.terminal.progress import progress_bar

Video = Annotated[Path, typer.Argument(exists=True, help="a video, or a folder of videos")]
Title = Annotated[str | None, typer.Option(help="what the video is called")]
Keywords = Annotated[list[str] | None, typer.Option(help="words about it, split by commas; may be given several times")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="how many tracks")]
AsJson = Annotated[bool, typer.Option("--json", help="print the answer as the API gives it")]
AsCsv = Annotated[bool, typer.Option("--csv", help="print one line for each track")]
ServerAddress = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="ask this server, not the library of this machine")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="file with the key of the server; without it, BGM_KEY is the key"),
]


def recommend(
    video: Video,
    title: Title = None,
    keywords: Keywords = None,
    limit: Limit = 10,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    server: ServerAddress = None,
    key_file: KeyFile = None,
) -> None:
    """Rank the library's music for a video, or for every video of a folder."""
    if as_json and as_csv:
        raise InvalidParameter(parameter="--csv", reason="cannot be given together with --json")
    if key_file is not None and server is None:
        raise InvalidParameter(parameter="--key-file", reason="needs --server")
    settings = settings_of_environment()
    videos = videos_at(video, library_folder=settings.data_dir)
    brief = checked_brief(title, tuple(word for given in keywords or () for word in given.split(",")))
    asked = (
        _library_asked(videos, brief, settings, limit=limit)
        if server is None
        else server_asked(videos, brief, server_at(server, key_file=key_file), limit=limit)
    )
    told = Answers(folder=video if video.is_dir() else None)
    try:
        is_stopped = _ask_all(asked, told, count=len(videos))
    finally:
        # An error that ends it does not take away what was answered before.
        if told.given:
            _show(told, as_json=as_json, as_csv=as_csv)
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


def _ask_all(asked: AbstractContextManager[Ask], told: Answers, *, count: int) -> bool:
    """Whether Ctrl-C ended it before its time."""
    console = Console(stderr=True)
    with ExitStack() as stack:
        ask = stack.enter_context(asked)
        stop = stack.enter_context(first_interrupt_stops(console))
        advance = stack.enter_context(progress_bar("recommending", total=count, console=console))
        for answer in ask(stop):
            told.add(answer)
            advance()
        return stop.is_set()


@contextmanager
def _library_asked(videos: list[Path], brief: Brief, settings: Settings, *, limit: int) -> Iterator[Ask]:
    # The processes start while the library opens.
    with running_pool(settings) as pool, open_library(settings) as library:
        asked = Asked(brief=brief, limit=limit, library=library, encoder=pool)

        def ask(stop: Event) -> Iterator[VideoOutcome]:
            for answer in recommend_videos(videos, asked, at_once=files_in_hand(settings), stop=stop):
                if isinstance(answer.outcome, EncoderUnavailable):
                    # Did this video end a process, or is it that none can start? Then that is the error to tell.
                    pool.wait_until_ready()
                yield VideoOutcome(answer.path, _told(answer.outcome, brief, library))

        yield ask


def _told(outcome: Recommendation | BgmError, brief: Brief, library: Library) -> JsonObject | BgmError:
    if isinstance(outcome, BgmError):
        return outcome
    encoder = {"name": library.spec.name, "digest": library.digest}
    return as_the_api_says(outcome, brief, encoder=encoder, audio_path=lambda track: library.blobs.path(track.sha256))


def _show(told: Answers, *, as_json: bool, as_csv: bool) -> None:
    told.show_failures(Console(stderr=True))
    if as_json or as_csv:
        print(told.as_json() if as_json else told.as_csv())
    else:
        told.show_tables(Console())
