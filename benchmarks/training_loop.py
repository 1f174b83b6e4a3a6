"""The training loop at the paper's sizes: pairs a second, its input alone, and the input beside a plain DataLoader's.

    python -m benchmarks.training_loop [--pairs N] [--gpu-pairs N] [--threads N]

Made-up pairs of 300 steps (1024 and 128 bytes each) are written to a temporary folder, 0.35 MB a pair, and read from
memory, as they are after the first epoch. With a GPU the whole training set's size is then measured there, in memory.
"""

import argparse
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.machine import Finding, print_findings
from benchmarks.made_up_pairs import write_pairs
from benchmarks.plain_pairs import PlainPairs, plain_batches
from benchmarks.training_on_gpu import TRAINING_PAIRS, print_full_size
from benchmarks.training_rates import Laps, finishing, input_s, own_batches, seconds_each, step_s
from training.loop import Prepared
from training.pair_set import Items, PairSet, Split
from training.pair_set_reader import open_pair_set
from training.paper_runs import clvm_run
from training.run_config import RunConfig
from training.setup import prepare

ROWS = 300
LAPS = Laps(warm=1, count=5, steps=1)
TURNS, WORKERS = 5, 2
ASKED_OF_PLAIN = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(description="pairs a second, and what the input costs")
    parser.add_argument("--pairs", type=int, default=2000, help="pairs on disk for the processor's part (2000)")
    parser.add_argument("--gpu-pairs", type=int, default=TRAINING_PAIRS, help=f"on a GPU ({TRAINING_PAIRS})")
    threads = clvm_run().threads
    parser.add_argument("--threads", type=int, default=threads, help=f"torch's on the processor (the run's: {threads})")
    arguments = parser.parse_args()
    run = replace(clvm_run(), epochs=1, device="cpu", threads=arguments.threads)
    with tempfile.TemporaryDirectory(prefix="bgm-training-") as folder:
        counts: dict[Split, int] = {"train": arguments.pairs, "validation": run.batch_pairs}
        pairs = open_pair_set(write_pairs(Path(folder) / "pairs", counts=counts, rows=ROWS))
        print_findings(f"Training loop, processor: {_sizes(run, pairs)}", on_processor(run, pairs, LAPS))
        if torch.cuda.is_available():
            prepared = prepare(replace(run, device="cuda"), pairs)
            print_findings(f"Input, {torch.cuda.get_device_name()}: {_sizes(run, pairs)}", beside_plain(prepared))
    if torch.cuda.is_available():
        print_full_size(arguments.gpu_pairs)
    else:
        print("\nThe full size on a GPU was not run: torch finds no CUDA device.", flush=True)


def on_processor(run: RunConfig, pairs: PairSet, laps: Laps) -> list[Finding]:
    """Times the loop and its input alone, and then the input in turns with the plain loader."""
    prepared = prepare(run, pairs)
    # Before the loop, so that it is not held up by what that leaves behind.
    batch = input_s(prepared, batches=len(prepared.training_items) // run.batch_pairs, turns=TURNS)
    step = step_s(prepared, laps)
    return [
        Finding("training loop", f"{run.batch_pairs / step:,.1f} pairs/s, {step:.2f} s a step", "", None),
        Finding("  input alone : whole step", f"{100 * batch / step:.2f} %", "", None),
        *beside_plain(prepared),
    ]


def beside_plain(prepared: Prepared) -> list[Finding]:
    """One epoch each in turn: ours, the plain loader in this process, the plain loader with workers."""
    require_alike(prepared)
    size, device = prepared.run.batch_pairs, prepared.feed.device
    plain, finish = plain_pairs(prepared, prepared.training_items, is_random=True), finishing(device)
    turns = [
        (
            seconds_each(own_batches(prepared), finish),
            seconds_each(plain_batches(plain, size=size, device=device), finish),
            seconds_each(plain_batches(plain, size=size, device=device, workers=WORKERS), finish),
        )
        for _ in range(TURNS)
    ]
    ours, alone, helped = (statistics.median(taken) for taken in zip(*turns, strict=True))
    is_met = alone / ours >= ASKED_OF_PLAIN
    return [
        Finding("input alone", f"{size / ours:,.0f} pairs/s", "", None),
        Finding("  by a plain Dataset and DataLoader", f"{size / alone:,.0f} pairs/s", "", None),
        Finding("  ours : plain", f"{alone / ours:.1f} x", f"≥ {ASKED_OF_PLAIN:.0f} x", is_met),
        Finding(f"  by the plain one with {WORKERS} workers", f"{size / helped:,.0f} pairs/s", "", None),
        Finding("  ours : that", f"{helped / ours:.1f} x", "", None),
    ]


def require_alike(prepared: Prepared) -> None:
    """Raises ValueError where the plain loader gives other values than ours for the same steps."""
    items = prepared.training_items[: prepared.run.batch_pairs]
    ours, plain = prepared.feed.gather(prepared.feed.draw(items, {})), plain_pairs(prepared, items, is_random=False)
    videos, musics = zip(*(plain[index] for index in range(len(plain))), strict=True)
    for own, other in ((ours.query_BTE, videos), (ours.target_BTE, musics)):
        if not torch.allclose(own.cpu(), torch.stack(other), atol=1e-5):
            raise ValueError("the plain loader gives other values")


def plain_pairs(prepared: Prepared, items: Items, *, is_random: bool) -> PlainPairs:
    return PlainPairs(prepared.feed.pairs.folder, items, steps=prepared.spec.query.steps, is_random=is_random)


def _sizes(run: RunConfig, pairs: PairSet) -> str:
    items, tower = len(pairs.items_of("train")), run.design.query
    kind, steps = tower.sequence_encoder.kind, tower.steps
    return f"{items} pairs of {ROWS} s, {kind} of {steps} steps, batches of {run.batch_pairs}, {run.threads} threads"


if __name__ == "__main__":
    main()
