import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.training.experiments.laboratories import figures, share
from tests.training.pairs_at_random import write_random_pairs
from tests.training.tiny_stand_ins import TINY, captioned, music_videos, one_step
from training.design import WordsDesign
from training.evaluation import BothWays, Embedded, recalls_both_ways
from training.experiments import outcomes
from training.experiments.outcomes import Laboratory, Measured, Outcome
from training.loop import train
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.paper_runs import captions_run, cca_run, clvm_run, clvtm_run, cme_run
from training.retrieval import embed_queries, embed_targets
from training.run_config import RunConfig
from training.setup import prepare

RUN = one_step(clvm_run(kind="fc", size=TINY))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> PairSet:
    return music_videos(tmp_path_factory.mktemp("made") / "videos")


def laboratory(pairs: PairSet, kept: Path, *, seeds: int = 1, told: io.StringIO | None = None) -> Laboratory:
    console = Console(file=told or io.StringIO(), width=1_000)
    return Laboratory(pairs, seeds=range(1, seeds + 1), kept=kept, console=console)


def refuse_training(self: Laboratory, run: RunConfig) -> dict[str, Any]:
    raise AssertionError(f"{run.name} was trained again")


def test_an_outcome_is_what_the_trained_model_finds_on_the_test_split(pairs: PairSet, tmp_path: Path) -> None:
    outcome = laboratory(pairs, tmp_path).outcome(RUN)
    trained = train(prepare(replace(RUN, seed=1), pairs))
    items = pairs.items_of("test")
    both = recalls_both_ways(
        embed_queries(trained.model, trained.feed, items, frozenset()),
        embed_targets(trained.model, trained.feed, items),
    )
    assert outcome.recall("query_to_target", 5, pool=None) == Measured(100 * both.query_to_target.r5, 0.0, 1)
    assert outcome.recall("target_to_query", 5, pool=None) == Measured(100 * both.target_to_query.r5, 0.0, 1)
    assert outcome.curve(lambda epoch: epoch["loss"]) == [Measured(trained.epochs[0].loss, 0.0, 1)]


def test_every_seed_is_a_run_of_its_own(pairs: PairSet, tmp_path: Path) -> None:
    outcome = laboratory(pairs, tmp_path, seeds=2).outcome(RUN)
    losses = [done["epochs"][0]["loss"] for done in outcome.seeds]
    assert len(set(losses)) == 2
    assert sorted(path.name.rsplit("-", 1)[0] for path in tmp_path.iterdir()) == [f"{RUN.name}-1", f"{RUN.name}-2"]


