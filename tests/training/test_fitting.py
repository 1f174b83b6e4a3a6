from dataclasses import replace
from pathlib import Path

import pytest
import torch

from app.encoders.courses import Courses
from app.encoders.fitted_specs import CoursesSpec, StatisticsSpec
from app.encoders.statistics import Statistics
from tests.training.pairs_at_random import LINEAR
from tests.training.real_pairs_in_small import (
    COURSES,
    NETWORK,
    READ,
    STATISTICS,
    STEPS,
    small_real_pairs_run,
    write_small_real_pairs,
)
from training.batches import PairFeed
from training.design import ModelDesign, TowerDesign
from training.errors import PairSetError
from training.evaluation import Recalls
from training.loop import Prepared, train
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.retrieval import recalls_with
from training.rows import open_rows
from training.setup import prepare

CHANCE_R5 = 5 / 40


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    return open_pair_set(write_small_real_pairs(tmp_path / "pairs", count=200))


@pytest.fixture
def unseen(tmp_path: Path) -> PairSet:
    return open_pair_set(write_small_real_pairs(tmp_path / "unseen", count=40, split="test", seed=1))


def prepared_with(
    query: CoursesSpec | StatisticsSpec, target: CoursesSpec | StatisticsSpec, pairs: PairSet
) -> Prepared:
    design = ModelDesign(query.vector_width, TowerDesign("video", query, STEPS), TowerDesign("music", target, STEPS))
    return prepare(replace(small_real_pairs_run(), design=design), pairs)


def found_in(prepared: Prepared, unseen: PairSet) -> Recalls:
    feed = PairFeed(
        unseen, prepared.spec, prepared.feed.device, open_rows(unseen.streams, prepared.feed.device, "file")
    )
    return recalls_with(prepared.model, feed, unseen.items_of("test"), frozenset()).query_to_target


def test_statistics_are_fitted_to_find_unseen_partners(pairs: PairSet, unseen: PairSet) -> None:
    assert found_in(prepared_with(STATISTICS, STATISTICS, pairs), unseen).r5 > 4 * CHANCE_R5


@pytest.mark.parametrize("components", [None, 4])
@pytest.mark.parametrize("learns", [False, True])
def test_courses_are_fitted_to_find_unseen_partners(
    pairs: PairSet, unseen: PairSet, learns: bool, components: int | None
) -> None:
    learnt = NETWORK.model_copy(update={"components": components}) if learns else None
    query, target = (spec.model_copy(update={"learnt": learnt}) for spec in (COURSES, READ))
    prepared = prepared_with(query, target, pairs)
    assert found_in(prepared, unseen).r5 > 4 * CHANCE_R5


def test_statistics_are_standardised_by_the_training_items(pairs: PairSet) -> None:
    prepared = prepared_with(STATISTICS, STATISTICS, pairs)
    tower = prepared.model.target
    assert isinstance(tower, Statistics)
    batch = prepared.feed.gather(prepared.feed.draw(prepared.training_items, {}))
    standard = tower.standard(batch.target_BTE)
    torch.testing.assert_close(standard.mean(dim=0), torch.zeros(5), atol=1e-4, rtol=0)
    torch.testing.assert_close(standard.std(dim=0, correction=0), torch.ones(5), atol=0.05, rtol=0)
    torch.testing.assert_close(tower(batch.target_BTE).mean(dim=0), torch.zeros(3), atol=1e-3, rtol=0)


def test_what_all_items_do_at_a_step_is_taken_away(pairs: PairSet) -> None:
    prepared = prepared_with(COURSES, READ, pairs)
    tower = prepared.model.query
    assert isinstance(tower, Courses)
    batch = prepared.feed.gather(prepared.feed.draw(prepared.training_items, {}))
    torch.testing.assert_close(tower.mapped(batch.query_BTE).mean(dim=0), torch.zeros(STEPS, 2), atol=1e-3, rtol=0)


def test_components_of_a_learnt_part_have_unit_deviations(pairs: PairSet) -> None:
    learnt = NETWORK.model_copy(update={"components": 6})
    query, target = (spec.model_copy(update={"learnt": learnt}) for spec in (COURSES, READ.model_copy()))
    target = target.model_copy(update={"learnt": NETWORK})
    prepared = prepared_with(query, target, pairs)
    tower = prepared.model.query
    assert isinstance(tower, Courses)
    batch = prepared.feed.gather(prepared.feed.draw(prepared.training_items, {}))
    values = tower.mapped(batch.query_BTE)
    torch.testing.assert_close(values.std(dim=(0, 1), correction=0), torch.ones(6), atol=0.01, rtol=0)


def test_members_are_fitted_one_by_one_and_only_the_learnt_ones_move(pairs: PairSet, unseen: PairSet) -> None:
    prepared = prepare(small_real_pairs_run(), pairs)
    before = {name: value.clone() for name, value in prepared.model.state_dict().items()}
    assert found_in(prepared, unseen).r5 > 5 * CHANCE_R5
    trained = train(prepared)
    moved = {name for name, value in trained.model.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {name for name in before if ".learnt." in name}
    assert found_in(prepared, unseen).r5 > 5 * CHANCE_R5


def test_the_same_run_fits_and_trains_to_the_same_weights(pairs: PairSet) -> None:
    first, again = (train(prepare(small_real_pairs_run(), pairs)).model.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_what_training_batches_keep_of_the_steps_reaches_the_towers(pairs: PairSet) -> None:
    lengths: list[int] = []

    def note(module: torch.nn.Module, _: object, vectors: torch.Tensor) -> None:
        if module.training:
            lengths.append(vectors.shape[1])

    run = replace(small_real_pairs_run(), epochs=1, warmup_epochs=0)
    for share in (None, 0.5):
        prepared = prepare(replace(run, shared_steps=share), pairs)
        for tower in (prepared.model.query, prepared.model.target):
            tower.register_forward_hook(note)
        train(prepared)
    whole, half = 2 * STEPS, 2 * STEPS // 2
    assert lengths == [whole] * (len(lengths) // 2) + [half] * (len(lengths) // 2)


def test_towers_of_other_kinds_are_not_fitted_and_fitted_ones_not_left_unfitted(pairs: PairSet) -> None:
    linear = ModelDesign(4, TowerDesign("video", LINEAR, STEPS), TowerDesign("music", LINEAR, STEPS))
    with pytest.raises(PairSetError, match="FC and FC are not fitted"):
        prepare(replace(small_real_pairs_run(), design=linear), pairs)
    with pytest.raises(ValueError, match="fitted"):
        prepare(replace(small_real_pairs_run(), fitted=None), pairs)


def test_steps_are_shared_only_by_sides_of_one_length(pairs: PairSet) -> None:
    design = ModelDesign(4, TowerDesign("video", LINEAR, STEPS), TowerDesign("music", LINEAR, STEPS - 1))
    with pytest.raises(ValueError, match="12 and 11 steps"):
        prepare(replace(small_real_pairs_run(), design=design, fitted=None), pairs)
