"""What every browser plays of a file: made by whoever can, and kept beside it. Where the file is such a one itself,
that is noted. Blocking; call from threads."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from app.blobs.store import BlobStore
from app.errors import full_disk_named
from app.recommendation.playable import PlayableFile


class PreviewStudio(Protocol):
    """In production the studio. Both answer the media type of a source that needs no preview, else write `output`."""

    def preview_sound(self, source: Path, output: Path) -> Future[str | None]: ...

    def preview_video(self, source: Path, output: Path) -> Future[str | None]: ...


@dataclass(frozen=True, slots=True)
class PreviewForm:
    """`kind` names its files. Another way of making them takes another number, and all are made anew."""

    kind: str
    suffix: str
    media_type: str
    make: Callable[[PreviewStudio, Path, Path], Future[str | None]]

    @property
    def made(self) -> str:
        return f"{self.kind}{self.suffix}"

    @property
    def note(self) -> str:
        """The name of the file that holds the original's media type, where there need be no other."""
        return f"{self.kind}.original"


SOUND = PreviewForm("sound-2", ".m4a", "audio/mp4", lambda studio, source, output: studio.preview_sound(source, output))
FILM = PreviewForm("film-1", ".mp4", "video/mp4", lambda studio, source, output: studio.preview_video(source, output))


def open_preview(sha256: str, form: PreviewForm, *, name: str, blobs: BlobStore) -> PlayableFile | None:
    """`name`: the original's. None where nobody has made one yet, or the original is gone."""
    made, note = (blobs.derived_path(sha256, which) for which in (form.made, form.note))
    try:
        if note.exists():
            return PlayableFile.open(blobs.path(sha256), media_type=note.read_text(), name=name, tag=sha256)
        own_name = f"{PurePath(name).stem}{form.suffix}"
        return PlayableFile.open(made, media_type=form.media_type, name=own_name, tag=f"{sha256}-{form.kind}")
    except FileNotFoundError:
        return None


def make_preview(sha256: str, form: PreviewForm, *, blobs: BlobStore, studio: PreviewStudio) -> None:
    """Raises what the studio does, DiskFull, and OSError where there is no original."""
    # Made just now by whoever was asked for it before.
    if any(blobs.derived_path(sha256, name).exists() for name in (form.made, form.note)):
        return
    with blobs.new_upload() as temporary:
        media_type = form.make(studio, blobs.path(sha256), temporary).result()
        if media_type is None:
            blobs.put_derived(temporary, sha256, form.made)
            return
        with full_disk_named():
            temporary.write_text(media_type)
        blobs.put_derived(temporary, sha256, form.note)
