"""The job that brings a folder of music into the library of a running server."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import BgmError, CheckpointMismatch, NotReady
from app.jobs import Job, JobKind
from app.recommendation.import_folder import ImportPlan, MusicFile, Outcome, import_files, plan_import
from app.recommendation.import_source import import_source
from app.recommendation.job_work import Progress
from app.recommendation.serving import Served, Serving

RESULTS = ("added", "present", "refused", "skipped")
# How long another encoder may take to be there once the library is embedded for it.
CHANGE_PATIENCE_S = 300.0
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class ImportJob:
    """`import_dir`: None where nothing may be imported. `at_once`: few enough that requests need not wait long."""

    serving: Serving
    import_dir: Path | None
    library_folder: Path
    at_once: int
    kind: JobKind = "import"

    def run(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        """How many files were added, present, refused and skipped. Raises what `import_source` does."""
        source = import_source(job.request["folder"], job.request["csv"], import_dir=self.import_dir)
        plan = plan_import(
            source.folder,
            source.listed,
            library_folder=self.library_folder,
            list_file=source.list_file,
            fence=source.fence,
        )
        return _Run(self, progress, plan).counts()


class _Run:
    """One import. Goes on with the next encoder where the library is moved to another checkpoint meanwhile."""

    def __init__(self, work: ImportJob, progress: Progress, plan: ImportPlan) -> None:
        self._work, self._progress, self._plan = work, progress, plan
        self._counts = Counter(dict.fromkeys(RESULTS, 0))
        # Not by name alone: what cannot be printed of two names may be all they differ in.
        self._left: defaultdict[str, list[MusicFile]] = defaultdict(list)
        for file in plan.files:
            self._left[file.name].append(file)

    def counts(self) -> dict[str, int]:
        self._progress.set_total(len(self._plan.files))
        for outcome in self._plan.settled:
            self._count(outcome)
        while (files := [file for same in self._left.values() for file in same]) and not self._progress.is_cancelled:
            with self._work.serving.held() as served:
                self._import(files, served)
        return dict(self._counts)

    def _import(self, files: list[MusicFile], served: Served) -> None:
        stop = _StopSign(self._progress, self._work.serving, served)
        try:
            for outcome in import_files(
                files, library=served.library, encoder=served.pool, at_once=self._work.at_once, stop=stop
            ):
                self._left[outcome.file].pop()
                self._count(outcome)
                self._progress.advance()
        except CheckpointMismatch:
            self._wait_for_another(served)

    def _count(self, outcome: Outcome) -> None:
        self._counts[outcome.result] += 1
        if outcome.result == "refused":
            self._progress.add_error(outcome.file, _Refused(outcome))

    def _wait_for_another(self, served: Served) -> None:
        end = time.monotonic() + CHANGE_PATIENCE_S
        while self._work.serving.current is served and not self._progress.is_cancelled:
            if time.monotonic() > end:
                raise NotReady(missing=["the checkpoint that the library was moved to"])
            time.sleep(LOOK_EVERY_S)


@dataclass(frozen=True, slots=True)
class _StopSign:
    """Set where the job is to end, and where its library is served by another encoder now."""

    progress: Progress
    serving: Serving
    served: Served

    def is_set(self) -> bool:
        return self.progress.is_cancelled or self.serving.current is not self.served


class _Refused(BgmError):
    """Why a file was refused, as its outcome says."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.code = outcome.code or BgmError.code