def test_what_was_done_is_read_and_not_trained_again(
    pairs: PairSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = io.StringIO()
    before = laboratory(pairs, tmp_path).outcome(RUN)
    monkeypatch.setattr(Laboratory, "_trained", refuse_training)
    after = laboratory(pairs, tmp_path, told=told).outcome(RUN)
    assert after == before
    assert told.getvalue() == ""


def test_an_experiment_that_was_broken_off_goes_on_with_the_seed_that_is_missing(
    pairs: PairSet, tmp_path: Path
) -> None:
    told = io.StringIO()
    first = laboratory(pairs, tmp_path).outcome(RUN)
    both = laboratory(pairs, tmp_path, seeds=2, told=told).outcome(RUN)
    assert both.seeds[:1] == first.seeds
    assert told.getvalue().splitlines() == [f"{pairs.name}: {RUN.name}, seed 2"]


@pytest.mark.parametrize("change", [{"learning_rate": 1e-3}, {"epochs": 2}, {"name": "other_run"}])
def test_other_settings_are_trained_and_kept_beside(pairs: PairSet, tmp_path: Path, change: dict[str, Any]) -> None:
    lab = laboratory(pairs, tmp_path)
    for run in (RUN, replace(RUN, **change)):
        assert lab.outcome(run).run == run
    assert len(list(tmp_path.iterdir())) == 2


def test_other_pairs_are_trained_on_anew(pairs: PairSet, tmp_path: Path) -> None:
    other = music_videos(tmp_path / "other")
    for of in (pairs, other):
        laboratory(of, tmp_path / "kept").outcome(RUN)
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_a_result_that_was_not_written_whole_is_not_taken(
    pairs: PairSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *_: object, **__: object) -> None:
        self.open("w").close()
        raise OSError(28, "No space left on device")

    lab = laboratory(pairs, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space left"):
            lab.outcome(RUN)
    assert not list(tmp_path.glob("*.json"))
    assert lab.outcome(RUN).seeds


def test_a_run_that_the_pairs_cannot_feed_is_refused_by_name(tmp_path: Path) -> None:
    unlabelled = open_pair_set(write_random_pairs(tmp_path / "pairs", count=40))
    told = io.StringIO()
    lab = laboratory(unlabelled, tmp_path / "kept", told=told)
    outcome = lab.outcome(one_step(cme_run(size=TINY)))
    assert outcome.seeds == ()
    assert outcome.recall("query_to_target", 1, pool=None) is None
    assert outcome.curve(lambda epoch: epoch["loss"]) == []
    reason = "items.jsonl: labels: no item has labels, which the classification loss needs"
    assert lab.refusals == {"cme_run": reason}
    assert told.getvalue().splitlines()[-1] == f"cme_run cannot be run: {reason}"
    assert not (tmp_path / "kept").exists()


def test_a_run_that_can_be_fed_is_not_named(pairs: PairSet, tmp_path: Path) -> None:
    lab = laboratory(pairs, tmp_path)
    lab.outcome(one_step(cme_run(size=TINY)))
    assert lab.refusals == {}


def test_canonical_correlation_is_solved(pairs: PairSet, tmp_path: Path) -> None:
    outcome = laboratory(pairs, tmp_path).outcome(one_step(cca_run(components=3)))
    (epoch,) = outcome.seeds[0]["epochs"]
    assert 0 < epoch["figures"]["correlation"] <= 1


def test_queries_are_heard_with_the_words_of_the_run(
    pairs: PairSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def hear(model: Any, feed: Any, items: Any, words: frozenset[str]) -> Any:
        heard.append(words)
        return embed_queries(model, feed, items, words)

    monkeypatch.setattr(outcomes, "embed_queries", hear)
    lab = laboratory(pairs, tmp_path)
    for run in (clvtm_run(words="keywords", size=TINY), clvm_run(size=TINY)):
        lab.outcome(one_step(run))
    lab.outcome(one_step(run_of_both_words()))
    assert heard == [frozenset({"keywords"}), frozenset(), frozenset({"title", "keywords"})]


def run_of_both_words() -> RunConfig:
    run = clvtm_run(words="title", size=TINY)
    return replace(run, design=replace(run.design, words=WordsDesign(("title", "keywords"), 3, "hidden")))


def test_only_items_that_own_what_the_run_hears_are_tested(tmp_path: Path) -> None:
    # Every third item has no title; of 48 items the last 12 are tested.
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=48))
    lab = laboratory(pairs, tmp_path / "kept")
    plain, titled = (replace(RUN, owning=owning) for owning in ((), ("title",)))
    assert lab.outcome(plain).seeds[0]["whole"]["pool"] == 12
    assert lab.outcome(titled).seeds[0]["whole"]["pool"] == 8


def test_every_caption_is_sought_and_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = []

    def see(query: Embedded, target: Embedded) -> BothWays:
        sides.append((len(query.vectors), len(target.vectors)))
        return recalls_both_ways(query, target)

    monkeypatch.setattr(outcomes, "recalls_both_ways", see)
    pairs = captioned(tmp_path / "clotho", "clotho")
    lab = laboratory(pairs, tmp_path / "kept")
    outcome = lab.outcome(one_step(captions_run(medium="audio", size=TINY)))
    assert outcome.seeds[0]["whole"]["pool"] == lab.test_count == 10
    assert sides == [(10, 50)]


def test_pools_are_drawn_where_the_test_split_has_so_many(tmp_path: Path) -> None:
    pairs = music_videos(tmp_path / "videos", test=1_010)
    outcome = laboratory(pairs, tmp_path / "kept").outcome(RUN)
    assert list(outcome.seeds[0]["pools"]) == ["1000"]
    whole, pool, larger = (outcome.recall("query_to_target", 25, pool=size) for size in (None, 1000, 1024))
    assert whole is not None
    assert pool is not None
    assert pool.mean == pytest.approx(whole.mean, abs=1)
    assert larger is None


def seen(*places: int, with_pools: bool = True) -> Outcome:
    return Outcome(RUN, tuple(figures(place, with_pools=with_pools) for place in places))


def test_figures_are_per_cent_with_the_deviation_over_seeds() -> None:
    found = seen(1, 2, 3).recall("target_to_query", 10, pool=1000)
    assert found is not None
    assert found.mean == pytest.approx(100 * share(2, "target_to_query", 10, 1000))
    # Shares are 0.02 apart.
    assert found.deviation == pytest.approx(2.0)
    assert str(found) == f"{found.mean:.1f} ± 2.0"
    alone = seen(1).recall("query_to_target", 1, pool=None)
    assert alone is not None
    assert (alone.deviation, str(alone)) == (0.0, "2.0")


def test_there_is_no_figure_of_a_pool_that_some_seed_lacks() -> None:
    mixed = Outcome(RUN, (figures(1), figures(2, with_pools=False)))
    assert mixed.recall("query_to_target", 1, pool=1000) is None
    assert mixed.recall("query_to_target", 1, pool=None) is not None


def test_a_curve_has_a_figure_for_every_epoch() -> None:
    seeds = tuple({"epochs": [{"loss": first}, {"loss": second}]} for first, second in ((1.0, 0.5), (3.0, 0.5)))
    assert Outcome(RUN, seeds).curve(lambda epoch: epoch["loss"]) == [Measured(2.0, 2**0.5, 2), Measured(0.5, 0.0, 2)]
