"""Finished videos, by the recommendation they belong to and the job that made them. Knows nothing of either.

root/RECOMMENDATION/JOB.mp4   whole or absent; the ending is that of its kind
root/RECOMMENDATION/JOB.txt   the words that go with it, there before the video is
"""

import re
import shutil
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from app.blobs.durable import flush, make_folder, move
from app.errors import full_disk_named

ID = re.compile("[0-9A-Za-z]{1,64}")
WORDS = ".txt"
PART = ".part"


class RenderedFiles:
    """The files below `root`, which must be on the disk of the uploads. Threads and processes may share it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, temporary: Path, recommendation_id: str, job_id: str, *, suffix: str, words: str) -> None:
        """Keeps a finished upload; `suffix` like ".mp4". The same job's again replaces it.

        Raises DiskFull, and FileNotFoundError where all that belongs to the recommendation is deleted meanwhile.
        """
        target = self._path(recommendation_id, job_id, suffix)
        part = target.with_name(target.name + PART)
        with full_disk_named():
            make_folder(target.parent.absolute())
            try:
                part.write_text(words, encoding="utf-8")
                flush(part)
                move(part, target.with_suffix(WORDS))
            finally:
                part.unlink(missing_ok=True)
            flush(temporary)
            move(temporary, target)

    def find(self, recommendation_id: str, job_id: str) -> Path | None:
        """The finished video; None where there is none."""
        named = self._path(recommendation_id, job_id, "")
        found = (path for path in named.parent.glob(f"{job_id}.*") if path.suffix not in (WORDS, PART))
        return next(found, None)

    def words(self, recommendation_id: str, job_id: str) -> str | None:
        """What was kept with a video; None where there is nothing."""
        try:
            return self._path(recommendation_id, job_id, WORDS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def delete(self, recommendation_id: str) -> None:
        """Removes all that belongs to a recommendation; there may be nothing."""
        # Out of the way first, at once and whole: nobody puts anything into what is being emptied. The name is one that
        # `recommendations` tells, so that what is killed here is found again.
        gone = self._root / f"gone{uuid4().hex}"
        with suppress(FileNotFoundError):
            self._path(recommendation_id, "x", "").parent.rename(gone)
            shutil.rmtree(gone)

    def recommendations(self) -> set[str]:
        """The ids of those that something belongs to."""
        return {path.name for path in self._root.glob("*") if ID.fullmatch(path.name)}

    def _path(self, recommendation_id: str, job_id: str, suffix: str) -> Path:
        """Raises ValueError for what is no id."""
        for name in (recommendation_id, job_id):
            if not ID.fullmatch(name):
                raise ValueError(f"'{name}' is no id")
        return self._root / recommendation_id / f"{job_id}{suffix}"
