from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import evaluation_memory
from benchmarks.evaluation_memory import evaluated, made_up_embeddings, ranking, require_alike, whole
from benchmarks.made_up_pairs import write_pairs
from benchmarks.own_process import Weighed
from benchmarks.plain_ranks import plain_recalls
from training.evaluation import recalls_both_ways

PAIRS = 40


def test_the_rival_counts_the_targets_that_are_as_good_as_the_own_one() -> None:
    query = np.eye(3, dtype=np.float32)
    target = np.array([[1, 0, 0], [0.9, 0.5, 0], [0.9, 0, 0.5]], np.float32)
    both = plain_recalls(query, target)
    assert both.query_to_target.r1 == 1
    assert both.target_to_query.r1 == pytest.approx(1 / 3)
    assert both.target_to_query.r5 == 1
    assert both.target_to_query.median_rank == 2


def test_made_up_pairs_find_each_other_often_but_not_always() -> None:
    query, target = made_up_embeddings(200)
    both = recalls_both_ways(query, target)
    assert 0.3 < both.query_to_target.r10 < 1
    require_alike(both, plain_recalls(query.vectors, target.vectors))


def test_ways_that_find_something_else_stop_the_benchmark() -> None:
    query, target = made_up_embeddings(PAIRS)
    both = recalls_both_ways(query, target)
    other = replace(both, target_to_query=replace(both.target_to_query, median_rank=99.0))
    with pytest.raises(ValueError, match="do not find the same"):
        require_alike(both, other)


@pytest.mark.parametrize(("peak_mb", "is_met"), [(1999.0, True), (2001.0, False)])
def test_ranking_and_whole_evaluation_are_judged_by_their_peaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, peak_mb: float, is_met: bool
) -> None:
    def in_this_process(work: Callable[..., object], *arguments: object) -> Weighed[object]:
        return Weighed(work(*arguments), 1.0, peak_mb, 50.0)

    monkeypatch.setattr(evaluation_memory, "weighed", in_this_process)
    monkeypatch.setattr(evaluation_memory, "WIDE_WIDTH", 4)
    monkeypatch.setattr(evaluation_memory, "NARROW_WIDTH", 4)
    findings = [*ranking(PAIRS), *whole(tmp_path, PAIRS)]
    assert [finding.met for finding in findings if finding.asked] == [is_met] * 4


def test_every_item_of_the_split_is_evaluated(tmp_path: Path) -> None:
    folder = write_pairs(tmp_path / "pairs", counts={"test": 12}, rows=3)
    assert evaluated(folder, 4) == 12
