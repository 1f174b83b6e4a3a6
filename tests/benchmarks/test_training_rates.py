from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks import training_loop
from benchmarks.machine import Finding
from benchmarks.made_up_pairs import pairs_in_memory, write_pairs
from benchmarks.training_loop import on_processor, require_alike
from benchmarks.training_on_gpu import full_size
from benchmarks.training_rates import LapClock, Laps, own_batches, seconds_each, shortened
from training.loop import Prepared
from training.losses import Losses
from training.pair_set_reader import open_pair_set
from training.paper_runs import SMALL, clvm_run, small
from training.run_config import RunConfig
from training.setup import prepare

LAPS = Laps(warm=1, count=2, steps=2)


def tiny_run() -> RunConfig:
    size = replace(SMALL, steps=4, batch_pairs=4, width=4, embedding_dim=4)
    return replace(small(clvm_run(size=size)), epochs=1)


def prepared() -> Prepared:
    return prepare(tiny_run(), pairs_in_memory(counts={"train": 24, "validation": 6}, rows=(3, 6)))


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what.strip(): finding for finding in findings}


def test_the_clock_notes_the_laps_and_not_the_warming_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now, waits = iter([10.0, 12.0, 20.0]), []
    monkeypatch.setattr("benchmarks.training_rates.time.perf_counter", lambda: next(now))
    clock = LapClock(LAPS, lambda: waits.append(True))
    for _ in range(LAPS.total):
        clock.on_step(4, Losses(torch.zeros(()), {}))
    assert clock.began_s == [10.0, 12.0, 20.0]
    assert clock.step_s() == (2 / 2 + 8 / 2) / 2
    assert len(waits) == 3


def test_a_shortened_run_has_so_many_steps_and_refuses_more_than_there_are_items_for() -> None:
    run = prepared()
    cut = shortened(run, 3)
    assert (len(cut.training_items), len(cut.held_out)) == (12, 4)
    assert set(cut.training_items) <= set(run.training_items)
    with pytest.raises(ValueError, match="fewer than 7 batches"):
        shortened(run, 7)


def test_the_first_value_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def values() -> Iterator[int]:
        for number in range(4):
            told.append(f"made {number}")
            yield number

    def read_clock() -> float:
        told.append("clock")
        return float(len(told))

    monkeypatch.setattr("benchmarks.training_rates.time.perf_counter", read_clock)
    assert seconds_each(values()) == 4 / 3
    assert told == ["made 0", "clock", "made 1", "made 2", "made 3", "clock"]


def test_the_input_alone_is_one_epoch_of_whole_batches() -> None:
    batches = list(own_batches(prepared()))
    assert [tuple(batch.query_BTE.shape) for batch in batches] == [(4, 4, 1024)] * 6
    assert torch.cat([batch.track_B for batch in batches]).unique().numel() == 24


def test_the_processors_part_tells_the_loop_and_its_input_beside_the_plain_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_loop, "TURNS", 1)
    # No worker processes in a test: the loader's own fork would carry this process's threads along.
    monkeypatch.setattr(training_loop, "WORKERS", 0)
    pairs = open_pair_set(write_pairs(tmp_path / "pairs", counts={"train": 24, "validation": 4}, rows=5))
    found = by_name(on_processor(tiny_run(), pairs, LAPS))
    assert found["ours : plain"].met is not None
    assert found["training loop"].figure.endswith("s a step")
    assert found["input alone : whole step"].figure.endswith("%")


def test_a_rival_that_gives_other_values_stops_the_benchmark(tmp_path: Path) -> None:
    here, other = (
        open_pair_set(write_pairs(tmp_path / f"pairs-{seed}", counts={"train": 8, "validation": 4}, rows=5, seed=seed))
        for seed in (7, 8)
    )
    run = prepare(tiny_run(), here)
    require_alike(run)
    with pytest.raises(ValueError, match="other values"):
        require_alike(replace(run, feed=replace(run.feed, pairs=replace(run.feed.pairs, folder=other.folder))))


@pytest.mark.parametrize(("is_whole", "judged"), [(True, True), (False, None)])
def test_the_full_sizes_figures_are_judged_only_with_all_the_pairs(is_whole: bool, judged: bool | None) -> None:
    found = by_name(full_size(prepared(), LAPS, is_whole=is_whole, profiled=2))
    assert found["30 epochs"].met is judged
    assert found["GPU time in the LSTM's kernels"].figure == "none seen"
    assert found["input alone : whole step"].asked == "≤ 5%"
