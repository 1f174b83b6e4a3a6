"""The paper's run on a GPU with as many pairs as YouTube-8M's music videos: whether 30 epochs are done in an hour."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import psutil
import torch
from torch.autograd import DeviceType  # type: ignore[attr-defined]  # public, not in its stubs
from torch.autograd.profiler_util import FunctionEventAvg
from torch.profiler import profile

from benchmarks.machine import Finding, print_findings
from benchmarks.made_up_pairs import pairs_in_memory
from benchmarks.training_rates import Laps, finishing, input_s, shortened, step_s
from training.loop import Prepared, train
from training.pair_set import PairSet
from training.paper_runs import PAPER, clvm_run
from training.setup import prepare

# Music videos of the training shards (paper.md), of 230 s on average, and as many held out as the converter takes.
TRAINING_PAIRS, HELD_OUT_SHARE, ROWS = 116_098, 0.05, (160, 300)
LAPS = Laps(warm=50, count=5, steps=100)
PROFILED_STEPS = 30
INPUT_BATCHES, TURNS = 400, 5
ASKED_INPUT_SHARE, ASKED_MINUTES = 0.05, 60.0
# A block of rows is all that has to be copied beside the rows themselves.
SHARE_OF_MEMORY = 0.7
LSTM_OPERATIONS = frozenset({"aten::_cudnn_rnn", "aten::_cudnn_rnn_backward"})


def print_full_size(asked: int) -> None:
    """Fewer pairs than asked for where this machine's memory does not hold them; the table names the number."""
    count = min(asked, _pairs_that_fit())
    pairs = pairs_in_memory(counts={"train": count, "validation": max(1, int(HELD_OUT_SHARE * count))}, rows=ROWS)
    for precision in ("auto", "fp32"):
        torch.cuda.reset_peak_memory_stats()
        began = time.perf_counter()
        prepared = prepare(replace(clvm_run(), epochs=1, precision=precision), pairs)
        findings = [
            Finding("rows, in memory", f"{_gigabytes(pairs):.1f} GB", "", None),
            Finding("prepared in", f"{time.perf_counter() - began:.0f} s", "", None),
            *full_size(prepared, LAPS, profiled=PROFILED_STEPS, is_whole=count >= TRAINING_PAIRS),
        ]
        title = f"Training loop, {torch.cuda.get_device_name()}, {precision}: {count:,} pairs"
        print_findings(title, findings)
        # The rows are on the device once more with the next one.
        del prepared
        torch.cuda.empty_cache()


def full_size(prepared: Prepared, laps: Laps, *, profiled: int, is_whole: bool) -> list[Finding]:
    """`profiled`: steps that are looked into; `is_whole`: all pairs are there, so that the hour can be judged."""
    size = prepared.run.batch_pairs
    step = step_s(prepared, laps)
    batch = input_s(prepared, batches=min(INPUT_BATCHES, len(prepared.training_items) // size), turns=TURNS)
    share = lstm_share(prepared, profiled)
    epoch = _seconds(partial(train, prepared), prepared.feed.device)
    minutes, input_share = PAPER.epochs * epoch / 60, batch / step
    is_soon, is_light = minutes <= ASKED_MINUTES, input_share <= ASKED_INPUT_SHARE
    return [
        Finding("training loop", f"{size / step:,.0f} pairs/s, {1e3 * step:.2f} ms a step", "", None),
        Finding("  input alone", f"{1e3 * batch:.2f} ms a batch", "", None),
        Finding("  input alone : whole step", f"{100 * input_share:.1f} %", f"≤ {ASKED_INPUT_SHARE:.0%}", is_light),
        Finding("  GPU time in the LSTM's kernels", "none seen" if share is None else f"{share:.0%}", "", None),
        Finding("one epoch, validation included", f"{epoch:.1f} s", "", None),
        Finding(
            f"{PAPER.epochs} epochs", f"{minutes:.1f} min", f"≤ {ASKED_MINUTES:.0f} min", is_soon if is_whole else None
        ),
        Finding("memory at its highest", f"{torch.cuda.max_memory_allocated() / 1e9:.1f} GB", "", None),
    ]


def lstm_share(prepared: Prepared, steps: int) -> float | None:
    """Of the GPU's time in so many steps; None where the profiler saw none."""
    with profile() as seen:
        train(shortened(prepared, steps))
    return share_of(seen.key_averages(), LSTM_OPERATIONS)


def share_of(events: Iterable[FunctionEventAvg], operations: frozenset[str]) -> float | None:
    """Kernels are counted once, by themselves; an operation's time is that of the kernels it started."""
    within = whole = 0.0
    for event in events:
        if event.device_type == DeviceType.CPU:
            within += event.device_time_total if event.key in operations else 0.0
        elif not event.is_user_annotation:
            whole += event.self_device_time_total
    return within / whole if whole else None


def _pairs_that_fit() -> int:
    """Of the longest steps, in the memory that is free; the held-out ones are taken along."""
    bytes_a_pair = (1024 + 128) * ROWS[1] * (1 + HELD_OUT_SHARE)
    return int(SHARE_OF_MEMORY * psutil.virtual_memory().available / bytes_a_pair)


def _gigabytes(pairs: PairSet) -> float:
    return sum(stream.rows.nbytes for stream in pairs.streams.values()) / 1e9


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    finish = finishing(device)
    began = time.perf_counter()
    work()
    finish()
    return time.perf_counter() - began
