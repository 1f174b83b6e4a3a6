"""Runs jobs: takes them from the database, a few at a time of each kind, and keeps their leases. Knows no kind of work.

Of all servers that look for a job one runs it to its end; where that server is lost, another runs it from the start.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Event, Thread
from typing import Any, Self

from ulid import ULID

from app.catalogue.job_leases import JobLeases
from app.catalogue.jobs import JobStore
from app.catalogue.transactions import Transactions
from app.errors import BgmError
from app.jobs import Job, JobKind, JobState
from app.recommendation.job_work import JobWork
from app.recommendation.running_job import RunningJob

LOG = logging.getLogger(__name__)

AT_ONCE: Mapping[JobKind, int] = {"import": 1, "reembed": 1, "render": 2}
# How long after a server was lost its jobs are taken up by another.
LEASE_S = 20.0
LOOK_EVERY_S = 1.0
# How often what is told is stored at most, and how soon a wish to cancel is seen.
TEND_EVERY_S = 0.25
# How long works may take to stop when the server does; then their jobs are given back all the same.
STOP_PATIENCE_S = 3.0


class JobRunner:
    """A context manager: runs jobs while it is open; those still running when it closes are given back, as queued.

    `store` and `submit` may be used whether it is open or not.
    """

    def __init__(
        self,
        transactions: Transactions,
        works: Sequence[JobWork],
        *,
        lease_s: float = LEASE_S,
        look_every_s: float = LOOK_EVERY_S,
        stop_patience_s: float = STOP_PATIENCE_S,
    ) -> None:
        self.store = JobStore(transactions)
        self._leases = JobLeases(transactions)
        self._works = {work.kind: work for work in works}
        self._lease_s, self._look_every_s, self._stop_patience_s = lease_s, look_every_s, stop_patience_s
        self._in_hand: dict[RunningJob, Thread] = {}
        self._stopping, self._stopped, self._wake = Event(), Event(), Event()
        self._failing: set[str] = set()
        self._claimer = Thread(target=self._claim_until_stopped, name="job-claimer", daemon=True)
        self._keeper = Thread(target=self._tend_until_stopped, name="job-keeper", daemon=True)

    def __enter__(self) -> Self:
        self._claimer.start()
        self._keeper.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self.wake()
        self._claimer.join()
        self._stop_works()
        self._stopped.set()
        self._keeper.join()

    def submit(self, kind: JobKind, request: Mapping[str, Any], owner: str | None) -> Job:
        """A new job, begun at once where there is room for it. `request`: fit for JSON."""
        job = self.store.create(kind, request, owner)
        self.wake()
        return job

    def wake(self) -> None:
        """There may be a new job."""
        self._wake.set()

    def _claim_until_stopped(self) -> None:
        while not self._stopping.is_set():
            self._attempt("take a job", self._claim)
            self._wake.wait(self._look_every_s)
            self._wake.clear()

    def _claim(self) -> None:
        while not self._stopping.is_set() and (kinds := self._kinds_with_room()):
            lease_owner, now = str(ULID()), time.monotonic()
            job = self._leases.claim(lease_owner, lease_s=self._lease_s, kinds=kinds)
            if job is None:
                return
            running = RunningJob(job, lease_owner, kept_at=now)
            thread = Thread(target=self._run, args=(running,), name=f"job-{job.kind}", daemon=True)
            self._in_hand[running] = thread
            thread.start()

    def _kinds_with_room(self) -> list[JobKind]:
        busy = [running.job.kind for running in list(self._in_hand)]
        return [kind for kind in self._works if busy.count(kind) < AT_ONCE[kind]]

    def _run(self, running: RunningJob) -> None:
        end = partial(self._end, running, *self._outcome(running))
        # Its lease is kept meanwhile: work that is done must not be lost because the database is away for a while.
        while not self._attempt("end a job", end) and not self._stopped.wait(self._look_every_s):
            continue
        del self._in_hand[running]
        self.wake()

    def _outcome(self, running: RunningJob) -> tuple[JobState, Mapping[str, Any] | None]:
        job = running.job
        try:
            result = self._works[job.kind].run(job, running)
        except BgmError as error:
            return self._failed(running, error), None
        except Exception as error:
            LOG.exception("job %s (%s): unexpected error", job.id, job.kind)
            return self._failed(running, BgmError(repr(error))), None
        return "done", result

    def _failed(self, running: RunningJob, error: BgmError) -> JobState:
        if running.cut_short(has_failed=True) is None:
            running.add_error("", error)
        return "failed"

    def _end(self, running: RunningJob, state: JobState, result: Mapping[str, Any] | None) -> None:
        with running.storing:
            reason = running.cut_short(has_failed=state == "failed")
            if reason == "stopping":
                self._leases.give_back(running.job.id, running.lease_owner)
            elif reason != "lost":
                state = "cancelled" if reason == "cancelled" else state
                told = running.told()
                self._leases.finish(running.job.id, running.lease_owner, state, told=told, result=result)

    def _tend_until_stopped(self) -> None:
        while not self._stopped.wait(TEND_EVERY_S):
            for running in list(self._in_hand):
                self._attempt("keep a job", partial(self._tend, running))

    def _tend(self, running: RunningJob) -> None:
        with running.storing:
            now, told = time.monotonic(), running.news()
            if now - running.kept_at > self._lease_s:
                # The database was away, or this machine asleep: another server may be at work on it.
                running.stop("lost")
            elif told is None and now - running.kept_at < self._lease_s / 4:
                running.heed(self._leases.standing(running.job.id, running.lease_owner))
            else:
                told = told or running.told()
                standing = self._leases.keep(running.job.id, running.lease_owner, lease_s=self._lease_s, told=told)
                running.stored(told, at=now)
                running.heed(standing)

    def _stop_works(self) -> None:
        end = time.monotonic() + self._stop_patience_s
        in_hand = dict(self._in_hand)
        for running in in_hand:
            running.stop("stopping")
        for running, thread in in_hand.items():
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                self._attempt("give back a job", partial(self._give_back, running))

    def _give_back(self, running: RunningJob) -> None:
        with running.storing:
            self._leases.give_back(running.job.id, running.lease_owner)
            running.stop("lost")

    def _attempt(self, what: str, step: Callable[[], None]) -> bool:
        """Whether it went well. What goes wrong ends no thread; the log has it the first time."""
        try:
            step()
        except Exception:
            if what not in self._failing:
                LOG.exception("could not %s; trying again", what)
            self._failing.add(what)
            return False
        self._failing.discard(what)
        return True
