import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from app.encoders.checkpoint import load_checkpoint, save_checkpoint
from app.encoders.spec import digest_of, read_spec
from app.errors import CheckpointError, DeviceUnavailable
from tests.encoders.checkpoints import small_checkpoint, small_model, small_spec


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_checkpoint(tmp_path / "small")


def change_spec(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads((folder / "encoder.json").read_text())
    change(document)
    (folder / "encoder.json").write_text(json.dumps(document))


def change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    weights = load_file(folder / "weights.safetensors")
    change(weights)
    save_file(weights, folder / "weights.safetensors")


def fault_of(folder: Path) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(folder, "cpu")
    assert caught.value.checkpoint == str(folder)
    return caught.value


def test_saving_and_loading_keeps_spec_digest_and_weights(tmp_path: Path) -> None:
    spec = small_spec()
    model = small_model(spec)
    digest = save_checkpoint(tmp_path / "new" / "small", spec, model)
    encoder = load_checkpoint(tmp_path / "new" / "small", "cpu")
    assert encoder.spec == read_spec(tmp_path / "new" / "small") == spec
    assert encoder.digest == digest == digest_of(tmp_path / "new" / "small")
    assert digest.startswith("sha256:")
    assert len(digest) == len("sha256:") + 64


def test_the_same_encoder_has_the_same_digest_wherever_it_is_saved(tmp_path: Path) -> None:
    spec = small_spec()
    first = save_checkpoint(tmp_path / "first", spec, small_model(spec))
    assert save_checkpoint(tmp_path / "second", spec, small_model(spec)) == first
    assert save_checkpoint(tmp_path / "third", spec, small_model(spec, seed=1)) != first
    renamed = spec.model_copy(update={"name": "other"})
    assert save_checkpoint(tmp_path / "fourth", renamed, small_model(spec)) != first


def test_what_a_checkpoint_says_about_itself_does_not_change_its_digest(folder: Path) -> None:
    before = digest_of(folder)
    change_spec(folder, lambda d: d.update(about={"recall_at_10": 0.41, "run": {"seed": 7}}))
    assert load_checkpoint(folder, "cpu").digest == before


def test_a_checkpoint_is_never_overwritten(folder: Path) -> None:
    before = digest_of(folder)
    with pytest.raises(CheckpointError, match="exists already"):
        save_checkpoint(folder, small_spec(), small_model(small_spec(), seed=1))
    assert digest_of(folder) == before


def test_nothing_is_left_behind_when_the_model_does_not_fit_the_spec(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        save_checkpoint(tmp_path / "small", small_spec(), small_model(small_spec(with_text=False)))
    assert caught.value.field == "weights.safetensors: text_state.expand.weight"
    assert not any(tmp_path.iterdir())


def test_nothing_is_left_behind_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(tmp_path / "small", small_spec(), small_model(small_spec()))
    assert not any(tmp_path.iterdir())


def test_a_checkpoint_can_be_read_by_whoever_serves_it(folder: Path) -> None:
    assert folder.stat().st_mode & 0o055 == 0o055


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (lambda w: w.pop("target.lstm.weight_ih_l0"), "target.lstm.weight_ih_l0", "is missing"),
        (lambda w: w.update(extra=torch.zeros(1)), "extra", "not part of this model"),
        (
            lambda w: w.update({"query.projection.bias": torch.zeros(15)}),
            "query.projection.bias",
            "has shape [15], expected [16]",
        ),
        (
            lambda w: w.update({"query.projection.bias": torch.zeros(16, dtype=torch.float16)}),
            "query.projection.bias",
            "has type torch.float16",
        ),
        (
            lambda w: w["query.projection.bias"].fill_(float("nan")),
            "query.projection.bias",
            "not finite",
        ),
    ],
)
def test_a_wrong_missing_or_extra_tensor_is_named(
    folder: Path, change: Callable[[dict[str, torch.Tensor]], object], field: str, reason: str
) -> None:
    change_weights(folder, change)
    error = fault_of(folder)
    assert error.field == f"weights.safetensors: {field}"
    assert reason in error.reason


def test_weights_of_another_kind_of_file_are_refused(folder: Path) -> None:
    torch.save({"query.projection.bias": torch.zeros(16)}, folder / "weights.safetensors")
    assert fault_of(folder).field == "weights.safetensors"


def test_missing_weights_are_refused(folder: Path) -> None:
    (folder / "weights.safetensors").unlink()
    assert fault_of(folder).field == "weights.safetensors"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d["video"].update(feature_dim=44, standardisation=None), "weights.safetensors: query.lstm"),
        (lambda d: d["music"]["sampling"].update(window_samples=30_000), "music.sampling.window_samples"),
        (
            lambda d: d["music"]["sampling"].update(rate_hz=8000, window_samples=16_000),
            "music.sampling.window_samples",
        ),
        (lambda d: d["text"]["backbone"].update(word_buckets=6145), "text.feature_dim"),
        (lambda d: d.update(format_version=2), "format_version"),
        (lambda d: d.update(text=None), "weights.safetensors: text_state"),
    ],
)
def test_a_spec_that_does_not_fit_backbones_or_weights_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], object], field: str
) -> None:
    change_spec(folder, change)
    assert fault_of(folder).field.startswith(field)


def test_features_of_a_width_the_backbone_does_not_make_are_refused(tmp_path: Path) -> None:
    spec = small_spec()
    narrow = spec.model_copy(
        update={"music": spec.music.model_copy(update={"feature_dim": 27, "standardisation": None})}
    )
    save_checkpoint(tmp_path / "narrow", narrow, small_model(narrow))
    error = fault_of(tmp_path / "narrow")
    assert error.field == "music.feature_dim"
    assert error.reason == "is 27, but signal-music:1 makes 89"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_cuda_is_refused_where_there_is_none_and_auto_takes_the_processor(folder: Path) -> None:
    with pytest.raises(DeviceUnavailable):
        load_checkpoint(folder, "cuda")
    assert load_checkpoint(folder, "auto").device == torch.device("cpu")
