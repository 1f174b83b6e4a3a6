"""A job in hand: what its work tells, held until it is stored, and why the work should stop. Knows no database."""

import logging
from threading import Lock
from typing import Literal

from app.catalogue.job_leases import Standing, Told
from app.errors import BgmError
from app.jobs import Job, JobError

LOG = logging.getLogger(__name__)

MOST_ERRORS = 1000
# A defect's own words name files, tables and libraries.
DEFECT_DETAIL = "the server met an error of its own; its log has the cause"
# A later one is stronger: whoever lost a job may not even say that it was cancelled.
REASONS = ("stopping", "cancelled", "lost")
Reason = Literal["stopping", "cancelled", "lost"]


class RunningJob:
    """The `Progress` that a work is given; any thread may tell. `storing`: held by whoever stores what was told."""

    def __init__(self, job: Job, lease_owner: str, *, kept_at: float) -> None:
        self.job = job
        self.lease_owner = lease_owner
        # When the lease was last asked for or kept, by `time.monotonic`.
        self.kept_at = kept_at
        self.storing = Lock()
        self._telling = Lock()
        self._done = self._total = self._more = 0
        self._errors: list[JobError] = []
        self._stored = Told(0, 0)
        self._stored_errors = 0
        self._reason: Reason | None = None
        self._has_heard = False

    def set_total(self, total: int) -> None:
        with self._telling:
            self._total, self._done = total, 0

    def advance(self, count: int = 1) -> None:
        with self._telling:
            self._done += count
            # Tracks may be added while all of them are gone through.
            self._total = max(self._total, self._done) if self._total else 0

    def add_error(self, item: str, error: BgmError) -> None:
        with self._telling:
            # One place is for the entry that says how many more there were.
            if self._stored_errors + len(self._errors) < MOST_ERRORS - 1:
                self._errors.append(told_error(item, error))
            else:
                self._more += 1

    @property
    def is_cancelled(self) -> bool:
        self._has_heard = self._has_heard or self._reason is not None
        return self._reason is not None

    def stop(self, reason: Reason) -> None:
        with self._telling:
            if self._reason is None or REASONS.index(reason) > REASONS.index(self._reason):
                self._reason = reason

    def heed(self, standing: Standing) -> None:
        if standing != "held":
            self.stop(standing)

    def cut_short(self, *, has_failed: bool) -> Reason | None:
        """Why the work did not come to its own end; None where it did, having heard of nothing, or had no chance to.

        Whatever fails after it was to stop may have failed for that.
        """
        return self._reason if self._has_heard or has_failed or self._reason == "lost" else None

    def news(self) -> Told | None:
        """What is to be stored; None where all is. Tell `stored` once it is."""
        told = self.told()
        return None if told == self._stored else told

    def told(self) -> Told:
        """All counts, and the errors that are not stored yet."""
        with self._telling:
            return Told(self._done, self._total, tuple(self._errors), self._more)

    def stored(self, told: Told, *, at: float) -> None:
        """`at`: when the database was asked to, by the clock of `time.monotonic`."""
        self.kept_at = at
        with self._telling:
            del self._errors[: len(told.errors)]
            self._stored_errors += len(told.errors)
            self._stored = Told(told.done, told.total, (), told.more)


def told_error(item: str, error: BgmError) -> JobError:
    """The error as whoever asked for the job may see it; the log has the rest."""
    if error.code == BgmError.code:
        LOG.error("a job failed over '%s': %s %s", item, error, error.facts())
        return JobError(item, error.code, DEFECT_DETAIL)
    return JobError(item, error.code, str(error))
