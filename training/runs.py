"""Named runs: each is one complete dataclass made by a function. `python -m training.train NAME` takes these."""

from collections.abc import Callable
from functools import partial

from training.own_videos import few_videos_run, own_videos_run, own_videos_without_words_run
from training.paper_runs import paper_runs
from training.real_pairs import order_free_run, real_pairs_run
from training.run_config import RunConfig
from training.starter_runs import starter_run, starter_with_intra_run


def _alone(run: RunConfig) -> tuple[RunConfig, ...]:
    return (run,)


# A run by name: the first is kept, the others are trained beside it on the same pairs, to be compared.
RUNS: dict[str, Callable[[], tuple[RunConfig, ...]]] = {
    "starter_run": lambda: (starter_run(), starter_with_intra_run()),
    "starter_with_intra_run": lambda: (starter_with_intra_run(),),
    "own_videos_run": lambda: (own_videos_run(),),
    "own_videos_without_words_run": lambda: (own_videos_without_words_run(),),
    "few_videos_run": lambda: (few_videos_run(),),
    "real_pairs_run": lambda: (real_pairs_run(),),
    "order_free_run": lambda: (order_free_run(),),
    **{name: partial(_alone, run) for name, run in paper_runs().items()},
}
