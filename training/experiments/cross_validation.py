"""Cross-validation on few real pairs: every model trained on all folds but one, and ranked on that one.

The folds are of equal size, so that the pool a query is ranked in is too; items of one track lie in one fold.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import PairSetError
from training.experiments.outcomes import Laboratory
from training.pair_set import Item, PairSet
from training.report import table
from training.run_config import RunConfig

_WAYS = ("query_to_target", "target_to_query")
_FIGURES = ("r1", "r10", "r25", "median_rank")


@dataclass(frozen=True, slots=True)
class Validated:
    """`found`: for each fold and figure, both ways, (F, 2, 4): shares of 1 and median ranks. Empty where refused."""

    label: str
    found: np.ndarray[Any, np.dtype[np.float64]]
    pool: float
    refusal: str | None = None

    def cells(self) -> list[str]:
        """Mean ± deviation over folds, shares in per cent, in the order of `HEAD`."""
        if not len(self.found):
            return ["not run"] * 2 * len(_FIGURES)
        factor = np.array([100, 100, 100, 1])
        mean, deviation = self.found.mean(axis=0) * factor, self.found.std(axis=0, ddof=1) * factor
        return [f"{m:.1f} ± {d:.1f}" for m, d in zip(mean.ravel(), deviation.ravel(), strict=True)]


HEAD = ("model", *(f"{way} {figure}" for way in ("v→m", "m→v") for figure in ("R@1", "R@10", "R@25", "median")))


def folds(pairs: PairSet, *, count: int, seed: int) -> Iterator[PairSet]:
    """The pair set with one fold as its test split and all else to train on, for each fold in turn.

    Raises PairSetError where there are fewer tracks than folds.
    """
    tracks = np.random.default_rng(seed).permutation(np.unique(pairs.track_codes))
    if len(tracks) < count:
        reason = f"there are {len(tracks)}, too few for {count} folds"
        raise PairSetError(file="items.jsonl", field="track", reason=reason)
    fold_of = {int(track): at % count for at, track in enumerate(tracks)}
    for held_out in range(count):
        items = tuple(
            _assigned(item, is_test=fold_of[int(track)] == held_out)
            for item, track in zip(pairs.items, pairs.track_codes, strict=True)
        )
        yield replace(pairs, name=f"{pairs.name}-fold{held_out + 1}of{count}-seed{seed}", items=items)


def validated(label: str, run: RunConfig, laboratories: Sequence[Laboratory]) -> Validated:
    """One model on every fold; a laboratory holds one fold."""
    found, pools = [], []
    for lab in laboratories:
        for done in lab.outcome(run).seeds:
            found.append([[done["whole"][way][figure] for figure in _FIGURES] for way in _WAYS])
            pools.append(done["whole"]["pool"])
    refusal = next((lab.refusals[run.name] for lab in laboratories if run.name in lab.refusals), None)
    return Validated(label, np.array(found), float(np.mean(pools)) if pools else 0.0, refusal)


def page(results: Sequence[Validated], *, data: str) -> str:
    """Markdown."""
    pool = next((result.pool for result in results if len(result.found)), 0.0)
    lines = [
        f"Measured on {data}; ranked among {pool:.0f} tracks, where chance is R@10 {1000 / max(pool, 1):.1f} %.",
        "",
    ]
    lines.append(table(HEAD, [[result.label, *result.cells()] for result in results]))
    lines += [f"\nNot run on every fold, {result.label}: {result.refusal}." for result in results if result.refusal]
    return "\n".join(lines) + "\n"


def write_sheet(results: Sequence[Validated], path: Path) -> None:
    """CSV: one line a model, fold, way and figure."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "fold", "way", *_FIGURES])
        for result in results:
            for fold, ways in enumerate(result.found, start=1):
                for way, figures in zip(_WAYS, ways, strict=True):
                    writer.writerow([result.label, fold, way, *(f"{figure:.5g}" for figure in figures)])


def _assigned(item: Item, *, is_test: bool) -> Item:
    return replace(item, split="test" if is_test else "train")
