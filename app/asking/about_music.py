"""What can be asked about the library's tracks: add, look at, change, delete, and find those like another."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict, Unpack

from app.asking.about_videos import EVERY_TRACK
from app.asking.answers import parsed
from app.asking.flow import Attempt, Operation
from app.asking.messages import OnProgress, Progress, asking, getting, header_text, path_to, with_file, with_json
from app.asking.results import Job
from app.asking.track_results import Facets, SimilarTrack, SimilarTracks, StoredTrack, TrackPage, Waveform
from app.filters import TrackFilter

TRACKS_A_PAGE = 100


class Details(TypedDict, total=False):
    """What is said of a track; None says nothing, or takes back what was said. `bpm` in beats a minute."""

    title: str | None
    artist: str | None
    album: str | None
    genre: str | None
    moods: Sequence[str] | None
    keywords: Sequence[str] | None
    license: str | None
    attribution: str | None
    source_url: str | None
    vocals: bool | None
    explicit: bool | None
    bpm: float | None


@dataclass(frozen=True, slots=True)
class TrackRun:
    """Some of the tracks of a listing, and how to go on; None at its end."""

    items: tuple[StoredTrack, ...]
    go_on: "Callable[[], Operation[TrackRun]] | None"


def add(
    file: Path | str,
    *,
    idempotency_key: str | None = None,
    on_progress: OnProgress | None = None,
    **details: Unpack[Details],
) -> Operation[StoredTrack]:
    """Puts a track into the library; where the same bytes are there already, the track that they are.

    What is not said is read from the file's tags or measured. With the same `idempotency_key` nothing is done twice,
    also where an answer is lost; every call makes one of its own unless it is given one.
    """
    key = uuid.uuid4().hex if idempotency_key is None else header_text("idempotency_key", idempotency_key)
    headers = {"Idempotency-Key": key}
    request = with_file("/music", "file", Path(file), details, headers, Progress(on_progress))
    return parsed(StoredTrack, (yield Attempt(request)))


def track(track_id: str) -> Operation[StoredTrack]:
    return parsed(StoredTrack, (yield Attempt(getting(path_to("music", track_id)))))


def tracks(q: str | None = None, *, filters: TrackFilter = EVERY_TRACK) -> Operation[TrackRun]:
    """All tracks that match, newest first, fetched page by page as they are gone through."""
    return (yield from _tracks_from(None, q, filters))


def facets(q: str | None = None, *, filters: TrackFilter = EVERY_TRACK) -> Operation[Facets]:
    """What the tracks that match could further be filtered by, with counts."""
    return parsed(Facets, (yield Attempt(getting("/music/facets", q=q, **asdict(filters)))))


def edit(track_id: str, **changes: Unpack[Details]) -> Operation[StoredTrack]:
    """Changes what is named; None clears it."""
    return parsed(StoredTrack, (yield Attempt(with_json("PATCH", path_to("music", track_id), changes))))


def delete(track_id: str) -> Operation[None]:
    """For a day `restore` takes it back."""
    yield Attempt(asking("DELETE", path_to("music", track_id)))


def restore(track_id: str) -> Operation[StoredTrack]:
    return parsed(StoredTrack, (yield Attempt(asking("POST", path_to("music", track_id, "restore")))))


def similar(
    track_id: str, *, limit: int = 10, filters: TrackFilter = EVERY_TRACK
) -> Operation[tuple[SimilarTrack, ...]]:
    """The tracks most like this one, best first."""
    request = getting(path_to("music", track_id, "similar"), limit=limit, **asdict(filters))
    return parsed(SimilarTracks, (yield Attempt(request))).items


def waveform(track_id: str, *, points: int = 800) -> Operation[Waveform]:
    request = getting(path_to("music", track_id, "waveform"), points=points)
    return parsed(Waveform, (yield Attempt(request)))


def import_folder(folder: str, *, csv: str | None = None) -> Operation[Job]:
    """Begins to import a folder of the server's own disk, below the one that it allows; `wait` for the job."""
    return parsed(Job, (yield Attempt(with_json("POST", "/music/import", {"folder": folder, "csv": csv}))))


def _tracks_from(cursor: str | None, q: str | None, filters: TrackFilter) -> Operation[TrackRun]:
    request = getting("/music", q=q, limit=TRACKS_A_PAGE, cursor=cursor, **asdict(filters))
    page = parsed(TrackPage, (yield Attempt(request)))
    following = page.next_cursor
    return TrackRun(page.items, None if following is None else lambda: _tracks_from(following, q, filters))
