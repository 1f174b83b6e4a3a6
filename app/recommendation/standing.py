"""How a server stands at this moment, in numbers. Knows no HTTP; blocking."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from app.catalogue.job_counts import jobs_by_state
from app.jobs import JobState
from app.recommendation.serving import Served

# As the pool names them where it says that one is missing.
WORKER_KINDS = ("decoder", "device")


@dataclass(frozen=True, slots=True)
class Standing:
    """`tracks` and `last_change` are the index's; `ready`: whether at least one worker of a kind can work."""

    tracks: int
    last_change: int
    ready: Mapping[str, bool]
    jobs: Mapping[str, int]


def standing(served: Served) -> Standing:
    index, missing = served.library.upkeep.index, served.pool.missing()
    counted = jobs_by_state(served.library.catalogue.transactions)
    return Standing(
        tracks=len(index),
        last_change=index.last_change,
        ready={kind: kind not in missing for kind in WORKER_KINDS},
        # A state without a job is reported, too: it would else seem to keep its last number.
        jobs={state: counted.get(state, 0) for state in get_args(JobState)},
    )
