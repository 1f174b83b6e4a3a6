"""Brings a folder of music into the library, many files at a time; one bad file stops nothing. Knows no terminal."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from app.domain import Track, TrackDetails
from app.errors import FULL_DISK, BgmError, UnreadableMedia, full_disk_named
from app.recommendation.add_track import Added, TrackFile, is_kept, kept, known_track, store_track
from app.recommendation.library import Library, TrackEncoder
from app.recommendation.media_folder import MUSIC_ENDINGS, find_media, same_name, shown
from app.recommendation.music_list import ListedTrack
from app.recommendation.patience import StopSign, patient_answer, where_busy
from app.recommendation.side_by_side import ENDING_ERRORS, side_by_side

PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file. `file` is relative to the folder; `code` and `reason` say why it was not added."""

    file: str
    result: Literal["added", "present", "refused", "skipped"]
    code: str | None = None
    reason: str | None = None
    track: Track | None = None


@dataclass(frozen=True, slots=True)
class MusicFile:
    """A file worth a try; `path` is opened, `name` reported."""

    path: Path
    name: str
    details: TrackDetails


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """`settled`: what needs no try. `unlisted`: names of files to be tried that the list says nothing of."""

    files: list[MusicFile]
    settled: list[Outcome] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)


def plan_import(
    folder: Path,
    listed: list[ListedTrack] | None,
    *,
    library_folder: Path,
    list_file: Path | None = None,
    fence: Path | None = None,
) -> ImportPlan:
    """What to try below `folder`, and what is said of it. A plain file that a row names is tried whatever its ending.

    `library_folder` is not looked into; `list_file` may lie in the folder and is not told as skipped. `fence`: as in
    `find_media`.
    """
    rows = {row.file: row for row in listed or []}
    files, settled, unlisted = [], [], []
    for found in find_media(folder, endings=MUSIC_ENDINGS, outside=library_folder, fence=fence):
        relative = found.path.relative_to(folder).as_posix()
        row = rows.pop(same_name(relative), None)
        if found.passed_over is not None and (row is None or not found.is_plain):
            if list_file is not None and found.path.resolve() == list_file.resolve():
                continue
            settled.append(Outcome(shown(relative), "skipped", reason=found.passed_over))
            continue
        files.append(MusicFile(found.path, shown(relative), row.details if row else TrackDetails()))
        if row is None and listed is not None:
            unlisted.append(shown(relative))
    settled += [_row_without_file(row) for row in rows.values()]
    return ImportPlan(files, settled, unlisted)


def import_files(
    files: list[MusicFile], *, library: Library, encoder: TrackEncoder, at_once: int, stop: StopSign
) -> Iterator[Outcome]:
    """What became of each file, in no order; `stop` as in `side_by_side`. A file whose bytes are in the library
    already is read once and left; one over which a process ends is tried again. Raises one of ENDING_ERRORS."""

    def work(file: MusicFile) -> Outcome:
        return _import_file(file, library=library, encoder=encoder, stop=stop)

    return side_by_side(work, files, at_once=at_once, stop=stop)


def _row_without_file(row: ListedTrack) -> Outcome:
    reason = f"line {row.line} of the list names it, but there is no such file in the folder"
    return Outcome(shown(row.file), "refused", "file_not_found", reason)


def _import_file(file: MusicFile, *, library: Library, encoder: TrackEncoder, stop: StopSign) -> Outcome:
    try:
        added = where_busy(partial(_added, file, library=library, encoder=encoder, stop=stop), stop=stop)
    except ENDING_ERRORS:
        raise
    except BgmError as error:
        return Outcome(file.name, "refused", error.code, str(error))
    return Outcome(file.name, "added" if added.is_new else "present", track=added.track)


def _added(file: MusicFile, *, library: Library, encoder: TrackEncoder, stop: StopSign) -> Added:
    known = known_track(_sha256(file.path), library=library)
    if known is not None and is_kept(known, library=library):
        return Added(known, is_new=False)
    # The library keeps a copy, hashed as it is made: the file itself may change at any time.
    with library.blobs.new_upload() as temporary:
        copied = _copy(file, temporary)
        if known is not None and known.sha256 == copied.sha256:
            return kept(known, copied, library=library)
        encoded = patient_answer(lambda: encoder.encode_track(copied.path), stop=stop)
        return store_track(copied, file.details, encoded, library=library)


def _sha256(path: Path) -> str:
    with _reading_named(), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(file: MusicFile, target: Path) -> TrackFile:
    digest, size_bytes = hashlib.sha256(), 0
    with full_disk_named(), _reading_named(), file.path.open("rb") as source, target.open("wb") as copy:
        while piece := source.read(PIECE_BYTES):
            copy.write(piece)
            digest.update(piece)
            size_bytes += len(piece)
    return TrackFile(target, digest.hexdigest(), shown(file.path.name), size_bytes)


@contextmanager
def _reading_named() -> Iterator[None]:
    """Raises UnreadableMedia where the system does not give a file: no right to read it, a broken link, a bad disk."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL_DISK:
            raise
        raise UnreadableMedia(reason=error.strerror or "the system does not give it") from error
