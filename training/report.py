"""Tables of a run's figures, in Markdown: readable in a terminal and in a page. Computes nothing.

Shares are printed in per cent, ranks as they are.
"""

from collections.abc import Mapping, Sequence

from training.evaluation import BothWays, Recalls
from training.model_spec import ModelSpec
from training.pools import PoolRecalls, Spread

HEAD = ("R@1", "R@5", "R@10", "R@25", "median rank")


def recall_table(results: Mapping[str, Mapping[str, BothWays]], spec: ModelSpec) -> str:
    """`results`: for each run, for each kind of words, what was found; a row for each of both directions."""
    rows = []
    for run, by_words in results.items():
        for words, both in by_words.items():
            for way, recalls in zip(directions(spec), (both.query_to_target, both.target_to_query), strict=True):
                rows.append([run, words, way, *cells(recalls)])
    return table(["run", "words", "direction", *HEAD], rows)


def pool_table(whole: Mapping[str, BothWays], pools: Mapping[str, Sequence[PoolRecalls]], spec: ModelSpec) -> str:
    """For each kind of words the whole split, then each pool size with its deviation over the draws."""
    rows = []
    for words, both in whole.items():
        for way, name in zip(directions(spec), ("query_to_target", "target_to_query"), strict=True):
            rows.append([words, way, f"all {both.pool}", *cells(getattr(both, name))])
            for pool in pools[words]:
                rows.append([words, way, f"{pool.size}, {pool.draws} draws", *spread_cells(getattr(pool, name))])
    return table(["words", "direction", "pool", *HEAD], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns are aligned in a terminal too."""
    widths = [max(len(line[column]) for line in [head, *rows]) for column in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def directions(spec: ModelSpec) -> tuple[str, str]:
    query, target = spec.query.stream, spec.target.stream
    return f"{query} → {target}", f"{target} → {query}"


def cells(recalls: Recalls) -> list[str]:
    return [*(f"{100 * share:.1f}" for share in _shares(recalls)), f"{recalls.median_rank:g}"]


def spread_cells(spread: Spread) -> list[str]:
    shares = zip(_shares(spread.mean), _shares(spread.deviation), strict=True)
    ranks = f"{spread.mean.median_rank:.1f} ± {spread.deviation.median_rank:.1f}"
    return [*(f"{100 * mean:.1f} ± {100 * deviation:.1f}" for mean, deviation in shares), ranks]


def _shares(recalls: Recalls) -> tuple[float, float, float, float]:
    return recalls.r1, recalls.r5, recalls.r10, recalls.r25
