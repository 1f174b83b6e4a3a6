"""Laboratories that train nothing, for what is made of their outcomes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from training.experiments.outcomes import Laboratory, Outcome, Way
from training.pair_set import PairSet
from training.run_config import RunConfig
from training.setup import prepare

KS = (1, 5, 10, 25)
POOLS = (None, 1000, 1024)


def share(place: int, way: Way, k: int, pool: int | None) -> float:
    """A share from which the run's place, the way, the k and the pool can be told."""
    return 0.02 * place + 0.005 * (way == "target_to_query") + 0.0001 * k + 0.001 * POOLS.index(pool)


def figures(place: int, *, with_pools: bool = True) -> dict[str, Any]:
    """What is kept of a run, as `Laboratory` keeps it."""

    def both(pool: int | None) -> dict[str, Any]:
        ways: tuple[Way, ...] = ("query_to_target", "target_to_query")
        return {way: {f"r{k}": share(place, way, k, pool) for k in KS} | {"median_rank": place} for way in ways}

    pools = {str(pool): both(pool) for pool in POOLS if pool is not None} if with_pools else {}
    return {"whole": {"pool": 10, **both(None)}, "pools": pools, "epochs": []}


class Telling(Laboratory):
    """Each run comes to figures that tell its place in the order of asking, from 1."""

    def __init__(self, pairs: PairSet, *, seeds: Sequence[int] = (1,), with_pools: bool = True) -> None:
        super().__init__(pairs, seeds=seeds, kept=Path(), console=Console(quiet=True))
        self.asked: list[RunConfig] = []
        self._with_pools = with_pools

    def outcome(self, run: RunConfig) -> Outcome:
        self.asked.append(run)
        return Outcome(run, tuple(figures(len(self.asked), with_pools=self._with_pools) for _ in self.seeds))


class Preparing(Laboratory):
    """Refuses what pairs cannot feed, and keeps made-up figures of all else."""

    def __init__(self, pairs: PairSet, *, kept: Path) -> None:
        super().__init__(pairs, seeds=(1,), kept=kept, console=Console(quiet=True))

    def _trained(self, run: RunConfig) -> dict[str, Any]:
        prepare(run, self.pairs)
        return figures(1)
