"""Keeps the index level with the catalogue: opens or rebuilds it, follows the change feed, saves snapshots.

The catalogue is the truth. Whatever is doubtful about a snapshot, the answer is to build the index again.
"""

import logging
from pathlib import Path
from threading import Lock

from app.catalogue.catalogue import Catalogue
from app.catalogue.reader import Reader
from app.domain import Change
from app.errors import IndexDamaged
from app.index.snapshot import SNAPSHOT, load_snapshot, save_snapshot, snapshot_writer
from app.index.track_index import TrackIndex

LOG = logging.getLogger(__name__)

# Changes applied at a time: a server that was away for long must not read its whole absence into memory.
CHANGES_AT_ONCE = 1000


class IndexUpkeep:
    """An index and what keeps it level. Safe to use from several threads: one of them applies changes at a time.

    Ask for `index` anew each time: it is another one once the old could not be trusted any more.
    """

    def __init__(self, index: TrackIndex, *, catalogue: Catalogue, folder: Path, saved_at: int | None) -> None:
        self.index = index
        self._catalogue = catalogue
        self._folder = folder
        self._saved_at = saved_at
        self._turn = Lock()

    @property
    def unsaved_changes(self) -> int:
        """How many changes the snapshot on disk lacks; more than none where there is no snapshot."""
        return self.index.last_change - self._saved_at if self._saved_at is not None else self.index.last_change + 1

    def catch_up(self) -> int:
        """Apply what the feed holds beyond the index; how many changes there were."""
        with self._turn:
            try:
                return catch_up(self.index, self._catalogue)
            except IndexDamaged as damage:
                LOG.warning("%s; building the index from the catalogue", damage)
                self._rebuild()
                return 0

    def rebuild(self) -> None:
        """Build the index from the catalogue, however good it is."""
        with self._turn:
            self._rebuild()

    def save(self) -> bool:
        """Write a snapshot, unless somebody else is writing one now; whether it was done."""
        with snapshot_writer(self._folder) as is_ours:
            if not is_ours:
                LOG.info("no snapshot saved: another process is writing one")
                return False
            # Read first: a change that comes in meanwhile is in the snapshot, or is applied to it again.
            index, saved_at = self.index, self.index.last_change
            save_snapshot(index, self._folder)
            self._saved_at = saved_at
            return True

    def _rebuild(self) -> None:
        _discard_snapshot(self._folder)
        self.index = rebuild(self._catalogue, digest=self.index.digest, dim=self.index.dim)
        self._saved_at = None


def open_index(catalogue: Catalogue, folder: Path, *, digest: str, dim: int) -> IndexUpkeep:
    """The index as the catalogue stands now, from the snapshot where it can be trusted, else built anew."""
    with catalogue.reading() as queries:
        library = queries.library_id()
    try:
        index = load_snapshot(folder, digest=digest, dim=dim, library=library)
        saved_at: int | None = index.last_change
        catch_up(index, catalogue)
        _refuse_incomplete(index, catalogue)
    except IndexDamaged as damage:
        # That there is none yet is no news.
        level = logging.WARNING if (folder / SNAPSHOT).exists() else logging.INFO
        LOG.log(level, "%s; building the index from the catalogue", damage)
        _discard_snapshot(folder)
        index, saved_at = rebuild(catalogue, digest=digest, dim=dim), None
    return IndexUpkeep(index, catalogue=catalogue, folder=folder, saved_at=saved_at)


def _discard_snapshot(folder: Path) -> None:
    # Before anything else is written: a snapshot of a catalogue that was put back from a copy would fit again, wrongly,
    # once the catalogue had reached the change at which the snapshot stands.
    (folder / SNAPSHOT).unlink(missing_ok=True)


def rebuild(catalogue: Catalogue, *, digest: str, dim: int) -> TrackIndex:
    """An index over every embedding of this digest, level with the catalogue of one moment."""
    with catalogue.reading() as queries:
        index = TrackIndex(dim, digest, library=queries.library_id())
        index.last_change = queries.last_change()
        for numbers, embeddings in queries.embeddings(digest):
            index.add(numbers, embeddings)
    return index


def catch_up(index: TrackIndex, catalogue: Catalogue) -> int:
    """Apply the changes after `index.last_change` in their order; how many. One caller at a time.

    Raises IndexDamaged where the feed does not go on from there: a database put back from a copy, or a cut feed.
    """
    applied = 0
    while True:
        with catalogue.reading() as queries:
            changes = queries.changes_since(index.last_change, limit=CHANGES_AT_ONCE)
            _refuse_gap(index, changes, last=queries.last_change())
            _apply(changes, index, queries)
        if not changes:
            return applied
        index.last_change = changes[-1].at
        applied += len(changes)


def _refuse_gap(index: TrackIndex, changes: list[Change], *, last: int) -> None:
    following = changes[0].at if changes else last + 1
    if following != index.last_change + 1:
        raise IndexDamaged(reason=f"it stands at change {index.last_change}, the catalogue goes on with {following}")


def _apply(changes: list[Change], index: TrackIndex, queries: Reader) -> None:
    # What counts is how a track stands now, whatever happened in between: it may be deleted and taken back several
    # times. What stands so because of a later change is applied by that one again, which changes nothing.
    touched = {change.number for change in changes if change.kind != "edited"}
    for numbers, embeddings in queries.embeddings(index.digest, numbers=sorted(touched)):
        index.add(numbers, embeddings)
        touched -= set(numbers.tolist())
    if touched:
        index.remove(sorted(touched))


def _refuse_incomplete(index: TrackIndex, catalogue: Catalogue) -> None:
    with catalogue.reading() as queries:
        expected, last = queries.count() - len(queries.numbers_without(index.digest)), queries.last_change()
    if last == index.last_change and len(index) != expected:
        raise IndexDamaged(reason=f"it holds {len(index)} tracks, the catalogue {expected}")
