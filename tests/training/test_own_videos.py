from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.encoders.spec import EncoderSpec, TextSide
from tests.training.pairs_at_random import split_of, write_random_pairs
from training.errors import PairSetError
from training.loop import train
from training.measured_with import can_serve, measured_with
from training.own_videos import few_videos_run, own_videos_run, own_videos_without_words_run
from training.pair_set import Item, PairSet, StreamForm
from training.pair_set_reader import open_pair_set
from training.pair_set_writer import PairSetWriter, StreamPlan
from training.run_config import RunConfig
from training.setup import prepare
from training.starter_runs import starter_encoder
from training.starting import starter


def short(run: RunConfig) -> RunConfig:
    return replace(run, epochs=1, batch_pairs=8, device="cpu")


def measured_as_the_starter_does(folder: Path, *, count: int = 32) -> PairSet:
    """Random features in the spaces of the shipped checkpoint's backbones."""
    encoder, rng = starter_encoder(), np.random.default_rng(0)
    text = words_of(encoder)
    forms = {
        "video": StreamForm("video", encoder.video.space, encoder.video.feature_dim, "32 instants"),
        "music": StreamForm("music", encoder.music.space, encoder.music.feature_dim, "16 windows"),
        "title": StreamForm("text", text.space, text.feature_dim, "one a text"),
        "keywords": StreamForm("text", text.space, text.feature_dim, "one a text"),
    }
    streams = {name: StreamPlan(form) for name, form in forms.items()}
    with PairSetWriter(folder, streams=streams, query=["video", "title", "keywords"], target=["music"]) as writer:
        for number in range(count):
            rows = {"video": 32, "music": 16, "title": 1, "keywords": 1}
            features = {
                name: rng.normal(size=(rows[name], form.dim)).astype(np.float32) for name, form in forms.items()
            }
            writer.add(Item(f"mine-{number}", f"mine-{number}", split_of(number, count)), features)
    return open_pair_set(folder)


def words_of(encoder: EncoderSpec) -> TextSide:
    if encoder.text is None:
        raise AssertionError("the starter reads words")
    return encoder.text


def test_own_videos_are_sampled_as_they_were_measured_so_that_the_model_can_serve(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "mine", count=32, measured=True))
    trained = train(prepare(short(own_videos_run()), pairs))
    measured = measured_with(pairs)
    assert measured is not None
    assert (trained.spec.query.steps, trained.spec.target.steps) == (8, 8)
    assert can_serve(trained.spec, measured)
    assert set(trained.epochs[0].validation) == {"video alone", "with words"}


def test_videos_without_words_have_a_run_of_their_own(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "mine", count=32, with_words=False, measured=True))
    trained = train(prepare(short(own_videos_without_words_run()), pairs))
    assert trained.spec.words is None
    assert set(trained.epochs[0].validation) == {"alone"}
    with pytest.raises(PairSetError, match=r"streams\.title: is missing"):
        prepare(short(own_videos_run()), pairs)


@pytest.mark.parametrize("make", [own_videos_run, own_videos_without_words_run])
def test_features_of_elsewhere_are_refused_by_the_file_that_is_missing(
    tmp_path: Path, make: Callable[[], RunConfig]
) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "theirs", count=32))
    with pytest.raises(PairSetError) as refused:
        prepare(short(make()), pairs)
    assert refused.value.file == "measured_with.json"


def test_few_videos_begin_from_the_starters_weights_and_standardisation(tmp_path: Path) -> None:
    prepared = prepare(short(few_videos_run()), measured_as_the_starter_does(tmp_path / "mine"))
    shipped = starter()
    expected = shipped.model.state_dict()
    found = prepared.model.state_dict()
    assert set(found) == set(expected)
    assert all(torch.equal(value, expected[name]) for name, value in found.items())
    assert prepared.spec.query.standardisation == shipped.spec.query.standardisation
    assert prepared.spec.target.standardisation == shipped.spec.target.standardisation


def test_few_videos_move_the_starter_gently(tmp_path: Path) -> None:
    prepared = prepare(short(few_videos_run()), measured_as_the_starter_does(tmp_path / "mine"))
    before = starter().model.state_dict()
    trained = train(prepared)
    moved = [float((value - before[name]).abs().max()) for name, value in trained.model.state_dict().items()]
    # Two steps of Adam at 2e-4 each.
    assert 0 < max(moved) < 5e-4


@pytest.mark.parametrize("measured", [True, False])
def test_pairs_measured_otherwise_cannot_go_on_from_the_starter(tmp_path: Path, measured: bool) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "theirs", count=32, measured=measured))
    with pytest.raises(PairSetError) as refused:
        prepare(short(few_videos_run()), pairs)
    assert (refused.value.file, refused.value.field) == ("pairs.json", "streams.video.space")


def test_the_run_for_few_videos_draws_no_pairs_and_learns_more_slowly_than_the_starter_did() -> None:
    run = few_videos_run()
    assert (run.start_from, run.procedural_pairs) == ("starter", None)
    assert run.learning_rate < own_videos_run().learning_rate
    assert run.design.query.steps == starter().spec.query.steps
