import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from app.encoders.checkpoint import load_checkpoint
from app.encoders.models import video_music_model
from app.encoders.spec import digest_of, read_spec
from app.errors import CheckpointError
from tests.training.pairs_at_random import (
    captioned_design,
    image_design,
    tiny_encoder,
    write_captioned_pairs,
    write_labelled_images,
)
from training.checkpoints import load_model, save_model, save_serving, spec_of
from training.design import design_of
from training.model_spec import ModelSpec, build_model
from training.pair_set_reader import open_pair_set
from training.preparation import completed

ABOUT = {"run": {"name": "a run"}, "seed": 7}


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    pairs = open_pair_set(write_captioned_pairs(tmp_path / "captioned"))
    return completed(captioned_design(), pairs, pairs.items_of("train"), limit=4.0)


@pytest.fixture
def folder(tmp_path: Path, spec: ModelSpec) -> Path:
    save_model(tmp_path / "research", spec, build_model(spec), about=ABOUT)
    return tmp_path / "research"


def change_document(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads((folder / "model.json").read_text())
    change(document)
    (folder / "model.json").write_text(json.dumps(document))


def change_weights(folder: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    weights = load_file(folder / "weights.safetensors")
    change(weights)
    save_file(weights, folder / "weights.safetensors")


def fault_of(folder: Path) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        load_model(folder)
    assert caught.value.checkpoint == str(folder)
    return caught.value


def test_a_research_checkpoint_comes_back_as_it_was_saved(tmp_path: Path, spec: ModelSpec) -> None:
    model = build_model(spec)
    digest = save_model(tmp_path / "out", spec, model, about=ABOUT)
    loaded = load_model(tmp_path / "out")
    assert (loaded.spec, loaded.about, loaded.digest) == (spec, ABOUT, digest)
    assert not loaded.model.training
    sounds, captions = torch.randn(3, 4, 5), torch.randn(3, 1, 4)
    for before, after in zip(model.eval()(sounds, captions), loaded.model(sounds, captions), strict=True):
        assert torch.equal(before, after)


def test_the_digest_is_of_model_and_weights_and_not_of_what_is_told_about_them(tmp_path: Path, spec: ModelSpec) -> None:
    model = build_model(spec)
    first = save_model(tmp_path / "first", spec, model, about=ABOUT)
    assert save_model(tmp_path / "second", spec, model, about={}) == first
    assert save_model(tmp_path / "third", spec, build_model(spec), about=ABOUT) != first
    other = spec.model_copy(update={"query": spec.query.model_copy(update={"steps": 5})})
    assert save_model(tmp_path / "fourth", other, model, about=ABOUT) != first


def test_a_tower_of_both_sides_comes_back_as_one(tmp_path: Path) -> None:
    pairs = open_pair_set(write_labelled_images(tmp_path / "images"))
    spec = completed(image_design(), pairs, pairs.items_of("train"), limit=None)
    model = build_model(spec)
    save_model(tmp_path / "out", spec, model, about={})
    loaded = load_model(tmp_path / "out").model
    assert loaded.query is loaded.target
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in model.state_dict().items())


def test_a_serving_checkpoint_is_read_by_the_server_and_by_training_alike(tmp_path: Path) -> None:
    encoder = tiny_encoder()
    model = video_music_model(encoder)
    digest = save_serving(tmp_path / "out", encoder, model, about=ABOUT)
    loaded = load_model(tmp_path / "out")
    assert read_spec(tmp_path / "out").about == loaded.about == ABOUT
    assert digest == loaded.digest == digest_of(tmp_path / "out")
    assert loaded.spec == spec_of(encoder)
    assert all(torch.equal(value, loaded.model.state_dict()[name]) for name, value in model.state_dict().items())


def test_a_serving_checkpoint_hears_title_and_keywords_or_no_words_at_all() -> None:
    encoder = tiny_encoder()
    words = spec_of(encoder).words
    assert words is not None
    assert (words.streams, words.space, words.feature_dim) == (("title", "keywords"), "hashed-text:1:3+1", 4)
    assert spec_of(encoder.model_copy(update={"text": None})).words is None


def test_the_model_of_a_serving_checkpoint_is_that_of_its_design() -> None:
    encoder = tiny_encoder()
    spec, design = spec_of(encoder), design_of(encoder)
    assert (spec.query.steps, spec.target.steps) == (design.query.steps, design.target.steps)
    assert build_model(spec).state_dict().keys() == video_music_model(encoder).state_dict().keys()


def test_the_server_refuses_a_research_checkpoint_and_says_why(folder: Path) -> None:
    for load in (read_spec, load_checkpoint):
        with pytest.raises(CheckpointError, match=r"model\.json is: it was trained on stored features") as caught:
            load(folder)
        assert (caught.value.checkpoint, caught.value.field) == (str(folder), "encoder.json")
        assert "cannot serve files" in caught.value.reason


@pytest.mark.parametrize(
    "change",
    [
        lambda weights: weights.pop("query.projection.bias"),
        lambda weights: weights.update(surprise=torch.zeros(2)),
        lambda weights: weights.update({"query.projection.bias": torch.zeros(6)}),
    ],
)
def test_weights_of_another_model_are_refused(folder: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    change_weights(folder, change)
    fault = fault_of(folder)
    assert fault.field == "weights.safetensors"
    assert fault.reason.startswith("do not fit the model")


def test_weights_that_are_missing_or_broken_are_refused(folder: Path) -> None:
    (folder / "weights.safetensors").write_bytes(b"no weights at all")
    assert fault_of(folder).field == "weights.safetensors"
    (folder / "weights.safetensors").unlink()
    assert fault_of(folder).field == "weights.safetensors"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda document: document.update(format_version=2), "format_version"),
        (lambda document: document["query"].update(modality="smell"), "query.modality"),
        (lambda document: document["target"].pop("space"), "target.space"),
        (lambda document: document.update(surprise=1), "surprise"),
    ],
)
def test_what_is_wrong_in_model_json_is_named(
    folder: Path, change: Callable[[dict[str, Any]], object], field: str
) -> None:
    change_document(folder, change)
    assert fault_of(folder).field == field


@pytest.mark.parametrize("text", ["{", "[]", "7"])
def test_a_document_that_is_no_model_is_refused(folder: Path, text: str) -> None:
    (folder / "model.json").write_text(text)
    assert fault_of(folder).field == "model.json"


def test_a_folder_that_holds_no_checkpoint_is_refused(tmp_path: Path) -> None:
    assert fault_of(tmp_path).field == "model.json"
