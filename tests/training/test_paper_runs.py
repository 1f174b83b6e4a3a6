"""The papers' settings, typed by hand, and one training step of every run at a size for tests."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.encoders.sequence_specs import AttentionSpec, BiLSTMSpec, FCSpec
from tests.training.tiny_stand_ins import TINY, captioned, music_videos, one_step, pictures
from training.classes import NOISES
from training.drawing import OwnTargets, WithinClasses
from training.loop import Trained, train
from training.losses import LossWeights
from training.model_spec import build_model
from training.objectives import CBVMR, CCA, CME, II, Triplet
from training.pair_set import PairSet
from training.paper_runs import (
    ENCODER_KINDS,
    PAPER,
    SMALL,
    captions_run,
    cbvmr_run,
    cca_run,
    classes_run,
    cltm_run,
    clvm_run,
    clvtm_run,
    cme_run,
    paper_runs,
    sequence_encoder_spec,
    small,
    triplet_run,
)
from training.preparation import completed
from training.retrieval import embed_queries, embed_targets
from training.run_config import RunConfig
from training.setup import prepare, solve
from training.stand_ins.captioned import CAPTIONED


def tiny_paper_runs() -> dict[str, RunConfig]:
    """The runs of `paper_runs`, but tiny."""
    intra = (0.0, 3.0)
    runs = [clvm_run(kind=kind, gamma_intra=gamma, size=TINY) for kind in ENCODER_KINDS for gamma in intra]
    runs += [clvm_run(gamma_intra=gamma, sampling="fd", size=TINY) for gamma in intra]
    runs += [cltm_run(words="title", gamma_intra=gamma, size=TINY) for gamma in intra]
    runs += [cltm_run(words="keywords", gamma_intra=gamma, size=TINY) for gamma in intra]
    runs += [clvtm_run(words="title", gamma_intra=gamma, size=TINY) for gamma in intra]
    runs += [clvtm_run(words="keywords", gamma_intra=gamma, size=TINY) for gamma in intra]
    runs += [cbvmr_run(size=TINY), cme_run(size=TINY), triplet_run(size=TINY), cca_run(components=3)]
    return {run.name: run for run in runs}


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> PairSet:
    return music_videos(tmp_path_factory.mktemp("made") / "videos")


def stepped(run: RunConfig, pairs: PairSet) -> Trained:
    """One step of it, which must have moved weights."""
    prepared = prepare(one_step(run), pairs)
    if isinstance(run.objective, CCA):
        return solve(prepared, run.objective)
    before = {name: value.clone() for name, value in prepared.model.state_dict().items()}
    trained = train(prepared)
    assert any(not torch.equal(value, before[name]) for name, value in trained.model.state_dict().items())
    return trained


def require_sound(trained: Trained, pairs: PairSet, *, embedding_dim: int) -> None:
    """The loss is a number, and both sides are unit vectors of the run's width."""
    assert len(trained.epochs) == trained.kept_epoch == 1
    assert np.isfinite(trained.epochs[0].loss)
    items = pairs.items_of("test")
    query = embed_queries(trained.model, trained.feed, items, frozenset(trained.feed.words_streams))
    for side in (query, embed_targets(trained.model, trained.feed, items)):
        assert side.vectors.shape[1] == embedding_dim
        np.testing.assert_allclose(np.linalg.norm(side.vectors, axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("name", sorted(paper_runs()))
def test_every_run_of_the_papers_takes_a_training_step(videos: PairSet, name: str) -> None:
    run = tiny_paper_runs()[name]
    require_sound(stepped(run, videos), videos, embedding_dim=run.design.embedding_dim)


@pytest.mark.parametrize("name", sorted(paper_runs()))
def test_every_run_of_the_papers_builds_its_model_at_full_size(videos: PairSet, name: str) -> None:
    run = paper_runs()[name]
    spec = completed(run.design, videos, videos.items_of("train"), limit=run.standardisation_limit)
    model = build_model(spec)
    assert spec.embedding_dim == run.design.embedding_dim
    assert sum(weights.numel() for weights in model.parameters()) > 0


def test_tiny_runs_differ_from_the_papers_in_size_alone() -> None:
    tiny, full = tiny_paper_runs(), paper_runs()
    assert set(tiny) == set(full)
    for name, run in full.items():
        mine = tiny[name]
        assert (mine.objective.kind, mine.text_mix, mine.owning) == (run.objective.kind, run.text_mix, run.owning)
        assert mine.design.query.sequence_encoder.kind == run.design.query.sequence_encoder.kind


@pytest.mark.parametrize("name", sorted(CAPTIONED))
@pytest.mark.parametrize("gamma", [0.0, 3.0])
def test_every_captioned_set_takes_a_training_step(tmp_path: Path, name: str, gamma: float) -> None:
    pairs = captioned(tmp_path / name, name)
    trained = stepped(captions_run(medium=pairs.query[0], gamma_intra=gamma, size=TINY), pairs)
    require_sound(trained, pairs, embedding_dim=TINY.embedding_dim)
    of_images = CAPTIONED[name].medium == "image"
    assert trained.spec.query.sequence_encoder.kind == ("fc" if of_images else "bilstm")
    assert trained.spec.target.sequence_encoder.kind == "fc"


@pytest.mark.parametrize("noise", NOISES)
def test_pictures_of_classes_take_a_training_step_in_one_tower(tmp_path: Path, noise: str) -> None:
    pairs = pictures(tmp_path / "pictures")
    run = classes_run(noise=next(known for known in NOISES if known == noise), size=TINY)
    prepared = prepare(replace(one_step(run), batch_pairs=128), pairs)
    trained = train(prepared)
    assert trained.model.query is trained.model.target
    require_sound(trained, pairs, embedding_dim=TINY.embedding_dim)


def towers(run: RunConfig) -> set[tuple[str, int | None, str]]:
    return {(side.stream, side.steps, side.sampling) for side in (run.design.query, run.design.target)}


@pytest.mark.parametrize("kind", ENCODER_KINDS)
def test_ii_clvm_has_the_papers_settings(kind: str) -> None:
    run = clvm_run(kind=next(known for known in ENCODER_KINDS if known == kind))
    assert run.name == f"{kind}_ii_clvm_gs_run"
    assert towers(run) == {("video", 100, "gs"), ("music", 100, "gs")}
    assert (run.batch_pairs, run.epochs) == (32, 30)
    assert isinstance(run.objective, II)
    assert run.objective.logit_scale_start == 0.07
    weights = run.objective.weights
    assert (weights.gamma_inter, weights.gamma_intra) == (1.0, 3.0)
    assert (weights.alpha_query_to_target, weights.alpha_target_to_query) == (0.5, 0.5)
    assert (weights.beta_query, weights.beta_target) == (0.5, 0.5)
    assert run.standardisation_limit is None
    assert run.drawing == OwnTargets()


def test_clvm_is_the_same_run_with_no_weight_on_the_intra_loss() -> None:
    with_intra, without = clvm_run(), clvm_run(gamma_intra=0.0)
    assert without.name == "bilstm_clvm_gs_run"
    assert isinstance(with_intra.objective, II)
    objective = replace(with_intra.objective, weights=LossWeights(gamma_intra=0.0))
    assert without == replace(with_intra, name=without.name, objective=objective)


def test_fixed_duration_takes_thirty_rows_around_the_centre() -> None:
    run = clvm_run(sampling="fd")
    assert towers(run) == {("video", 100, "fd"), ("music", 100, "fd")}
    assert {side.window_rows for side in (run.design.query, run.design.target)} == {30}


def test_the_four_encoders_are_of_one_width() -> None:
    found = {kind: sequence_encoder_spec(kind, PAPER) for kind in ENCODER_KINDS}
    assert {kind: spec.kind for kind, spec in found.items()} == {kind: kind for kind in ENCODER_KINDS}
    assert found["bilstm"] == BiLSTMSpec(kind="bilstm", width=512, layers=1, dropout=0.1, pooling="mean")
    assert isinstance(found["attention"], AttentionSpec)
    assert found["attention"].heads == 8


@pytest.mark.parametrize(("words", "other"), [("title", "keywords"), ("keywords", "title")])
def test_ii_clvtm_hears_every_video_with_its_words_in_the_first_hidden_state(words: str, other: str) -> None:
    run = clvtm_run(words="title" if words == "title" else "keywords")
    assert run.design.words is not None
    assert (run.design.words.streams, run.design.words.initial_state) == ((words,), "hidden")
    assert run.owning == (words,)
    heard = run.text_mix.draw(50, np.random.default_rng(0))
    assert heard[words].all()
    assert not heard[other].any()


def test_ii_cltm_seeks_music_with_words_alone() -> None:
    run = cltm_run(words="title")
    assert towers(run) == {("title", 1, "gs"), ("music", 100, "gs")}
    assert run.design.words is None
    assert run.name == "ii_cltm_title_run"


def test_cbvmr_has_the_papers_settings() -> None:
    run = cbvmr_run()
    assert (run.batch_pairs, run.learning_rate, run.design.embedding_dim) == (1000, 3e-4, 512)
    assert run.objective == CBVMR(
        margin=0.1, hardest=100, weight_target_anchor=3.0, weight_query_anchor=1.0, weight_structure=0.2
    )
    for side in (run.design.query, run.design.target):
        assert isinstance(side.sequence_encoder, FCSpec)
        assert side.sequence_encoder.batch_norm
        # "Keep 0.9."
        assert side.sequence_encoder.dropout == pytest.approx(1 - 0.9)
    assert (run.weight_decay, run.adam_betas) == (0.0, (0.9, 0.999))


def test_the_other_baselines_differ_in_what_they_minimise() -> None:
    assert isinstance(cme_run().objective, CME)
    assert isinstance(triplet_run().objective, Triplet)
    assert triplet_run().design == clvm_run().design
    assert cca_run(components=7, shrinkage=0.3).objective == CCA(0.3)
    assert cca_run(components=7).design.embedding_dim == 7
    assert cca_run().standardisation_limit is None
    assert cca_run(standardise=True).standardisation_limit == 4.0


def test_classes_are_drawn_in_batches_of_128_with_an_intra_weight_of_6() -> None:
    run = classes_run(noise="more")
    assert (run.batch_pairs, run.drawing) == (128, WithinClasses("more"))
    assert isinstance(run.objective, II)
    assert run.objective.weights.gamma_intra == 6.0
    assert run.design.shared


def test_a_small_run_computes_on_one_thread_of_the_processor_and_is_the_same_model() -> None:
    run = small(clvm_run(size=SMALL))
    assert (run.device, run.threads, run.precision) == ("cpu", 1, "fp32")
    assert run.design == clvm_run(size=SMALL).design


def test_every_run_has_a_name_of_its_own() -> None:
    assert len(paper_runs()) == 22
    assert all(name == run.name for name, run in paper_runs().items())
