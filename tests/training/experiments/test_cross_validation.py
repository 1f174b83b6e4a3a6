import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.training.experiments.laboratories import Preparing, Telling, share
from tests.training.pairs_at_random import write_random_pairs
from tests.training.tiny_stand_ins import TINY, one_step
from training.errors import PairSetError
from training.experiments.cross_validation import HEAD, Validated, folds, page, validated, write_sheet
from training.experiments.outcomes import Laboratory
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.paper_runs import clvm_run, cme_run
from training.running import fingerprint

RUN = replace(one_step(clvm_run(kind="fc", size=TINY)), keep="last")


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    """24 items, of which two at a time, far from each other, share a track."""
    found = open_pair_set(write_random_pairs(tmp_path / "pairs", count=24))
    return replace(found, track_codes=np.arange(24) % 12)


def items_tested(fold: PairSet) -> set[int]:
    return set(fold.items_of("test").tolist())


def test_every_item_is_tested_in_one_fold_and_trained_with_in_all_others(pairs: PairSet) -> None:
    parts = list(folds(pairs, count=4, seed=1))
    assert len(parts) == 4
    assert sorted(number for part in parts for number in items_tested(part)) == list(range(24))
    for part in parts:
        assert len(part.items_of("validation")) == 0
        assert set(part.items_of("train").tolist()) == set(range(24)) - items_tested(part)


def test_items_of_one_track_lie_in_one_fold(pairs: PairSet) -> None:
    for part in folds(pairs, count=4, seed=1):
        tracks = {int(pairs.track_codes[number]) for number in items_tested(part)}
        assert {number for number in range(24) if number % 12 in tracks} == items_tested(part)


@pytest.mark.parametrize(("count", "sizes"), [(4, [3, 3, 3, 3]), (5, [3, 3, 2, 2, 2])])
def test_folds_are_as_equal_as_they_can_be(pairs: PairSet, count: int, sizes: list[int]) -> None:
    assert [len(items_tested(part)) // 2 for part in folds(pairs, count=count, seed=1)] == sizes


def test_a_seed_deals_the_same_folds_and_another_seed_others(pairs: PairSet) -> None:
    first, second, other = ([items_tested(part) for part in folds(pairs, count=4, seed=seed)] for seed in (1, 1, 2))
    assert first == second
    assert first != other


def test_more_folds_than_tracks_are_refused(pairs: PairSet) -> None:
    assert len(list(folds(pairs, count=12, seed=1))) == 12
    with pytest.raises(PairSetError, match=r"items\.jsonl: track: there are 12, too few for 13 folds"):
        list(folds(pairs, count=13, seed=1))


def test_results_of_one_fold_are_not_taken_for_those_of_another(pairs: PairSet) -> None:
    every = [part for seed in (1, 2) for part in folds(pairs, count=4, seed=seed)]
    assert len({fingerprint(RUN, part) for part in every}) == 8
    assert every[1].name == "pairs-fold2of4-seed1"


def test_a_model_is_ranked_on_the_fold_it_never_saw(pairs: PairSet, tmp_path: Path) -> None:
    labs = [
        Laboratory(part, seeds=[1], kept=tmp_path / "kept", console=Console(quiet=True))
        for part in folds(pairs, count=3, seed=1)
    ]
    result = validated("fc", RUN, labs)
    assert result.found.shape == (3, 2, 4)
    # Twelve tracks in three folds.
    assert result.pool == 4
    assert ((result.found[..., :3] >= 0) & (result.found[..., :3] <= 1)).all()
    assert (result.found[..., 2] == 1).all()
    assert ((result.found[..., 3] >= 1) & (result.found[..., 3] <= 4)).all()
    assert not np.array_equal(result.found[0], result.found[1])


def test_figures_stand_by_fold_way_and_figure(pairs: PairSet) -> None:
    lab = Telling(pairs)
    result = validated("mine", RUN, [lab, lab])
    for fold, place in enumerate((1, 2)):
        for at, way in enumerate(("query_to_target", "target_to_query")):
            shares = [share(place, way, k, None) for k in (1, 10, 25)]  # type: ignore[arg-type]
            assert result.found[fold, at].tolist() == pytest.approx([*shares, place])
    assert result.pool == 10


def test_a_model_that_the_pairs_cannot_feed_is_not_run(pairs: PairSet, tmp_path: Path) -> None:
    labs = [Preparing(part, kept=tmp_path / "kept") for part in folds(pairs, count=2, seed=1)]
    result = validated("CME", replace(one_step(cme_run(size=TINY)), batch_pairs=8), labs)
    assert (len(result.found), result.pool) == (0, 0.0)
    assert result.cells() == ["not run"] * 8
    assert len(result.cells()) == len(HEAD) - 1


FOUND = np.array([[[0.1, 0.2, 0.4, 10.0], [0.3, 0.5, 0.6, 5.0]], [[0.3, 0.2, 0.6, 14.0], [0.3, 0.7, 0.8, 6.0]]])
MINE = Validated("mine", FOUND, 25.0)
NOT_RUN = Validated("other", np.array([]), 0.0)


def test_cells_are_mean_and_deviation_over_folds_with_shares_in_per_cent() -> None:
    assert MINE.cells() == [
        *("20.0 ± 14.1", "20.0 ± 0.0", "50.0 ± 14.1", "12.0 ± 2.8"),
        *("30.0 ± 0.0", "60.0 ± 14.1", "70.0 ± 14.1", "5.5 ± 0.7"),
    ]


def test_the_page_says_among_how_many_tracks_and_what_chance_is() -> None:
    lines = page([NOT_RUN, MINE], data="`pairs`, 50 pairs").splitlines()
    assert lines[0] == "Measured on `pairs`, 50 pairs; ranked among 25 tracks, where chance is R@10 40.0 %."
    head, _, other, mine = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert head == [
        *("model", "v→m R@1", "v→m R@10", "v→m R@25", "v→m median"),
        *("m→v R@1", "m→v R@10", "m→v R@25", "m→v median"),
    ]
    assert other == ["other", *["not run"] * 8]
    assert mine == ["mine", *MINE.cells()]


def test_the_sheet_has_a_line_for_every_fold_and_way(tmp_path: Path) -> None:
    write_sheet([NOT_RUN, MINE], tmp_path / "sheet.csv")
    with (tmp_path / "sheet.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["model", "fold", "way", "r1", "r10", "r25", "median_rank"],
            ["mine", "1", "query_to_target", "0.1", "0.2", "0.4", "10"],
            ["mine", "1", "target_to_query", "0.3", "0.5", "0.6", "5"],
            ["mine", "2", "query_to_target", "0.3", "0.2", "0.6", "14"],
            ["mine", "2", "target_to_query", "0.3", "0.7", "0.8", "6"],
        ]
