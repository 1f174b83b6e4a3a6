from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from app.errors import SetupError
from tests.training.experiments.laboratories import Preparing, Telling, share
from tests.training.pairs_at_random import write_random_pairs
from tests.training.tiny_stand_ins import TINY, captioned, music_videos, pictures
from training.classes import Noise
from training.drawing import WithinClasses
from training.experiments.exhibit import Exhibit
from training.experiments.figures import figure_4, figure_5, figure_6, figure_7
from training.experiments.outcomes import Laboratory
from training.objectives import II
from training.pair_set_reader import open_pair_set
from training.run_config import RunConfig
from training.stand_ins.classes import Classes, write_classes


def gamma(run: RunConfig) -> float:
    assert isinstance(run.objective, II)
    return run.objective.weights.gamma_intra


def means(exhibit: Exhibit) -> dict[str, list[float]]:
    return {row.label: [cell.measured.mean for cell in row.cells if cell.measured] for row in exhibit.rows}


def test_figure_4_follows_recall_over_the_papers_intra_weights(tmp_path: Path) -> None:
    lab = Telling(captioned(tmp_path / "some-clotho", "clotho"))
    exhibit = figure_4("clotho", lab, TINY, tmp_path)
    assert [gamma(run) for run in lab.asked] == [0, 3, 6, 10]
    assert exhibit.columns() == ["γ2 = 0", "γ2 = 3", "γ2 = 6", "γ2 = 10"]
    assert [[cell.published for cell in row.cells] for row in exhibit.rows] == [[9.62, None, None, 14.09], [None] * 4]
    assert means(exhibit) == {
        "R@1, audio → text": pytest.approx([100 * share(place, "query_to_target", 1, None) for place in range(1, 5)]),
        "R@1, text → audio": pytest.approx([100 * share(place, "target_to_query", 1, None) for place in range(1, 5)]),
    }
    assert (exhibit.name, exhibit.picture) == ("figure4-clotho", "figure4-clotho.png")


def test_figure_4_of_other_sets_has_no_published_points(tmp_path: Path) -> None:
    exhibit = figure_4("vatex", Telling(captioned(tmp_path / "vatex", "vatex")), TINY, tmp_path)
    assert {cell.published for row in exhibit.rows for cell in row.cells} == {None}


def test_figure_5_follows_both_losses_and_recall_with_and_without_the_intra_loss(tmp_path: Path) -> None:
    lab = Laboratory(
        captioned(tmp_path / "msvd", "msvd"), seeds=(1, 2), kept=tmp_path / "kept", console=Console(quiet=True)
    )
    exhibit = figure_5(lab, replace(TINY, epochs=2), tmp_path)
    assert [row.label for row in exhibit.rows] == ["inter", "inter-intra"]
    names = ("inter loss, training", "intra loss, training", "R@1 on validation, %")
    assert exhibit.columns() == [f"{name}, last epoch" for name in names]
    inter, intra = (values[:2] for values in means(exhibit).values())
    # Without back-propagation the intra loss is computed all the same.
    assert min(*inter, *intra) > 0
    assert inter != intra
    assert all(0 <= values[2] <= 100 for values in means(exhibit).values())
    assert (tmp_path / "figure5.png").stat().st_size > 1_000


def test_figure_6_goes_through_the_batches_of_which_the_training_split_fills_two(tmp_path: Path) -> None:
    lab = Telling(music_videos(tmp_path / "videos", train=130))
    exhibit = figure_6(lab, TINY, tmp_path)
    assert [(run.batch_pairs, gamma(run)) for run in lab.asked] == [
        *((16, 0.0), (32, 0.0), (64, 0.0)),
        *((16, 3.0), (32, 3.0), (64, 3.0)),
    ]
    assert {run.epochs for run in lab.asked} == {30}
    assert {run.learning_rate for run in lab.asked} == {TINY.learning_rate}
    assert exhibit.columns() == ["B = 16", "B = 32", "B = 64"]
    expected = [100 * share(place, "query_to_target", 10, 1000) for place in (4, 5, 6)]
    assert means(exhibit)["R@10, inter-intra"] == pytest.approx(expected)
    assert (tmp_path / "figure6.png").exists()


def test_figure_7_sets_the_gain_against_the_noise_of_a_batch(tmp_path: Path) -> None:
    lab = Telling(pictures(tmp_path / "pictures"), with_pools=False)
    exhibit = figure_7(lab, TINY, tmp_path)
    noises: tuple[Noise, ...] = ("no", "with", "more", "most")
    assert [(run.drawing, gamma(run)) for run in lab.asked] == [
        (WithinClasses(noise), weight) for noise in noises for weight in (0.0, 6.0)
    ]
    assert {run.batch_pairs for run in lab.asked} == {128}
    assert [row.label for row in exhibit.rows] == [f"{noise} noise" for noise in noises]
    assert exhibit.columns() == ["R@1, inter", "R@1, inter-intra", "R@10, inter", "R@10, inter-intra"]
    asked = ((3, 1), (4, 1), (3, 10), (4, 10))
    expected = [100 * share(place, "query_to_target", k, None) for place, k in asked]
    assert means(exhibit)["with noise"] == pytest.approx(expected)
    assert (tmp_path / "figure7.png").exists()


def test_a_figure_of_runs_that_the_pairs_cannot_feed_is_refused_with_the_reason(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=256, with_words=False))
    lab = Preparing(pairs, kept=tmp_path / "kept")
    with pytest.raises(SetupError, match=r"^classes_run cannot be run: pairs\.json: streams\.image: is missing$"):
        figure_7(lab, TINY, tmp_path)
    for make in (figure_5, lambda *rest: figure_4("clotho", *rest)):
        with pytest.raises(SetupError, match=r"^video_captions_run cannot be run: .*streams\.captions: is missing$"):
            make(lab, TINY, tmp_path)
    assert not list(tmp_path.glob("*.png"))


def test_figure_7_of_too_few_classes_is_refused_with_the_reason(tmp_path: Path) -> None:
    pairs = open_pair_set(write_classes(tmp_path / "pictures", Classes(classes=40, pictures=4, dim=4)))
    lab = Laboratory(pairs, seeds=(1,), kept=tmp_path / "kept", console=Console(quiet=True))
    with pytest.raises(SetupError, match="40 classes of two items and more are too few for batches of 128 pairs"):
        figure_7(lab, TINY, tmp_path)
