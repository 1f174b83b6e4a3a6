from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.experiments.laboratories import Preparing, Telling, share
from tests.training.pairs_at_random import write_random_pairs
from tests.training.tiny_stand_ins import TINY, captioned, music_videos
from training.experiments.exhibit import Exhibit, markdown
from training.experiments.outcomes import Laboratory, Way
from training.experiments.published import CAPTIONS
from training.experiments.tables import captions_table, data_of, sized, table_1, table_2a, table_2b, table_4
from training.objectives import II
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.paper_runs import PAPER, Size, clvm_run
from training.run_config import RunConfig

WAYS: dict[Way, Callable[[Laboratory, Size, Path], Exhibit]] = {
    "query_to_target": table_2a,
    "target_to_query": table_2b,
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> PairSet:
    return music_videos(tmp_path_factory.mktemp("made") / "videos")


def gamma(run: RunConfig) -> float:
    assert isinstance(run.objective, II)
    return run.objective.weights.gamma_intra


def published(exhibit: Exhibit) -> dict[str, list[float | None]]:
    return {row.label: [cell.published for cell in row.cells] for row in exhibit.rows}


def measured(exhibit: Exhibit, row: int) -> list[float]:
    return [cell.measured.mean for cell in exhibit.rows[row].cells if cell.measured is not None]


def told(place: int, way: Way, pool: int | None, *ks: int) -> list[float]:
    return [100 * share(place, way, k, pool) for k in ks or (1, 10, 25)]


def test_table_1_sets_both_samplings_with_and_without_the_intra_loss_beside_the_papers(
    pairs: PairSet, tmp_path: Path
) -> None:
    lab = Telling(pairs)
    exhibit = table_1(lab, TINY, tmp_path)
    assert published(exhibit) == {
        "biLSTM (CLVM) FD": [5.8, 31.0, 46.7],
        "biLSTM (II-CLVM) FD": [7.5, 31.6, 49.8],
        "biLSTM (CLVM) GS": [18.4, 54.0, 70.2],
        "biLSTM (II-CLVM) GS": [22.1, 55.1, 70.4],
    }
    assert [(run.design.query.sampling, gamma(run)) for run in lab.asked] == [
        ("fd", 0.0),
        ("fd", 3.0),
        ("gs", 0.0),
        ("gs", 3.0),
    ]
    assert exhibit.columns() == ["R@1 of 1000", "R@10 of 1000", "R@25 of 1000"]
    for place in range(4):
        assert measured(exhibit, place) == pytest.approx(told(place + 1, "query_to_target", 1000))


@pytest.fixture(scope="module")
def table_2(pairs: PairSet, tmp_path_factory: pytest.TempPathFactory) -> dict[Way, tuple[Telling, Exhibit]]:
    """Parts (a) and (b), each with who was asked for it."""
    found: dict[Way, tuple[Telling, Exhibit]] = {}
    for way, make in WAYS.items():
        lab = Telling(pairs)
        found[way] = (lab, make(lab, TINY, tmp_path_factory.mktemp(way)))
    return found


@pytest.mark.parametrize("way", WAYS)
def test_table_2_ranks_the_same_runs_both_ways(table_2: dict[Way, tuple[Telling, Exhibit]], way: Way) -> None:
    lab, exhibit = table_2[way]
    assert [row.label for row in exhibit.rows] == [
        *("CME", "CBVMR", "FC (CLVM)", "FC (II-CLVM)", "GCN (CLVM)", "GCN (II-CLVM)", "Att (CLVM)", "Att (II-CLVM)"),
        *("biLSTM (CLVM)", "biLSTM (II-CLVM)", "biLSTM, plain triplet", "linear CCA"),
    ]
    assert [run.name for run in lab.asked[:3]] == ["cme_run", "cbvmr_run", "fc_clvm_gs_run"]
    assert [run.name for run in lab.asked[-3:]] == ["bilstm_ii_clvm_gs_run", "triplet_run", "cca_run"]
    assert measured(exhibit, 9) == pytest.approx([*told(10, way, 1024), *told(10, way, 1000)])


def test_table_2_has_the_papers_figures_of_1024_before_those_of_1000(
    table_2: dict[Way, tuple[Telling, Exhibit]],
) -> None:
    found = published(table_2["query_to_target"][1])
    assert found["CME"] == [10.2, 40.3, None, None, None, None]
    assert found["CBVMR"] == [None, None, None, 8.2, 23.3, 35.7]
    assert found["Att (II-CLVM)"] == [10.4, 28.6, 56.0, 11.4, 42.5, 58.8]
    assert found["linear CCA"] == [None] * 6
    other_way = published(table_2["target_to_query"][1])
    assert other_way["biLSTM (II-CLVM)"] == [21.3, 53.5, 69.7, 20.7, 54.9, 69.9]
    assert other_way["FC (CLVM)"] == [None] * 6


def test_table_4_measures_every_kind_of_query_on_the_same_items(pairs: PairSet, tmp_path: Path) -> None:
    lab = Telling(pairs)
    exhibit = table_4(lab, TINY, tmp_path)
    assert {run.owning for run in lab.asked} == {("title", "keywords")}
    runs = dict(zip((row.label for row in exhibit.rows), lab.asked, strict=True))
    assert list(runs) == [
        *("CLTM (keyword)", "II-CLTM (keyword)", "CLTM (title)", "II-CLTM (title)", "CLVM", "II-CLVM"),
        *("CLVTM (keyword)", "II-CLVTM (keyword)", "CLVTM (title)", "II-CLVTM (title)"),
    ]
    for label, run in runs.items():
        words = run.design.words
        heard = [run.design.query.stream, *(words.streams if words else ())]
        expected = {"CLVM": ["video"], "CLTM": [], "CLVTM": ["video"]}[label.removeprefix("II-").split(" ")[0]]
        expected += ["keywords"] * ("keyword" in label) + ["title"] * ("title" in label)
        assert heard == expected, label
        assert gamma(run) == (3.0 if label.startswith("II-") else 0.0)
    assert published(exhibit)["II-CLVTM (title)"] == [23.1, 60.4, 75.8]
    assert measured(exhibit, 9) == pytest.approx(told(10, "query_to_target", 1000))


def test_a_captioned_set_has_the_papers_rows_and_one_of_ours(tmp_path: Path) -> None:
    lab = Telling(captioned(tmp_path / "clotho", "clotho"))
    exhibit = captions_table("clotho", "VI", lab, TINY, tmp_path)
    assert (exhibit.name, exhibit.title) == ("tablevi-clotho", "Table VI: clotho, R@1")
    assert exhibit.columns() == [
        *("audio → text, inter", "audio → text, inter-intra", "text → audio, inter", "text → audio, inter-intra")
    ]
    *theirs, ours = exhibit.rows
    assert {row.label: tuple(cell.published for cell in row.cells) for row in theirs} == {
        f"{features} (published)": figures for features, figures in CAPTIONS["clotho"].items()
    }
    assert ours.label == "made-up:audio, made-up:text (measured)"
    assert [gamma(run) for run in lab.asked] == [0.0, 3.0]
    ways: tuple[Way, ...] = ("query_to_target", "target_to_query")
    assert measured(exhibit, -1) == pytest.approx([told(place, way, None, 1)[0] for way in ways for place in (1, 2)])


def test_a_test_split_smaller_than_a_pool_is_taken_whole_and_said_to_be(pairs: PairSet, tmp_path: Path) -> None:
    exhibit = table_1(Telling(pairs, with_pools=False), TINY, tmp_path)
    assert measured(exhibit, 0) == pytest.approx(told(1, "query_to_target", None))
    note = "The test split has 10 items: where a pool wants more, it is the whole split."
    assert exhibit.notes == (note,)
    assert note in markdown(exhibit)


def test_a_test_split_that_fills_every_pool_needs_no_note(tmp_path: Path) -> None:
    lab = Telling(music_videos(tmp_path / "videos", test=1_024))
    assert table_1(lab, TINY, tmp_path).notes == ()


def test_pairs_of_captions_need_no_note_on_pools(tmp_path: Path) -> None:
    exhibit = captions_table("msvd", "VIII", Telling(captioned(tmp_path / "msvd", "msvd")), TINY, tmp_path)
    assert exhibit.notes == ()


def test_runs_that_the_pairs_cannot_feed_are_named_and_do_not_stop_the_table(tmp_path: Path) -> None:
    unlabelled = open_pair_set(write_random_pairs(tmp_path / "pairs", count=40))
    exhibit = table_2a(Preparing(unlabelled, kept=tmp_path / "kept"), TINY, tmp_path)
    assert exhibit.notes[1:] == (
        "Not run, cme_run: items.jsonl: labels: no item has labels, which the classification loss needs.",
        "Not run, cbvmr_run: items.jsonl: split: only 20 in 'train'; at least 256 are needed.",
        # Twenty-four components, of sides that are six and five wide.
        *exhibit.notes[3:],
    )
    cells = {row.label: row.cells for row in exhibit.rows}
    assert all(cell.measured is None for label in ("CME", "CBVMR") for cell in cells[label])
    assert all(cell.measured is not None for cell in cells["biLSTM (II-CLVM)"])
    assert [cell.published for cell in cells["CBVMR"]][3:] == [8.2, 23.3, 35.7]


def test_pairs_without_captions_have_a_table_that_says_so(pairs: PairSet, tmp_path: Path) -> None:
    exhibit = captions_table("msvd", "VIII", Preparing(pairs, kept=tmp_path / "kept"), TINY, tmp_path)
    assert [cell.measured for cell in exhibit.rows[-1].cells] == [None] * 4
    reason = "pairs.json: streams.captions: is missing"
    assert exhibit.notes == tuple(f"Not run, video_captions_{prefix}run: {reason}." for prefix in ("", "ii_"))


def test_a_table_has_a_picture_beside_its_page(pairs: PairSet, tmp_path: Path) -> None:
    exhibit = table_1(Telling(pairs), TINY, tmp_path)
    assert exhibit.picture == "table1.png"
    assert (tmp_path / "table1.png").stat().st_size > 1_000


def test_what_was_measured_on_is_told_with_its_counts_and_seeds(pairs: PairSet, tmp_path: Path) -> None:
    assert data_of(Telling(pairs)) == "`videos` (procedural), 16 train, 6 validation, 10 test pairs, 1 seed"
    found = open_pair_set(write_random_pairs(tmp_path / "found", count=8))
    assert data_of(Telling(found, seeds=(1, 2))) == "`found`, 4 train, 2 validation, 2 test pairs, 2 seeds"


def test_only_runs_of_the_papers_size_may_take_what_the_machine_has() -> None:
    assert sized(clvm_run(), PAPER) == clvm_run()
    assert sized(clvm_run(size=TINY), TINY).device == "cpu"
