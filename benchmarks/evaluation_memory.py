"""What it takes to evaluate a whole test split: memory and time, beside the whole matrix of similarities.

    python -m benchmarks.evaluation_memory [--pairs N]

Each line is measured in a process of its own. Whole evaluations read made-up pairs (24 MB a step for all of them) from
a temporary folder. Linux only.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from app.domain import Float32Array
from benchmarks.machine import Finding, print_findings
from benchmarks.made_up_pairs import write_pairs
from benchmarks.own_process import Weighed, weighed
from benchmarks.plain_ranks import plain_recalls
from training.checkpoints import LoadedModel
from training.evaluate import evaluate, feed_of
from training.evaluation import BothWays, Embedded, Tracks, recalls_both_ways
from training.model_spec import build_model
from training.pair_set_reader import open_pair_set
from training.paper_runs import PAPER, clvm_run
from training.pools import DRAWS, POOL_SIZES, recalls_in_pools
from training.preparation import completed

# Of the YouTube-8M test split; an item's steps are few, since each is only read again where more are wanted.
TEST_PAIRS, ROWS = 33_115, 4
ASKED_MB = 2000
# The whole matrix of all pairs takes 4.4 GB, and 1.1 more while it is compared.
FREE_BYTES, FEWER_PAIRS = 12e9, 8192
# The paper's width takes minutes for all pairs; its largest batches are what memory hangs on, and two show them.
NARROW_WIDTH, WIDE_WIDTH, WIDE_PAIRS = 64, PAPER.width, 1024


def main() -> None:
    parser = argparse.ArgumentParser(description="memory and time of evaluating a test split")
    parser.add_argument("--pairs", type=int, default=TEST_PAIRS, help=f"pairs in the split ({TEST_PAIRS})")
    pairs = parser.parse_args().pairs
    print_findings(f"Ranking {pairs:,} pairs, D {PAPER.embedding_dim}", ranking(pairs))
    with tempfile.TemporaryDirectory(prefix="bgm-evaluation-") as folder:
        print_findings(f"Evaluating {pairs:,} pairs of {PAPER.steps} steps", whole(Path(folder), pairs))


def ranking(pairs: int) -> list[Finding]:
    """Raises ValueError where the two ways do not find the same."""
    ours, pools = weighed(_ours, pairs), weighed(_pools, pairs)
    most = pairs if psutil.virtual_memory().available > FREE_BYTES else min(pairs, FEWER_PAIRS)
    plain, like = weighed(_plain, most), ours if most == pairs else weighed(_ours, most)
    require_alike(like.value, plain.value)
    sizes = " and ".join(str(size) for size in POOL_SIZES)
    return [
        _finding("both ways among all", ours),
        _finding(f"{DRAWS} pools each of {sizes}", pools),
        Finding(f"by the whole matrix of {most:,} pairs", _figure(plain), "", None),
        Finding("  its memory : ours", f"{plain.peak_mb / like.peak_mb:.1f}", "", None),
        Finding("  its time : ours", f"{plain.seconds / like.seconds:.2f}", "", None),
    ]


def whole(folder: Path, pairs: int) -> list[Finding]:
    """From features on disk to the table, as `training.evaluate` does it."""
    many = write_pairs(folder / "many", counts={"test": pairs}, rows=ROWS)
    few = write_pairs(folder / "few", counts={"test": min(pairs, WIDE_PAIRS)}, rows=ROWS)
    narrow, wide = weighed(evaluated, many, NARROW_WIDTH), weighed(evaluated, few, WIDE_WIDTH)
    return [
        _finding(f"features to table, biLSTM of {NARROW_WIDTH}", narrow),
        Finding("  without mapped files", f"{narrow.own_mb:,.0f} MB", "", None),
        _finding(f"features to table, biLSTM of {WIDE_WIDTH}, {wide.value:,} pairs", wide),
        Finding("  without mapped files", f"{wide.own_mb:,.0f} MB", "", None),
    ]


def evaluated(folder: Path, width: int) -> int:
    """Evaluates a fresh model of the paper's run on the test split, and says of how many items."""
    pairs, run = open_pair_set(folder), clvm_run(size=replace(PAPER, width=width))
    spec = completed(run.design, pairs, pairs.items_of("test"), limit=run.standardisation_limit)
    loaded = LoadedModel(spec, build_model(spec).eval(), about={}, digest="made-up")
    evaluate(loaded, feed_of(loaded, pairs, "cpu"), "test", pool_sizes=POOL_SIZES, draws=DRAWS)
    return len(pairs.items)


def require_alike(ours: BothWays, plain: BothWays) -> None:
    """Raises ValueError where they differ by more than products rounded in another order."""
    for own, other in (
        (ours.query_to_target, plain.query_to_target),
        (ours.target_to_query, plain.target_to_query),
    ):
        near = np.allclose((own.r1, own.r5, own.r10, own.r25), (other.r1, other.r5, other.r10, other.r25), atol=1e-3)
        if not near or abs(own.median_rank - other.median_rank) > 1:
            raise ValueError(f"the two ways do not find the same: {own} and {other}")


def made_up_embeddings(pairs: int, width: int = PAPER.embedding_dim) -> tuple[Embedded, Embedded]:
    """Unit rows of which many, but not all, find their partner among the first."""
    rng = np.random.default_rng(7)
    target = rng.standard_normal((pairs, width), np.float32)
    query = target + 6 * rng.standard_normal((pairs, width), np.float32)
    tracks = np.arange(pairs)
    return _unit(query, tracks), _unit(target, tracks)


def _unit(rows: Float32Array, tracks: Tracks) -> Embedded:
    return Embedded(rows / np.linalg.norm(rows, axis=1, keepdims=True), tracks)


def _ours(pairs: int) -> BothWays:
    return recalls_both_ways(*made_up_embeddings(pairs))


def _pools(pairs: int) -> None:
    query, target = made_up_embeddings(pairs)
    for size in POOL_SIZES:
        recalls_in_pools(query, target, size=size, draws=DRAWS)


def _plain(pairs: int) -> BothWays:
    query, target = made_up_embeddings(pairs)
    return plain_recalls(query.vectors, target.vectors)


def _finding(what: str, found: Weighed[Any]) -> Finding:
    return Finding(what, _figure(found), f"≤ {ASKED_MB:,} MB", found.peak_mb <= ASKED_MB)


def _figure(found: Weighed[Any]) -> str:
    return f"{found.peak_mb:,.0f} MB, {found.seconds:.1f} s"


if __name__ == "__main__":
    main()
