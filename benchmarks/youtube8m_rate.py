"""How fast YouTube-8M shards are read, beside a plain reader in pure Python, and converted to a pair set.

    python -m benchmarks.youtube8m_rate [--shards N] [--records N]

Shards of made-up records of 300 steps are written to a temporary folder and read from memory; one record in 33 carries
the label asked for, as in the real train shards.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.machine import Finding, print_findings
from benchmarks.made_up_shards import write_shard
from benchmarks.plain_youtube8m_reader import PlainReader, PlainVideo
from training.converters.conversion import PairSetPlan, convert
from training.converters.parts import Converted
from training.converters.youtube8m import MUSIC_VIDEO, streams_of
from training.converters.youtube8m_shard import Selection, ShardJob, Splitting

STEPS, ONE_IN = 300, 33
TURNS, PROCESSES = 3, 2
ASKED_OF_PLAIN = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description="records a second: ours, a plain reader's, and converted whole")
    parser.add_argument("--shards", type=int, default=4, help="how many shards are converted; one of them is read (4)")
    parser.add_argument("--records", type=int, default=400, help="records a shard (400; real ones hold about 1000)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bgm-youtube8m-") as folder:
        shards = [Path(folder) / f"train{number:02d}.tfrecord" for number in range(arguments.shards)]
        for number, shard in enumerate(shards):
            write_shard(shard, records=arguments.records, steps=STEPS, label=MUSIC_VIDEO, one_in=ONE_IN, seed=number)
        findings = [
            finding
            for label in (MUSIC_VIDEO, None)
            for finding in (
                *_reading(shards[0], arguments.records, label),
                _converting(shards, arguments.records, label),
            )
        ]
        megabytes = shards[0].stat().st_size / 1e6
        print_findings(f"YouTube-8M: shards of {arguments.records} records of {STEPS} s, {megabytes:.0f} MB", findings)


def _reading(shard: Path, records: int, label: int | None) -> list[Finding]:
    """In this process alone. Raises ValueError where the two readers do not find the same."""
    ours = _median_s(_job(shard, label).convert, TURNS)
    plain, hasty = (_plain_s(shard, label, checks_sums=checks_sums) for checks_sums in (True, False))
    if not _are_alike(_job(shard, label).convert(), list(PlainReader(label=label, checks_sums=False).videos(shard))):
        raise ValueError("the two readers do not find the same")
    ratio, megabytes = plain / ours, shard.stat().st_size / 1e6
    return [
        Finding(f"{_what(label)}: read", f"{records / ours:,.0f} records/s, {megabytes / ours:,.0f} MB/s", "", None),
        Finding("  by plain Python", f"{records / plain:,.0f} records/s", "", None),
        Finding("  ours : plain", f"{ratio:.0f} x", f"≥ {ASKED_OF_PLAIN:.0f} x", ratio >= ASKED_OF_PLAIN),
        Finding("  by plain Python that checks no sums", f"{records / hasty:,.0f} records/s", "", None),
        Finding("  ours : that", f"{hasty / ours:.1f} x", "", None),
    ]


def _converting(shards: Sequence[Path], records: int, label: int | None) -> Finding:
    """Whole, to a pair set on disk, the start of the processes included."""
    plan = PairSetPlan(streams_of("frame"), ("video",), ("music",), {"label": label})
    jobs, out = [_job(shard, label) for shard in shards], shards[0].with_name(f"pairs-{label}")
    taken = _seconds(partial(convert, out, jobs, plan, processes=PROCESSES, on_job=lambda _: None))
    rate = len(shards) * records / taken
    return Finding(f"{_what(label)}: to a pair set, {PROCESSES} processes", f"{rate:,.0f} records/s", "", None)


def _what(label: int | None) -> str:
    return "every video" if label is None else f"label {label}, 1 in {ONE_IN}"


def _job(shard: Path, label: int | None) -> ShardJob:
    wanted = None if label is None else frozenset({label})
    return ShardJob(shard, shard.stem, Selection("frame", wanted, min_steps=100), Splitting("train", 0.0, 0))


def _plain_s(shard: Path, label: int | None, *, checks_sums: bool) -> float:
    reader = PlainReader(label=label, checks_sums=checks_sums)
    return _median_s(lambda: list(reader.videos(shard)), 1 if checks_sums else TURNS)


def _are_alike(ours: Converted, plain: Sequence[PlainVideo]) -> bool:
    return [(item.id, item.labels) for item in ours.items] == [(one.id, tuple(one.labels)) for one in plain] and all(
        np.array_equal(video, one.rgb) and np.array_equal(music, one.audio)
        for video, music, one in zip(ours.features["video"], ours.features["music"], plain, strict=True)
    )


def _median_s(work: Callable[[], object], turns: int) -> float:
    return statistics.median(_seconds(work) for _ in range(turns))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
