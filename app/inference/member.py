"""One place in a crew: a supervising thread that keeps a process in it, hands it jobs and replaces it when it ends."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Event, Thread

from app.errors import BgmError, EncoderUnavailable, SetupError, WorkerDefect
from app.inference.job_queue import JobQueue, QueuedJob
from app.inference.worker_process import WorkerKind, WorkerProcess

LOG = logging.getLogger(__name__)

# How soon the end of an idle process is noticed; that of a busy one is noticed at once.
IDLE_CHECK_S = 0.5
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A worker as its supervisor last saw it, at most half a second ago. `failure`: why it does not start."""

    name: str
    pid: int | None
    is_ready: bool
    restarts: int
    failure: str | None


class Member:
    """Runs from construction until `closing` can be read, or a start fails for a reason that waiting does not mend."""

    def __init__(
        self, kind: WorkerKind, *, name: str, queue: JobQueue, closing: Connection, changed: Callable[[], None]
    ) -> None:
        """`changed` is called, from the supervising thread, whenever `failure` has changed."""
        self._kind, self._name, self._queue, self._closing, self._changed = kind, name, queue, closing, changed
        self.failure: BgmError | None = None
        self._pid: int | None = None
        self._is_ready = False
        self._starts = 0
        # Processes in a row that ended without having been given a job.
        self._idle_lives = 0
        self._has_settled = Event()
        self._thread = Thread(target=self._run, name=f"{name}-supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Waits for the first start to succeed; raises what made it fail."""
        self._has_settled.wait()
        if self.failure is not None:
            raise self.failure

    def join(self) -> None:
        self._thread.join()

    def status(self) -> WorkerStatus:
        failure = None if self.failure is None else str(self.failure)
        return WorkerStatus(self._name, self._pid, self._is_ready, max(0, self._starts - 1), failure)

    def _run(self) -> None:
        try:
            while not isinstance(self.failure, SetupError) and not self._closing.poll(pause_s(self._idle_lives)):
                self._one_life()
        finally:
            self._settle(self.failure or EncoderUnavailable(worker=self._kind.name))

    def _one_life(self) -> None:
        self._idle_lives += 1
        self._starts += 1
        try:
            with WorkerProcess(self._kind, interrupt=self._closing) as process:
                self._pid = process.pid
                process.wait_until_loaded()
                self._is_ready = True
                self._settle(None)
                self._serve(process)
        except Exception as error:  # noqa: BLE001  whatever ended this process, another one must be started
            self._mourn(error)
        finally:
            self._is_ready, self._pid = False, None

    def _serve(self, process: WorkerProcess) -> None:
        while not self._closing.poll():
            batch = self._queue.take(at_most=self._kind.max_batch, patience_s=IDLE_CHECK_S)
            if batch:
                self._work_off(process, batch)
            elif not process.is_alive():
                raise EncoderUnavailable(worker=self._kind.name)

    def _work_off(self, process: WorkerProcess, batch: list[QueuedJob]) -> None:
        self._idle_lives = 0
        try:
            answers = process.ask([queued.job for queued in batch])
            for queued, outcome in zip(batch, answers, strict=True):
                queued.settle(outcome)
                self._report_defect(outcome)
        except TimeoutError:
            for queued in batch:
                queued.settle(self._kind.too_late())
            raise
        except ConnectionError:
            # It had ended while it was idle; the jobs were never begun.
            self._queue.put_back(batch)
            batch = []
            raise
        finally:
            for queued in batch:
                queued.settle(EncoderUnavailable(worker=self._kind.name))

    def _report_defect(self, outcome: object) -> None:
        if isinstance(outcome, WorkerDefect):
            LOG.error("%s: %s", outcome, outcome.trace)

    def _mourn(self, error: Exception) -> None:
        if self._closing.poll():
            return
        fate = "ended" if self._is_ready else "did not start"
        foreseen = isinstance(error, BgmError | OSError)
        LOG.warning("%s process %s %s: %r", self._name, self._pid, fate, error, exc_info=None if foreseen else error)
        self._report_defect(error)
        if not self._is_ready:
            self._settle(error if isinstance(error, BgmError) else EncoderUnavailable(worker=self._kind.name))

    def _settle(self, failure: BgmError | None) -> None:
        self.failure = failure
        self._changed()
        self._has_settled.set()


def pause_s(idle_lives: int) -> float:
    """How long to wait with the next start: not at all the first time, then longer and longer, so that a process that
    always dies before it is of use does not take the machine from those that work."""
    return min(FIRST_PAUSE_S * 2.0 ** (idle_lives - 2), LONGEST_PAUSE_S) if idle_lives > 1 else 0.0
