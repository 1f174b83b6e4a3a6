from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.errors import DeviceUnavailable
from tests.training.pairs_at_random import (
    LINEAR,
    captioned_design,
    image_design,
    tiny_encoder,
    tiny_run,
    write_captioned_pairs,
    write_labelled_images,
    write_random_pairs,
)
from training.design import ModelDesign, TowerDesign
from training.errors import PairSetError
from training.loss_modules import CMELoss
from training.objectives import CCA, CME
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.run_config import RunConfig
from training.setup import prepare, solve


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    return open_pair_set(write_random_pairs(tmp_path / "pairs", count=64))


def refusal(run: RunConfig, pairs: PairSet) -> PairSetError:
    with pytest.raises(PairSetError) as caught:
        prepare(run, pairs)
    return caught.value


def cca_run(components: int = 3) -> RunConfig:
    design = ModelDesign(components, TowerDesign("video", LINEAR, 8), TowerDesign("music", LINEAR, 8))
    return replace(tiny_run(), design=design, objective=CCA())


def test_a_run_is_prepared_with_its_items_its_model_and_its_standardisation(pairs: PairSet) -> None:
    prepared = prepare(tiny_run(), pairs)
    assert prepared.training_items.tolist() == list(range(32))
    assert prepared.held_out.tolist() == list(range(32, 48))
    assert prepared.spec.target.standardisation is not None
    assert prepared.spec.target.standardisation.limit == 4.0
    assert set(prepared.feed.rows) == {"video", "title", "keywords", "music"}
    assert prepared.model.text_state is not None


def test_the_same_seed_draws_the_same_weights_and_another_seed_others(pairs: PairSet) -> None:
    first, again, other = (prepare(replace(tiny_run(), seed=seed), pairs).model.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["target.projection.weight"], other["target.projection.weight"])


def test_streams_that_the_model_does_not_take_are_not_opened(pairs: PairSet) -> None:
    design = replace(tiny_run().design, words=None)
    assert set(prepare(replace(tiny_run(), design=design), pairs).feed.rows) == {"video", "music"}


def test_a_batch_larger_than_the_split_is_refused(pairs: PairSet) -> None:
    fault = refusal(replace(tiny_run(), batch_pairs=33), pairs)
    assert (fault.file, fault.field) == ("items.jsonl", "split")
    assert "at least 33" in fault.reason


def test_pairs_of_another_feature_space_than_the_encoder_are_refused(pairs: PairSet) -> None:
    video = pairs.streams["video"]
    other = replace(video, form=replace(video.form, space="clip-image:ViT-B-32:laion2b_s34b_b79k"))
    fault = refusal(
        replace(tiny_run(), encoder=tiny_encoder()), replace(pairs, streams={**pairs.streams, "video": other})
    )
    assert (fault.file, fault.field) == ("pairs.json", "streams.video.space")
    assert "clip-image:ViT-B-32" in fault.reason


def test_pairs_without_a_stream_of_the_design_are_refused(pairs: PairSet) -> None:
    side = replace(tiny_run().design.target, stream="speech")
    fault = refusal(replace(tiny_run(), design=replace(tiny_run().design, target=side)), pairs)
    assert (fault.file, fault.field, fault.reason) == ("pairs.json", "streams.speech", "is missing")


def test_a_pair_without_rows_is_refused_and_named(tmp_path: Path) -> None:
    folder = write_random_pairs(tmp_path / "pairs", count=64)
    offsets = np.load(folder / "music_offsets.npy")
    offsets[61] = offsets[60]
    np.save(folder / "music_offsets.npy", offsets)
    fault = refusal(tiny_run(), open_pair_set(folder))
    assert (fault.file, fault.item, fault.reason) == ("music_offsets.npy", "item-60", "owns no rows")


def test_classes_to_learn_and_none_in_the_items_are_refused(pairs: PairSet) -> None:
    fault = refusal(replace(tiny_run(), objective=CME()), pairs)
    assert (fault.file, fault.field) == ("items.jsonl", "labels")


def test_the_classes_of_the_training_items_are_learnt(tmp_path: Path) -> None:
    images = open_pair_set(write_labelled_images(tmp_path / "images", count=24))
    prepared = prepare(replace(tiny_run(), design=image_design(), objective=CME(), batch_pairs=4), images)
    assert isinstance(prepared.loss, CMELoss)
    assert prepared.loss.classifier.weight.shape == (3, 4)
    assert prepared.feed.labels is not None
    assert prepared.feed.labels.shape == (24, 3)


def test_items_without_what_the_run_asks_for_are_left_out(pairs: PairSet) -> None:
    titled = prepare(replace(tiny_run(), owning=("title",)), pairs)
    assert titled.training_items.tolist() == [number for number in range(32) if number % 3]


def test_items_without_a_caption_are_left_out_where_captions_are_a_side(tmp_path: Path) -> None:
    sounds = open_pair_set(write_captioned_pairs(tmp_path / "captioned", count=32))
    prepared = prepare(replace(tiny_run(), design=captioned_design(), batch_pairs=15), sounds)
    assert prepared.training_items.tolist() == list(range(15))
    assert prepared.held_out.tolist() == list(range(16, 23))


def test_a_gpu_that_is_not_there_is_refused(pairs: PairSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceUnavailable):
        prepare(replace(tiny_run(), device="cuda"), pairs)


def test_canonical_correlation_is_solved_in_one_epoch_and_finds_partners(pairs: PairSet) -> None:
    run = cca_run()
    solved = solve(prepare(run, pairs), CCA())
    (epoch,) = solved.epochs
    assert solved.kept_epoch == 1
    assert epoch.loss == pytest.approx(1 - epoch.figures["correlation"])
    # Three hidden numbers are all that the sides share; chance is 5 of 16.
    assert epoch.figures["correlation"] > 0.7
    assert epoch.validation["alone"].query_to_target.r5 > 0.7


def test_sides_too_narrow_for_the_components_asked_for_are_refused(pairs: PairSet) -> None:
    run = cca_run()
    wide = replace(run, design=replace(run.design, embedding_dim=7))
    with pytest.raises(PairSetError, match="7 directions of sides"):
        solve(prepare(wide, pairs), CCA())
