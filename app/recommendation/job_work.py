"""What the runner of jobs and a kind of work are to each other. Knows no kind, no thread and no database."""

from collections.abc import Mapping
from typing import Any, Protocol

from app.errors import BgmError
from app.jobs import Job, JobKind


class Progress(Protocol):
    """What a running job tells, from any thread; it is stored a few times a second at most."""

    def set_total(self, total: int) -> None:
        """How many items there are. Begins to count from none again: a job taken up again goes through all of them."""

    def advance(self, count: int = 1) -> None:
        """So many more items are done, well or not."""

    def add_error(self, item: str, error: BgmError) -> None:
        """What went wrong with one item; the job goes on."""

    @property
    def is_cancelled(self) -> bool:
        """Whether to stop soon: cancelled, the server ends, or another server has taken the job over."""


class JobWork(Protocol):
    """One kind of job. The same job may be run again, from the start, after its process ended in the middle."""

    @property
    def kind(self) -> JobKind: ...

    def run(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        """The job's result, fit for JSON; blocks. A BgmError fails the job. Returns early once `is_cancelled`."""
