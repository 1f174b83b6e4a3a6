"""Long work as a value: what is to be done, how far it is, what went wrong. No database and no thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

JobKind = Literal["import", "reembed", "render"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL_STATES = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class JobError:
    """What went wrong with one item, or with the whole job (`item` empty)."""

    item: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Job:
    """`request`: what was asked, by kind. `owner`: the id of the key that asked, None where none was needed.

    `attempts`: how often a process began it. `total` is 0 as long as nobody has counted.
    """

    id: str
    kind: JobKind
    state: JobState
    request: Mapping[str, Any]
    owner: str | None
    done: int
    total: int
    errors: tuple[JobError, ...]
    result: Mapping[str, Any] | None
    attempts: int
    is_cancel_wanted: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES
