"""Looks whether catalogue, files and index agree, and says what to do where they do not. Changes nothing."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.blobs.store import BlobStore
from app.catalogue.catalogue import Catalogue
from app.domain import Track
from app.errors import BgmError, FeaturesDamaged, IndexDamaged
from app.index.snapshot import SNAPSHOT, load_snapshot
from app.index.track_index import TrackIndex
from app.recommendation.sweep import GRACE_S, named_files

TRACKS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it should be, and what to do. Where it is no harm, it mends itself as `advice` says."""

    what: str
    advice: str
    is_harm: bool = True


@dataclass(frozen=True, slots=True)
class Examination:
    """A library and the checkpoint it is to be served with; `space`: the name its music features are kept under."""

    catalogue: Catalogue
    blobs: BlobStore
    index_folder: Path
    digest: str
    dim: int
    space: str

    def checks(self, *, is_deep: bool) -> Iterator[tuple[str, list[Finding]]]:
        """Each check by name with what it found. Once the catalogue does not answer, nothing else is asked."""
        catalogue = _asked(self._catalogue)
        yield "the catalogue answers and is embedded for this checkpoint", catalogue
        if any(finding.is_harm for finding in catalogue):
            return
        yield "every track has its file and its features", _asked(lambda: self._files(is_deep=is_deep))
        yield "every file belongs to a track or a stored recommendation", _asked(self._orphans)
        yield "the index snapshot agrees with the catalogue", _asked(self._index)

    def _catalogue(self) -> Iterator[Finding]:
        with self.catalogue.reading() as queries:
            active, missing, count = queries.active_digest(), queries.numbers_without(self.digest), queries.count()
        if active is None and count:
            yield Finding("no checkpoint is marked as the library's", "start the server or import once: both mark it")
        elif active not in {None, self.digest}:
            advice = (
                "set BGM_CHECKPOINT to that checkpoint's folder, or run `bgm reembed --checkpoint DIR` for this one"
            )
            yield Finding(f"the library is embedded for checkpoint {active}, not for {self.digest}", advice)
        if missing:
            named = ", ".join(self._name(track) for track in self._tracks(missing[:5]))
            advice = "run `bgm reembed --checkpoint` with this checkpoint's folder; it embeds only these"
            yield Finding(f"{len(missing)} of {count} tracks have no embedding for this checkpoint: {named} …", advice)

    def _files(self, *, is_deep: bool) -> Iterator[Finding]:
        for track in self._all_tracks():
            fault = self._fault_of_file(track, is_deep=is_deep)
            if fault is not None:
                advice = "`bgm import` the same file again, which puts it back, or delete the track"
                yield Finding(f"{self._name(track)}: {fault}", advice)
            if not self._has_features(track):
                advice = "nothing: `bgm reembed` measures the audio again when it needs them"
                yield Finding(f"{self._name(track)}: no usable stored features", advice, is_harm=False)

    def _fault_of_file(self, track: Track, *, is_deep: bool) -> str | None:
        path = self.blobs.path(track.sha256)
        try:
            if path.stat().st_size != track.size_bytes:
                return f"its file has {path.stat().st_size} bytes, {track.size_bytes} were stored"
            if is_deep and _sha256(path) != track.sha256:
                return "its file does not hold what was stored"
        except OSError as error:
            return f"its file {path} cannot be read: {error.strerror}"
        return None

    def _has_features(self, track: Track) -> bool:
        try:
            return self.blobs.features(track.sha256, self.space) is not None
        except FeaturesDamaged:
            return False

    def _orphans(self) -> Iterator[Finding]:
        known = named_files(self.catalogue)
        unnamed, left = self.blobs.unnamed(known, older_than_s=GRACE_S), self.blobs.left_uploads()
        advice = "nothing: the server takes them away when it starts"
        if unnamed:
            yield Finding(f"{len(unnamed)} files belong to nothing", advice, is_harm=False)
        if left:
            yield Finding(f"{len(left)} unfinished uploads were left behind", advice, is_harm=False)

    def _index(self) -> Iterator[Finding]:
        with self.catalogue.reading() as queries:
            last_change, count, library = queries.last_change(), queries.count(), queries.library_id()
        if count == 0:
            return
        if not (self.index_folder / SNAPSHOT).exists():
            advice = "nothing: the server builds the index when it starts; `bgm rebuild-index` does it now"
            yield Finding("there is no index snapshot", advice, is_harm=False)
            return
        try:
            index = load_snapshot(self.index_folder, digest=self.digest, dim=self.dim, library=library)
        except IndexDamaged as damage:
            yield Finding(str(damage), "run `bgm rebuild-index`, or start the server: it builds the index itself")
            return
        yield from _compare(index, last_change=last_change, count=count)

    def _all_tracks(self) -> Iterator[Track]:
        cursor: str | None = None
        while True:
            with self.catalogue.reading() as queries:
                page, cursor = queries.list_tracks(limit=TRACKS_AT_ONCE, cursor=cursor)
            yield from page
            if cursor is None:
                return

    def _tracks(self, numbers: list[int]) -> list[Track]:
        with self.catalogue.reading() as queries:
            return list(queries.tracks(numbers).values())

    def _name(self, track: Track) -> str:
        return f"{track.id} ({track.details.title or track.file_name})"


def _compare(index: TrackIndex, *, last_change: int, count: int) -> Iterator[Finding]:
    behind = last_change - index.last_change
    if behind > 0:
        advice = "nothing: the server applies them as it runs or starts; `bgm rebuild-index` does it now"
        yield Finding(f"the index snapshot is {behind} changes behind the catalogue", advice, is_harm=False)
    elif behind < 0 or len(index) != count:
        what = f"the index snapshot holds {len(index)} tracks at change {index.last_change}"
        yield Finding(f"{what}, the catalogue {count} at change {last_change}", "run `bgm rebuild-index`")


def _asked(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except BgmError as error:
        return [Finding(str(error), "mend what the message names, then run `bgm doctor` again")]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
