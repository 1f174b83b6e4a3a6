"""Trains the runs of an experiment over several seeds and keeps what each came to, so that nothing is done twice."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from rich.console import Console

from app.errors import SetupError
from training.errors import PairSetError
from training.evaluation import recalls_both_ways
from training.loop import train
from training.objectives import CCA
from training.pair_set import PairSet
from training.plain import plain
from training.pools import POOL_SIZES, recalls_in_pools
from training.retrieval import briefs_of, embed_queries, embed_targets
from training.run_config import RunConfig
from training.running import fingerprint
from training.setup import prepare, solve

Way = Literal["query_to_target", "target_to_query"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure over seeds, in per cent: mean and standard deviation (0 of one seed)."""

    mean: float
    deviation: float
    seeds: int

    def __str__(self) -> str:
        return f"{self.mean:.1f}" if self.seeds == 1 else f"{self.mean:.1f} ± {self.deviation:.1f}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to for each seed; for none where these pairs could not feed it."""

    run: RunConfig
    seeds: tuple[dict[str, Any], ...]

    def recall(self, way: Way, k: int, *, pool: int | None) -> Measured | None:
        """R@k heard with all the words the run was trained with; in pools of a size, or (None) of the whole split."""

        def recall(done: dict[str, Any]) -> float | None:
            found = done["whole"] if pool is None else done["pools"].get(str(pool))
            return None if found is None else float(found[way][f"r{k}"])

        return self._over_seeds(recall)

    def curve(self, figure: Callable[[dict[str, Any]], float]) -> list[Measured]:
        """A figure of every epoch."""
        table = np.array([[figure(epoch) for epoch in done["epochs"]] for done in self.seeds])
        return [_measured(column.tolist()) for column in table.T]

    def _over_seeds(self, figure: Callable[[dict[str, Any]], float | None]) -> Measured | None:
        found = [figure(done) for done in self.seeds]
        values = [100 * value for value in found if value is not None]
        return _measured(values) if values and len(values) == len(found) else None


class Laboratory:
    """Runs on one pair set. `kept`: a folder in which finished runs are remembered, by all that they depend on."""

    def __init__(self, pairs: PairSet, *, seeds: Sequence[int], kept: Path, console: Console) -> None:
        self.pairs, self.seeds, self._kept, self._console = pairs, tuple(seeds), kept, console
        self.refusals: dict[str, str] = {}

    @property
    def test_count(self) -> int:
        return len(self.pairs.items_of("test"))

    def outcome(self, run: RunConfig) -> Outcome:
        """A run that these pairs cannot feed is refused by name, and the experiment goes on without it."""
        try:
            return Outcome(run, tuple(self._done(replace(run, seed=seed)) for seed in self.seeds))
        except SetupError as error:
            self._console.print(f"{run.name} cannot be run: {error}", highlight=False)
            self.refusals[run.name] = str(error)
            return Outcome(run, ())

    def _done(self, run: RunConfig) -> dict[str, Any]:
        path = self._kept / f"{run.name}-{run.seed}-{fingerprint(run, self.pairs)}.json"
        if not path.exists():
            self._console.print(f"{self.pairs.name}: {run.name}, seed {run.seed}", highlight=False)
            result = self._trained(run)
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".tmp")
            unfinished.write_text(json.dumps(result), encoding="utf-8")
            unfinished.rename(path)
        done: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return done

    def _trained(self, run: RunConfig) -> dict[str, Any]:
        if not self.test_count:
            raise PairSetError(file="items.jsonl", field="split", reason="no item is of 'test', and nothing to rank")
        prepared = prepare(run, self.pairs)
        trained = solve(prepared, run.objective) if isinstance(run.objective, CCA) else train(prepared)
        items = self.pairs.items_of("test", owning=[*trained.spec.text_sides, *run.owning])
        words = list(briefs_of(trained.feed).values())[-1]
        query = embed_queries(trained.model, trained.feed, items, words)
        target = embed_targets(trained.model, trained.feed, items)
        pools = {str(size): recalls_in_pools(query, target, size=size) for size in POOL_SIZES}
        return {
            "whole": plain(recalls_both_ways(query, target)),
            "pools": {
                size: {
                    "query_to_target": plain(pool.query_to_target.mean),
                    "target_to_query": plain(pool.target_to_query.mean),
                }
                for size, pool in pools.items()
                if pool is not None
            },
            "epochs": plain(trained.epochs),
        }


def _measured(values: list[float]) -> Measured:
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return Measured(float(np.mean(values)), deviation, len(values))
